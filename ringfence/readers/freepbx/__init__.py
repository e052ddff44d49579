"""What FreePBX adds to Asterisk, as its files tell it."""
