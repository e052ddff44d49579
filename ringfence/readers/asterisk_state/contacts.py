"""Reads who is registered right now: Asterisk's database, ``sip show peers`` and ``pjsip show contacts``.

The address of a contact is where Asterisk sends the account's calls. With ``nat=force_rport,comedia`` or
``rewrite_contact=yes`` (FreePBX's defaults) it is where the packets came from; otherwise the phone itself named it. So
it tells where calls go, and never proves who registered. Contacts that the configuration sets (trunks) are in
``pjsip show contacts`` too, under the name of their AOR.
"""

from collections.abc import Iterable
from dataclasses import replace

from ringfence.model.evidence import Problem, Reading
from ringfence.model.site import Driver, LiveContact
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.asterisk_state import pjsip_contacts, sip_peers, stored_contacts
from ringfence.readers.asterisk_state.listing import Identity, identity
from ringfence.readers.wants import Command, Glob

ASTDB = stored_contacts.ASTDB
WANTS = (
    Glob(pattern=f"/{ASTDB}"),
    Command(name="database-show", argv=("asterisk", "-rx", "database show")),
    Command(name="sip-show-peers", argv=("asterisk", "-rx", "sip show peers")),
    Command(name="pjsip-show-contacts", argv=("asterisk", "-rx", "pjsip show contacts")),
)
#: What the status says of a contact in the database that the running driver does not list.
NOT_LISTED = "stored, not listed by the running driver"
_MAX_CONTACTS = 20_000


def read(
    artifacts: Artifacts, rows: Iterable[tuple[str, str]] | None = None
) -> Reading[tuple[LiveContact, ...] | None]:
    """Read all live contacts; None when no source was in the evidence (unknown, not nobody).

    ``rows`` are those of ``astdb.sqlite3``; without them the output of ``database show`` serves.
    """
    stored = stored_contacts.read(artifacts, rows)
    peers = sip_peers.read(artifacts)
    contacts = pjsip_contacts.read(artifacts)
    problems: list[Problem] = [*stored.problems, *peers.problems, *contacts.problems]
    if not (stored.understood or peers.understood or contacts.understood):
        return Reading(facts=None, problems=tuple(problems))
    asked = {Driver.CHAN_SIP: peers.understood, Driver.PJSIP: contacts.understood}
    found: dict[Identity, LiveContact] = {
        identity(one): replace(one, status=NOT_LISTED if asked.get(one.driver) else "") for one in stored.contacts
    }
    for listed in (*peers.contacts, *contacts.contacts):
        known = found.get(identity(listed))
        found[identity(listed)] = replace(known, status=listed.status) if known else listed
    for cut in contacts.cut:
        whole = next((one for uri, one in stored.uris if one.account == cut.account and uri.startswith(cut.uri)), None)
        if whole is None:
            problems.append(cut.problem)
        else:
            found[identity(whole)] = replace(whole, status=cut.status)
    ordered = sorted(found.values(), key=lambda one: (one.account, one.driver, str(one.address), one.port or 0))
    return Reading(facts=tuple(ordered[:_MAX_CONTACTS]), problems=tuple(problems))
