"""Which extension of a dialplan a number means: patterns, contexts and their includes (ast:main/pbx.c)."""

import re
from collections.abc import Iterator

from ringfence.model.evidence import Citation
from ringfence.model.site import Context, Dialplan, Extension

#: Extensions looked at in all searches together; the dialplan of 2,000 extensions needs about a fifth.
MAX_WORK = 1_000_000

_CLASSES = {"X": "0123456789", "Z": "123456789", "N": "23456789"}


class Lookup:
    """Finds extensions by context and number; contexts that do not exist hold nothing, as in Asterisk.

    ``exhausted`` tells that a dialplan was too large to search, and that answers are no longer complete.
    """

    def __init__(self, dialplan: Dialplan) -> None:
        """Index the dialplan once."""
        self.contexts = {context.name: context for context in dialplan.contexts}
        self.work = 0
        self._found: dict[tuple[str, str], list[tuple[str, Extension]]] = {}

    @property
    def exhausted(self) -> bool:
        """Whether the searches so far took more work than is allowed."""
        return self.work > MAX_WORK

    def reached(self, name: str) -> Iterator[Context]:
        """Go through a context and all that it includes, in the order that Asterisk searches them."""
        waiting, seen = [name], set[str]()
        while waiting and not self.exhausted:
            current = waiting.pop()
            context = self.contexts.get(current)
            if context is not None and current not in seen:
                seen.add(current)
                self.work += 1 + len(context.extensions) + len(context.includes)
                yield context
                waiting += reversed(context.includes)

    def everything(self, name: str) -> Iterator[tuple[str, Extension]]:
        """Go through all extensions that somebody in the context can dial, with the context that holds each."""
        for context in self.reached(name):
            for extension in context.extensions:
                yield context.name, extension

    def switches(self, name: str) -> Iterator[Citation]:
        """Go through the contexts whose dialplan goes on elsewhere (``switch =>``)."""
        return (context.citation for context in self.reached(name) if context.switches)

    def find(self, name: str, number: str) -> list[tuple[str, Extension]]:
        """Find a number: in the first context that has it, by name, or else by every pattern that fits."""
        if (name, number) not in self._found:
            self._found[name, number] = self._search(name, number)
        return self._found[name, number]

    def _search(self, name: str, number: str) -> list[tuple[str, Extension]]:
        for context in self.reached(name):
            exact = [each for each in context.extensions if dialled(each) == number]
            found = exact or [each for each in context.extensions if fits(dialled(each), number)]
            if found:
                return [(context.name, each) for each in found]
        return []

    def resembling(self, name: str, text: str) -> list[tuple[str, Extension]]:
        """Find what a text with unknown variables may mean: ``s-${DIALSTATUS}`` is ``s-BUSY``, but not ``t``."""
        before, after = text.partition("$")[0], text.rpartition("}")[2]

        def possible(extension: Extension) -> bool:
            own = dialled(extension)
            return own.startswith("_") or (own.startswith(before) and own.endswith(after))

        return [(home, extension) for home, extension in self.everything(name) if possible(extension)]

    @staticmethod
    def index(extension: Extension, priority: int) -> int:
        """Give the position of a priority among the steps; one past the end where there is none."""
        return extension.priorities.index(priority) if priority in extension.priorities else len(extension.steps)


def dialled(extension: Extension) -> str:
    """Give the part of a pattern that is about the number dialled; after ``/`` stands the caller's number."""
    return extension.pattern.partition("/")[0]


def fits(pattern: str, number: str) -> bool:
    """Tell whether a pattern (``_9[01]X.``) fits the whole number; ``-`` in a pattern is decoration."""
    if not pattern.startswith("_"):
        return pattern == number
    if pattern[1:2].isdecimal() and pattern[1:2] != number[:1]:
        return False
    position = 0
    for part in re.findall(r"\[[^\]]*\]|.", pattern[1:].replace("-", "") if "[" not in pattern else pattern[1:]):
        if part in {".", "!"}:
            return part == "!" or position < len(number)
        if position >= len(number) or not _holds(part, number[position]):
            return False
        position += 1
    return position == len(number)


def _holds(part: str, character: str) -> bool:
    if part.startswith("[") and len(part) > 1:
        members = part[1:-1]
        ranges = re.findall(r"(.)-(.)", members)
        return character in members.replace("-", "") or any(low <= character <= high for low, high in ranges)
    return character in _CLASSES.get(part.upper(), part)
