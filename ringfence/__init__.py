"""Ringfence tells the people who run a phone system how it is exposed, whether it was hijacked, and what to do."""

__version__ = "0.1.0"
