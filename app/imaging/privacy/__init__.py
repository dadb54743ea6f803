"""Originals without place and serial numbers: `clean` writes one, and checks it before anybody may have it."""

from app.imaging.privacy.clean import CLEANED, Cleaned, clean, cleans, inspect

__all__ = ["CLEANED", "Cleaned", "clean", "cleans", "inspect"]
