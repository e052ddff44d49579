"""FreePBX's own words for what its firewall's chains do (module firewall 13 to 17, `drivers/Iptables.class.php`)."""

from collections.abc import Sequence
from itertools import pairwise

from ringfence.model.packetfilter import Drop, InputInterface, Rule, SourceAddress
from ringfence.reach.decisions import Step

#: Chain of a zone → the name that the web pages show.
ZONES = {
    "zone-internal": "internal (Local)",
    "zone-external": "external (Internet)",
    "zone-other": "other (Other)",
    "zone-trusted": "trusted (Trusted)",
}
RESPONSIVE_LIMIT = "about 10 packets a minute and 100 a day"


def is_freepbx(path: Sequence[Step]) -> bool:
    """Tell whether the chains are those of FreePBX's firewall."""
    return any(step.chain.name == "fpbxfirewall" for step in path)


def reason(path: Sequence[Step]) -> str:
    """Say in FreePBX's words why a packet was let in or stopped; empty when these are not its chains."""
    if not is_freepbx(path):
        return ""
    names = [step.chain.name for step in path]
    rule = path[-1].rule
    if rule is not None and isinstance(rule.action, Drop):
        return _stopped(names)
    for name, words in (
        ("fpbx-rtp", "its port lies in the ranges of RTP and UDPTL, which are open to everyone"),
        ("fpbxsmarthosts", "the address is listed as a trunk's or an extension's own (smart host)"),
        ("fpbxregistrations", "the address is allow-listed because it registered"),
        (
            "fpbxrfw",
            f"Responsive Firewall lets any address send {RESPONSIVE_LIMIT} until it misbehaves",
        ),
    ):
        if name in names:
            return words
    return _zone(path)


def _stopped(names: list[str]) -> str:
    if "fpbxblacklist" in names:
        return "the address is on the firewall's blacklist"
    if any(name in names for name in ("fpbxattacker", "fpbxshortblock")):
        return "the address counts as an attacker"
    if any(name.startswith("rejsvc-") for name in names):
        return "the service is set to Reject"
    return "no zone, network or host setting lets it in"


def _zone(path: Sequence[Step]) -> str:
    """Say which setting puts the packet into the zone that lets it in."""
    for step, following in pairwise(path):
        zone = ZONES.get(following.chain.name)
        if zone is None or step.rule is None:
            continue
        limited = " within the firewall's rate limits" if any(s.chain.name == "fpbxratelimit" for s in path) else ""
        return f"{_subject(step.rule)} in zone {zone}{limited}"
    return ""


def _subject(rule: Rule) -> str:
    for match in rule.matches:
        if isinstance(match, InputInterface) and not match.negated:
            return f"{' and '.join(sorted(match.names))} is"
    for match in rule.matches:
        if isinstance(match, SourceAddress):
            return f"{match.addresses} is"
    return "the packet is"
