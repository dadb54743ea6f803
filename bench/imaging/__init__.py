"""`python -m bench.imaging`: compare our variants with the specification's naive code, pyvips, sharp and thumbor."""
