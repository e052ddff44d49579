"""One module per verb: a typed request in, a typed result out; nothing is printed here."""
