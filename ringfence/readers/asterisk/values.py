"""How Asterisk understands a value: yes and no, numbers, addresses with ports, caller names."""

import re
from ipaddress import ip_address

from ringfence.model.site import Address

_TRUE = frozenset({"yes", "true", "y", "t", "1", "on"})
_FALSE = frozenset({"no", "false", "n", "f", "0", "off"})
_HOST = re.compile(r"^<?(?:sips?:)?(?:[^@]*@)?(\[[0-9a-fA-F:.]{2,45}\]|[^@:;>/\s\[\]]{1,253})", re.ASCII)


def is_true(text: str) -> bool:
    """Tell whether Asterisk takes the text for yes (ast:main/utils.c ``ast_true``); anything else is not yes."""
    return text.lower() in _TRUE


def is_false(text: str) -> bool:
    """Tell whether Asterisk takes the text for no (``ast_false``)."""
    return text.lower() in _FALSE


def number(text: str) -> int | None:
    """Read a decimal number of at most nine digits."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else None


def port_number(text: str) -> int | None:
    """Read a port, 1 to 65535."""
    port = number(text)
    return port if port is not None and 0 < port < 65536 else None


def address(text: str) -> Address | None:
    """Read an IP address, with or without the brackets of IPv6; no name is ever looked up."""
    text = text.strip().removeprefix("[").removesuffix("]").partition("%")[0]
    try:
        return ip_address(text)
    except ValueError:
        return None


def bind(text: str) -> tuple[Address | None, int | None] | None:
    """Read ``0.0.0.0:5160``, ``[::]:8089``, ``::`` or ``10.0.0.1``: the address (None for all) and the port if any.

    None where the text is no address.
    """
    text = text.strip()
    host, port = text, ""
    if text.startswith("["):
        host, _, port = text.partition("]")
        port = port.removeprefix(":")
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    found = address(host)
    if found is None:
        return None
    return (None if found.is_unspecified else found), port_number(port)


def host(text: str) -> str:
    """Give the host of a SIP URI, an AOR contact or a bare host: ``sip:line@198.51.100.23:5060`` is 198.51.100.23."""
    match = _HOST.match(text.strip())
    return match[1].strip("[]") if match else ""


def caller_name(text: str) -> str:
    """Give the name of a caller id: ``Main Office <1001>`` and ``"Main Office" <1001>`` are Main Office."""
    return text.partition("<")[0].strip().strip('"').strip()
