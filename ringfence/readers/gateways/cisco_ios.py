"""Reads a router's `show running-config` (Cisco IOS and IOS XE): interfaces, access lists, translation.

What matters: a list bound inwards to the outside interface sees the *public* address, since it comes before
translation; a list bound outwards to the inside interface sees the private one; an interface without a list, or with
one that has no entries, lets everything pass. Inspection (`ip inspect`) and zones (`zone-member`) are not interpreted:
what would pass otherwise is unknown. IPv6 is not covered.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, ip_network

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.packetfilter import (
    Accept,
    Chain,
    ChainKind,
    Drop,
    Family,
    Hook,
    InputInterface,
    Jump,
    OutputInterface,
    Rule,
    Ruleset,
    Unsupported,
    UnsupportedAction,
)
from ringfence.model.site import Interface, Route
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.gateways import cisco_acl, cisco_lines
from ringfence.readers.gateways.cisco_acl import Entry
from ringfence.readers.gateways.cisco_ios_nat import Translations
from ringfence.readers.gateways.cisco_lines import DYNAMIC, Configuration, Statement
from ringfence.readers.gateways.cisco_objects import Objects
from ringfence.readers.gateways.gateway import Gateway
from ringfence.readers.linux.unread import unread_chains

PRODUCT = "Cisco IOS"
TABLE = "ios"

_VERSION = re.compile(rb"^version \d+\.\d+\s*$", re.MULTILINE)
_INTERFACE = re.compile(rb"^interface [A-Z][A-Za-z-]+ ?\d[\d/.:]*\s*$", re.MULTILINE)
_SPEAKS = re.compile(
    rb"^ ?(ip nat (inside|outside|source|pool)\b|ip access-group \S+ (in|out)\s*$|ip access-list (extended|standard) "
    rb"|(no )?ip address\b|access-list \d+ (permit|deny|remark) )",
    re.MULTILINE,
)
_NAT = re.compile(rb"^ip nat (inside|outside) source (static|list) ", re.MULTILINE)
#: What ASA, PIX, NX-OS and EOS say of themselves.
_OTHERS = re.compile(
    rb"^:? ?(ASA|PIX|FWSM) Version|^ *nameif |^feature |^boot nxos|^! device: |^transceiver ", re.MULTILINE
)


@dataclass(slots=True)
class _Port:
    """One `interface` section."""

    name: str
    place: Citation
    addresses: list[IPv4Interface] = field(default_factory=list)
    lists: dict[str, tuple[str, Statement]] = field(default_factory=dict)
    nat: str = ""
    down: bool = False
    unread: list[tuple[str, Statement]] = field(default_factory=list)


def recognises(head: bytes) -> bool:
    """Tell an IOS configuration by its sections, and that it is none of a firewall or a data centre switch."""
    if b"\0" in head or _OTHERS.search(head):
        return False
    if _NAT.search(head):
        return True
    return bool(_SPEAKS.search(head) and _INTERFACE.search(head)) and bool(
        _VERSION.search(head) or b"\nhostname " in head or b"Current configuration" in head
    )


def read(artifacts: Artifacts, name: str) -> Reading[Gateway | None]:
    """Read a whole configuration."""
    problems: list[Problem] = []
    configuration = cisco_lines.read(artifacts, name)
    found = configuration.statements
    if not found:
        return Reading(facts=None, problems=(Problem(citation=Citation(file=name), message="no line to read"),))
    objects = Objects(wildcards=True)
    for statement in found:
        objects.declare(statement)
    ports = [_port(statement) for statement in found if statement.starts("interface") and len(statement.words) > 1]
    ports = [port for port in ports if not port.down]
    lists = _lists(found, objects, problems)
    cut = configuration.cut
    translations = Translations(
        lists=lists,
        addresses={port.name: AddressSet.of(*(own.ip for own in port.addresses)) for port in ports},
        inside=_marked(ports, "inside"),
        outside=_marked(ports, "outside"),
        both=_marked(ports, "enable"),
        problems=problems,
        seen_through=cut.message if cut is not None else "",
    )
    for statement in found:
        if statement.starts("ip", "nat", "pool") and len(statement.words) > 3:
            translations.declare_pool(statement)
    for statement in found:
        if statement.starts("ip", "nat"):
            translations.add(statement)
    chains = (*_cut(configuration, problems), *_chains(ports, lists, translations, name, problems))
    gateway = Gateway(
        product=PRODUCT,
        interfaces=tuple(Interface(name=one.name, addresses=tuple(one.addresses), citation=one.place) for one in ports),
        routes=tuple(_routes(found, ports)),
        outside=translations.outside,
        ruleset=Ruleset(chains=chains, product=PRODUCT, citation=Citation(file=name)),
    )
    return Reading(facts=gateway, problems=tuple(problems))


def _cut(configuration: Configuration, problems: list[Problem]) -> Iterator[Chain]:
    if configuration.cut is not None:
        problems.append(configuration.cut)
        yield from unread_chains(configuration.cut.citation, Family.IPV4, configuration.cut.message)


def _marked(ports: list[_Port], kind: str) -> frozenset[str]:
    return frozenset(port.name for port in ports if port.nat == kind)


def _port(statement: Statement) -> _Port:
    port = _Port(name="".join(statement.words[1:]), place=statement.place)
    for below in statement.below:
        match below.words:
            case ("ip", "address", address, mask, *_) if address not in DYNAMIC:
                try:
                    port.addresses.append(IPv4Interface(f"{address}/{mask}"))
                except ValueError:
                    continue
            case ("ip", "access-group", name, ("in" | "out") as way, *_):
                port.lists[way] = (name, below)
            case ("ip", "nat", ("inside" | "outside" | "enable") as side):
                port.nat = side
            case ("ip", "inspect", _, ("in" | "out") as way, *_):
                port.unread.append((way, below))
            case ("zone-member", "security", *_):
                port.unread += [("in", below), ("out", below)]
            case ("shutdown",):
                port.down = True
            case _:
                continue
    return port


def _lists(found: list[Statement], objects: Objects, problems: list[Problem]) -> dict[str, tuple[Entry, ...]]:
    """Read all access lists, numbered and named; an entry that is not understood may permit or deny anything."""
    lists: dict[str, list[Entry]] = {}
    for statement in found:
        words = statement.words
        if words[0] == "access-list" and len(words) > 2 and words[1].isdecimal():
            entries = lists.setdefault(words[1], [])
            entries += cisco_acl.entries(words[2:], statement, objects, problems, only_sources=_is_standard(words[1]))
        elif statement.starts("ip", "access-list") and len(words) > 3 and words[2] in {"standard", "extended"}:
            entries = lists.setdefault(words[3], [])
            for below in statement.below:
                entries += cisco_acl.entries(below.words, below, objects, problems, only_sources=words[2] == "standard")
    return {name: tuple(entries) for name, entries in lists.items()}


def _is_standard(name: str) -> bool:
    number = int(name[:6])
    return 1 <= number <= 99 or 1300 <= number <= 1999


def _chains(
    ports: list[_Port],
    lists: dict[str, tuple[Entry, ...]],
    translations: Translations,
    name: str,
    problems: list[Problem],
) -> Iterator[Chain]:
    place = Citation(file=name)
    bound = [(port, way, *port.lists[way]) for port in ports for way in port.lists]
    used: set[str] = set()
    for _, _, listed, statement in bound:
        if not lists.get(listed):
            message = f"access list {listed} has no entries in this file: IOS lets everything pass through it"
            problems.append(Problem(citation=statement.place, message=message))
        elif listed not in used:
            used.add(listed)
            yield _list_chain(listed, lists[listed], translations.seen_through)
    inward = [_binding(port, way, listed, one, lists) for port, way, listed, one in bound if way == "in"]
    outward = [_binding(port, way, listed, one, lists) for port, way, listed, one in bound if way == "out"]
    for chain, rules in translations.chosen.items():
        yield Chain(table=TABLE, name=chain, family=Family.IPV4, rules=rules, citation=place)
    yield _base("lists on incoming packets", Hook.PREROUTING, inward, -200, place)
    yield _base("translation", Hook.PREROUTING, translations.forwards, -100, place, nat=True)
    yield _base("inspection", Hook.FORWARD, _uninterpreted(ports, problems), -10, place)
    yield _base("lists on outgoing packets", Hook.FORWARD, outward, 0, place)
    yield _base("translation of sources", Hook.POSTROUTING, translations.rewrites, 100, place, nat=True)


def _base(  # noqa: PLR0913 - all that sets base chains apart
    name: str, hook: Hook, rules: Iterable[Rule], priority: int, place: Citation, *, nat: bool = False
) -> Chain:
    return Chain(
        table=TABLE,
        name=name,
        family=Family.IPV4,
        rules=tuple(rules),
        hook=hook,
        kind=ChainKind.NAT if nat else ChainKind.FILTER,
        priority=priority,
        citation=place,
    )


def _list_chain(name: str, entries: tuple[Entry, ...], doubt: str) -> Chain:
    """Make the chain of a list; with a doubt none of its entries is certain."""
    last = entries[-1].statement.place
    rules = list(cisco_acl.filtering(entries))
    rules.append(Rule(matches=(), action=Drop(), text=f"the implicit deny of access list {name}", citation=last))
    if doubt:
        uncertain = Unsupported(text=doubt)
        rules = [
            Rule(matches=(*rule.matches, uncertain), action=rule.action, text=rule.text, citation=rule.citation)
            for rule in rules
        ]
    return Chain(table=TABLE, name=f"list {name}", family=Family.IPV4, rules=tuple(rules), citation=last)


def _binding(port: _Port, way: str, listed: str, statement: Statement, lists: dict[str, tuple[Entry, ...]]) -> Rule:
    names = frozenset({port.name})
    passing = InputInterface(names=names) if way == "in" else OutputInterface(names=names)
    action = Jump(chain=f"list {listed}", returns=False) if lists.get(listed) else Accept()
    text = f"{statement.text} ({port.name})"
    return Rule(matches=(passing,), action=action, text=text, citation=statement.place)


def _uninterpreted(ports: list[_Port], problems: list[Problem]) -> Iterator[Rule]:
    for port in ports:
        for way, statement in port.unread:
            names = frozenset({port.name})
            passing = InputInterface(names=names) if way == "in" else OutputInterface(names=names)
            text = f"{statement.text} ({port.name})"
            problem = Problem(citation=statement.place, message=f"not interpreted: {text}")
            if problem not in problems:
                problems.append(problem)
            action = UnsupportedAction(text=text)
            yield Rule(matches=(passing,), action=action, text=text, citation=statement.place)


def _routes(found: list[Statement], ports: list[_Port]) -> Iterator[Route]:
    """Read `ip route 0.0.0.0 0.0.0.0 Dialer0`, `ip route 10.8.0.0 255.255.0.0 GigabitEthernet0/1 192.168.2.254`."""
    names = {port.name for port in ports}
    for statement in found:
        if not statement.starts("ip", "route") or len(statement.words) < 5 or statement.words[2] == "vrf":
            continue
        try:
            network = ip_network(f"{statement.words[2]}/{statement.words[3]}", strict=False)
        except ValueError:
            continue
        rest = statement.words[4:6]
        interface = next((word for word in rest if word in names), "")
        via = next((address for word in rest if (address := _address(word)) is not None), None)
        if not interface and via is not None:
            interface = next((port.name for port in ports if any(via in own.network for own in port.addresses)), "")
        if interface:
            yield Route(network=network, via=via, interface=interface, citation=statement.place)


def _address(text: str) -> IPv4Address | None:
    try:
        return IPv4Address(text)
    except ValueError:
        return None
