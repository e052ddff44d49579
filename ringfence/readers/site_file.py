"""Reads ``ringfence.toml``: what the admin declares about the site, all of it optional.

::

    [site]
    name = "Lincoln School"
    timezone = "America/New_York"
    [networks]
    voice = ["10.30.0.0/24"]
    [[remote]]
    name = "Ann at home"
    address = "203.0.113.130"
    accounts = ["2007"]
    [[provider]]
    name = "Lakeside"
    addresses = ["203.0.113.20"]
    [hours]
    open = ["Mon-Fri 07:00-18:00"]
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network

from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.phrasing import listed
from ringfence.model.site import Address, NamedNetwork, Network, Provider, RemoteWorker
from ringfence.readers.artifacts import Artifacts, content, decoded
from ringfence.readers.opening_hours import OpeningHours, parse_hours
from ringfence.readers.wants import Glob

SITE_FILE = "ringfence.toml"
#: Where it stands on the PBX itself, for `check local`.
INSTALLED = "etc/ringfence.toml"
WANTS = (Glob(pattern=f"/{INSTALLED}"),)

_MAX_BYTES = 1024 * 1024
_MAX_ITEMS = 10_000
#: How many broken lines are left out before the file is given up.
_MAX_REPAIRS = 20
_BROKEN_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_TABLE = re.compile(r"\s*\[{1,2}\s*([\w.-]{1,100})\s*\]")
_KEY = re.compile(r"\s*[\"']?([\w-]{1,100})[\"']?\s*=")
_TIMEZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]{0,30}(/[A-Za-z0-9_+-]{1,30}){0,2}|[+-]\d{2}:\d{2}")
_HOSTNAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,62}(\.[A-Za-z0-9_][A-Za-z0-9_-]{0,62}){0,30}\.?")
_MAX_PROVIDER_ADDRESSES = 4096
#: A network wider than these is a mistake that would make the Internet a part of the site.
_WIDEST = {4: 8, 6: 7}
_KNOWN = {
    "site": frozenset({"name", "timezone"}),
    "remote": frozenset({"name", "address", "addresses", "hostname", "accounts"}),
    "provider": frozenset({"name", "address", "addresses", "hostname", "hostnames"}),
    "hours": frozenset({"open"}),
}

#: A table, its number among those of the same name (from 0), and a key; empty for the table itself.
Place = tuple[str, int, str]
Table = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFile:
    """What the admin declared; empty where the file does not say."""

    name: str = ""
    timezone: str = ""
    networks: tuple[NamedNetwork, ...] = ()
    remotes: tuple[RemoteWorker, ...] = ()
    providers: tuple[Provider, ...] = ()
    hours: OpeningHours | None = None


def read(artifacts: Artifacts) -> Reading[SiteFile]:
    """Read the file; what is malformed or of a wrong type is a problem, and the rest still counts."""
    file = SITE_FILE if SITE_FILE in artifacts.names() else INSTALLED
    raw = content(artifacts, file, _MAX_BYTES + 1)
    text = decoded(raw).removeprefix("\ufeff").replace("\r\n", "\n")
    declared = _Declared(_places(text), file)
    if len(raw) > _MAX_BYTES:
        declared.note(("", 0, ""), f"is larger than {_MAX_BYTES} bytes: not read")
        return Reading(facts=SiteFile(), problems=tuple(declared.problems))
    document = _document(text, declared)
    for table in document.keys() - _KNOWN.keys() - {"networks"}:
        declared.note(
            (table, 0, ""), f"{table[:40]!r} is not known; expected site, networks, remote, provider or hours"
        )
    facts = SiteFile(
        name=declared.site_text(document, "name"),
        timezone=declared.site_text(document, "timezone"),
        networks=tuple(declared.networks(document)),
        remotes=tuple(declared.remotes(document)),
        providers=tuple(declared.providers(document)),
        hours=declared.hours(document),
    )
    return Reading(facts=facts, problems=declared.ordered_problems())


def _document(text: str, declared: "_Declared") -> Table:
    """Parse the text, leaving out one line after the other where TOML finds a fault."""
    lines = text.split("\n")
    for _ in range(_MAX_REPAIRS):
        try:
            return tomllib.loads("\n".join(lines))
        except RecursionError:
            declared.note(("", 0, ""), "is nested too deeply: not read")
            return {}
        except ValueError as error:  # TOMLDecodeError, and integers of thousands of digits
            match = _BROKEN_LINE.search(str(error))
            # Without a place the fault is at the end: something that was opened is not closed.
            number = min(int(match[1]), len(lines)) if match else len(lines)
            reason = str(error).partition(" (at ")[0]
            declared.note_line(number, f"is no TOML here ({reason[:200]}): the line is left out")
            lines[number - 1] = ""
            if not match:
                lines.pop()
            if not lines:
                return {}
    declared.note(("", 0, ""), f"has more than {_MAX_REPAIRS} broken lines: nothing of it is used")
    return {}


def _places(text: str) -> dict[Place, int]:
    """Find the lines of tables and keys; it is for messages only, so odd notations may be missed."""
    places: dict[Place, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.split("\n")[:_MAX_ITEMS], 1):
        if match := _TABLE.match(line):
            table = match[1]
            counts[table] = counts.get(table, -1) + 1
            places.setdefault((table, counts[table], ""), number)
        elif match := _KEY.match(line):
            places.setdefault((table, counts.get(table, 0), match[1]), number)
    return places


class _Declared:
    """Takes the document apart, and keeps what is wrong with the line where it stands."""

    def __init__(self, places: dict[Place, int], file: str) -> None:
        self._places = places
        self._file = file
        self.problems: list[Problem] = []

    def note_line(self, line: int | None, message: str) -> None:
        problem = Problem(citation=Citation(file=self._file, line=line), message=message)
        if len(self.problems) < 1000 and problem not in self.problems:
            self.problems.append(problem)

    def ordered_problems(self) -> tuple[Problem, ...]:
        return tuple(sorted(self.problems, key=lambda problem: (problem.citation.line or 0, problem.message)))

    def note(self, place: Place, message: str) -> None:
        self.note_line(self.line(place), message)

    def line(self, place: Place) -> int | None:
        return self._places.get(place, self._places.get((place[0], place[1], "")))

    def site_text(self, document: Table, key: str) -> str:
        for index, table in self._tables(document, "site"):
            (text, *_) = self._texts(table, ("site", index, key)) or ("",)
            if key == "timezone" and text and not _TIMEZONE.fullmatch(text):
                self.note(("site", index, key), "timezone is expected to be like America/New_York or +01:00")
                return ""
            return text
        return ""

    def networks(self, document: Table) -> Iterator[NamedNetwork]:
        for index, table in self._tables(document, "networks"):
            for name in table:
                place = ("networks", index, name)
                prefixes = tuple(self._prefixes(table, place))
                if prefixes:
                    citation = Citation(file=self._file, line=self.line(place))
                    why = f"{self._file} names it"
                    yield NamedNetwork(name=name[:100], prefixes=prefixes, declared=True, why=why, citation=citation)

    def remotes(self, document: Table) -> Iterator[RemoteWorker]:
        for index, table in self._tables(document, "remote"):
            hostnames = self._hostnames(table, ("remote", index, "hostname"))
            prefixes = tuple(
                prefix for key in ("address", "addresses") for prefix in self._prefixes(table, ("remote", index, key))
            )
            if not prefixes and not hostnames:
                self.note(("remote", index, ""), "[[remote]] names no usable address or hostname: it allows nobody")
                continue
            yield RemoteWorker(
                name=self._name(table, "remote", index),
                prefixes=prefixes,
                hostname=hostnames[0] if hostnames else None,
                accounts=self._texts(table, ("remote", index, "accounts")),
            )

    def providers(self, document: Table) -> Iterator[Provider]:
        for index, table in self._tables(document, "provider"):
            addresses = [
                address
                for key in ("address", "addresses")
                for prefix in self._prefixes(table, ("provider", index, key))
                for address in self._addresses(prefix, ("provider", index, key))
            ]
            hostnames = [
                found for key in ("hostname", "hostnames") for found in self._hostnames(table, ("provider", index, key))
            ]
            if not addresses and not hostnames:
                self.note(("provider", index, ""), "[[provider]] names no usable addresses or hostnames")
                continue
            yield Provider(
                name=self._name(table, "provider", index),
                addresses=tuple(addresses),
                hostnames=tuple(hostnames),
                citation=Citation(file=self._file, line=self.line(("provider", index, ""))),
            )

    def hours(self, document: Table) -> OpeningHours | None:
        for index, table in self._tables(document, "hours"):
            place = ("hours", index, "open")
            if "open" in table:
                try:
                    return parse_hours(self._texts(table, place))
                except ValueError as error:
                    self.note(place, f"the opening hours are not understood: {error}")
        return None

    def _tables(self, document: Table, name: str) -> Iterator[tuple[int, Table]]:
        """Go through ``[name]`` or all ``[[name]]``; unknown keys are told, as a typing error would be silent."""
        value = document.get(name, [])
        for index, table in enumerate((value if isinstance(value, list) else [value])[:_MAX_ITEMS]):
            if not isinstance(table, dict):
                self.note((name, index, ""), f"{name} is expected to be a table: [{name}] or [[{name}]]")
                continue
            for key in table if name in _KNOWN else ():
                if key not in _KNOWN[name]:
                    self.note((name, index, key), f"{key[:40]!r} is not known; expected {listed(sorted(_KNOWN[name]))}")
            yield index, table

    def _name(self, table: Table, kind: str, index: int) -> str:
        return next(iter(self._texts(table, (kind, index, "name"))), f"{kind} {index + 1}")

    def _texts(self, table: Table, place: Place) -> tuple[str, ...]:
        """Give one text or a list of texts as a tuple; what is neither is told and left out."""
        value = table.get(place[2], [])
        found: list[str] = []
        for one in (value if isinstance(value, list) else [value])[:_MAX_ITEMS]:
            if isinstance(one, str) and one.strip():
                found.append("".join(letter for letter in one.strip()[:300] if letter.isprintable()))
            else:
                self.note(place, f"{place[2]} is expected to be a text in quotes, or a list of them")
        return tuple(found)

    def _prefixes(self, table: Table, place: Place) -> Iterator[Network]:
        for text in self._texts(table, place):
            try:
                network = ip_network(text, strict=False)
            except ValueError:
                self.note(place, f"{text[:60]!r} is no address and no network like 10.30.0.0/24")
                continue
            if network.prefixlen < _WIDEST[network.version]:
                self.note(
                    place, f"{text[:60]!r} is wider than any site: left out, or the Internet would count as inside"
                )
            else:
                yield network

    def _addresses(self, network: Network, place: Place) -> Iterator[Address]:
        """Give each address of a provider's network; providers name a few, or one small network."""
        if network.num_addresses > _MAX_PROVIDER_ADDRESSES:
            self.note(place, f"{network} is too large for a provider: at most {_MAX_PROVIDER_ADDRESSES} addresses")
        else:
            yield from network

    def _hostnames(self, table: Table, place: Place) -> tuple[str, ...]:
        found = self._texts(table, place)
        for text in found:
            if not _HOSTNAME.fullmatch(text):
                self.note(place, f"{text[:60]!r} is no host name like sip.example.net")
        return tuple(text for text in found if _HOSTNAME.fullmatch(text))
