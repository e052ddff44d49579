"""Where packets can come from: the Internet, and each network of the site; and by which way they enter."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ringfence.model.addresses import PRIVATE, AddressSet
from ringfence.model.exposure import Vantage
from ringfence.model.packetfilter import DestinationPort, Protocol, Ruleset, TranslateDestination
from ringfence.model.site import Address, Site
from ringfence.reach.atoms import intervals_of
from ringfence.reach.boxes import Box, Outer, forward_targets, outer, outer_sides
from ringfence.reach.flow import Goal, Header, Link
from ringfence.reach.journey import Front, Trip
from ringfence.reach.translate import entries
from ringfence.reach.whereabouts import INTERNET, own_addresses, site_networks

#: What no stranger can send from: "this network", multicast, reserved; and all IPv6 that is not global unicast.
UNUSABLE = AddressSet.of("0.0.0.0/8", "224.0.0.0/3", "::/3", "4000::/2", "8000::/1")

BEHIND = (
    "the edge's outside address {} is private, so another router stands in front, and what it forwards is not known"
)
UNADDRESSED = "the address that the edge has towards the second edge is not in the evidence"
UNROUTED = "whether a router passes packets between the two networks is not in the evidence"


def vantages(site: Site) -> tuple[Vantage, ...]:
    """Give the Internet and every named network of the site, without the site's own machines."""
    own = own_addresses(site)
    outside = AddressSet.everything() - PRIVATE - UNUSABLE - site_networks(site) - own
    found = [Vantage(name=INTERNET, sources=outside)]
    for network in site.networks:
        prefixes = [prefix for prefix in network.prefixes if prefix.prefixlen > 0]
        if network.name != INTERNET and prefixes:
            found.append(Vantage(name=network.name, sources=AddressSet.of(*prefixes) - own))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approach:
    """One way to try: the trip, the header it starts with, and the sources that can take it.

    ``forwarded`` tells a candidate of a forward from a packet that is sent to the PBX's own address. ``doubt`` says
    what is not known about the way itself; then nobody surely arrives by it.
    """

    trip: Trip
    header: Header
    sources: AddressSet
    forwarded: bool = False
    doubt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A listener as packets address it: the PBX's addresses of one IP version, protocol and port."""

    version: int
    protocol: str
    addresses: tuple[Address, ...]
    port: int


def approaches(site: Site, vantage: Vantage, target: Target, edge: Box | None, pbx: Box) -> Iterator[Approach]:
    """Give every way from a vantage to a target that the evidence allows to try."""
    goal = Goal(addresses=frozenset(target.addresses), port=target.port)
    doors = (target.port, *redirected_ports(pbx.translations(target.version), target.protocol, goal))
    if vantage.name == INTERNET:
        for door in doors:
            yield from _from_internet(site, vantage, target, goal._replace(port=door), edge=edge, pbx=pbx)
        return
    for door in doors:
        for address in target.addresses:
            yield from _from_network(site, vantage, target, goal, (address, door), edge=edge, pbx=pbx)


def redirected_ports(ruleset: Ruleset | None, protocol: str, goal: Goal) -> tuple[int, ...]:
    """Give further ports of the PBX that its own rules redirect to the listener."""
    found: dict[int, None] = {}
    for chain in ruleset.chains if ruleset is not None else ():
        for rule in chain.rules:
            action = rule.action
            if not isinstance(action, TranslateDestination) or action.ports is None or goal.port not in action.ports:
                continue
            if any(isinstance(one, Protocol) and (protocol in one.names) is one.negated for one in rule.matches):
                continue
            for one in rule.matches:
                if isinstance(one, DestinationPort):
                    found.update(dict.fromkeys(low for low, _ in one.ports.intervals[:4] if low != goal.port))
    return tuple(found)


def _header(target: Target, address: Address | None, port: int, incoming: Link, *, local: bool) -> Header:
    return Header(
        version=target.version,
        protocol=target.protocol,
        source_port=None,
        destination=address,
        port=port,
        incoming=incoming,
        local=local,
    )


def _from_internet(  # noqa: PLR0913 - one question, many facts
    site: Site, vantage: Vantage, target: Target, at_edge: Goal, *, edge: Box | None, pbx: Box
) -> Iterator[Approach]:
    goal = Goal(addresses=at_edge.addresses, port=target.port)
    public = [address for address in target.addresses if address not in PRIVATE]
    outside = outer(edge, site) if edge is not None else None
    for address in public:
        link = Link(name=pbx.link_of(address))
        behind = edge is not None and address in edge.on_link(target.version)
        trip = Trip(edge=edge if behind else None, pbx=pbx, pbx_link=link, at_edge=at_edge, goal=goal)
        start = outside.link if behind and outside is not None else link
        header = _header(target, address, at_edge.port, start, local=not behind)
        direct = Approach(trip=trip, header=header, sources=vantage.sources)
        yield from _through_front(site, target, direct) if behind else (direct,)
    if edge is None or (target.version == 6 and not edge.filters(6)):
        return
    for side in outer_sides(edge, site):
        yield from _by_forwards(site, vantage, target, goal, at_edge=at_edge, edge=edge, pbx=pbx, outside=side)


def _by_forwards(  # noqa: PLR0913 - one question, many facts
    site: Site,
    vantage: Vantage,
    target: Target,
    goal: Goal,
    *,
    at_edge: Goal,
    edge: Box,
    pbx: Box,
    outside: Outer,
) -> Iterator[Approach]:
    """Give the ways through the forwards of one of the edge's sides to the Internet."""
    known = tuple(address for address in _standing(edge, outside) if address.version == target.version)
    ruleset = edge.translations(target.version)
    found = entries(ruleset, at_edge, target.protocol, known) if ruleset is not None else ()
    for entry in found:
        if entry.address is not None and entry.address in PRIVATE and not outside.behind:
            continue  # a rule for the site's own side (hairpin): nobody on the Internet can send there
        link = _inner_link(pbx, edge, target)
        trip = Trip(edge=edge, pbx=pbx, pbx_link=link, at_edge=at_edge, goal=goal)
        header = _header(target, entry.address, entry.port, outside.link, local=True)
        doubt = BEHIND.format(entry.address) if outside.behind and edge.front is None else ""
        inner = Approach(trip=trip, header=header, sources=vantage.sources, forwarded=True, doubt=doubt)
        yield from _through_front(site, target, inner)


def _standing(edge: Box, outside: Outer) -> tuple[Address, ...]:
    """Give the edge's addresses towards the Internet; behind another router the announced one is not its own."""
    if edge.front is None:
        return outside.addresses
    return tuple(address for address in outside.addresses if address in edge.own.addresses)


def _through_front(site: Site, target: Target, inner: Approach) -> Iterator[Approach]:
    """Put the second router before an approach to the edge; where there is none, the approach stays as it is.

    A public address is reached through it as it stands; any other one by a forward. Where the edge's own address is not
    known, it is where the forwards of the second router point.
    """
    edge = inner.trip.edge
    front = edge.front if edge is not None else None
    if front is None:
        yield inner
        return
    outside, version = outer(front, site), target.version
    ruleset = front.translations(version)
    entrance = inner.header.destination
    goals = (entrance,) if entrance is not None else forward_targets(front, inner.header.port)
    if not goals:
        yield replace(inner, doubt=UNADDRESSED)
    known = tuple(address for address in outside.addresses if address.version == version)
    for address in goals:
        goal = Goal(addresses=frozenset({address}), port=inner.header.port)
        local = inner.header.local is True
        trip = replace(inner.trip, front=Front(box=front, goal=goal, link=inner.header.incoming, local=local))
        if address not in PRIVATE:
            header = _header(target, address, goal.port, outside.link, local=False)
            yield replace(inner, trip=trip, header=header)
        for entry in entries(ruleset, goal, target.protocol, known) if ruleset is not None else ():
            header = _header(target, entry.address, entry.port, outside.link, local=True)
            doubt = BEHIND.format(entry.address) if outside.behind else ""
            yield replace(inner, trip=trip, header=header, forwarded=True, doubt=doubt)


def _inner_link(pbx: Box, edge: Box, target: Target) -> Link:
    """Find the PBX's interface that faces the edge: on a common network, else the one with the addressed address."""
    for name, own in pbx.interfaces:
        if any(other.ip in own.network for _, other in edge.interfaces if other.version == own.version):
            return Link(name=name)
    names = {pbx.link_of(address) for address in target.addresses}
    return Link(name=names.pop()) if len(names) == 1 else Link()


def _from_network(  # noqa: PLR0913 - one question, many facts
    site: Site, vantage: Vantage, target: Target, goal: Goal, door: tuple[Address, int], *, edge: Box | None, pbx: Box
) -> Iterator[Approach]:
    address, port = door
    at_edge = Goal(addresses=goal.addresses, port=port)
    left = vantage.sources
    for name, own in pbx.interfaces:
        near = left & AddressSet.of(own.network) if own.version == target.version else AddressSet()
        if intervals_of(near, target.version):
            trip = Trip(edge=None, pbx=pbx, pbx_link=Link(name=name), at_edge=at_edge, goal=goal)
            header = _header(target, address, port, Link(name=name), local=True)
            yield Approach(trip=trip, header=header, sources=near)
            left -= near
    if not intervals_of(left, target.version):
        return
    if edge is None:
        link = Link(name=pbx.link_of(address))
        trip = Trip(edge=None, pbx=pbx, pbx_link=link, at_edge=at_edge, goal=goal)
        yield Approach(trip=trip, header=_header(target, address, port, link, local=True), sources=left, doubt=UNROUTED)
        return
    trip = Trip(edge=edge, pbx=pbx, pbx_link=_inner_link(pbx, edge, target), at_edge=at_edge, goal=goal)
    outside = outer(edge, site)
    for link, sources in _sides(edge, left, target.version):
        yield Approach(trip=trip, header=_header(target, address, port, link, local=False), sources=sources)
        if link.name is not None and link.name == outside.link.name:
            yield from _from_before(target, trip, link, sources, _standing(edge, outside))


def _from_before(
    target: Target, trip: Trip, link: Link, sources: AddressSet, standing: tuple[Address, ...]
) -> Iterator[Approach]:
    """Give the ways of a network that lies before the edge, such as that of the provider's router: its forwards."""
    ruleset = trip.edge.translations(target.version) if trip.edge is not None else None
    known = tuple(address for address in standing if address.version == target.version)
    for entry in entries(ruleset, trip.at_edge, target.protocol, known) if ruleset is not None else ():
        header = _header(target, entry.address, entry.port, link, local=True)
        yield Approach(trip=trip, header=header, sources=sources, forwarded=True)


def _sides(edge: Box, sources: AddressSet, version: int) -> Iterator[tuple[Link, AddressSet]]:
    """Share sources out over the edge's interfaces by its links, then its routes; the rest may come by any."""
    left = sources
    networks = [(name, own.network) for name, own in edge.interfaces if own.version == version]
    networks += [(route.interface, route.network) for route in edge.host.routes if route.network.version == version]
    for name, network in sorted(networks, key=lambda pair: -pair[1].prefixlen):
        here = left & AddressSet.of(network) if network.prefixlen > 0 else AddressSet()
        if intervals_of(here, version):
            yield Link(name=name), here
            left -= here
    if intervals_of(left, version):
        yield Link(), left
