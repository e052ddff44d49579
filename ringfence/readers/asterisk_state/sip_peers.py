"""Reads ``sip show peers``: where the accounts of chan_sip are registered.

::

    Name/username             Host                        Dyn Forcerport Comedia    ACL Port     Status      Description
    1001/1001                 10.30.0.101                  D  No         No          A  5060     OK (1 ms)

The columns are as wide as the heading says; longer texts are cut (ast:channels/chan_sip.c). The user name behind the
slash is the phone's own word. Only dynamic peers (``D``) register; ``(Unspecified)`` is nobody.
"""

from ringfence.model.evidence import Citation
from ringfence.model.site import Driver, LiveContact
from ringfence.readers.artifacts import Artifacts, decoded, lines
from ringfence.readers.asterisk_state.listing import Listing, address_of, port_of, shown

SIP_SHOW_PEERS = "commands/sip-show-peers.txt"
_HEADINGS = (b"Name/username", b"Host", b"Dyn", b"Port", b"Status", b"Description", b"Realtime")
_LONGEST_ADDRESS = 39


def read(artifacts: Artifacts) -> Listing:
    """Read all registered peers; a server without chan_sip has none, and says so."""
    listing = Listing()
    columns: dict[bytes, slice] = {}
    number = 0
    for number, raw in lines(artifacts, SIP_SHOW_PEERS):
        if raw.startswith(b"Name/username"):
            columns = _columns(raw)
        elif raw.startswith(b"No such command"):
            listing.understood = True
        elif columns.keys() >= {b"Host", b"Dyn", b"Port"}:
            _keep_peer(listing, columns, raw, Citation(file=SIP_SHOW_PEERS, line=number))
    listing.understood = listing.understood or bool(columns)
    if number and not listing.understood:
        listing.note(Citation(file=SIP_SHOW_PEERS), "does not hold what 'sip show peers' prints: registrations unknown")
    return listing


def _columns(heading: bytes) -> dict[bytes, slice]:
    """Find where each column begins and ends; all are set left, and headings in between only end the one before."""
    words = sorted({heading.find(word): word for word in heading.split()}.items())
    ends = [start for start, _ in words[1:]] + [None]
    return {word: slice(start, end) for (start, word), end in zip(words, ends, strict=True) if word in _HEADINGS}


def _keep_peer(listing: Listing, columns: dict[bytes, slice], raw: bytes, citation: Citation) -> None:
    if b"D" not in raw[columns[b"Dyn"]]:
        return
    host_column = raw[columns[b"Host"]]
    host = host_column.strip().decode("ascii", "replace")
    if not host or host == "(Unspecified)":
        return
    name_column = decoded(raw[columns[b"Name/username"]])
    name, slash, _ = name_column.strip().partition("/")
    address = address_of(host)
    is_full = len(host_column.rstrip()) >= len(host_column) - 1
    if address is None or (address.version == 6 and is_full and len(host) < _LONGEST_ADDRESS):
        listing.note(citation, f"the address of {shown(name)} is cut or cannot be read: '{shown(host)}'")
    elif not name or (not slash and len(name_column.rstrip()) >= len(name_column) - 1):
        listing.note(citation, f"the name of the account is cut: '{shown(name)}', registered at {address}")
    else:
        status = decoded(raw[columns[b"Status"]]).strip() if b"Status" in columns else ""
        port = port_of(decoded(raw[columns[b"Port"]]).strip())
        contact = LiveContact(
            account=name, driver=Driver.CHAN_SIP, address=address, port=port, status=shown(status), citation=citation
        )
        listing.contacts.append(contact)
