"""Turns filter rules of pf into chains: where pf lets the last match win unless a rule is quick, chains know the first.

The decision of pf is the first matching quick rule or, where none matches, the last matching other one (pf.conf(5)). So
the chain holds the quick rules in order, then the others in reverse. Packets that are forwarded are filtered twice:
where they come in, after port forwards, and where they go out, after outbound NAT.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import (
    Accept,
    Action,
    Chain,
    Continue,
    Drop,
    Effect,
    Family,
    Hook,
    InputInterface,
    Mark,
    Match,
    Rule,
    SetMark,
    Unsupported,
)
from ringfence.readers.gateways.pf_match import Alternatives, Conditions, On, alternatives

TABLE = "pf"
#: pf's tags live in the low half of the mark, the number of a forward with "pass" in the high half.
TAG_MASK, PASS_MASK = 0x0000FFFF, 0xFFFF0000
MOST_NUMBERS = 0xFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class PfRule:
    """A filter rule as pf has it; ``action`` is pass, block, reject or match.

    ``inward`` and ``outward`` tell which directions it filters. ``tag`` is the number of the tag that it sets, 0 for
    none. ``rerouted`` names the gateway that its packets are sent to instead of where routes lead.
    """

    action: str
    quick: bool
    inward: bool
    outward: bool
    on: On
    conditions: Conditions
    tag: int = 0
    rerouted: str = ""
    text: str
    citation: Citation


@dataclass(slots=True)
class Tags:
    """The numbers of pf's tags, by name."""

    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, name: str) -> int:
        """Give the number of a tag; all beyond 65,535 share one."""
        return self.numbers.setdefault(name, min(len(self.numbers) + 1, MOST_NUMBERS))

    def carries(self, name: str, *, negated: bool = False) -> Match:
        """Give the condition that a packet carries a tag."""
        return Mark(value=self.number(name), mask=TAG_MASK, negated=negated)


def set_tag(number: int) -> tuple[Effect, ...]:
    """Give the effect of a rule that sets a tag, nothing for 0."""
    return (SetMark(value=number, mask=TAG_MASK),) if number else ()


def filter_chains(
    rules: Sequence[PfRule], place: Citation, *, first: Iterable[Rule] = (), after_quick: Iterable[Rule] = ()
) -> Iterator[Chain]:
    """Give the chains for both directions.

    About what comes in, ``first`` decides before all rules, ``after_quick`` (an anchor with quick rules) after the
    quick ones.

    What comes in and matches nothing is blocked, what goes out and matches nothing passes: both products load such
    rules before the user's.
    """
    default = Rule(matches=(), action=Drop(), text="block in all: no rule lets it pass (default deny)", citation=place)
    yield Chain(
        table=TABLE,
        name="filter rules, coming in",
        family=Family.BOTH,
        rules=(*first, *_quick(rules, outward=False), *after_quick, *_last(rules, outward=False), default),
        hook=Hook.FORWARD,
        policy_accepts=False,
        citation=place,
    )
    leaving = (*_quick(rules, outward=True), *_last(rules, outward=True))
    if leaving:
        yield Chain(
            table=TABLE,
            name="filter rules, going out",
            family=Family.BOTH,
            rules=leaving,
            hook=Hook.POSTROUTING,
            priority=200,
            citation=place,
        )


def _mine(rules: Sequence[PfRule], *, outward: bool) -> list[PfRule]:
    return [rule for rule in rules if (rule.outward if outward else rule.inward)]


def _quick(rules: Sequence[PfRule], *, outward: bool) -> Iterator[Rule]:
    """Write out the quick rules in order; between them, what others do to tags."""
    for rule in _mine(rules, outward=outward):
        if rule.quick and rule.action != "match":
            yield from _written(rule, outward=outward)
        elif rule.tag:
            yield from _marking(rule, outward=outward)


def _last(rules: Sequence[PfRule], *, outward: bool) -> Iterator[Rule]:
    """Write out the other rules, the last one first."""
    for rule in reversed(_mine(rules, outward=outward)):
        if not rule.quick and rule.action != "match":
            yield from _written(rule, outward=outward)


def _conditions(rule: PfRule, *, outward: bool) -> Iterator[tuple[Match, ...]]:
    on = rule.on.matches(outward=outward)
    for version in rule.conditions.versions():
        found: Alternatives = alternatives(rule.conditions, version, after_nat=outward)
        for matches in found:
            yield (*on, *matches)


def _written(rule: PfRule, *, outward: bool) -> Iterator[Rule]:
    action: Action = Accept() if rule.action == "pass" else Drop(reject=rule.action == "reject")
    effects = set_tag(rule.tag)
    for matches in _conditions(rule, outward=outward):
        if rule.rerouted and rule.action == "pass" and not outward:
            doubt = Unsupported(text=f"gateway {rule.rerouted}: the packet may be sent there instead of to the PBX")
            yield _rule(rule, (*matches, doubt), Accept(), effects)
            yield _rule(rule, matches, Drop(), effects)
        else:
            yield _rule(rule, matches, action, effects)


def _marking(rule: PfRule, *, outward: bool) -> Iterator[Rule]:
    for matches in _conditions(rule, outward=outward):
        yield _rule(rule, matches, Continue(), set_tag(rule.tag))


def _rule(rule: PfRule, matches: tuple[Match, ...], action: Action, effects: tuple[Effect, ...]) -> Rule:
    return Rule(matches=matches, action=action, effects=effects, text=rule.text, citation=rule.citation)


def let_in_by_upnp(outside: frozenset[str], place: Citation) -> Rule:
    """Give the rule for what clients inside asked to be forwarded: it stands in no file."""
    text = "anchor miniupnpd: forwards that machines inside have asked for by UPnP or NAT-PMP are not in config.xml"
    matches = (InputInterface(names=outside), Unsupported(text=text))
    return Rule(matches=matches, action=Accept(), text=text, citation=place)
