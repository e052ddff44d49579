"""Where an address stands: in a network of the site, at a provider's, at a declared remote's, or outside."""

from ipaddress import ip_address

from ringfence.model.addresses import PRIVATE, AddressSet
from ringfence.model.site import Address, NamedNetwork, Network, RemoteWorker, Site

#: The widest network that a trunk may match and still name a provider; wider ones would make strangers into providers.
WIDEST_PROVIDER_IPV4 = 20
WIDEST_PROVIDER_IPV6 = 40

#: The vantage that stands for everybody; a network of that name is not one of the site's.
INTERNET = "internet"


def site_networks(site: Site) -> AddressSet:
    """Give all addresses of the site's networks, declared and inferred, without a default route taken for a network."""
    return AddressSet.of(
        *(
            prefix
            for network in site.networks
            if network.name != INTERNET
            for prefix in network.prefixes
            if prefix.prefixlen > 0
        )
    )


def own_addresses(site: Site) -> AddressSet:
    """Give the addresses of the site's own machines, the public one that Asterisk announces (``externip``) included."""
    interfaces = (address.ip for host in site.hosts for interface in host.interfaces for address in interface.addresses)
    announced = (literal(settings.external_address) for settings in site.sip)
    return AddressSet.of(*interfaces, *(address for address in announced if address is not None))


def literal(text: str) -> Address | None:
    """Read an address with or without a port (``203.0.113.9:5060``, ``[2001:db8::1]:5060``); a host name is None."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        return ip_address(bare)
    except ValueError:
        return None


def is_outside(site: Site, address: Address) -> bool:
    """Tell whether the address belongs to nobody inside: in no network of the site, not its own, not private.

    Documentation ranges count as outside. An address that nobody can send from (``0.0.0.0``, multicast) is not outside.
    """
    if address.is_unspecified or address.is_multicast:
        return False
    return address not in PRIVATE and address not in site_networks(site) and address not in own_addresses(site)


def network_of(site: Site, address: Address) -> NamedNetwork | None:
    """Find the narrowest network of the site that holds the address."""
    held = [
        (prefix.prefixlen, network)
        for network in site.networks
        for prefix in network.prefixes
        if network.name != INTERNET and prefix.prefixlen > 0 and address in AddressSet.of(prefix)
    ]
    return max(held, key=lambda pair: pair[0])[1] if held else None


def provider_addresses(site: Site) -> AddressSet:
    """Give the addresses of the SIP providers: declared ones, and those that trunks match or register with.

    A trunk that matches a wide network names no provider. Names are not resolved: see ``has_unresolved_provider``.
    """
    declared = (address for provider in site.providers for address in provider.addresses)
    matched = (network for trunk in site.trunks for network in trunk.matched if _is_narrow(network))
    hosts = (literal(host) for trunk in site.trunks for host in trunk.hosts)
    return AddressSet.of(*declared, *matched, *(host for host in hosts if host is not None))


def _is_narrow(network: Network) -> bool:
    return network.prefixlen >= (WIDEST_PROVIDER_IPV4 if network.version == 4 else WIDEST_PROVIDER_IPV6)


def is_provider(site: Site, address: Address) -> bool:
    """Tell whether the address is known to be a SIP provider's; False also where a provider is known by name only."""
    return address in provider_addresses(site)


def expected_callers(site: Site) -> AddressSet:
    """Give the outside addresses that the site needs to let in: its providers, and the declared remote places."""
    return provider_addresses(site) | AddressSet.of(*(prefix for remote in site.remotes for prefix in remote.prefixes))


def has_unresolved_provider(site: Site) -> bool:
    """Tell whether a provider is known by name only, so that an address that is not ``is_provider`` may be its."""
    declared = any(provider.hostnames and not provider.addresses for provider in site.providers)
    named = any(host and literal(host) is None for trunk in site.trunks for host in trunk.hosts)
    return declared or named


def is_declared_remote(site: Site, address: Address, account: str | None = None) -> bool:
    """Tell whether the admin declared that this account is used from this address.

    A remote place that lists no accounts covers all of them. Without ``account``: whether any is used from there.
    """
    return any(
        _covers(remote, account) and any(address in AddressSet.of(prefix) for prefix in remote.prefixes)
        for remote in site.remotes
    )


def has_unresolved_remote(site: Site, account: str | None = None) -> bool:
    """Tell whether a remote place is declared by name only, so that an outside address of the account may be its."""
    return any(_covers(remote, account) and remote.hostname and not remote.prefixes for remote in site.remotes)


def _covers(remote: RemoteWorker, account: str | None) -> bool:
    return account is None or not remote.accounts or account in remote.accounts
