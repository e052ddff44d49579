"""Reads the wanted parts of a config.xml of pfSense or OPNsense into a small tree that knows its lines.

Exports are full of foreign secrets: what is not asked for is never kept. A document type is refused, whatever it says.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from ringfence.model.evidence import Citation, Problem
from ringfence.readers.artifacts import Artifacts

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 256
#: Elements that are kept; a configuration with 10,000 rules has about 300,000.
MAX_NODES = 1_000_000
#: Never kept, wherever they stand: secrets, and who changed what.
DROPPED = frozenset({"password", "passwd", "username", "passphrase", "authkey", "created", "updated"})

#: What may stand before the root element: blanks, the declaration and other instructions, comments, a document type.
_BEFORE_ROOT = re.compile(
    rb"\s+|<\?.{0,1000}?\?>|<!--.*?-->|<!DOCTYPE[^<>\[]{0,1000}(?:\[[^\]]{0,4000}\]\s{0,100})?>", re.DOTALL
)
_ROOT = re.compile(rb"<([A-Za-z_][\w.-]{0,60})[\s/>]")


@dataclass(slots=True)
class Node:
    """An element: its lower-case name, the line where it begins, its own text, and its kept children."""

    tag: str
    line: int
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    def child(self, tag: str) -> "Node | None":
        """Find the first child of that name."""
        return next((one for one in self.children if one.tag == tag), None)

    def every(self, tag: str) -> Iterator["Node"]:
        """Go through all children of that name."""
        return (one for one in self.children if one.tag == tag)

    def has(self, tag: str) -> bool:
        """Tell whether there is a child of that name, whatever it holds (``isset``)."""
        return self.child(tag) is not None

    def value(self, tag: str) -> str:
        """Give the text of a child, on one line; empty where there is none."""
        found = self.child(tag)
        return " ".join(found.text.split()) if found is not None else ""

    def truthy(self, tag: str) -> bool:
        """Tell whether a child holds anything but nothing and ``0`` (``!empty`` of PHP: ``1``, ``on``, ``yes``)."""
        return self.value(tag) not in {"", "0"}

    def at(self, path: str) -> "Node | None":
        """Follow a path (``nat/outbound``) to its first element."""
        found: Node | None = self
        for tag in path.split("/"):
            found = found.child(tag) if found is not None else None
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What was read; ``root`` None where the file was refused, ``whole`` False where it ends early."""

    root: Node | None
    whole: bool
    problems: tuple[Problem, ...] = ()


class _RefusedError(Exception):
    """The file is not read on; the message says why."""


def root_name(head: bytes) -> str:
    """Give the lower-case name of the root element that a file begins with; empty where it is no XML."""
    text = head.removeprefix(b"\xef\xbb\xbf")
    position = 0
    while found := _BEFORE_ROOT.match(text, position):
        position = found.end()
    root = _ROOT.match(text, position)
    return root[1].decode("ascii", "replace").lower() if root else ""


def parse(artifacts: Artifacts, name: str, root: str, wanted: Sequence[str]) -> Document:
    """Read one file, keeping only what stands at the ``wanted`` paths (``filter``, ``interfaces/*/if``) or below."""
    reader = _Reader(root=root, wanted=_tree(wanted))
    size = 0
    try:
        for chunk in artifacts.chunks(name):
            size += len(chunk)
            reader.feed(chunk, size)
        reader.parser.Parse(b"", True)  # noqa: FBT003 - the only way to call it
    except (_RefusedError, expat.ExpatError, ValueError, LookupError) as error:
        place = Citation(file=name, line=max(1, reader.parser.CurrentLineNumber))
        refused = isinstance(error, _RefusedError)
        said = str(error) if refused else "not well-formed XML from here on, the file is damaged or cut off"
        kept = None if reader.refused else reader.root_node
        return Document(root=kept, whole=False, problems=(Problem(citation=place, message=said),))
    return Document(root=reader.root_node, whole=reader.root_node is not None)


Wanted = dict[str, "Wanted"]


def _tree(paths: Sequence[str]) -> Wanted:
    tree: Wanted = {}
    for path in paths:
        place = tree
        for tag in path.split("/"):
            place = place.setdefault(tag, {})
    return tree


class _Reader:
    """Expat's events as a tree; ``refused`` tells that nothing of the file may be used."""

    def __init__(self, *, root: str, wanted: Wanted) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.root_node: Node | None = None
        self.refused = False
        self._root = root
        self._wanted = wanted
        self._open: list[tuple[Node | None, Wanted | None]] = []
        self._nodes = 0
        self._pieces: list[str] = []

    def feed(self, chunk: bytes, size: int) -> None:
        """Take the next piece; ``size`` counts it and all before."""
        if size > MAX_BYTES:
            raise _RefusedError(f"larger than {MAX_BYTES // 2**20} MiB; the rest was left out")
        self.parser.Parse(chunk, False)  # noqa: FBT003 - as above

    def _doctype(self, *_: object) -> None:
        self.refused = True
        raise _RefusedError("has a document type (<!DOCTYPE), which no firewall writes: refused")

    def _start(self, tag: str, _attributes: dict[str, str]) -> None:
        tag = tag.lower()
        if len(self._open) >= MAX_DEPTH:
            self.refused = True
            raise _RefusedError(f"nested deeper than {MAX_DEPTH} elements: refused")
        if not self._open:
            self._begin(tag)
            return
        parent, below = self._open[-1]
        self._keep_text()
        inner = self._below(below, tag)
        if parent is None or inner is None:
            self._open.append((None, None))
            return
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise _RefusedError(f"more than {MAX_NODES} elements; the rest was left out")
        node = Node(tag=tag, line=self.parser.CurrentLineNumber)
        parent.children.append(node)
        self._open.append((node, inner))

    def _begin(self, tag: str) -> None:
        if tag != self._root:
            self.refused = True
            raise _RefusedError(f"not a configuration of {self._root}")
        self.root_node = Node(tag=tag, line=self.parser.CurrentLineNumber)
        self._open.append((self.root_node, self._wanted))

    @staticmethod
    def _below(wanted: Wanted | None, tag: str) -> Wanted | None:
        """Give what is wanted below a tag: nothing (None), or where the tree ends, everything (empty)."""
        if wanted is None or tag in DROPPED:
            return None
        if not wanted:
            return wanted
        return wanted.get(tag, wanted.get("*"))

    def _end(self, _tag: str) -> None:
        self._keep_text()
        self._open.pop()

    def _text(self, text: str) -> None:
        if self._open and self._open[-1][0] is not None:
            self._pieces.append(text)

    def _keep_text(self) -> None:
        node = self._open[-1][0]
        if node is not None and self._pieces:
            node.text += "".join(self._pieces)
        self._pieces.clear()
