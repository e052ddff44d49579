"""What the sources of live registrations share: lists in the making, addresses, and text that is safe to keep."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_address

from ringfence.model.evidence import Citation, Problem
from ringfence.model.site import Address, Driver, LiveContact

_MAX_PROBLEMS = 1000
_SHOWN_CHARACTERS = 80
#: ``sip:2001@10.30.0.106:5060;transport=UDP``, ``sips:[2001:db8::1]:5061``
_URI = re.compile(r"sips?:(?:[^@\s]*@)?(\[[0-9a-fA-F:.]{2,45}\]|[^\s:;?@\[\]]{1,255})(?::(\d{1,5}))?(?:[;?].*)?")

Identity = tuple[Driver, str, Address, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A line whose URI the command cut off, so that its address may be another one than it seems."""

    account: str
    uri: str
    status: str
    problem: Problem


@dataclass(slots=True)
class Listing:
    """What one source says; ``understood`` tells that it is the expected output, even with nobody registered."""

    understood: bool = False
    contacts: list[LiveContact] = field(default_factory=list)
    uris: list[tuple[str, LiveContact]] = field(default_factory=list)
    cut: list[Cut] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def note(self, citation: Citation, message: str) -> None:
        """Keep a problem; a source that is nothing but problems does not fill the memory."""
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(Problem(citation=citation, message=message))


def identity(contact: LiveContact) -> Identity:
    """Give what makes two lines the same contact."""
    return contact.driver, contact.account, contact.address, contact.port


def address_of(text: str) -> Address | None:
    """Read an address, in brackets or not; None for host names and anything else. IPv4-mapped is IPv4."""
    try:
        address = ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def port_of(text: str | None) -> int | None:
    """Read a port; None for none, zero and what is too large."""
    number = int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 5 else 0
    return number if 0 < number <= 65535 else None


def reached_by(uri: str) -> tuple[Address, int | None] | None:
    """Give the address and port of a SIP URI; None when its host is a name or the text is no SIP URI."""
    match = _URI.fullmatch(uri)
    address = address_of(match[1]) if match else None
    return None if match is None or address is None else (address, port_of(match[2]))


def shown(text: str) -> str:
    """Make a stranger's text safe for a message: short, and without control characters."""
    safe = "".join(letter if letter.isprintable() else "?" for letter in text[:_SHOWN_CHARACTERS])
    return safe if len(text) <= _SHOWN_CHARACTERS else f"{safe}…"
