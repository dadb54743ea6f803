"""Collections: their settings, order, lists, and what is said of a photo."""
