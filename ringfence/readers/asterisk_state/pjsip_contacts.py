"""Reads ``pjsip show contacts``: where the accounts of PJSIP are registered.

::

      Contact:  <Aor/ContactUri..............................> <Hash....> <Status> <RTT(ms)..>
    ==========================================================================================

      Contact:  2001/sip:2001@10.30.0.106:5060                 6a7b4c0735 Avail         0.795

The first column is as wide as its heading; a longer URI is cut without a mark (ast:res/res_pjsip/location.c), so the
host ``203.0.113.15`` may have been ``203.0.113.158``. Such an address counts only between ``@`` and a parameter: the
phone chooses the user part, and ``sip:10.20.8.11;aaaa…@203.0.113.9`` is cut before its host.
"""

from ringfence.model.evidence import Citation, Problem
from ringfence.model.site import Driver, LiveContact
from ringfence.readers.artifacts import Artifacts, decoded, lines
from ringfence.readers.asterisk_state.listing import Cut, Listing, reached_by, shown

PJSIP_SHOW_CONTACTS = "commands/pjsip-show-contacts.txt"
_LABEL = b"  Contact:  "


def read(artifacts: Artifacts) -> Listing:
    """Read all contacts; a server without PJSIP has none, and says so."""
    listing = Listing()
    begin = end = status_begin = 0
    number = 0
    for number, raw in lines(artifacts, PJSIP_SHOW_CONTACTS):
        if raw.startswith(_LABEL + b"<"):
            begin, end, status_begin = raw.find(b"<"), raw.find(b"> ") + 1, raw.find(b"<Status")
        elif raw.startswith((b"No such command", b"No objects found")):
            listing.understood = True
        elif raw.startswith(_LABEL) and end > begin:
            status = decoded(raw[status_begin:]).split()[:1] if status_begin > 0 else []
            _keep_contact(listing, raw[begin:end], "".join(status), Citation(file=PJSIP_SHOW_CONTACTS, line=number))
    listing.understood = listing.understood or end > begin
    if number and not listing.understood:
        message = "does not hold what 'pjsip show contacts' prints: registrations unknown"
        listing.note(Citation(file=PJSIP_SHOW_CONTACTS), message)
    return listing


def _keep_contact(listing: Listing, column: bytes, status: str, citation: Citation) -> None:
    text = decoded(column).strip()
    scheme = next((at for at in (text.find("/sip:"), text.find("/sips:")) if at > 0), -1)
    account, uri = text[:scheme], text[scheme + 1 :]
    if scheme < 0:
        listing.note(citation, f"holds no SIP address: '{shown(text)}'")
        return
    is_full = len(column.rstrip()) >= len(column)
    if is_full and ";" not in uri.partition("@")[2]:
        message = f"the contact of {shown(account)} is cut, so its address is not sure: '{shown(uri)}'"
        listing.cut.append(
            Cut(account=account, uri=uri, status=shown(status), problem=Problem(citation=citation, message=message))
        )
        return
    reached = reached_by(uri)
    if reached is None:
        listing.note(citation, f"the contact of {shown(account)} is not at an address: '{shown(uri)}'")
        return
    listing.contacts.append(
        LiveContact(
            account=account,
            driver=Driver.PJSIP,
            address=reached[0],
            port=reached[1],
            status=shown(status),
            citation=citation,
        )
    )
