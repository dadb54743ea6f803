"""The demonstration that `make demo` draws; the app itself does not use this package."""
