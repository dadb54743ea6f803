"""Deletion into the bin, restoring, and removal after TRASH_DAYS."""
