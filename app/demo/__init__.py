"""Photographs the program draws itself, to fill a demonstration gallery."""
