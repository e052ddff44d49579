"""The answer to ``check``: one object that every output format shows in its own way."""

from dataclasses import dataclass
from datetime import datetime

from ringfence.model.evidence import Citation, Digest, Problem
from ringfence.model.exposure import Exposure
from ringfence.model.finding import Finding, Remedy
from ringfence.model.incident import Incident, LeakedSecret
from ringfence.model.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Something that could not be decided, and the one question or file that would decide it."""

    subject: str
    why: str
    decide_by: str = ""
    citation: Citation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of the evidence was read and understood."""

    files_read: int = 0
    lines_read: int = 0
    lines_understood: int = 0
    problems: tuple[Problem, ...] = ()
    inputs: tuple[Digest, ...] = ()
    inferred: tuple[str, ...] = ()
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that ``check`` concludes, worst first; ``verdict`` is the one sentence that answers.

    ``complete`` is False when the answer itself could not be finished (exit code 3) and ``verdict`` then says what
    failed.
    """

    site: Site
    verdict: str
    next_hour: tuple[Remedy, ...]
    exposures: tuple[Exposure, ...]
    findings: tuple[Finding, ...]
    incidents: tuple[Incident, ...]
    leaked: tuple[LeakedSecret, ...]
    unknowns: tuple[Unknown, ...]
    coverage: Coverage
    source: str
    version: str
    complete: bool = True
