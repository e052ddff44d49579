"""The conditions of a pf rule as alternatives: a rule that depends on what is not in the file is written out twice.

First what is known for sure, then, marked as not interpreted, what may hold beside it. So a known part of an alias
stays exact, and only the rest becomes unknown.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product

from ringfence.model.addresses import AddressSet
from ringfence.model.packetfilter import (
    DestinationAddress,
    DestinationPort,
    InputInterface,
    IpVersion,
    Match,
    OutputInterface,
    PacketKind,
    Protocol,
    SourceAddress,
    SourcePort,
    Unsupported,
)
from ringfence.readers.gateways.pf_tables import Addresses, Ports

#: Each alternative is a list of matches that must all hold; none at all means "never".
Alternatives = tuple[tuple[Match, ...], ...]
ALWAYS: Alternatives = ((),)
NEVER: Alternatives = ()

WITH_PORTS = frozenset({"tcp", "udp", "sctp"})
MOST_ALTERNATIVES = 64


class NotLoadedError(Exception):
    """The firewall leaves this rule out when it builds its rule set; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A source or destination as a rule names it; ``addresses`` None is any.

    ``is_own`` stands for addresses of the firewall itself that the file does not give.
    """

    addresses: Addresses | None = None
    is_own: bool = False
    negated: bool = False
    text: str = "any"


ANYWHERE = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class On:
    """The interfaces of a rule; None is every one."""

    names: frozenset[str] | None = None
    negated: bool = False
    text: str = ""

    def matches(self, *, outward: bool) -> tuple[Match, ...]:
        """Give the condition for packets that come in, or go out, by these interfaces."""
        if self.names is None:
            return ()
        kind = OutputInterface if outward else InputInterface
        return (kind(names=self.names, negated=self.negated),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a rule asks of a packet apart from interface and direction; places by IP version."""

    sources: Mapping[int, tuple[Place, ...]]
    destinations: Mapping[int, tuple[Place, ...]]
    protocols: frozenset[str] | None = None
    source_ports: Ports | None = None
    destination_ports: Ports | None = None
    further: tuple[Match, ...] = field(default=())

    def versions(self) -> tuple[int, ...]:
        """Give the IP versions that the rule is for."""
        return tuple(sorted(set(self.sources) & set(self.destinations)))


def alternatives(conditions: Conditions, version: int, *, after_nat: bool = False) -> Alternatives:
    """Write out the conditions for one IP version; ``after_nat`` where the source may be the firewall's own."""
    fixed: tuple[Match, ...] = (IpVersion(version=version),)
    if conditions.protocols is not None:
        names = conditions.protocols
        if version == 6 and "icmp" in names:
            names = names - {"icmp"} | {"ipv6-icmp"}
        fixed = (*fixed, Protocol(names=names))
    return combined(
        (fixed,),
        _any_of(_source(one, version, after_nat=after_nat) for one in conditions.sources[version]),
        _ports(conditions.source_ports, SourcePort),
        _any_of(_destination(one, version) for one in conditions.destinations[version]),
        _ports(conditions.destination_ports, DestinationPort),
        (conditions.further,),
    )


def combined(*parts: Alternatives) -> Alternatives:
    """Give all ways in which one alternative of every part holds."""
    size = 1
    for part in parts:
        size *= len(part)
    if size > MOST_ALTERNATIVES:
        return ((Unsupported(text="more combinations of incomplete lists than are followed"),),)
    return tuple(tuple(match for piece in chosen for match in piece) for chosen in product(*parts))


def _any_of(parts: Iterable[Alternatives]) -> Alternatives:
    return tuple(dict.fromkeys(one for part in parts for one in part))


def _source(place: Place, version: int, *, after_nat: bool) -> Alternatives:
    if place.addresses is None and not place.is_own:
        return ALWAYS
    if place.is_own:
        if after_nat:
            return ((Unsupported(text=f"from {place.text}"),),)
        return ALWAYS if place.negated else NEVER  # what comes in from others never has the firewall's own address
    return _addresses(place, version, SourceAddress)


def _destination(place: Place, version: int) -> Alternatives:
    if place.addresses is None and not place.is_own:
        return ALWAYS
    if place.is_own:
        return ((PacketKind(kinds=frozenset({"local"}), negated=place.negated),),)
    return _addresses(place, version, DestinationAddress)


def _addresses(place: Place, version: int, kind: type[SourceAddress | DestinationAddress]) -> Alternatives:
    given = place.addresses or Addresses()
    every = AddressSet.all_ipv4() if version == 4 else AddressSet.all_ipv6()
    known = given.known & every
    doubt = Unsupported(text=given.why or f"{place.text} is not known")
    if place.negated:
        rest = every - known
        certain: tuple[Match, ...] = (kind(addresses=rest),) if known else ()
        if not rest:
            return NEVER
        return (certain,) if given.complete else ((*certain, doubt),)
    found: Alternatives = ((kind(addresses=known),),) if known else NEVER
    return found if given.complete else (*found, (doubt,))


def _ports(ports: Ports | None, kind: type[SourcePort | DestinationPort]) -> Alternatives:
    if ports is None:
        return ALWAYS
    found: Alternatives = ((kind(ports=ports.known),),) if ports.known else NEVER
    return found if ports.complete else (*found, (Unsupported(text=ports.why),))
