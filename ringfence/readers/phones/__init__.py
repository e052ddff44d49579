"""Readers of what phones are told: configuration files of desk phones, one module per vendor."""
