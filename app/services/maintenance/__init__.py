"""Looking after a gallery: what is there, what is wrong, and what can be put right."""
