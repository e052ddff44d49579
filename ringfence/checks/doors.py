"""Which services strangers reach from a vantage, with the proof and what closes them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ringfence.checks.check import excerpt
from ringfence.model.addresses import PRIVATE, AddressSet
from ringfence.model.evidence import Excerpt
from ringfence.model.exposure import Basis, Exposure, Verdict
from ringfence.model.finding import Remedy
from ringfence.model.packetfilter import Chain, Rule, TranslateDestination
from ringfence.model.site import ServiceName, Site
from ringfence.reach.whereabouts import INTERNET, own_addresses, provider_addresses, site_networks

#: Fewer strange addresses than a /8 holds is a restriction, though a wide one; a /8 or more is "anyone".
ANYONE = 2**24


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One port that a vantage reaches; ``strangers`` are the sources that pass and that nobody declared.

    ``anyone`` is False where the rules let only some strange addresses pass. ``exposures`` are all that speak of
    this port, predicted, observed and used.
    """

    service: ServiceName
    transport: str
    port: int
    vantage: str
    strangers: AddressSet
    anyone: bool
    exposures: tuple[Exposure, ...]

    @property
    def subject(self) -> str:
        """The port as tools write it, e.g. ``udp/69``."""
        return f"{self.transport}/{self.port}"

    @property
    def claim(self) -> str:
        """Who reaches it, in the exposure's own words where it has some, and what the listener still asks of them."""
        told = next((exposure.claim for exposure in self.exposures if exposure.claim), "")
        who = "Anyone" if self.anyone else f"{shown(self.strangers)}, which nobody declared,"
        where = "on the Internet" if self.vantage == INTERNET else f"in network {self.vantage}"
        claim = f"{who} {where} reaches {self.subject}."
        if self.anyone and told:
            claim = told if told.endswith(".") else f"{told}."
        return " ".join((claim, *dict.fromkeys(one.admits for one in self.exposures if one.admits)))

    def evidence(self) -> Iterator[Excerpt]:
        """Quote each step of the proofs that names a place, then the listener itself."""
        yield from proof(self.exposures)
        for exposure in self.exposures:
            listener = exposure.listener
            process = f" by {listener.process}" if listener.process else ""
            address = "every address" if listener.address is None else listener.address
            yield excerpt(listener.citation, f"{listener.transport} port {listener.port} is open on {address}{process}")


def proof(exposures: Iterable[Exposure]) -> Iterator[Excerpt]:
    """Quote each step of the exposures' proofs that names a place."""
    for exposure in exposures:
        for hop in exposure.proof:
            if hop.citation is not None:
                yield excerpt(hop.citation, hop.text)


def shown(addresses: AddressSet, most: int = 4) -> str:
    """Name the networks of a set, at most ``most`` of them."""
    names: list[str] = []
    for network in addresses.networks():
        if len(names) == most:
            names.append("more")
            break
        names.append(str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network))
    return ", ".join(names)


def doors(
    site: Site, exposures: Iterable[Exposure], services: frozenset[ServiceName], vantage: str = INTERNET
) -> tuple[Door, ...]:
    """Give the ports of ``services`` that strangers reach from ``vantage``, one for each transport and port.

    Exposures that let only providers and declared remote places pass open no door. For an internal vantage
    everybody who stands there is a stranger to the service.
    """
    known = AddressSet()
    if vantage == INTERNET:
        remotes = AddressSet.of(*(prefix for remote in site.remotes for prefix in remote.prefixes))
        known = provider_addresses(site) | remotes | site_networks(site) | own_addresses(site) | PRIVATE
    grouped: dict[tuple[ServiceName, str, int], list[tuple[Exposure, AddressSet]]] = {}
    for exposure in exposures:
        listener = exposure.listener
        if exposure.vantage != vantage or exposure.verdict is not Verdict.REACHABLE or listener.service not in services:
            continue
        strangers = exposure.sources - known
        if strangers or not exposure.sources:
            key = (listener.service, listener.transport, listener.port)
            grouped.setdefault(key, []).append((exposure, strangers))
    return tuple(_door(key, vantage, members) for key, members in sorted(grouped.items()))


def _door(key: tuple[ServiceName, str, int], vantage: str, members: list[tuple[Exposure, AddressSet]]) -> Door:
    strangers = AddressSet()
    for _, addresses in members:
        strangers |= addresses
    predicted = [addresses for exposure, addresses in members if exposure.basis is Basis.PREDICTED]
    # Packets that arrived and rows that were logged name who came, not who could have come.
    anyone = not predicted or any(not addresses or addresses.count >= ANYONE for addresses in predicted)
    service, transport, port = key
    return Door(
        service=service,
        transport=transport,
        port=port,
        vantage=vantage,
        strangers=strangers,
        anyone=anyone or vantage != INTERNET,
        exposures=tuple(exposure for exposure, _ in members),
    )


def is_shut(site: Site, exposures: tuple[Exposure, ...], services: frozenset[ServiceName]) -> bool:
    """Tell whether certainly no stranger on the Internet reaches these services; False where it is not known."""
    known = [
        exposure.verdict
        for exposure in exposures
        if exposure.vantage == INTERNET and exposure.listener.service in services
    ]
    return bool(known) and Verdict.UNKNOWN not in known and not doors(site, exposures, services)


def closing(site: Site, door: Door, *, first: str = "", instead: str = "") -> Iterator[Remedy]:
    """Say how to close a door from the Internet: the edge's forward, then the flows that it leaves open.

    ``first`` is what must be done before so that nobody is cut off, ``instead`` what takes the place of the open door.
    Removing a forward does not stop a UDP flow that is already tracked; only deleting its entry does.
    """
    if first:
        yield Remedy(text=first)
    forwards = tuple(forwards_of(site, door.exposures))
    for chain, rule in forwards:
        yield Remedy(
            text=f"On the edge, remove the forward at {rule.citation}, also where it is saved: {rule.text}",
            command=_removal(chain, rule),
        )
    if not forwards:
        yield Remedy(
            text=f"Find what lets {door.subject} in from the Internet (the edge's port forwards, or a public address "
            "of the PBX itself) and close it."
        )
    else:
        port = next((exposure.outside.port for exposure in door.exposures if exposure.outside), door.port)
        yield Remedy(
            text="Then cut the connections that the removed forward still keeps alive in the edge's state table.",
            command=f"conntrack -D -p {door.transport} --dport {port}" if _is_linux(site) else "",
        )
    if instead:
        yield Remedy(text=instead)


def forwards_of(site: Site, exposures: Iterable[Exposure]) -> Iterator[tuple[Chain, Rule]]:
    """Find the edge's translation rules that the proofs of these exposures cite."""
    cited = {hop.citation for exposure in exposures for hop in exposure.proof if hop.citation is not None}
    edge = site.host("edge")
    if edge is None or edge.packet_filter is None:
        return
    for chain in edge.packet_filter.chains:
        for rule in chain.rules:
            if rule.citation in cited and isinstance(rule.action, TranslateDestination):
                yield chain, rule


def _is_linux(site: Site) -> bool:
    edge = site.host("edge")
    product = edge.packet_filter.product if edge and edge.packet_filter else ""
    return product.startswith(("iptables", "ip6tables", "nft"))


def _removal(chain: Chain, rule: Rule) -> str:
    """Give the command that removes an iptables rule; empty for other products, whose rules have no such command."""
    if not rule.text.startswith("-A "):
        return ""
    return f"iptables -t {chain.table.rpartition(' ')[2]} -D {rule.text.removeprefix('-A ')}"
