"""What a reader needs from a machine, declared as data: it drives live collection and is what tests enumerate."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Glob:
    """Files by an absolute shell pattern; they stand in a bundle under the same path without the leading slash."""

    pattern: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """The output of a read-only command; it stands in a bundle as ``commands/NAME.txt``."""

    name: str
    argv: tuple[str, ...]


Want = Glob | Command
