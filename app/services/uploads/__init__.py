"""Uploads: limits, names, spooling, resumable transfers, originals and receipts."""
