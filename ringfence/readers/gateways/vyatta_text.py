"""Reads the two texts of a Vyatta configuration: braces (`config.boot`) and `show configuration commands`."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ringfence.model.evidence import Citation, Problem
from ringfence.readers.artifacts import MAX_LINE_BYTES, Artifacts, decoded, lines
from ringfence.readers.gateways.vyatta_tree import Export, Node

MAX_DEPTH = 32
MAX_NODES = 1_000_000
MAX_BYTES = 64 * 1024 * 1024
MAX_PROBLEMS = 100

#: The sections that tell about reachability; all others, with their passwords and keys, are not kept.
SECTIONS = frozenset(
    {"firewall", "interfaces", "nat", "nat64", "nat66", "policy", "port-forward", "protocols", "service", "system"}
    | {"zone-policy"}
)
#: All words that stand at the left margin; inside a block one of them shows that a brace is missing.
MARGIN = SECTIONS | {
    "cluster", "container", "content-inspection", "custom-attribute", "high-availability", "load-balance",
    "load-balancing", "pki", "qos", "traffic-control", "traffic-policy", "vpn", "vrf",
}  # fmt: skip
#: What is kept of sections that hold much else.
PARTS = {
    "service": frozenset({"nat", "upnp", "upnp2"}),
    "protocols": frozenset({"static"}),
    "system": frozenset({"gateway-address", "host-name", "login"}),
}
#: Words below which secrets stand, or nothing that is needed.
CLOSED = frozenset(
    {"authentication", "password", "user-id", "username", "private-key", "preshared-key", "pre-shared-secret", "tls"}
    | {"login", "peer", "user", "public-key", "shared-secret-key", "shared-secret-key-file", "wpa", "wpa-psk"}
)

#: Words of a session that admins copy along.
SESSION = frozenset({"configure", "commit", "save", "exit", "commit ; save"})

_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|\'([^\']*)\'|(\S+)')
_ESCAPED = re.compile(r"\\(.)")
#: `vyos@edge:~$ show configuration commands`, `ubnt@edge# show`, `[edit]`
_PROMPT = re.compile(r"^(?:\[edit.*\]|\S+@\S+[:~#$>].*)$")


def kept(path: tuple[str, ...]) -> bool:
    """Tell whether the words below a path are kept: only what matters for reachability, and no secrets."""
    section = path[0]
    if section not in SECTIONS or (len(path) > 1 and path[1] not in PARTS.get(section, path[1:2])):
        return False
    return len(path) < 2 or section not in {"interfaces", "system"} or path[-1] not in CLOSED


def grow(export: Export, path: Iterable[str], line: int) -> Node | None:
    """Add a path to the tree and give its last node; None as soon as a word of it is not kept."""
    node = export.root
    walked: tuple[str, ...] = ()
    for word in path:
        walked = (*walked, word)
        found = node.children.get(word)
        if found is None:
            export.nodes += 1
            found = node.children[word] = Node(line=line)
        node = found
        if not kept(walked):
            return None
    return node


def read(artifacts: Artifacts, name: str) -> Export:
    """Read a configuration text; what does not fit its form is a problem, and damage is told.

    Where braces do not pair (somebody took out a line before sending the file), the indentation tells which blocks are
    whole, so that a gap in a part that does not matter does no harm.
    """
    reader = _Reader(Export(file=name, root=Node(line=0)), by_indentation=False)
    reader.run(artifacts, name)
    if reader.unpaired:
        reader = _Reader(Export(file=name, root=Node(line=0)), by_indentation=True)
        reader.run(artifacts, name)
    return reader.export


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    """An open block: its path, its indentation, and whether its content is kept."""

    path: tuple[str, ...] = ()
    indentation: int = -1
    is_kept: bool = True


class _Reader:
    """Goes through the lines with the stack of open blocks."""

    def __init__(self, export: Export, *, by_indentation: bool) -> None:
        self.export = export
        self.by_indentation = by_indentation
        self.unpaired = False
        self.stack: list[_Block] = [_Block()]
        self.in_comment = False

    def run(self, artifacts: Artifacts, name: str) -> None:
        for number, line in _bounded(artifacts, name):
            if number < 0 or self.export.nodes > MAX_NODES:
                self.damage(abs(number), "the export is too long; the rest was left out")
                return
            self.line(number, line)
        if len(self.stack) > 1:
            self.gap(None, self.stack[1:], "the export ends inside a block: rules may be missing")

    def damage(self, number: int | None, message: str) -> None:
        self.export.damaged = True
        self.problem(number, message)

    def problem(self, number: int | None, message: str) -> None:
        if len(self.export.problems) < MAX_PROBLEMS:
            self.export.problems.append(
                Problem(citation=Citation(file=self.export.file, line=number), message=message),
            )

    def gap(self, number: int | None, blocks: list[_Block], message: str) -> None:
        """Tell that braces do not pair; that is damage where rules may stand in one of the blocks."""
        self.unpaired = True
        if any(block.is_kept for block in blocks):
            self.damage(number, message)
        else:
            self.problem(number, message)

    def line(self, number: int, text: str) -> None:
        indentation = len(text) - len(text.lstrip())
        text = self._without_comment(text)
        if not text or text.startswith("//"):
            return
        is_open = len(self.stack) > 1
        if text == "}":
            self._close(number, indentation)
        elif text.endswith("{") and (text == "{" or text[-2].isspace()):
            self._open(number, indentation, text[:-1])
        elif not is_open and text.startswith("set "):
            self._leaf(number, self._split(number, text[4:]))
        elif is_open:
            self._leaf(number, self._split(number, text))
        elif text in SESSION or text.startswith("comment ") or _PROMPT.match(text):
            return
        else:
            self.damage(number, "not a line of a configuration; it was left out")

    def _without_comment(self, text: str) -> str:
        text = text.strip()
        if self.in_comment:
            _, end, text = text.partition("*/")
            self.in_comment = not end
            text = text.strip()
        while text.startswith("/*"):
            _, end, text = text.partition("*/")
            self.in_comment = not end
            text = text.strip()
        return "" if self.in_comment else text

    def _open(self, number: int, indentation: int, text: str) -> None:
        top = self.stack[-1]
        added = self._split(number, text)
        if len(self.stack) > MAX_DEPTH or not added:
            self.damage(number, "a block without a name, or one inside too many others")
            self.stack.append(_Block(path=top.path, indentation=indentation, is_kept=False))
            return
        if indentation == 0 and len(self.stack) > 1 and added[0] in MARGIN:
            self.unpaired = True
        path = (*top.path, *added)
        is_kept = top.is_kept and grow(self.export, path, number) is not None
        self.stack.append(_Block(path=path, indentation=indentation, is_kept=is_kept))

    def _close(self, number: int, indentation: int) -> None:
        top = self.stack[-1]
        if len(self.stack) == 1 or (self.by_indentation and indentation > top.indentation):
            self.gap(number, [top], "a block is closed that was never opened: a line is missing before")
            return
        while len(self.stack) > 1:
            closed = self.stack.pop()
            if not self.by_indentation or indentation >= closed.indentation:
                return
            self.gap(number, [closed], "a block is not closed: a line is missing before")

    def _leaf(self, number: int, added: tuple[str, ...]) -> None:
        top = self.stack[-1]
        if top.is_kept and added:
            grow(self.export, (*top.path, *added), number)

    def _split(self, number: int, text: str) -> tuple[str, ...]:
        found: list[str] = []
        for match in _WORD.finditer(text):
            double, single, bare = match.groups()
            if bare is not None and bare[0] in "\"'":
                self.damage(number, "a quoted text does not end")
            word = _ESCAPED.sub(r"\1", double) if double is not None else single if single is not None else bare
            found.append(word if word.isprintable() else "".join(one if one.isprintable() else "�" for one in word))
        if len(found) > MAX_DEPTH or "{" in found or "}" in found:
            self.damage(number, "a line with too many words, or with a brace inside; it was left out")
            return ()
        return tuple(found)


def _bounded(artifacts: Artifacts, name: str) -> Iterator[tuple[int, str]]:
    """Go through the lines; a negative number tells that the file goes on beyond what is read."""
    size = 0
    for number, raw in lines(artifacts, name):
        size += len(raw) + 1
        if size > MAX_BYTES or len(raw) >= MAX_LINE_BYTES:
            yield -number, ""
            return
        yield number, decoded(raw)
