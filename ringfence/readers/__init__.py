"""Bytes to model and event rows, with citations; one file per product, never raising on bad content."""
