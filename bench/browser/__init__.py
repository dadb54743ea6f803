"""What `make bench-browser` runs: a visitor's Chromium at a real server."""
