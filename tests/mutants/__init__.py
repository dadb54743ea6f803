"""Mutation tests: change one line of the app at a time, and see whether the nearest tests fail."""
