"""Reads FortiOS's configuration language (`config`, `edit`, `set`, `next`, `end`) into the tables that are asked for.

Only wanted tables are kept: a backup also holds password hashes, private keys and pre-shared keys.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ringfence.model.evidence import Citation, Problem
from ringfence.readers.artifacts import Artifacts, decoded, lines

MAX_DEPTH = 32
MAX_ENTRIES = 500_000
#: A quoted value over more lines than this is taken for a quote that was never closed.
MAX_QUOTED_LINES = 5_000
MAX_QUOTED_CHARACTERS = 20_000

_QUOTES = re.compile(r'\\.|"')
_WORDS = re.compile(r'"(?:[^"\\]|\\.)*(?:"|$)|[^\s"]+', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(slots=True, kw_only=True)
class Entry:
    """One `edit` of a table, or a table without entries: its `set` lines, and the tables inside it."""

    name: str
    place: Citation
    vdom: str = ""
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    inside: dict[str, list["Entry"]] = field(default_factory=dict)

    def get(self, key: str, default: str = "") -> str:
        """Give the first word of a setting."""
        words = self.values.get(key, ())
        return words[0] if words else default

    def all(self, key: str) -> tuple[str, ...]:
        """Give all words of a setting."""
        return self.values.get(key, ())

    def is_on(self, key: str) -> bool:
        """Tell whether a setting is explicitly enabled."""
        return self.get(key) == "enable"


@dataclass(slots=True, kw_only=True)
class Tree:
    """The tables of a configuration by path (`firewall policy`), the header, and whether reading ended early."""

    tables: dict[str, list[Entry]] = field(default_factory=dict)
    header: str = ""
    cut: Problem | None = None

    def table(self, path: str) -> list[Entry]:
        """Give the entries of a table in file order."""
        return self.tables.get(path, [])


@dataclass(slots=True)
class _Open:
    """A `config` that has not ended: where its entries go, and the entry that is open."""

    path: str
    entries: list[Entry] | None
    entry: Entry | None = None


def read(artifacts: Artifacts, name: str, wanted: frozenset[str]) -> Tree:
    """Read the wanted tables of a file, in all VDOMs."""
    tree = Tree()
    stack: list[_Open] = []
    vdom = ""
    count = 0
    for place, words in _commands(artifacts, name, tree):
        match words:
            case ("config", *path):
                if len(stack) >= MAX_DEPTH:
                    tree.cut = Problem(citation=place, message="nested too deeply; the rest was left out")
                    return tree
                stack.append(_opened(tree, stack, " ".join(path), wanted, Entry(name="", place=place, vdom=vdom)))
            case ("edit", *rest) if stack:
                count += 1
                if count > MAX_ENTRIES:
                    tree.cut = Problem(citation=place, message=f"more than {MAX_ENTRIES} entries; the rest is left out")
                    return tree
                title = rest[0] if rest else ""
                if stack[-1].path == "vdom":
                    vdom = title
                entry = Entry(name=title, place=place, vdom=vdom)
                stack[-1].entry = entry
                if stack[-1].entries is not None:
                    stack[-1].entries.append(entry)
            case (("set" | "append") as verb, key, *values) if stack and stack[-1].entries is not None:
                _put(stack[-1], verb, key, tuple(values), Entry(name="", place=place, vdom=vdom))
            case ("next",) if stack:
                stack[-1].entry = None
            case ("end",) if stack:
                stack.pop()
            case _:
                continue
    if stack and tree.cut is None:
        tree.cut = Problem(citation=Citation(file=name), message="the file is cut off before its last `end`")
    return tree


def _opened(tree: Tree, stack: list[_Open], path: str, wanted: frozenset[str], fresh: Entry) -> _Open:
    """Open a table: at the top, in a VDOM, or inside an entry that is kept."""
    if not stack or stack[-1].path in {"vdom", "global"}:
        return _Open(path, tree.tables.setdefault(path, []) if path in wanted else None)
    parent = stack[-1]
    if parent.entries is None:
        return _Open(path, None)
    if parent.entry is None:  # a table below one without entries: `config system sdwan` / `config zone`
        parent.entry = fresh
        parent.entries.append(fresh)
    return _Open(path, parent.entry.inside.setdefault(path, []))


def _put(table: _Open, verb: str, key: str, values: tuple[str, ...], fresh: Entry) -> None:
    if table.entry is None:
        table.entry = fresh
        if table.entries is not None:
            table.entries.append(fresh)
    known = table.entry.values.get(key, ()) if verb == "append" else ()
    table.entry.values[key] = (*known, *values)


def _commands(artifacts: Artifacts, name: str, tree: Tree) -> Iterator[tuple[Citation, tuple[str, ...]]]:
    """Split the text into commands; a quoted value may go over several lines."""
    pending = ""
    begun = 0
    for number, raw in lines(artifacts, name):
        line = decoded(raw)
        odd = '"' in line and sum(mark == '"' for mark in _QUOTES.findall(line)) % 2 == 1
        if not pending:
            line = line.strip()
            if line.startswith("#"):  # #config-version=FGT60F-7.2.4-FW-build1396-230131:opmode=0:vdom=0:user=admin
                tree.header = tree.header or (line if line.startswith("#config-version=") else "")
            elif odd:
                pending, begun = line, number
            elif line:
                yield Citation(file=name, line=number), split(line)
            continue
        pending = f"{pending}\n{line}" if len(pending) < MAX_QUOTED_CHARACTERS else pending
        if odd:
            yield Citation(file=name, line=begun), split(pending)
            pending = ""
        elif number - begun > MAX_QUOTED_LINES:
            break
    if pending:
        place = Citation(file=name, line=begun)
        tree.cut = Problem(citation=place, message="a quoted value does not end; the rest was left out")


def split(text: str) -> tuple[str, ...]:
    """Split a command into words: `set member "Guest LAN" wan1`."""
    if '"' not in text:
        return tuple(text.split())
    return tuple(
        _ESCAPED.sub(r"\1", word[1:].removesuffix('"')) if word.startswith('"') else word
        for word in _WORDS.findall(text)
    )
