"""The demo gallery of `make demo`; the app does not import this package."""
