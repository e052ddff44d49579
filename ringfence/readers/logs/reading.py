"""What one log file told, before its times are put on one clock and the files are put side by side."""

from dataclasses import dataclass, field
from datetime import datetime

from ringfence.events.schema import (
    Anomaly,
    AnomalyKind,
    Authentication,
    Call,
    FileRequest,
    Login,
    Registration,
)
from ringfence.model.evidence import Citation, Problem
from ringfence.model.site import Address
from ringfence.readers.logs.stamps import Stamp

Row = Registration | Authentication | Call | FileRequest | Login | Anomaly

#: A file that is nothing but problems is not worth more lines than this.
MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A row with its time as written.

    ``text`` is the log line, where another file may hold the same one; ``thread`` the id of the thread that wrote it;
    ``message`` what the line says after its head. They are empty where there is no such thing.
    """

    row: Row
    stamp: Stamp
    text: str = ""
    thread: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSample:
    """One line that tells a moment twice: as the wall clock showed it and as an instant."""

    stamp: Stamp
    instant: datetime


@dataclass(slots=True, kw_only=True)
class LogReading:
    """Collects what a reader finds in one file.

    ``forged`` are whole lines that turned out to be text of a sender: equal lines anywhere are forged too.
    ``user_agents`` are (time, account, name) of the lines that name a phone's software.
    """

    file: str
    kind: str
    lines: int = 0
    understood: int = 0
    levels: set[str] = field(default_factory=set)
    first: Stamp | None = None
    last: Stamp | None = None
    sightings: list[Sighting] = field(default_factory=list)
    samples: list[ClockSample] = field(default_factory=list)
    forged: set[str] = field(default_factory=set)
    user_agents: list[tuple[Stamp, str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unlisted_problems: int = 0

    def saw(self, stamp: Stamp | None) -> None:
        """Take the time of a line into the span that the file covers."""
        if stamp is not None:
            self.first = self.first or stamp
            self.last = stamp

    def problem(self, line: int, message: str) -> None:
        """Keep a problem, as long as there are not too many."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(citation=Citation(file=self.file, line=line), message=message))
        else:
            self.unlisted_problems += 1

    def anomaly(  # noqa: PLR0913 - what a mark consists of
        self,
        stamp: Stamp,
        kind: AnomalyKind,
        text: str,
        line: int,
        *,
        address: Address | None = None,
        message: str = "",
    ) -> None:
        """Keep a mark that evidence was forged, lost or suppressed; ``message`` is what the line itself says."""
        citation = Citation(file=self.file, line=line)
        row = Anomaly(at=stamp.at, kind=kind, text=text, address=address, citation=citation)
        self.sightings.append(Sighting(row=row, stamp=stamp, thread=kind.value, message=message))

    def close(self) -> None:
        """Say how many more problems there were."""
        if self.unlisted_problems:
            message = f"{self.unlisted_problems} more lines of this file had problems"
            self.problems.append(Problem(citation=Citation(file=self.file), message=message))
