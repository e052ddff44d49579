"""Takes OpenWrt's configuration apart: `/etc/config/*` and `uci export` (`config zone`), and `uci show`.

Of the network's sections only named options are kept: the rest are passwords and keys.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from ringfence.model.evidence import Citation, Problem
from ringfence.readers.artifacts import Artifacts, decoded, lines
from ringfence.readers.linux import notation

MAX_OPTIONS = 1_000_000
MAX_BYTES = 64 * 1024 * 1024
MAX_PROBLEMS = 1000
#: More values than these do not fit into a rule's text.
MOST_SHOWN = 50

FIREWALL = frozenset({"defaults", "zone", "forwarding", "rule", "redirect", "nat", "ipset", "include"})
NETWORK = frozenset({"interface", "device", "route", "route6"})
#: The only options that are kept of the network.
KEPT = frozenset(
    {
        "auto", "defaultroute", "device", "disabled", "enabled", "gateway", "ifname", "interface", "ip6addr", "ip6gw",
        "ipaddr", "name", "netmask", "proto", "table", "target", "type",
    }
)  # fmt: skip

#: A word: runs of plain characters, 'single' and "double" quotes, and \escapes, joined as in a shell.
_WORD = re.compile(r"""\s*((?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\#;]|(?<=[^\s;])[#;])+)""")
_PIECE = re.compile(r"""'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|([^'"\\]+)""")
_END = re.compile(r"\s*(?:#.*)?$")
#: `firewall.@zone[0]=zone`, `firewall.wan.input='REJECT'`
_SHOWN = re.compile(
    r"^(?P<package>[a-z0-9_-]+)\.(?P<section>@?[\w-]+(?:\[\d+\])?)(?:\.(?P<option>\w+))?=(?P<value>.*)$"
)


@dataclass(slots=True, kw_only=True)
class Section:
    """One section; an option given once has one value, a list several. ``damaged`` tells that a part is unreadable."""

    package: str
    kind: str
    name: str
    options: dict[str, tuple[str, ...]] = field(default_factory=dict)
    line: int
    damaged: bool = False

    def first(self, option: str, default: str = "") -> str:
        """Give an option's value."""
        values = self.options.get(option)
        return values[0] if values else default

    def words(self, option: str) -> tuple[str, ...]:
        """Give the members of a list; a plain option may hold several, separated by blanks."""
        values = self.options.get(option, ())
        return tuple(values[0].split()) if len(values) == 1 else values

    def text(self) -> str:
        """Show the section on one line, as it is written."""
        title = " ".join(filter(None, ("config", self.kind, f"'{self.name}'" if self.name else "")))
        options = (
            f"{'option' if len(values) == 1 else 'list'} {key} '{value}'"
            for key, values in self.options.items()
            for value in values[:MOST_SHOWN]
        )
        return notation.shortened(" ".join((title, *islice(options, MOST_SHOWN))))


@dataclass(slots=True)
class Document:
    """All sections that are read, in file order."""

    sections: list[Section] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    damaged: bool = False

    def of(self, kind: str) -> list[Section]:
        """Give the sections of one kind."""
        return [section for section in self.sections if section.kind == kind]


@dataclass(slots=True)
class _Draft:
    document: Document
    file: str
    package: str = ""
    current: Section | None = None
    named: dict[tuple[str, str], Section] = field(default_factory=dict)
    values: dict[int, dict[str, list[str]]] = field(default_factory=dict)

    def complain(self, number: int, message: str) -> None:
        if len(self.document.problems) < MAX_PROBLEMS:
            place = Citation(file=self.file, line=number)
            self.document.problems.append(Problem(citation=place, message=message))

    def open(self, kind: str, name: str, number: int) -> None:
        """Begin a section, or go on with the one of that name."""
        network = self.package == "network" or (self.package == "" and kind in NETWORK)
        known = kind in NETWORK if network else self.package in {"", "firewall"} and kind in FIREWALL
        if not known:
            self.current = None
            return
        held = self.named.get((self.package, name)) if name else None
        if held is None:
            held = Section(package="network" if network else "firewall", kind=kind, name=name, line=number)
            self.document.sections.append(held)
            self.named[self.package, name] = held
        self.current = held

    def set(self, option: str, value: str, *, more: bool) -> None:
        """Set an option of the current section, or add to its list."""
        section = self.current
        if section is None or (section.package == "network" and option not in KEPT):
            return
        held = self.values.setdefault(id(section), {})
        if more:
            held.setdefault(option, []).append(value)
        else:
            held[option] = [value]

    def close(self) -> None:
        """Give all sections their options."""
        for section in self.document.sections:
            section.options = {key: tuple(found) for key, found in self.values.get(id(section), {}).items()}


def parse(artifacts: Artifacts, name: str) -> Document:
    """Read all sections; what is not understood damages its section."""
    document = Document()
    draft = _Draft(document=document, file=name)
    size = count = 0
    for number, raw in lines(artifacts, name):
        line = decoded(raw).strip().removeprefix("\ufeff")
        size += len(raw) + 1
        count += 1
        if size > MAX_BYTES or count > MAX_OPTIONS:
            document.damaged = True
            draft.complain(number, "too long; the rest was left out")
            break
        if not line or line.startswith("#"):
            continue
        try:
            shown = _SHOWN.match(line)
            if shown is not None:
                _show(draft, shown.groupdict(), number)
            else:
                _line(draft, words(line), number)
        except ValueError:
            if draft.current is not None:
                draft.current.damaged = True
            document.damaged = document.damaged or draft.current is None
            draft.complain(number, "not a line of a configuration file; what it belongs to is unknown")
    draft.close()
    return document


def _line(draft: _Draft, found: list[str], number: int) -> None:
    match found:
        case ["package", package]:
            draft.package, draft.current = package, None
        case ["config", kind, *name] if len(name) < 2:
            draft.open(kind, name[0] if name else "", number)
        case ["option", option, value]:
            draft.set(option, value, more=False)
        case ["list", option, value]:
            draft.set(option, value, more=True)
        case _:
            raise ValueError("no such line")


def _show(draft: _Draft, shown: Mapping[str, str | None], number: int) -> None:
    """Read a line of `uci show`: `firewall.@zone[1].network='wan' 'wan6'`."""
    section, option, value = shown["section"] or "", shown["option"], shown["value"] or ""
    draft.package = shown["package"] or ""
    if option is None:
        draft.open(value.strip("'\""), "", number)
        if draft.current is not None:
            draft.named[draft.package, section] = draft.current
            draft.current.name = "" if section.startswith(("@", "cfg")) else section
        return
    draft.current = draft.named.get((draft.package, section))
    for position, one in enumerate(words(value)):
        draft.set(option, one, more=position > 0)


def words(line: str) -> list[str]:
    """Split a line into words without their quotes; raises ValueError on an open quote."""
    found: list[str] = []
    position = 0
    while not _END.match(line, position):
        word = _WORD.match(line, position)
        if word is None:
            raise ValueError("an open quote")
        pieces = _PIECE.findall(word[1])
        found.append(
            "".join(single or _unescaped(double) or escaped or plain for single, double, escaped, plain in pieces)
        )
        position = word.end()
    return found


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
