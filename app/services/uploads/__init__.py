"""Receiving files: limits, names, spools, chunks and parts, originals and receipts."""
