"""Readers of what a running Asterisk holds at the moment: registrations, not configuration."""
