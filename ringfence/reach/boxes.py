"""The machines on the way as reach sees them: addresses, links, routes and packet filter, known or guessed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from ipaddress import ip_address

from ringfence.model.addresses import PRIVATE, AddressSet
from ringfence.model.packetfilter import (
    ChainKind,
    DestinationAddress,
    DestinationPort,
    Family,
    Hook,
    InputInterface,
    OutputInterface,
    Rule,
    Ruleset,
    SourceAddress,
    TranslateDestination,
    TranslateSource,
)
from ringfence.model.site import Address, Host, InterfaceAddress, Site
from ringfence.reach.flow import Link
from ringfence.reach.translate import Own

#: A set of more IPv4 addresses than a private class of networks names nobody in particular.
WIDEST_NAMED = 2**20


@dataclass(frozen=True, kw_only=True)
class Box:
    """A host of the site with what follows from its interfaces and routes; ``evidence`` is its packet filter.

    ``front`` is the router that stands between it and the Internet (double NAT), where the evidence has one.
    """

    host: Host
    front: "Box | None" = None

    @property
    def name(self) -> str:
        """``pbx``, ``edge`` or ``edge2``."""
        return self.host.name

    @property
    def ruleset(self) -> Ruleset | None:
        """The packet filter; None when no rules were in the evidence."""
        return self.host.packet_filter

    def filters(self, version: int) -> Ruleset | None:
        """Give the packet filter if the evidence covers this IP version."""
        family = Family.IPV4 if version == 4 else Family.IPV6
        ruleset = self.ruleset
        if ruleset is None or not ruleset.families & {family, Family.BOTH}:
            return None
        return ruleset

    def translations(self, version: int) -> Ruleset | None:
        """Give the same with nothing but the rules that rewrite destinations: they are few, and often asked for."""
        return self._translations if self.filters(version) is not None else None

    @cached_property
    def _translations(self) -> Ruleset | None:
        if self.ruleset is None:
            return None
        chains = tuple(
            replace(chain, rules=tuple(rule for rule in chain.rules if isinstance(rule.action, TranslateDestination)))
            for chain in self.ruleset.chains
        )
        return replace(self.ruleset, chains=chains)

    @cached_property
    def interfaces(self) -> tuple[tuple[str, InterfaceAddress], ...]:
        """All addresses with their interface, loopback left out."""
        return tuple(
            (interface.name, address)
            for interface in self.host.interfaces
            for address in interface.addresses
            if not address.ip.is_loopback
        )

    @cached_property
    def own(self) -> Own:
        """The box's addresses, all of them and by interface."""
        by_interface: dict[str, tuple[Address, ...]] = {}
        for name, address in self.interfaces:
            by_interface[name] = (*by_interface.get(name, ()), address.ip)
        return Own(addresses=frozenset(address.ip for _, address in self.interfaces), by_interface=by_interface)

    def usable(self, version: int) -> tuple[Address, ...]:
        """Give the addresses of one IP version that others can send to, link-local ones left out."""
        return tuple(
            address.ip for _, address in self.interfaces if address.version == version and not address.ip.is_link_local
        )

    def on_link(self, version: int) -> AddressSet:
        """Give all addresses on the networks that the box is directly connected to."""
        return AddressSet.of(
            *(
                address.network
                for _, address in self.interfaces
                if address.version == version and not address.ip.is_link_local
            )
        )

    def link_of(self, address: Address) -> str | None:
        """Find the interface that holds this own address."""
        return next((name for name, own in self.interfaces if own.ip == address), None)

    def towards(self, address: Address) -> str | None:
        """Find the interface by which the address is reached: the longest prefix of links and routes."""
        links = [(one.network.prefixlen, name) for name, one in self.interfaces if address in one.network]
        routes = [(one.network.prefixlen, one.interface) for one in self.host.routes if address in one.network]
        found = max((*links, *routes), key=lambda pair: pair[0], default=None)
        return found[1] if found is not None else None


def faces(edge: Box, addresses: Iterable[Address]) -> bool:
    """Tell whether anything of the edge points at one of these addresses: a link, a route, a rule of its own.

    An export of another box, given by mistake, forwards nothing to the PBX either; that must not read like a closed
    door.
    """
    wanted = [address for address in addresses if address in PRIVATE]
    if not wanted:
        return True
    networks = [own.network for _, own in edge.interfaces]
    networks += [route.network for route in edge.host.routes if route.network.prefixlen > 0]
    if any(address in network for address in wanted for network in networks if network.version == address.version):
        return True
    return any(
        address in named
        for chain in (edge.ruleset.chains if edge.ruleset is not None else ())
        for rule in chain.rules
        for named in _named_addresses(rule)
        for address in wanted
    )


def _named_addresses(rule: Rule) -> Iterable[AddressSet]:
    """Give the sets of addresses that a rule names, without those so wide that they name nobody."""
    sets = [one.addresses for one in rule.matches if isinstance(one, SourceAddress | DestinationAddress)]
    if isinstance(rule.action, TranslateDestination) and rule.action.addresses is not None:
        sets.append(rule.action.addresses)
    return (addresses for addresses in sets if AddressSet(ipv4=addresses.ipv4).count <= WIDEST_NAMED)


def box(site: Site, name: str) -> Box | None:
    """Find a machine of the site; None when there is no evidence of it. Before the edge stands ``edge2``, if any."""
    host = site.host(name)
    if host is None:
        return None
    return Box(host=host, front=box(site, "edge2") if name == "edge" else None)


def chained(*boxes: Box | None) -> tuple[Box, ...]:
    """Give the machines that there are, each followed by the one in front of it."""
    return tuple(each for one in boxes if one is not None for each in (one, one.front) if each is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    """The Internet side of the edge: its interface, its addresses there, and how both are known.

    ``behind`` tells that the addresses are private: another router stands in front.
    """

    link: Link
    addresses: tuple[Address, ...]
    guessed: bool = False
    behind: bool = False


def outer(edge: Box, site: Site) -> Outer:
    """Find the edge's first Internet side; see ``outer_sides``."""
    return outer_sides(edge, site)[0]


def outer_sides(edge: Box, site: Site) -> tuple[Outer, ...]:
    """Find all of the edge's sides to the Internet: what it calls so, else public addresses and default routes.

    There is always one: where nothing tells, what the edge's own rules say is guessed.
    """
    public = [name for name, one in edge.interfaces if one.ip not in PRIVATE]
    defaults = [route.interface for route in edge.host.routes if route.network.prefixlen == 0]
    if edge.host.outside:
        names = sorted(edge.host.outside, key=lambda name: (name not in public, name))
    else:
        # A public network behind the edge is no way in, so a public address alone counts only where no route tells.
        names = [name for name in defaults if name in public] or public[:1]
        names = [*names, *defaults]
    announced = tuple(dict.fromkeys(_announced(site)))
    if names:
        return tuple(_side(edge, name, announced, guessed=False) for name in dict.fromkeys(names))
    guess = _named_by_rules(edge.ruleset)
    if guess is not None:
        return (_side(edge, guess, announced, guessed=True),)
    return (Outer(link=Link(), addresses=announced, guessed=True),)


def _side(edge: Box, name: str, announced: tuple[Address, ...], *, guessed: bool) -> Outer:
    here = [one.ip for other, one in edge.interfaces if other == name and not one.ip.is_link_local]
    outside = tuple(address for address in here if address not in PRIVATE)
    return Outer(
        link=Link(name=name),
        addresses=outside or tuple(here) or announced,
        guessed=guessed,
        behind=bool(here) and not outside,
    )


def _announced(site: Site) -> Iterable[Address]:
    """Give the public addresses that Asterisk tells its peers (``externip``)."""
    for settings in site.sip:
        try:
            address = ip_address(settings.external_address)
        except ValueError:
            continue
        if address not in PRIVATE:
            yield address


def _named_by_rules(ruleset: Ruleset | None) -> str | None:
    """Guess the Internet side from the rules: forwards come in there, masqueraded connections leave there."""
    inward: set[str] = set()
    outward: set[str] = set()
    for chain in ruleset.chains if ruleset is not None else ():
        if chain.kind != ChainKind.NAT:
            continue
        for rule in chain.rules:
            if isinstance(rule.action, TranslateDestination) or chain.hook == Hook.PREROUTING:
                inward |= _interfaces(rule, InputInterface)
            elif isinstance(rule.action, TranslateSource):
                outward |= _interfaces(rule, OutputInterface)
    for candidates in (inward & outward, inward or outward):
        if len(candidates) == 1:
            return next(iter(candidates))
    return None


def _interfaces(rule: Rule, kind: type[InputInterface | OutputInterface]) -> frozenset[str]:
    named = (one.names for one in rule.matches if isinstance(one, kind) and not one.negated)
    return frozenset().union(*named)


def forward_targets(edge: Box | None, port: int) -> tuple[Address, ...]:
    """Give the single private addresses that the edge's forwards of this port point at."""
    found: dict[Address, None] = {}
    translations = edge.translations(4) if edge is not None else None
    for chain in translations.chains if translations is not None else ():
        for rule in chain.rules:
            action = rule.action
            if not isinstance(action, TranslateDestination) or action.addresses is None or action.addresses.count != 1:
                continue
            target = action.addresses.example()
            ports = [match.ports for match in rule.matches if isinstance(match, DestinationPort)]
            if action.ports is not None:
                ports = [action.ports]
            if target is not None and target in PRIVATE and all(port in one for one in ports):
                found[target] = None
    return tuple(found)
