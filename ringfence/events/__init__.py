"""What happened, as typed tables; one declaration per table."""
