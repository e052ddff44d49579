"""Asterisk's VERBOSE lines about contacts that came and went, and about managers that logged on."""

import re
from dataclasses import dataclass

from ringfence.events.schema import Login, Registration, RegistrationAction
from ringfence.model.evidence import Citation
from ringfence.model.site import Address, Driver
from ringfence.readers.logs.endpoint import ENDPOINT, address, endpoint
from ringfence.readers.logs.grammar import Line
from ringfence.readers.logs.stamps import Stamp

# Registered SIP '2001' at 203.0.113.77:5080 (1.4 and 1.6: "at 203.0.113.77 port 5080")
_REGISTERED = re.compile(
    rf"Registered (?P<kind>SIP|IAX2) '(?P<account>[^'\n]{{1,80}})' (?:\((?:UN)?AUTHENTICATED\) )?at "
    rf"(?P<address>{ENDPOINT})(?: port (?P<port>\d{{1,5}}))?"
)
_UNREGISTERED = re.compile(r"Unregistered (?P<kind>SIP|IAX2) '(?P<account>[^'\n]{1,80})'.{0,80}")
# Added contact 'sip:3001@203.0.113.77:5081;x-ast-orig-host=10.9.8.7:5081' to AOR '3001' with expiration of 3600 seconds
_ADDED = re.compile(
    r"Added contact '(?P<uri>[^\s]+)' to AOR '(?P<account>[^'\n]{1,80})' with expiration of \d{1,10} seconds"
)
_REMOVED = re.compile(
    r"Removed contact '(?P<uri>[^\s]+)' from AOR '(?P<account>[^'\n]{1,80})' due to (?P<why>[a-z ]{1,40})"
)
_USER_AGENT = re.compile(r'Saved useragent "(?P<name>[^\n]*)" for peer (?P<account>\S{1,80})')
_LOGGED_ON = re.compile(rf"(?:HTTP )?Manager '(?P<user>[^'\n]{{1,80}})' logged on from (?P<address>{ENDPOINT})")
_ORIGINAL_HOST = re.compile(r";x-ast-orig-host=([^;>\s]{2,64})")
_HOST = re.compile(r"\[[0-9A-Fa-f:.]+\](?::\d{1,5})?|[0-9.]+(?::\d{1,5})?")
_DRIVERS = {"SIP": Driver.CHAN_SIP, "IAX2": Driver.IAX2}


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAgent:
    """What a phone said that it is: text of the sender."""

    account: str
    name: str


def read_verbose(line: Line, stamp: Stamp, citation: Citation) -> Registration | Login | UserAgent | None:
    """Read a line about a contact, a manager's login, or a phone's software; None where it is about something else."""
    match line.source:
        case "chan_sip.c" | "chan_iax2.c":
            return _read_peer(line, stamp, citation)
        case "res_pjsip_registrar.c" | "res_pjsip/location.c":
            return _read_contact(line, stamp, citation)
        case "manager.c":
            found = _LOGGED_ON.fullmatch(line.message)
            place = endpoint(found["address"]) if found else None
            if found is None or place is None:
                return None
            return Login(
                at=stamp.at, service="ami", user=found["user"], address=place[0], succeeded=True, citation=citation
            )
        case _:
            return None


def _read_peer(line: Line, stamp: Stamp, citation: Citation) -> Registration | UserAgent | None:
    match = _REGISTERED.fullmatch(line.message)
    if match:
        place = endpoint(match["address"])
        if place is None:
            return None
        return Registration(
            at=stamp.at,
            account=match["account"],
            driver=_DRIVERS[match["kind"]],
            action=RegistrationAction.ADDED,
            address=place[0],
            port=int(match["port"]) if match["port"] else place[1],
            citation=citation,
        )
    match = _UNREGISTERED.fullmatch(line.message)
    if match:
        return Registration(
            at=stamp.at,
            account=match["account"],
            driver=_DRIVERS[match["kind"]],
            action=RegistrationAction.REMOVED,
            address=None,
            citation=citation,
        )
    match = _USER_AGENT.fullmatch(line.message)
    return UserAgent(account=match["account"], name=match["name"][:256]) if match else None


def _read_contact(line: Line, stamp: Stamp, citation: Citation) -> Registration | None:
    added = _ADDED.fullmatch(line.message)
    match = added or _REMOVED.fullmatch(line.message)
    if match is None:
        return None
    place = contact_place(match["uri"])
    original = _ORIGINAL_HOST.search(match["uri"])
    return Registration(
        at=stamp.at,
        account=match["account"],
        driver=Driver.PJSIP,
        action=RegistrationAction.ADDED if added else RegistrationAction.REMOVED,
        address=place[0] if place else None,
        port=place[1] if place else None,
        device_address=original[1] if original else "",
        why="" if added else match["why"],
        citation=citation,
    )


def contact_place(uri: str) -> tuple[Address, int | None] | None:
    """Give address and port of a contact's URI, ``sip:3001@203.0.113.77:5081;x-ast-orig-host=10.9.8.7:5081``.

    None where the host is a name, or where more than one ``@`` makes it ambiguous.
    """
    scheme, mark, rest = uri.partition(":")
    if scheme not in ("sip", "sips") or not mark or rest.count("@") > 1:
        return None
    host = rest.rpartition("@")[2].partition(";")[0].partition("?")[0].removesuffix(">")
    if not _HOST.fullmatch(host):
        return None
    if host.startswith("[") and host.endswith("]"):
        bare = address(host[1:-1])
        return None if bare is None else (bare, None)
    return endpoint(host)
