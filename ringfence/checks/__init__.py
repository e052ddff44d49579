"""One documented function per rule: what is wrong with the site."""
