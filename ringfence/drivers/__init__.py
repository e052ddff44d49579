"""The only ring with effects: files, archives, the live machine."""
