"""Turns pf's translations into chains: port forwards and 1:1 where packets come in, outbound NAT where they leave.

Coming in, pf looks at the forwards first, then at 1:1; going out, at 1:1 first, then at outbound NAT. In each the first
match wins, and a "no" rule ends the search.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import (
    Accept,
    Chain,
    ChainKind,
    DestinationPort,
    Effect,
    Family,
    Hook,
    InputInterface,
    Mark,
    Match,
    Protocol,
    Rule,
    SetMark,
    SourceAddress,
    TranslateDestination,
    TranslateSource,
    UnsupportedAction,
)
from ringfence.readers.gateways import mapped
from ringfence.readers.gateways.pf_match import Conditions, On, Place, alternatives
from ringfence.readers.gateways.pf_rules import MOST_NUMBERS, PASS_MASK, TABLE, set_tag
from ringfence.readers.gateways.pf_tables import Addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class PfForward:
    """A port forward (``rdr``); ``target`` None with ``nothing`` False is the firewall itself.

    ``nothing`` is ``no rdr``. ``first_port`` is where the target's ports begin (None: unchanged), ``shifts`` tells that
    a range keeps its width there instead of ending on one port. ``passes`` is ``rdr pass``.
    """

    on: On
    conditions: Conditions
    target: Addresses | None
    nothing: bool = False
    first_port: int | None = None
    shifts: bool = False
    passes: bool = False
    tag: int = 0
    text: str
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class PfOneToOne:
    """A 1:1 translation (``binat``) of ``external`` addresses to ``internal`` ones, for peers among ``peers``.

    ``external`` None is the interface's own address, which the file does not give. ``nothing`` is ``no binat``.
    ``doubtful`` tells that the inner side is not one known network, so that the translation may lead anywhere.
    """

    on: On
    version: int
    external: AddressSet | None
    internal: AddressSet
    peers: tuple[Place, ...]
    doubtful: bool = False
    nothing: bool = False
    text: str
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class PfOutbound:
    """An outbound translation (``nat``); ``source`` None is the address of the interface, ``nothing`` is ``no nat``."""

    on: On
    conditions: Conditions
    source: AddressSet | None = None
    nothing: bool = False
    text: str
    citation: Citation


@dataclass(slots=True)
class Passes:
    """Numbers the forwards with "pass", so that the filter can tell what they let in; keeps its rules for that."""

    rules: list[Rule]

    def effect(self, forward: PfForward) -> tuple[Effect, ...]:
        """Give the mark for a forward with "pass", and note the rule that lets its packets in."""
        number = min(len(self.rules) + 1, MOST_NUMBERS) << 16
        match = Mark(value=number, mask=PASS_MASK)
        text = f"{forward.text}: with “pass”, filter rules are not asked"
        self.rules.append(Rule(matches=(match,), action=Accept(), text=text, citation=forward.citation))
        return (SetMark(value=number, mask=PASS_MASK),)


def forward_rules(forward: PfForward, passes: Passes) -> Iterator[Rule]:
    """Write out a port forward."""
    effects = set_tag(forward.tag)
    if forward.passes and not forward.nothing:
        effects = (*effects, *passes.effect(forward))
    on = forward.on.matches(outward=False)
    for version in forward.conditions.versions():
        if forward.nothing or forward.target is None:
            for matches in alternatives(forward.conditions, version):
                yield Rule(
                    matches=(*on, *matches),
                    action=Accept() if forward.nothing else TranslateDestination(addresses=None, redirect=True),
                    effects=effects,
                    text=forward.text,
                    citation=forward.citation,
                )
        else:
            yield from _forwarded(forward, version, forward.target, effects)


def _forwarded(forward: PfForward, version: int, target: Addresses, effects: tuple[Effect, ...]) -> Iterator[Rule]:
    every = AddressSet.all_ipv4() if version == 4 else AddressSet.all_ipv6()
    # an alias whose content is not in the file may lead anywhere
    inside = target.known & every if target.complete else every
    if not inside:
        return
    asked = forward.conditions.destination_ports
    known = asked.known if asked is not None and asked.complete else None
    ports = PortSet.of(forward.first_port) if forward.first_port is not None else None
    if ports is not None and known and forward.shifts and forward.first_port is not None:
        width = known.intervals[-1][1] - known.intervals[0][0]
        ports = PortSet.of((forward.first_port, min(forward.first_port + width, 65535)))
    bare = replace(forward.conditions, destination_ports=None) if known is not None else forward.conditions
    for matches in alternatives(bare, version):
        yield from mapped.rules(
            mapped.Forward(
                inside=inside,
                outside_ports=known,
                inside_ports=ports,
                matches=(*forward.on.matches(outward=False), *matches),
                effects=effects,
                text=forward.text,
                citation=forward.citation,
            )
        )


def one_to_one_rules(rule: PfOneToOne) -> Iterator[Rule]:
    """Write out what a 1:1 translation does to packets that come in."""
    own = Place(is_own=True, text="the interface's address")
    every = AddressSet.all_ipv4() if rule.version == 4 else AddressSet.all_ipv6()
    anybody = Conditions(
        sources={rule.version: rule.peers},
        destinations={rule.version: (own if rule.external is None else Place(),)},
    )
    for matches in alternatives(anybody, rule.version):
        forward = mapped.Forward(
            inside=every if rule.doubtful else rule.internal,
            outside=rule.external,
            matches=(*rule.on.matches(outward=False), *matches),
            text=rule.text,
            citation=rule.citation,
        )
        for written in mapped.rules(forward):
            yield replace(written, action=Accept()) if rule.nothing else written


def leaving_one_to_one_rules(rule: PfOneToOne) -> Iterator[Rule]:
    """Write out what a 1:1 translation does to packets that leave: any of its outer addresses."""
    if rule.doubtful:
        return
    everyone = Conditions(sources={rule.version: (Place(),)}, destinations={rule.version: rule.peers})
    for matches in alternatives(everyone, rule.version):
        yield Rule(
            matches=(*rule.on.matches(outward=True), *matches, SourceAddress(addresses=rule.internal)),
            action=Accept() if rule.nothing else TranslateSource(addresses=rule.external),
            text=rule.text,
            citation=rule.citation,
        )


def outbound_rules(rule: PfOutbound) -> Iterator[Rule]:
    """Write out an outbound translation."""
    for version in rule.conditions.versions():
        every = AddressSet.all_ipv4() if version == 4 else AddressSet.all_ipv6()
        source = rule.source & every if rule.source is not None else None
        if source is not None and not source:
            continue
        for matches in alternatives(rule.conditions, version):
            yield Rule(
                matches=(*rule.on.matches(outward=True), *matches),
                action=Accept() if rule.nothing else TranslateSource(addresses=source),
                text=rule.text,
                citation=rule.citation,
            )


def nat_chains(arriving: tuple[Rule, ...], leaving: tuple[Rule, ...], place: Citation) -> Iterator[Chain]:
    """Give the two chains of translations."""
    for name, hook, rules, priority in (
        ("port forwards and 1:1", Hook.PREROUTING, arriving, -100),
        ("outbound NAT", Hook.POSTROUTING, leaving, 100),
    ):
        yield Chain(
            table=TABLE,
            name=name,
            family=Family.BOTH,
            rules=rules,
            hook=hook,
            kind=ChainKind.NAT,
            priority=priority,
            citation=place,
        )


def forwarded_by_upnp(outside: frozenset[str], place: Citation) -> Rule:
    """Give the rule for forwards that machines inside have asked for: they stand in no file."""
    text = "rdr-anchor miniupnpd: forwards by UPnP or NAT-PMP are not in config.xml"
    matches: tuple[Match, ...] = (InputInterface(names=outside), Protocol(names=frozenset({"tcp", "udp"})))
    return Rule(matches=matches, action=UnsupportedAction(text=text), text=text, citation=place)


def tftp_proxy(names: frozenset[str], place: Citation) -> Rule:
    """Give the rule for TFTP through the firewall's proxy, which asks the server in its own name."""
    text = f"rdr pass on {', '.join(sorted(names))} proto udp from any to any port tftp -> 127.0.0.1 port 6969"
    matches: tuple[Match, ...] = (
        InputInterface(names=names),
        Protocol(names=frozenset({"udp"})),
        DestinationPort(ports=PortSet.of(69)),
    )
    doubt = f"{text}: the TFTP proxy decides"
    return Rule(matches=matches, action=UnsupportedAction(text=doubt), text=doubt, citation=place)
