"""The scenes the demonstration album is drawn from, by theme."""
