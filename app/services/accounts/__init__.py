"""Accounts of photographers and administrators, their API tokens and one-time links."""
