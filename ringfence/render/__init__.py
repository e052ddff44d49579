"""The ways to show a report: each module turns one finished answer into one format and decides nothing."""
