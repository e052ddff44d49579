"""Rules for a forward that maps ranges to ranges: each address, each port to its counterpart.

The rule set's own translation may choose any of its targets; a forward of `10000-10010` to `20000-20010` may not. So a
small range is written out one by one, which is exact, and a large one is left to choose, which makes answers unknown.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import (
    DestinationAddress,
    DestinationPort,
    Effect,
    Match,
    Rule,
    TranslateDestination,
)

#: Rules that one forward may be written out into.
MOST_RULES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """A forward: who asks for ``outside`` at ``outside_ports`` is sent to ``inside`` at ``inside_ports``.

    ``outside`` None leaves the address to ``matches``; ``outside_ports`` None means every port, ``inside_ports`` None
    that the port is kept. Without ``paired`` any of several addresses may be chosen.
    """

    inside: AddressSet
    outside: AddressSet | None = None
    outside_ports: PortSet | None = None
    inside_ports: PortSet | None = None
    matches: tuple[Match, ...] = ()
    effects: tuple[Effect, ...] = ()
    paired: bool = True
    text: str
    citation: Citation


def rules(forward: Forward) -> Iterator[Rule]:
    """Give the rules of a NAT chain that do what the forward says."""
    addresses = _address_pairs(forward.outside, forward.inside)
    if not forward.paired:
        addresses = [(forward.outside, forward.inside)]
    ports = _port_pairs(forward.outside_ports, forward.inside_ports)
    if len(addresses) * len(ports) > MOST_RULES:
        addresses = [(forward.outside, forward.inside)]
    if len(addresses) * len(ports) > MOST_RULES:
        ports = [(forward.outside_ports, forward.inside_ports)]
    for outside, inside in addresses:
        for asked, given in ports:
            where = (DestinationAddress(addresses=outside),) if outside is not None else ()
            port = (DestinationPort(ports=asked),) if asked is not None else ()
            yield Rule(
                matches=(*forward.matches, *where, *port),
                action=TranslateDestination(addresses=inside, ports=given),
                effects=forward.effects,
                text=forward.text,
                citation=forward.citation,
            )


def _address_pairs(outside: AddressSet | None, inside: AddressSet) -> list[tuple[AddressSet | None, AddressSet]]:
    if outside is None or outside.count != inside.count or not 1 < outside.count <= MOST_RULES:
        return [(outside, inside)]
    pairs = zip(_each(outside), _each(inside), strict=True)
    return [(AddressSet.of(one), AddressSet.of(other)) for one, other in pairs]


def _each(addresses: AddressSet) -> Iterator[IPv4Address | IPv6Address]:
    for low, high in addresses.ipv4:
        yield from (IPv4Address(number) for number in range(low, high + 1))
    for low, high in addresses.ipv6:
        yield from (IPv6Address(number) for number in range(low, high + 1))


def _port_pairs(outside: PortSet | None, inside: PortSet | None) -> list[tuple[PortSet | None, PortSet | None]]:
    if inside is None or inside == outside:
        return [(outside, None)]
    if outside is None or len(outside) != len(inside) or not 1 < len(outside) <= MOST_RULES:
        return [(outside, inside)]
    return [(PortSet.of(one), PortSet.of(other)) for one, other in zip(outside, inside, strict=True)]
