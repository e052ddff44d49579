"""Reads what provisioning services hand out to whoever asks: every file in a served root, and the secrets in it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.site import Account, Driver, FileKind, Phone, SecretPlace, ServedFile
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.phones import password_fields, yealink
from ringfence.readers.phones.names import Meaning, identify
from ringfence.readers.phones.yealink import PhoneConfiguration
from ringfence.readers.secret_search import SHORTEST, Needles
from ringfence.readers.served_archives import Opening
from ringfence.readers.wants import Glob

#: TFTP roots of FreePBX and SNG7, CentOS and Debian, and folders of web servers that hold phones' files.
ROOTS = (
    "tftpboot/",
    "var/lib/tftpboot/",
    "srv/tftp/",
    "var/www/html/provisioning/",
    "var/www/html/provision/",
    "var/www/html/prov/",
    "var/www/html/phones/",
    "var/www/html/tftpboot/",
    "var/www/provisioning/",
    "srv/www/provisioning/",
)
WANTS = tuple(Glob(pattern=f"/{root}**") for root in ROOTS)

#: More of a file than this is searched by value, but not understood as a phone's configuration.
_HEAD_BYTES = 1024 * 1024
_MAX_FILES = 20_000
_MAX_PLACES = 2_000
_MAX_TOTAL_BYTES = 1024 * 1024 * 1024
_TEXT_CONFIGURATION = re.compile(r"\.(cfg|boot)$", re.IGNORECASE)
_WRAPPED_KEY = re.compile(r"_security\.enc$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedTree:
    """All served files, None when the evidence has no served root at all (unknown, not empty); and what they tell."""

    files: tuple[ServedFile, ...] | None = None
    phones: tuple[Phone, ...] = ()
    configurations: tuple[PhoneConfiguration, ...] = ()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is searched for; ``short`` are the secrets that only password fields can tell, with whose they are."""

    accounts: tuple[Account, ...]
    needles: Needles
    short: dict[bytes, list[Account]]


@dataclass(slots=True)
class _Found:
    """What was found in one file so far; the first place of each secret is enough."""

    places: dict[tuple[str, Driver, str, str], SecretPlace] = field(default_factory=dict)
    stale: dict[tuple[str, Driver], SecretPlace] = field(default_factory=dict)
    configuration: PhoneConfiguration | None = None
    problems: list[Problem] = field(default_factory=list)
    size_bytes: int = 0

    def keep(self, account: Account, form: str, citation: Citation) -> None:
        place = SecretPlace(account=account.name, driver=account.driver, form=form, citation=citation)
        if len(self.places) < _MAX_PLACES:
            self.places.setdefault((account.name, account.driver, form, citation.file), place)


def read(artifacts: Artifacts, accounts: tuple[Account, ...]) -> Reading[ServedTree]:
    """Read all served files and search them for the secrets of the accounts."""
    wanted = _wanted(accounts)
    files: list[ServedFile] = []
    configurations: list[PhoneConfiguration] = []
    problems: list[Problem] = []
    phones: dict[str, Phone] = {}
    total_bytes = 0
    served = [(name, root) for name in artifacts.names() for root in ROOTS if name.startswith(root) and name != root]
    for name, root in served[:_MAX_FILES]:
        if total_bytes > _MAX_TOTAL_BYTES:
            problems.append(_problem(name, "and the served files after it were not read: too much in all"))
            break
        meaning = identify(name.removeprefix(root))
        found = _searched(artifacts, name, meaning, wanted)
        total_bytes += found.size_bytes
        problems += found.problems
        if found.configuration is not None:
            configurations.append(found.configuration)
        file = _served_file(name, root, meaning, found)
        files.append(file)
        if meaning.kind == FileKind.PHONE and meaning.mac is not None:
            phone = _phone(file, meaning.mac, meaning.vendor, found)
            phones[phone.mac] = _merged(phones.get(phone.mac), phone)
    if len(served) > _MAX_FILES:
        problems.append(
            _problem(served[_MAX_FILES][0], f"and all after it were not read: more than {_MAX_FILES} files")
        )
    tree = ServedTree(
        files=tuple(files) if served else None,
        phones=tuple(phones[mac] for mac in sorted(phones)),
        configurations=tuple(configurations),
    )
    return Reading(facts=tree, problems=tuple(problems))


def _wanted(accounts: tuple[Account, ...]) -> _Wanted:
    short: dict[bytes, list[Account]] = {}
    for account in accounts:
        if account.secret and len(secret := _encoded(account.secret.reveal())) < SHORTEST:
            short.setdefault(secret, []).append(account)
    return _Wanted(accounts, Needles(accounts), short)


def _searched(artifacts: Artifacts, name: str, meaning: Meaning, wanted: _Wanted) -> _Found:
    """Search a file and, in an archive, each of its members."""
    found = _Found()

    def counted() -> Iterator[bytes]:
        for chunk in artifacts.chunks(name):
            found.size_bytes += len(chunk)
            yield chunk

    opening = Opening(name)
    for place, stream in opening.streams(counted()):
        head, whole = _begun(stream)
        for line, hit in wanted.needles.find_in_stream(whole):
            found.keep(hit.account, hit.form, Citation(file=place, line=line))
        _search_fields(found, head, place, wanted)
        if place == name and _hides(found, head, name, meaning):
            continue
        if yealink.looks_like_yealink(head):
            _take_configuration(found, head, place, wanted.accounts, is_own=place == name)
    found.problems += opening.problems
    return found


def _begun(stream: Iterator[bytes]) -> tuple[bytes, Iterable[bytes]]:
    """Give the first megabyte of a stream, and the whole stream again."""
    begun: list[bytes] = []
    size = 0
    for chunk in stream:
        begun.append(chunk)
        size += len(chunk)
        if size >= _HEAD_BYTES:
            break
    return b"".join(begun)[:_HEAD_BYTES], chain(begun, stream)


def _hides(found: _Found, head: bytes, name: str, meaning: Meaning) -> bool:
    """Tell whether a phone's file cannot be understood because it is encrypted, and keep that as a problem."""
    if _WRAPPED_KEY.search(name):
        plain = _WRAPPED_KEY.sub(".cfg", name)
        message = (
            f"holds the key to {plain}, wrapped with a key that is public (CVE-2024-24681): that file counts as open"
        )
        found.problems.append(_problem(name, message))
        return True
    is_configuration = meaning.kind in {FileKind.PHONE, FileKind.COMMON} and _TEXT_CONFIGURATION.search(name)
    if not is_configuration or not yealink.is_encrypted(head):
        return False
    reading = yealink.parse((), name, head=head)
    found.configuration = reading.facts
    found.problems += reading.problems
    return True


def _take_configuration(found: _Found, head: bytes, place: str, accounts: tuple[Account, ...], *, is_own: bool) -> None:
    """Read Yealink's notation; ``is_own`` tells the served file itself from an archive's member."""
    reading = yealink.parse(enumerate((line.removesuffix(b"\r") for line in head.split(b"\n")), 1), place)
    if is_own:
        found.configuration = reading.facts
        found.problems += reading.problems
    for line in reading.facts.accounts:
        if line.secret is None:
            continue
        known = [
            account for account in accounts if account.secret and {account.name, account.username} & set(line.names)
        ]
        current = [account for account in known if account.secret == line.secret]
        for account in current:
            found.keep(account, "raw", line.citation)
        for account in known if not current else ():
            stale = SecretPlace(account=account.name, driver=account.driver, form="raw", citation=line.citation)
            found.stale.setdefault((account.name, account.driver), stale)


def _search_fields(found: _Found, head: bytes, place: str, wanted: _Wanted) -> None:
    """Find secrets that are too short for a search by value: in a password field, in a file that names the account."""
    for offset, value in password_fields.values(head) if wanted.short else ():
        for account in wanted.short.get(value, ()):
            if re.search(rb"(?<!\w)" + re.escape(_encoded(account.name)) + rb"(?!\w)", head):
                line = head.count(b"\n", 0, offset) + 1
                found.keep(account, "raw", Citation(file=place, line=line))


def _served_file(name: str, root: str, meaning: Meaning, found: _Found) -> ServedFile:
    lines = found.configuration.accounts if found.configuration else ()
    return ServedFile(
        name=name.removeprefix(root),
        root=f"/{root.removesuffix('/')}",
        kind=meaning.kind,
        size_bytes=found.size_bytes,
        mac=meaning.mac,
        accounts=tuple(dict.fromkeys(account for line in lines for account in line.names)),
        secrets=tuple(sorted(found.places.values(), key=lambda place: (place.citation.file, place.citation.line or 0))),
        stale=tuple(found.stale.values()),
        citation=Citation(file=name),
    )


def _phone(file: ServedFile, mac: str, vendor: str, found: _Found) -> Phone:
    """Make a phone of its file; for vendors whose notation is not read, the secrets found tell the accounts."""
    is_yealink = found.configuration is not None and not found.configuration.encrypted
    accounts = file.accounts or tuple(dict.fromkeys(place.account for place in file.secrets))
    return Phone(mac=mac, vendor="yealink" if is_yealink else vendor, accounts=accounts, citation=file.citation)


def _merged(known: Phone | None, phone: Phone) -> Phone:
    """Join what ``<mac>.cfg``, ``<mac>-local.cfg`` and ``<mac>.boot`` tell of one phone."""
    if known is None:
        return phone
    accounts = tuple(dict.fromkeys((*known.accounts, *phone.accounts)))
    first = known if known.accounts or not phone.accounts else phone
    return Phone(mac=known.mac, vendor=known.vendor or phone.vendor, accounts=accounts, citation=first.citation)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _problem(file: str, message: str) -> Problem:
    return Problem(citation=Citation(file=file), message=message)
