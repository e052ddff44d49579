"""Which networks the site has: those that the admin declared, and those that interfaces and phones give away."""

from collections import Counter
from collections.abc import Iterable
from ipaddress import ip_network

from ringfence.model.addresses import PRIVATE, AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.site import Host, LiveContact, NamedNetwork, Network

#: Fewer phones in a network that no interface shows may be a lone remote worker behind some router.
PHONES_MAKE_A_NETWORK = 2


def infer_networks(
    declared: tuple[NamedNetwork, ...], hosts: Iterable[Host], contacts: Iterable[LiveContact]
) -> tuple[NamedNetwork, ...]:
    """Give the declared networks and then the inferred ones, without what the declared ones hold already.

    Only private prefixes are inferred: the edge's public side is not the site's network, however it is written.
    """
    networks = list(declared)
    for host in sorted(hosts, key=lambda host: host.name != "edge"):
        for interface in host.interfaces:
            for address in interface.addresses:
                prefix = address.network
                if not _is_news(prefix, networks) or prefix.prefixlen == prefix.max_prefixlen:
                    continue
                name = interface.name if host.name == "edge" else host.name
                networks.append(
                    NamedNetwork(
                        name=_unused(name, networks),
                        prefixes=(prefix,),
                        declared=False,
                        why=f"interface {interface.name} of the {host.name} stands in it",
                        citation=interface.citation,
                    )
                )
    networks += _phone_networks(networks, contacts)
    return tuple(networks)


def _phone_networks(known: list[NamedNetwork], contacts: Iterable[LiveContact]) -> list[NamedNetwork]:
    inhabitants: Counter[Network] = Counter()
    cited: dict[Network, Citation] = {}
    for contact in contacts:
        width = 24 if contact.address.version == 4 else 64
        prefix = ip_network((contact.address, width), strict=False)
        if _is_news(prefix, known):
            inhabitants[prefix] += 1
            cited.setdefault(prefix, contact.citation)
    found: list[NamedNetwork] = []
    for prefix, phones in inhabitants.most_common():
        if phones >= PHONES_MAKE_A_NETWORK:
            found.append(
                NamedNetwork(
                    name=_unused("phones", [*known, *found]),
                    prefixes=(prefix,),
                    declared=False,
                    why=f"{phones} phones are registered from it",
                    citation=cited[prefix],
                )
            )
    return found


def _is_news(prefix: Network, known: Iterable[NamedNetwork]) -> bool:
    """Tell whether the prefix is private, no host's own loopback or link-local, and in no known network."""
    if prefix.is_loopback or prefix.is_link_local or not AddressSet.of(prefix) <= PRIVATE:
        return False
    held = AddressSet.of(*(other for network in known for other in network.prefixes))
    return not AddressSet.of(prefix) <= held


def _unused(name: str, known: Iterable[NamedNetwork]) -> str:
    taken = {network.name for network in known}
    return next(candidate for n in range(1, 1000) if (candidate := name if n == 1 else f"{name}-{n}") not in taken)
