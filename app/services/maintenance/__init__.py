"""Check, repair and measure a gallery."""
