"""Addresses as programs write them into logs; strict, so that text that only looks like one is none."""

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address

from ringfence.model.site import Address

#: What an address with or without port is made of: ``203.0.113.66:5060``, ``[2001:db8::1]:5060``, ``[1.2.3.4]:61470``.
ENDPOINT = r"[0-9A-Fa-f:.\[\]]{2,56}(?:%[\w.]{1,16})?\]?(?::\d{1,5})?"

_WITH_PORT = re.compile(r"(?:\[(?P<bracketed>[^\]]+)\]|(?P<plain>[0-9.]+)):(?P<port>\d{1,5})", re.ASCII)


@lru_cache(maxsize=4096)
def address(text: str) -> Address | None:
    """Read an address without port; an IPv4 address inside an IPv6 one counts as the IPv4 address it is."""
    try:
        found = ip_address(text)
    except (ValueError, AddressValueError):
        return None
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return found.ipv4_mapped
        return IPv6Address(int(found)) if found.scope_id else found
    return IPv4Address(int(found))


@lru_cache(maxsize=4096)
def endpoint(text: str) -> tuple[Address, int | None] | None:
    """Read ``address``, ``address:port`` or ``[address]:port``; None where it is none of them."""
    match = _WITH_PORT.fullmatch(text)
    if match:
        found = address(match["bracketed"] or match["plain"])
        port = int(match["port"])
        return (found, port) if found is not None and port < 65536 else None
    found = address(text[1:-1] if text.startswith("[") and text.endswith("]") else text)
    return None if found is None else (found, None)
