"""What chan_sip and chan_iax2 share: sections that are peers, their secrets, and ``register`` lines."""

import re
from collections.abc import Iterable, Iterator

from ringfence.model.evidence import Citation
from ringfence.model.secret import Secret
from ringfence.model.site import Account, Driver, Network, Trunk
from ringfence.readers.asterisk import acl, configuration, values
from ringfence.readers.asterisk.configuration import Section

_TYPES = frozenset({"peer", "user", "friend"})


def peers(sections: tuple[Section, ...]) -> Iterator[Section]:
    """Go through the sections that define a peer, a user or a friend; sections of one name add up, in file order."""
    by_name: dict[str, Section] = {}
    for section in configuration.plain(sections):
        before = by_name.get(section.name)
        by_name[section.name] = section if before is None else _added(before, section)
    for name, section in by_name.items():
        if name.lower() not in {"general", "authentication"} and section.text("type").lower() in _TYPES:
            yield section


def _added(before: Section, section: Section) -> Section:
    return Section(name=before.name, entries=before.entries + section.entries, citation=before.citation)


def secret(section: Section, *hashes: str) -> tuple[Secret | None, bool, tuple[Citation, ...]]:
    """Give the secret, whether there is one whose text is unknown (``hashes`` name it), and all lines that set it.

    An empty secret is none: both drivers then ask for no password (ast:channels/chan_sip.c ``check_auth``).
    """
    lines = section.all("secret")
    unknown = any(entry.value for entry in section.all(*hashes))
    text = lines[-1].value if lines else ""
    return (None if unknown or not text else Secret(text)), unknown, tuple(entry.citation for entry in lines)


def is_account(section: Section, context: str) -> bool:
    """Tell extensions from trunks: an extension has no fixed host, or FreePBX's context for extensions."""
    return section.text("host").lower() in {"", "dynamic"} or context.startswith("from-internal")


def account(
    section: Section, driver: Driver, context: str, lists: acl.NamedAcls | None, hashes: tuple[str, ...]
) -> Account:
    """Build the account of a section."""
    text, unknown, citations = secret(section, *hashes)
    access = acl.effective(section, lists)
    return Account(
        name=section.name,
        driver=driver,
        secret=text,
        secret_unknown=unknown,
        username=section.name,
        context=context,
        host=section.text("host") or "dynamic",
        acl=access.entries,
        acl_unread=access.unread,
        caller_name=values.caller_name(section.text("fullname") or section.text("callerid")),
        call_limit=values.number(section.text("call-limit")),
        citation=section.citation,
        secret_citations=citations,
    )


def trunk(section: Section, driver: Driver, context: str, *, unauthenticated: bool) -> Trunk:
    """Build the trunk of a section; without a password its host's address alone opens the way."""
    host = section.text("host")
    network = acl.parse_network(host) if unauthenticated else None
    matched: tuple[Network, ...] = () if network is None else (network,)
    return Trunk(
        name=section.name, driver=driver, hosts=(host,), matched=matched, context=context, citation=section.citation
    )


def registered(section: Section | None, driver: Driver, trunks: Iterable[Trunk], context: str) -> Iterator[Trunk]:
    """Go through the providers that the PBX registers with and that are no trunk yet.

    register=line4711:FAKE-secret@203.0.113.20/5551230100
    register => tls://line4711@voip.example:FAKE-secret@sip.voip.example:5061~3600
    """
    known = {host for trunk in trunks for host in trunk.hosts}
    for entry in section.all("register") if section else ():
        host = register_host(entry.value)
        if host and host not in known:
            known.add(host)
            yield Trunk(name=host, driver=driver, hosts=(host,), context=context, citation=entry.citation)


def register_host(text: str) -> str:
    """Give the host of a ``register`` line; what stands before its last ``@`` may hold a password."""
    _, at, target = text.rpartition("@")
    return values.host(re.split(r"[/~?]", target, maxsplit=1)[0]) if at else ""
