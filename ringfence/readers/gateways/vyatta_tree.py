"""A Vyatta configuration (VyOS, EdgeOS, USG) as a tree of words, however it was exported."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ringfence.model.evidence import Citation, Problem
from ringfence.readers.linux import notation

#: Words of one rule that are shown.
MAX_SHOWN = 60
MAX_PROBLEMS = 500


@dataclass(slots=True, kw_only=True)
class Node:
    """One word of the configuration with the words below it; a value is a word with nothing below.

    ``rule 10 { action accept }``, ``set … rule 10 action accept`` and ``"rule": {"10": {"action": "accept"}}`` are the
    same four nodes. ``line`` is where the word first occurs.
    """

    line: int
    children: dict[str, "Node"] = field(default_factory=dict)

    def at(self, *path: str) -> "Node | None":
        """Find the node below this one; None when the configuration does not have it."""
        found: Node | None = self
        for word in path:
            found = found.children.get(word) if found is not None else None
        return found

    def has(self, *path: str) -> bool:
        """Tell whether the configuration has this node."""
        return self.at(*path) is not None

    def values(self, *path: str) -> tuple[str, ...]:
        """Give all words directly below a node: the values of a leaf, the names of a list."""
        found = self.at(*path)
        return tuple(found.children) if found is not None else ()

    def value(self, *path: str) -> str:
        """Give the last value of a leaf, as a device keeps it; empty when there is none."""
        values = self.values(*path)
        return values[-1] if values else ""

    def below(self, *path: str) -> tuple[tuple[str, "Node"], ...]:
        """Give the names and nodes directly below a node."""
        found = self.at(*path)
        return tuple(found.children.items()) if found is not None else ()

    def numbered(self, *path: str) -> tuple[tuple[str, "Node"], ...]:
        """Give the rules below a node in the order of their numbers, which is the order in which they are applied."""
        return tuple(sorted(self.below(*path), key=lambda pair: (not pair[0].isdecimal(), pair[0].zfill(12))))


def words(node: Node) -> str:
    """Show what stands below a node in the words of the export: ``action accept; destination port 5060``."""
    shown: list[str] = []
    for path in _paths(node, ()):
        if len(shown) == MAX_SHOWN:
            shown.append("…")
            break
        shown.append(" ".join(path))
    return notation.shortened("; ".join(shown))


def _paths(node: Node, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for word, child in node.children.items():
        if child.children:
            yield from _paths(child, (*above, word))
        else:
            yield (*above, word)


@dataclass(slots=True, kw_only=True)
class Export:
    """One export while it is compiled: its tree, its file, and the problems found so far.

    ``damaged`` tells that a part of it is missing or could not be read. ``nodes`` counts the tree's.
    """

    file: str
    root: Node
    problems: list[Problem] = field(default_factory=list)
    damaged: bool = False
    nodes: int = 0

    def place(self, node: Node | None) -> Citation:
        """Cite a node; the whole file where there is none."""
        return Citation(file=self.file, line=node.line if node is not None and node.line > 0 else None)

    def problem(self, node: Node | None, message: str) -> None:
        """Keep something that could not be understood."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(citation=self.place(node), message=message))
