"""The rules of the phone system's own packet filter, found by the names that FreePBX gives its chains."""

from collections.abc import Iterator

from ringfence.checks.check import excerpt
from ringfence.model.evidence import Excerpt
from ringfence.model.packetfilter import Rule
from ringfence.model.site import Site


def rules_of(site: Site, chain: str) -> Iterator[Rule]:
    """Go through the rules of the PBX's chains of that name, in the order of the evidence."""
    pbx = site.host("pbx")
    if pbx is None or pbx.packet_filter is None:
        return
    for candidate in pbx.packet_filter.chains:
        if candidate.name == chain:
            yield from candidate.rules


def quoted(rule: Rule) -> Excerpt:
    """Quote a rule as its author wrote it."""
    return excerpt(rule.citation, rule.text)
