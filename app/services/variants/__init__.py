"""Variants: processing states and claims, storage, and variants made on demand."""
