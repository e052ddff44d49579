"""The lab: the incident replayed with real parts in network namespaces."""
