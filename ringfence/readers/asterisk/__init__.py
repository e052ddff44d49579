"""Asterisk's own configuration files, one module per part of the product."""
