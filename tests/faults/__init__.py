"""Kills, faults and races: what must not cost anybody a photograph, done on purpose and looked at afterwards."""
