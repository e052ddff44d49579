"""Finds the listeners that a user means (``tftp``, ``5060/udp``, ``10.20.0.10:5060/udp``); tells if all are known."""

import re
from ipaddress import ip_address

from ringfence.model.errors import UsageError
from ringfence.model.phrasing import listed
from ringfence.model.site import Address, Listener, ServiceName, Site
from ringfence.reach.boxes import box

#: ``5060``, ``5060/udp``, ``udp/5060``, or with an address: ``10.20.0.10:5060/udp``, ``[2001:db8::5]:5060``.
NAMED = re.compile(
    r"(?:(?P<address>\[[0-9a-fA-F:.]+\]|[0-9.]+):)?"
    r"(?:(?P<before>udp|tcp)/)?(?P<port>\d{1,5})(?:/(?P<after>udp|tcp))?",
    re.ASCII,
)
#: Where the kernel's own list of sockets comes from; what the configuration asks for may be less.
SOCKET_LISTS = frozenset({"commands/ss.txt", "commands/netstat.txt"})
SIP = frozenset({ServiceName.CHAN_SIP, ServiceName.PJSIP})


def named_listeners(site: Site, listeners: tuple[Listener, ...], text: str) -> tuple[Listener, ...]:
    """Give all listeners that fit; ``sip`` stands for both drivers. Raises UsageError where none does."""
    found = _by_service(listeners, text.lower()) or _by_port(site, listeners, text.lower())
    if found:
        return found
    shown = dict.fromkeys(f"{one.service} {one.port}/{one.transport}" for one in listeners)
    raise UsageError(f"{text}: the PBX has no such listener; it has {listed(shown, 24)}")


def are_all(listeners: tuple[Listener, ...]) -> bool:
    """Tell whether these are all listeners that there are: the kernel listed them."""
    return bool(listeners) and all(listener.citation.file in SOCKET_LISTS for listener in listeners)


def _by_service(listeners: tuple[Listener, ...], text: str) -> tuple[Listener, ...]:
    wanted = SIP if text == "sip" else {text}
    return tuple(one for one in listeners if one.service in wanted)


def _by_port(site: Site, listeners: tuple[Listener, ...], text: str) -> tuple[Listener, ...]:
    match = NAMED.fullmatch(text)
    if match is None or (match["before"] and match["after"]):
        return ()
    transport = match["before"] or match["after"]
    address = _address(match["address"])
    if match["address"] and address is None:
        return ()
    return tuple(
        one
        for one in listeners
        if one.port == int(match["port"])
        and transport in {None, one.transport}
        and (address is None or _is_at(site, one, address))
    )


def _address(text: str | None) -> Address | None:
    try:
        return ip_address(text.strip("[]")) if text else None
    except ValueError:
        return None


def _is_at(site: Site, listener: Listener, address: Address) -> bool:
    """Tell whether packets to this address come to the listener."""
    if address.version not in listener.versions:
        return False
    if listener.address is not None and not listener.address.is_unspecified:
        return listener.address == address
    pbx = box(site, "pbx")
    known = (*pbx.usable(4), *pbx.usable(6)) if pbx is not None else ()
    return not known or address in known
