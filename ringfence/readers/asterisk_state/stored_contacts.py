"""Reads the registrations that Asterisk keeps in its own database (AstDB), with the phones' user agents.

- ``/SIP/Registry/2001`` = ``10.30.0.101:5060:3600:2001:sip:2001@10.30.0.101:5060`` (chan_sip; IPv6 in brackets)
- ``/registrar/contact/3001;@404680c9…`` = JSON with ``uri``, ``user_agent``, ``endpoint`` … (res_pjsip_registrar)
- ``/IAX/Registry/4001`` = ``10.30.0.101:4569:60`` (chan_iax2)
"""

import json
import re
from collections.abc import Iterable, Iterator

from ringfence.model.evidence import Citation
from ringfence.model.site import Driver, LiveContact
from ringfence.readers.artifacts import Artifacts, decoded, lines
from ringfence.readers.asterisk_state.listing import Listing, address_of, port_of, reached_by, shown

ASTDB = "var/lib/asterisk/astdb.sqlite3"
DATABASE_SHOW = "commands/database-show.txt"

_REGISTRY = {"SIP": Driver.CHAN_SIP, "IAX": Driver.IAX2}
_REGISTRY_KEY = re.compile(r"/(SIP|IAX)/Registry/(.{1,200})")
_REGISTRY_VALUE = re.compile(r"(\[[0-9a-fA-F:.]{2,45}\]|[0-9.]{7,15}):(\d{1,5}):\d{1,10}(?::.*)?", re.DOTALL)
_CONTACT_KEY = re.compile(r"/registrar/contact/(.{1,200}?);@.{1,100}")
#: ``/SIP/Registry/2002                                : 192.168.60.22:5062:…`` (``%-50s: %-25s``)
_SHOWN_ROW = re.compile(r"(/\S[^:]{0,400}?)\s*: (.*)")
_END = re.compile(r"\d+ results found\.")
_MAX_JSON_CHARACTERS = 16 * 1024
_MAX_AGENT_CHARACTERS = 256


def read(artifacts: Artifacts, rows: Iterable[tuple[str, str]] | None) -> Listing:
    """Read the registrations from the rows of the database file, or else from ``database show``."""
    listing = Listing()
    if rows is None:
        listed = list(_shown_rows(artifacts, listing))
    else:
        listing.understood = True
        listed = [(Citation(file=ASTDB), key, value) for key, value in rows]
    for citation, key, value in listed:
        if match := _REGISTRY_KEY.fullmatch(key):
            _keep_registry(listing, citation, match[1], match[2], value)
        elif match := _CONTACT_KEY.fullmatch(key):
            _keep_contact(listing, citation, match[1], value)
    return listing


def _shown_rows(artifacts: Artifacts, listing: Listing) -> Iterator[tuple[Citation, str, str]]:
    number = 0
    for number, raw in lines(artifacts, DATABASE_SHOW):
        text = decoded(raw).rstrip()
        if match := _SHOWN_ROW.fullmatch(text):
            listing.understood = True
            yield Citation(file=DATABASE_SHOW, line=number), match[1], match[2]
        elif _END.fullmatch(text):
            listing.understood = True
    if number and not listing.understood:
        listing.note(Citation(file=DATABASE_SHOW), "does not hold what 'database show' prints: registrations unknown")


def _keep_registry(listing: Listing, citation: Citation, family: str, account: str, value: str) -> None:
    match = _REGISTRY_VALUE.fullmatch(value)
    address = address_of(match[1]) if match else None
    if match is None or address is None:
        listing.note(citation, f"the registration of {shown(account)} has no address that can be read")
        return
    listing.contacts.append(
        LiveContact(
            account=account, driver=_REGISTRY[family], address=address, port=port_of(match[2]), citation=citation
        )
    )


def _keep_contact(listing: Listing, citation: Citation, aor: str, value: str) -> None:
    fields = _fields(value)
    uri = fields.get("uri", "")
    reached = reached_by(uri)
    if reached is None:
        listing.note(citation, f"the contact of {shown(aor)} is not at an address: '{shown(uri)}'")
        return
    agent = "".join(letter if letter.isprintable() else "?" for letter in fields.get("user_agent", ""))
    contact = LiveContact(
        account=fields.get("endpoint") or aor,
        driver=Driver.PJSIP,
        address=reached[0],
        port=reached[1],
        user_agent=agent[:_MAX_AGENT_CHARACTERS],
        citation=citation,
    )
    listing.contacts.append(contact)
    listing.uris.append((uri, contact))


def _fields(value: str) -> dict[str, str]:
    """Read the JSON object's texts; nothing from what is no object, too long or nested without end."""
    if len(value) > _MAX_JSON_CHARACTERS:
        return {}
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        return {}
    return {key: one for key, one in parsed.items() if isinstance(one, str)} if isinstance(parsed, dict) else {}
