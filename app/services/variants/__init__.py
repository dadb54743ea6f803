"""Variants: claims and attempts, their store, and those made on demand."""
