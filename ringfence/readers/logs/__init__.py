"""Readers of logs: what happened, as event rows with their lines; text of a sender is never taken for an address."""
