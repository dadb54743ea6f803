"""Delivery of originals and variants: the service, one statement for a served file, and presigned URLs."""
