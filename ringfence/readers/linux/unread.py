"""Stands in for rules that are known to exist but are not in the evidence: every answer through them is unknown."""

from collections.abc import Iterator

from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import Chain, ChainKind, Family, Hook, Rule, UnsupportedAction


def missing_rule(place: Citation, text: str = "the rules that are missing") -> Rule:
    """Give a rule that may do anything."""
    return Rule(matches=(), action=UnsupportedAction(text=text), text=text, citation=place)


def unread_chains(place: Citation, family: Family, text: str) -> Iterator[Chain]:
    """Give base chains of which nothing is known, at the hooks that matter."""
    for hook in (Hook.PREROUTING, Hook.INPUT, Hook.FORWARD):
        nat = hook == Hook.PREROUTING
        yield Chain(
            table="unread",
            name=hook.value,
            family=family,
            rules=(missing_rule(place, text),),
            hook=hook,
            kind=ChainKind.NAT if nat else ChainKind.FILTER,
            priority=-100 if nat else 0,
            citation=place,
        )
