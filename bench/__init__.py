"""Benchmarks of Proofsheet against its specification (`make bench`)."""
