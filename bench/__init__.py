"""Measures Proofsheet against its specification: `make bench`."""
