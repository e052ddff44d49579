"""The nouns of Ringfence: standard library only."""
