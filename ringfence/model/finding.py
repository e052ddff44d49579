"""What is wrong: a bad state of the site, with evidence and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum

from ringfence.model.evidence import Excerpt


class Severity(StrEnum):
    """How bad, worst first in ``rank`` order."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One thing to do: a sentence and, where it can be typed, the command or the place to click."""

    text: str
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A check that fired: ``subject`` is what it is about (an account, a listener, a file), ``claim`` one sentence.

    ``id`` is stable from run to run: check name and subject.
    """

    id: str
    check: str
    severity: Severity
    subject: str
    claim: str
    evidence: tuple[Excerpt, ...]
    remedies: tuple[Remedy, ...] = ()
