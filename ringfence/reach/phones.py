"""Who reaches the phones themselves, from the Internet and from every other network: their web pages and SIP ports.

Phones are known by where they are registered from. All phones of a network are one target, so that a house with 130
phones has a dozen answers: of phones that no rule tells apart, one is asked about for all.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_interface

from ringfence.model.addresses import PRIVATE, AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.exposure import Basis, Exposure, Hop, Vantage, Verdict
from ringfence.model.packetfilter import (
    DestinationAddress,
    Family,
    OriginalDestination,
    Ruleset,
    TranslateDestination,
)
from ringfence.model.phrasing import listed
from ringfence.model.site import (
    Address,
    Host,
    Interface,
    Listener,
    LiveContact,
    NamedNetwork,
    Network,
    ServiceName,
    Site,
)
from ringfence.reach.asking import Inquiry, Reply, open_inquiry
from ringfence.reach.boxes import box
from ringfence.reach.proof import hops, passages
from ringfence.reach.vantages import vantages
from ringfence.reach.whereabouts import INTERNET, network_of, own_addresses

SERVICES = frozenset({ServiceName.PHONE_WEB, ServiceName.PHONE_SIP})
#: What a desk phone answers on (facts of T2x: web pages on 80 and 443, SIP on 5060).
DOORS = ((ServiceName.PHONE_WEB, "tcp", 80), (ServiceName.PHONE_WEB, "tcp", 443), (ServiceName.PHONE_SIP, "udp", 5060))
NAMES = {ServiceName.PHONE_WEB: "the web pages", ServiceName.PHONE_SIP: "the SIP port"}
#: Fewer registrations from a network may be a softphone on somebody's computer.
PHONES_MAKE_A_NETWORK = 2
MOST_NETWORKS = 4
#: More groups of phones that rules tell apart are not asked about one by one; then nothing counts as closed.
MOST_GROUPS = 8
MOST_NAMED = 4
NOT_BEHIND = "which router stands before their public addresses is not in the evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phones:
    """The phones of one network: ``inside`` stand for all when packets come from other networks.

    ``forwarded`` are those that a translation may send packets to, or that have an address of the Internet.
    ``all_asked`` tells that no phone is left out of either.
    """

    network: NamedNetwork
    inside: tuple[Address, ...]
    forwarded: tuple[Address, ...]
    count: int
    all_asked: bool
    citation: Citation


def phone_exposures(site: Site) -> tuple[Exposure, ...]:
    """Give one exposure per vantage, phone network and door; none where no phone is known to be in a network."""
    found = phones_of(site)
    if not found:
        return ()
    standing = vantages(site)
    inquiry = open_inquiry(_with_phones(site, found), standing)
    return tuple(
        _exposure(site, inquiry, vantage, phones, door)
        for phones in found
        for vantage in standing
        if vantage.name != phones.network.name
        for door in DOORS
    )


def phones_of(site: Site) -> tuple[Phones, ...]:
    """Group the registered phones by their network, the largest first."""
    own = own_addresses(site)
    places: dict[str, dict[Address, LiveContact]] = {}
    networks: dict[str, NamedNetwork] = {}
    for contact in site.contacts or ():
        network = network_of(site, contact.address)
        if network is not None and contact.address not in own:
            networks[network.name] = network
            places.setdefault(network.name, {}).setdefault(contact.address, contact)
    sizes = Counter({name: len(phones) for name, phones in places.items()})
    homes = [name for name, size in sizes.most_common() if size >= PHONES_MAKE_A_NETWORK]
    bounds = _bounds(site)
    return tuple(_phones(site, networks[name], places[name], bounds) for name in homes[:MOST_NETWORKS])


def _phones(
    site: Site, network: NamedNetwork, phones: dict[Address, LiveContact], bounds: dict[int, list[int]]
) -> Phones:
    groups: dict[tuple[int, int], Address] = {}
    for address in sorted(phones, key=lambda one: (one.version, int(one))):
        groups.setdefault((address.version, bisect_right(bounds[address.version], int(address))), address)
    inside = tuple(groups.values())
    targets = _targets(site)
    forwarded = tuple(address for address in phones if address in targets) + tuple(
        address for address in inside if address not in PRIVATE and address not in targets
    )
    return Phones(
        network=network,
        inside=inside[:MOST_GROUPS],
        forwarded=forwarded[:MOST_GROUPS] or inside[:1],
        count=len(phones),
        all_asked=len(inside) <= MOST_GROUPS and len(forwarded) <= MOST_GROUPS,
        citation=next(iter(phones.values())).citation,
    )


def _bounds(site: Site) -> dict[int, list[int]]:
    """Give the addresses at which some rule of the edge begins or ceases to match a destination, by IP version."""
    found: dict[int, set[int]] = {4: set(), 6: set()}
    for addresses in _destinations(site):
        for version, intervals in ((4, addresses.ipv4), (6, addresses.ipv6)):
            for low, high in intervals:
                found[version] |= {low, high + 1}
    return {version: sorted(bounds) for version, bounds in found.items()}


def _destinations(site: Site) -> Iterator[AddressSet]:
    edge = site.host("edge")
    for chain in edge.packet_filter.chains if edge is not None and edge.packet_filter is not None else ():
        for rule in chain.rules:
            for match in rule.matches:
                if isinstance(match, DestinationAddress | OriginalDestination) and match.addresses is not None:
                    yield match.addresses
    for route in edge.routes if edge is not None else ():
        yield AddressSet.of(route.network)


def _targets(site: Site) -> AddressSet:
    """Give all addresses that translations of the edge may send packets to."""
    edge = site.host("edge")
    chains = edge.packet_filter.chains if edge is not None and edge.packet_filter is not None else ()
    return AddressSet.union(
        rule.action.addresses
        for chain in chains
        for rule in chain.rules
        if isinstance(rule.action, TranslateDestination) and rule.action.addresses is not None
    )


def _with_phones(site: Site, found: Iterable[Phones]) -> Site:
    """Put the phones in the PBX's place: a machine with all their addresses, which filters nothing itself."""
    interfaces = tuple(
        Interface(
            name=phones.network.name,
            addresses=tuple(
                ip_interface(f"{address}/{_link(site, phones.network, address).prefixlen}")
                for address in dict.fromkeys((*phones.inside, *phones.forwarded))
            ),
            citation=phones.citation,
        )
        for phones in found
    )
    nothing = Ruleset(chains=(), product="phones", citation=interfaces[0].citation, families=frozenset({Family.BOTH}))
    edge = site.host("edge")
    phone = Host(name="pbx", interfaces=interfaces, packet_filter=nothing)
    return replace(site, hosts=(phone,) if edge is None else (phone, edge))


def _link(site: Site, network: NamedNetwork, address: Address) -> Network:
    """Find the network on the wire: that of an interface of the site which the phone is on, else the named one."""
    attached = [one.network for host in site.hosts for interface in host.interfaces for one in interface.addresses]
    held = [one for one in (*attached, *network.prefixes) if one.version == address.version and address in one]
    return held[0]


def _exposure(
    site: Site, inquiry: Inquiry, vantage: Vantage, phones: Phones, door: tuple[ServiceName, str, int]
) -> Exposure:
    service, transport, port = door
    asked = phones.forwarded if vantage.name == INTERNET else phones.inside
    replies = [
        _doubted(site, vantage, reply)
        for address in asked
        for reply in inquiry.ask(
            Listener(service=service, transport=transport, address=address, port=port, citation=phones.citation),
            vantage,
        )
    ]
    verdict = _verdict(replies, all_asked=phones.all_asked)
    told = next((reply for reply in replies if reply.verdict is verdict), replies[0])
    sources = AddressSet.union(reply.surely if verdict is Verdict.REACHABLE else reply.perhaps for reply in replies)
    case = inquiry.case(told, told.verdict, sources)
    most = passages(case, 1)
    steps = hops(replace(case, site=Site()), most[0].turns if most else ())[:-1]
    reached = [reply for reply in replies if reply.verdict is verdict]
    return Exposure(
        id=f"{vantage.name}/{service}/{transport}/{port}/{phones.network.name}",
        vantage=vantage.name,
        listener=told.listener,
        outside=told.outside if verdict is not Verdict.BLOCKED else None,
        verdict=verdict,
        basis=Basis.PREDICTED,
        sources=sources if verdict is not Verdict.BLOCKED else AddressSet(),
        claim=_claim(site, vantage, phones, verdict, reached or [told]),
        proof=(*steps, Hop(text=_registered(phones, told.listener.address), citation=phones.citation)),
    )


def _doubted(site: Site, vantage: Vantage, reply: Reply) -> Reply:
    """Doubt a way to a public address that is on no link of the edge: which router stands before it is not known."""
    address = reply.listener.address
    if vantage.name != INTERNET or address is None or address in PRIVATE:
        return reply
    edge = box(site, "edge")
    if edge is not None and address in edge.on_link(address.version):
        return reply
    return replace(reply, surely=AddressSet(), perhaps=reply.surely | reply.perhaps, missing=(NOT_BEHIND,))


def _registered(phones: Phones, address: Address | None) -> str:
    rest = f", one of {phones.count} in network {phones.network.name}" if phones.count > 1 else ""
    return f"a phone is registered from {address}{rest}"


def _verdict(replies: list[Reply], *, all_asked: bool) -> Verdict:
    """Take the worst: one phone that is reached is a phone that is reached."""
    verdicts = {reply.verdict for reply in replies}
    if Verdict.REACHABLE in verdicts:
        return Verdict.REACHABLE
    return Verdict.BLOCKED if verdicts == {Verdict.BLOCKED} and all_asked else Verdict.UNKNOWN


def _claim(site: Site, vantage: Vantage, phones: Phones, verdict: Verdict, replies: list[Reply]) -> str:
    listener = replies[0].listener
    place = "the Internet" if vantage.name == INTERNET else f"network {vantage.name}"
    what = f"{NAMES[listener.service]} ({listener.transport}/{listener.port}) of the phones in network"
    what = f"{what} {phones.network.name}"
    match verdict:
        case Verdict.REACHABLE:
            return f"{_who(vantage, replies)} {what}{_which(vantage, phones, replies)}."
        case Verdict.BLOCKED:
            return (
                f"Nobody {'on' if vantage.name == INTERNET else 'in'} {place} reaches {what}: the edge lets none pass."
            )
        case Verdict.UNKNOWN:
            return f"It cannot be told whether {place} reaches {what}: {_why(site, phones, replies)}."


def _who(vantage: Vantage, replies: list[Reply]) -> str:
    where = "on the Internet" if vantage.name == INTERNET else f"in network {vantage.name}"
    sources = AddressSet.union(reply.surely for reply in replies)
    every = AddressSet(
        ipv4=vantage.sources.ipv4 if sources.ipv4 else (), ipv6=vantage.sources.ipv6 if sources.ipv6 else ()
    )
    if sources.count * 2 >= every.count:
        return f"Anyone {where} reaches"
    return f"Some {where} ({listed(list(sources.networks())[: MOST_NAMED + 2], MOST_NAMED)}) reach"


def _which(vantage: Vantage, phones: Phones, replies: list[Reply]) -> str:
    """Name the phones that are reached, with the forwards that lead to them."""
    if vantage.name == INTERNET:
        ways = dict.fromkeys(
            f"{reply.address} at {reply.outside.address or 'the edge'}:{reply.outside.port}"
            if reply.outside is not None
            else str(reply.address)
            for reply in replies
        )
        return f" ({listed(ways, MOST_NAMED)}): the edge lets it pass"
    partly = len({reply.listener.address for reply in replies}) < len(phones.inside)
    example = f", of some of them (such as {replies[0].address})" if partly else ""
    return f"{example}: the edge lets it pass"


def _why(site: Site, phones: Phones, replies: list[Reply]) -> str:
    edge = site.host("edge")
    if edge is None or edge.packet_filter is None:
        return "what the router between them lets pass is not in the evidence (its export belongs into edge/)"
    missing = dict.fromkeys(text for reply in replies for text in reply.missing)
    missing.update(dict.fromkeys(text for reply in replies for _, way in reply.ways for text in way.missing))
    if not missing and not phones.all_asked:
        return "the edge's rules tell more phones apart than are asked about"
    return listed(missing, 2) or "rules of the edge that are not interpreted decide"
