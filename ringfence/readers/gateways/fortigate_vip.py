"""FortiGate's virtual IPs: what is rewritten before any policy is asked, each leaving its number as a mark.

A virtual IP without `portforward enable` takes every port of its address. It takes its packets whether or not a policy
names it. Where two of them take the same packets, which comes first is not documented, and stays unknown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ringfence.model.addresses import AddressSet, Intervals, PortSet
from ringfence.model.evidence import Problem
from ringfence.model.packetfilter import (
    DestinationAddress,
    DestinationPort,
    InputInterface,
    Match,
    PacketKind,
    Protocol,
    Rule,
    SetMark,
    SourceAddress,
    Unsupported,
    UnsupportedAction,
)
from ringfence.readers.gateways import mapped
from ringfence.readers.gateways.fortigate_objects import Objects, ports
from ringfence.readers.gateways.fortigate_text import Entry
from ringfence.readers.linux import notation

#: The bits of the mark that hold a virtual IP's number.
MASK = 0xFFFF
WITH_PORTS = frozenset({"tcp", "udp", "sctp"})
SHOWN = ("extip", "extintf", "portforward", "protocol", "extport", "mappedip", "mappedport", "src-filter", "service")
OVERLAP = "several virtual IPs take these packets; which one comes first is not documented"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """The packets that a virtual IP takes: what of them is decided by rules, and from which sources."""

    entry: Entry
    arriving: tuple[Match, ...] = ()
    protocol: str = ""
    ports: PortSet | None = None
    sources: AddressSet = field(default_factory=AddressSet.everything)
    understood: bool = True


def rules(entries: list[Entry], numbers: dict[str, int], objects: Objects, problems: list[Problem]) -> Iterator[Rule]:
    """Give the rules of the NAT chain."""
    live = [entry for entry in entries if entry.get("status") != "disable" and entry.get("type") != "dns-translation"]
    taken = [_taken(entry, objects, problems) for entry in live]
    near: dict[Intervals | None, list[_Taken]] = {}
    for one in taken:
        near.setdefault(_place(one), []).append(one)
    for mine in taken:
        place = _place(mine)
        rivals = taken if place is None else (*near[place], *near.get(None, ()))
        others = [other.sources for other in rivals if other is not mine and _overlap(mine, other)]
        contested = mine.sources & AddressSet.union(others)
        effects = (SetMark(value=numbers[mine.entry.name], mask=MASK),)
        if not mine.understood or not contested:
            yield from _rules(mine, mine.arriving, effects, problems)
            continue
        alone = mine.sources - contested
        if alone:
            yield from _rules(mine, (*mine.arriving, SourceAddress(addresses=alone)), effects, problems)
        doubt = (SourceAddress(addresses=contested), Unsupported(text=OVERLAP))
        yield from _rules(mine, (*mine.arriving, *doubt), effects, problems)


def _place(taken: _Taken) -> Intervals | None:
    """Give the one outside address; None where it is not known or there are more, so that anything may be near."""
    for match in taken.arriving:
        if isinstance(match, DestinationAddress) and match.addresses.count == 1:
            return (*match.addresses.ipv4, *match.addresses.ipv6)
    return None


def _overlap(mine: _Taken, other: _Taken) -> bool:
    """Tell whether some packet may be taken by both; one that was not understood is doubtful by itself."""
    if not mine.understood or not other.understood:
        return False
    if mine.protocol and other.protocol and mine.protocol != other.protocol:
        return False
    if mine.ports is not None and other.ports is not None and not mine.ports & other.ports:
        return False
    for kind in (InputInterface, DestinationAddress):
        here = [one for one in mine.arriving if isinstance(one, kind)]
        there = [one for one in other.arriving if isinstance(one, kind)]
        if any(_apart(left, right) for left in here for right in there):
            return False
    return True


def _apart(left: Match, right: Match) -> bool:
    if isinstance(left, InputInterface) and isinstance(right, InputInterface):
        return not left.names & right.names
    if isinstance(left, DestinationAddress) and isinstance(right, DestinationAddress):
        return not left.addresses & right.addresses
    return False


def text(entry: Entry) -> str:
    """Give a virtual IP in the words of the export."""
    parts = [f"set {key} {' '.join(entry.all(key))}" for key in SHOWN if key in entry.values]
    return notation.shortened(f'config firewall vip / edit "{entry.name}" / {" / ".join(parts)}')


def _taken(entry: Entry, objects: Objects, problems: list[Problem]) -> _Taken:
    try:
        arriving = tuple(_arriving(entry, objects))
        sources = [notation.addresses(word) for word in entry.all("src-filter")]
        protocol = entry.get("protocol", "tcp").lower() if entry.is_on("portforward") else ""
        asked = _ports(entry, "extport") if protocol in WITH_PORTS else None
    except ValueError:
        problems.append(_problem(entry, "what this virtual IP takes was not understood"))
        return _Taken(entry=entry, understood=False)
    if protocol:
        arriving = (*arriving, Protocol(names=frozenset({protocol})))
    if entry.all("service"):
        # which ports it takes, and where each leads, depends on `portmapping-type`
        arriving = (*arriving, Unsupported(text=notation.shortened(f"service {' '.join(entry.all('service'))}")))
    if sources:
        arriving = (*arriving, SourceAddress(addresses=AddressSet.union(sources)))
    return _Taken(
        entry=entry,
        arriving=arriving,
        protocol=protocol,
        ports=asked,
        sources=AddressSet.union(sources) if sources else AddressSet.everything(),
    )


def _rules(
    taken: _Taken, matches: tuple[Match, ...], effects: tuple[SetMark, ...], problems: list[Problem]
) -> Iterator[Rule]:
    entry, shown = taken.entry, text(taken.entry)
    if not taken.understood:
        action = UnsupportedAction(text=shown)
        yield Rule(matches=matches, action=action, effects=effects, text=shown, citation=entry.place)
        return
    try:
        given = _ports(entry, "mappedport") if entry.get("mappedport", "0") != "0" and taken.protocol else None
        outside = next((one.addresses for one in matches if isinstance(one, DestinationAddress)), None)
        forward = mapped.Forward(
            inside=_inside(entry),
            outside=outside,
            outside_ports=taken.ports,
            inside_ports=given if taken.ports is not None else None,
            matches=tuple(one for one in matches if not isinstance(one, DestinationAddress)),
            effects=effects,
            text=shown,
            citation=entry.place,
        )
        yield from mapped.rules(forward)
    except ValueError:
        problem = _problem(entry, "where this virtual IP leads is not interpreted")
        if problem not in problems:
            problems.append(problem)
        ports = (DestinationPort(ports=taken.ports),) if taken.ports is not None else ()
        action = UnsupportedAction(text=shown)
        yield Rule(matches=(*matches, *ports), action=action, effects=effects, text=shown, citation=entry.place)


def _inside(entry: Entry) -> AddressSet:
    """Give where it leads; raises ValueError where the file does not tell."""
    inside = AddressSet.union(notation.addresses(word) for word in entry.all("mappedip"))
    kind = entry.get("type", "static-nat")
    if not inside or kind not in {"static-nat", "load-balance"} or (kind == "load-balance" and inside.count > 1):
        raise ValueError(kind)
    return inside


def _ports(entry: Entry, key: str) -> PortSet:
    """Read `set extport 5060-5070`; raises ValueError."""
    found = PortSet()
    for word in entry.all(key):
        found |= ports(word)
    if not found:
        raise ValueError(key)
    return found


def _problem(entry: Entry, message: str) -> Problem:
    return Problem(citation=entry.place, message=f"{message}: {entry.name}")


def _arriving(entry: Entry, objects: Objects) -> Iterator[Match]:
    """Give what a packet must be to be taken, apart from its port and source; raises ValueError."""
    interface = entry.get("extintf", "any")
    if interface != "any":
        yield InputInterface(names=frozenset({interface}))
    filtered = entry.all("srcintf-filter")
    if filtered:
        yield InputInterface(names=frozenset(filtered))
    if "extaddr" in entry.values:
        hosts = objects.hosts(entry.all("extaddr"))
        if hosts.unread or hosts.virtual or not hosts.addresses:
            raise ValueError("extaddr")
        yield DestinationAddress(addresses=hosts.addresses)
        return
    given = entry.get("extip", "0.0.0.0")
    if given in {"0.0.0.0", "::"}:  # the interface's own, whatever it is
        yield PacketKind(kinds=frozenset({"local"}))
    else:
        yield DestinationAddress(addresses=notation.addresses(given))
