"""Where a fact comes from: every claim of a report leads back to a file and a line."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Citation:
    """A place in the evidence: a path inside the bundle and, where there is one, a line (1-based)."""

    file: str
    line: int | None = None

    def __str__(self) -> str:
        """Show the place the way editors and compilers do."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Excerpt:
    """A quoted piece of evidence; ``text`` is safe to show (secrets masked, control characters escaped)."""

    citation: Citation
    text: str


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Digest:
    """The SHA-256 (hex) and the size in bytes of one input, as it was read."""

    file: str
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """Something in the evidence that could not be read or not be understood, and what that means."""

    citation: Citation
    message: str

    def __str__(self) -> str:
        """Show the place first, as all messages of the program do."""
        return f"{self.citation}: {self.message}"


Facts = TypeVar("Facts", covariant=True)  # noqa: PLC0105 - named for what it holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading(Generic[Facts]):
    """What a reader found, and what it could not read; a reader never raises on bad content."""

    facts: Facts
    problems: tuple[Problem, ...] = field(default=())
