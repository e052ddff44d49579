"""Calls addresses by the names that the site has for them, and turns a name that the user typed into addresses."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network

from ringfence.model.addresses import PRIVATE, AddressSet
from ringfence.model.errors import UsageError
from ringfence.model.exposure import Vantage
from ringfence.model.phrasing import listed
from ringfence.model.site import Address, Site
from ringfence.reach.vantages import UNUSABLE, vantages
from ringfence.reach.whereabouts import INTERNET, literal, own_addresses, provider_addresses

#: Networks that a sentence lists before it counts.
MOST_LISTED = 6
NO_NETWORK = "private addresses of no known network"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some addresses under one name: ``provider trunk``, ``network voice``, ``the Internet``."""

    name: str
    addresses: AddressSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a packet is to come from: the place it stands in, and how the user called it."""

    label: str
    vantage: Vantage


def parts(site: Site, addresses: AddressSet) -> tuple[Part, ...]:
    """Share a set out by name, each address to the first that has it; what has no name stands last."""
    found: list[Part] = []
    left = addresses
    for name, theirs in _named_sets(site):
        here = left & theirs
        if here:
            found.append(Part(name=name, addresses=here))
            left -= here
    for name, rest in (("the Internet", left - PRIVATE), (NO_NETWORK, left & PRIVATE)):
        if rest:
            found.append(Part(name=name, addresses=rest))
    return tuple(found)


def _named_sets(site: Site) -> Iterator[tuple[str, AddressSet]]:
    for provider in site.providers:
        yield f"provider {provider.name}", AddressSet.of(*provider.addresses)
    narrow = provider_addresses(site)
    for trunk in site.trunks:
        hosts = (literal(host) for host in trunk.hosts)
        theirs = AddressSet.of(*trunk.matched, *(host for host in hosts if host is not None))
        yield f"trunk {trunk.name}", theirs & narrow
    for remote in site.remotes:
        yield f"remote {remote.name}", AddressSet.of(*remote.prefixes)
    for network in site.networks:
        prefixes = [prefix for prefix in network.prefixes if prefix.prefixlen > 0]
        yield f"network {network.name}", AddressSet.of(*prefixes)


def tidied(site: Site, addresses: AddressSet) -> AddressSet:
    """Fill the holes that the site's own machines make, so that what is whole but for them reads as one network."""
    own = own_addresses(site)
    prefixes = (AddressSet.of(prefix) for network in site.networks for prefix in network.prefixes)
    whole = [prefix for prefix in prefixes if prefix & addresses and prefix - own <= addresses]
    machines = (address for network in own.networks() for address in network)
    holes = [AddressSet.of(machine) for machine in machines if _is_between(machine, addresses)]
    return AddressSet.union((addresses, *whole, *holes))


def _is_between(hole: Address, addresses: AddressSet) -> bool:
    """Tell whether the addresses on both sides of it are in the set."""
    highest = 2**hole.max_prefixlen - 1
    return 0 < int(hole) < highest and hole - 1 in addresses and hole + 1 in addresses


def phrase(addresses: AddressSet) -> str:
    """List the networks of a set, the first few one by one."""
    texts: list[str] = []
    for network in addresses.networks():
        if len(texts) == MOST_LISTED:
            return f"{', '.join(texts)} and further networks"
        whole = network.prefixlen == network.max_prefixlen
        texts.append(str(network.network_address) if whole else str(network))
    return listed(texts, MOST_LISTED)


def origins(site: Site, text: str) -> tuple[Origin, ...]:
    """Find where somebody stands: ``internet``, an address, a network, or a name of the site; by place where several.

    Raises UsageError for a name that nobody has, and for an address that nothing can be asked about.
    """
    standing = vantages(site)
    named = next((vantage for vantage in standing if vantage.name == text), None)
    if named is not None:
        return (from_vantage(named),)
    wanted = _addresses(site, text)
    found: list[Origin] = []
    left = wanted - UNUSABLE - own_addresses(site)
    for vantage in (*standing, Vantage(name=NO_NETWORK, sources=AddressSet.everything())):
        here = left & vantage.sources
        if here:
            label = text if here == wanted else f"{text} (the part {where(vantage.name)})"
            found.append(Origin(label=label, vantage=Vantage(name=vantage.name, sources=here)))
            left -= here
    if found:
        return tuple(found)
    if wanted and wanted <= own_addresses(site):
        raise UsageError(f"{text}: an address of the phone system or the edge itself; ask about another machine")
    raise UsageError(f"{text}: no packet can come from there")


def from_vantage(vantage: Vantage) -> Origin:
    """Take everybody who stands at a vantage."""
    return Origin(label=f"anyone {where(vantage.name)}", vantage=vantage)


def where(vantage: str) -> str:
    """Say a vantage in a sentence: ``on the Internet``, ``in network voice``."""
    if vantage == INTERNET:
        return "on the Internet"
    return "in no known network" if vantage == NO_NETWORK else f"in network {vantage}"


def _addresses(site: Site, text: str) -> AddressSet:
    try:
        return AddressSet.of(ip_network(text, strict=False))
    except ValueError:
        pass
    known = {name.partition(" ")[2]: addresses for name, addresses in reversed(tuple(_named_sets(site)))}
    if text not in known:
        names = listed((INTERNET, *dict.fromkeys(known)), 12)
        raise UsageError(f"{text}: neither an address nor a network, and no name that the evidence knows ({names})")
    if not known[text]:
        raise UsageError(f"{text}: the evidence knows no address of it; give the address itself")
    return known[text]
