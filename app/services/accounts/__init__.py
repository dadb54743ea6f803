"""Accounts of photographers and administrators, their tokens and one-time links."""
