"""The benchmarks of `make bench-browser`: a visitor's Chromium with a real server."""
