"""Whether a list of permit and deny lines keeps strangers out, and how it is quoted."""

from collections.abc import Iterable

from ringfence.model.addresses import PRIVATE, AddressSet
from ringfence.model.site import AclEntry
from ringfence.readers.asterisk.acl import allowed

#: A list that lets in this many outside addresses (a /8) keeps nobody out who matters.
OPEN_TO_STRANGERS = 2**24


def admits_strangers(entries: Iterable[AclEntry]) -> bool:
    """Tell whether a large part of the outside IPv4 world is let in; an empty list lets in everybody."""
    outside = (allowed(entries) & AddressSet.all_ipv4()) - PRIVATE
    return outside.count >= OPEN_TO_STRANGERS


def looks_closed(entries: Iterable[AclEntry]) -> bool:
    """Tell whether the list has a line that denies everybody, so that a reader takes it for a closed one."""
    return any(not entry.permit and entry.network.prefixlen == 0 for entry in entries)


def written(entry: AclEntry) -> str:
    """Write an entry as the configuration does: ``deny=0.0.0.0/0.0.0.0``."""
    keyword = "permit" if entry.permit else "deny"
    network = entry.network
    return f"{keyword}={network.network_address}/{network.netmask if network.version == 4 else network.prefixlen}"
