"""Remove location and serial numbers from originals: `clean` writes a cleaned copy and checks it."""

from app.imaging.privacy.clean import CLEANED, Cleaned, clean, cleans, inspect

__all__ = ["CLEANED", "Cleaned", "clean", "cleans", "inspect"]
