"""Who an access list lets in, and the named lists of acl.conf (ast:main/acl.c, 11 to 22)."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Reading
from ringfence.model.site import AclEntry, Network
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.asterisk import configuration
from ringfence.readers.asterisk.configuration import Section

WANTS = configuration.WANTS
FILE = "etc/asterisk/acl.conf"
MAX_ENTRIES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Acl:
    """An access list in file order, last match wins; ``unread`` are the lines that could not be interpreted."""

    entries: tuple[AclEntry, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAcls:
    """The lists of acl.conf by name."""

    lists: tuple[tuple[str, Acl], ...] = ()

    def find(self, name: str) -> Acl | None:
        """Find a list by its name, compared without case as Asterisk does."""
        return next((acl for own, acl in self.lists if own.lower() == name.lower()), None)


def read(artifacts: Artifacts) -> Reading[NamedAcls | None]:
    """Read the named lists; None where there is no acl.conf."""
    if not configuration.exists(artifacts, FILE):
        return Reading(facts=None)
    loaded = configuration.load(artifacts, FILE)
    lists = tuple((section.name, own(section)) for section in configuration.plain(loaded.facts))
    return Reading(facts=NamedAcls(lists=lists), problems=loaded.problems)


def own(section: Section) -> Acl:
    """Read the ``deny`` and ``permit`` lines of a section; each holds a comma list, and ``!`` turns an entry around.

    On a line that Asterisk cannot read, what stands before the fault counts and the rest of that line does not.
    Contact lists (``contactdeny`` …) limit where a registration may point to, not who may call: no part of this.
    """
    entries: list[AclEntry] = []
    unread: list[str] = []
    for entry in section.all("deny", "permit"):
        for item in entry.value.split(","):
            text = item.strip()
            permit = (entry.key.lower() == "permit") != text.startswith("!")
            network = parse_network(text.removeprefix("!"))
            if network is None or len(entries) >= MAX_ENTRIES:
                unread.append(f"{entry.key}={entry.value}"[:120])
                break
            entries.append(AclEntry(permit=permit, network=network, citation=entry.citation))
    return Acl(entries=tuple(entries), unread=tuple(unread))


def effective(section: Section, named: NamedAcls | None, others: Iterable[Acl] = ()) -> Acl:
    """Join a section's own list, those that it names (``acl=office``) and ``others``: all of them must let in."""
    lists = [own(section), *others]
    unread: list[str] = []
    for entry in section.all("acl"):
        for name in filter(None, map(str.strip, entry.value.split(","))):
            found = named.find(name) if named else None
            if found is None:
                unread.append(f"acl={name}"[:120])
            else:
                lists.append(found)
    unread += [text for each in lists for text in each.unread]
    return Acl(entries=joined(lists), unread=tuple(unread))


def allowed(entries: Iterable[AclEntry]) -> AddressSet:
    """Give the addresses that a list lets in: everyone at first, then each entry in order, so that the last match wins.

    An IPv4 entry says nothing about IPv6: ``deny=0.0.0.0/0.0.0.0`` alone leaves IPv6 open.
    """
    inside = AddressSet.everything()
    for entry in entries:
        block = AddressSet.of(entry.network)
        inside = inside | block if entry.permit else inside - block
    return inside


def joined(lists: Iterable[Acl]) -> tuple[AclEntry, ...]:
    """Write several lists, all of which must let in, as one list with the same meaning."""
    lists = [each for each in lists if each.entries]
    if len(lists) < 2:
        return lists[0].entries if lists else ()
    inside = AddressSet.everything()
    for each in lists:
        inside &= allowed(each.entries)
    citation = lists[-1].entries[-1].citation
    everyone: tuple[Network, ...] = (ip_network("0.0.0.0/0"), ip_network("::/0"))
    return (
        *(AclEntry(permit=False, network=network, citation=citation) for network in everyone),
        *(AclEntry(permit=True, network=network, citation=citation) for network in inside.networks()),
    )


def parse_network(text: str) -> Network | None:
    """Read ``10.1.0.0/16``, ``10.1.0.0/255.255.0.0``, ``2001:db8::/32`` or one address; None for anything else.

    Host bits are dropped, as Asterisk does. A mask with holes is valid there, but no network: None.
    """
    base, slash, mask = text.strip().partition("/")
    try:
        address = ip_address(base.removeprefix("[").removesuffix("]"))
        length = _prefix_length(mask.strip(), address.max_prefixlen) if slash else address.max_prefixlen
        return None if length is None else ip_network(f"{address}/{length}", strict=False)
    except ValueError:
        return None


def _prefix_length(mask: str, bits: int) -> int | None:
    if "." not in mask and ":" not in mask:
        return int(mask) if mask.isascii() and mask.isdecimal() and len(mask) < 4 and int(mask) <= bits else None
    address = ip_address(mask)
    holes = ~int(address) & (2**bits - 1)
    return bits - holes.bit_length() if address.max_prefixlen == bits and holes & (holes + 1) == 0 else None
