"""Delete into the bin, restore, and delete permanently after TRASH_DAYS."""
