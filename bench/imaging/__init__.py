"""`python -m bench.imaging`: our variants against the specification's naive code, pyvips, sharp and thumbor."""
