"""Fault tests: kills, faults and races are caused on purpose, and no photo may be lost."""
