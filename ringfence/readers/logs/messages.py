"""One complete message of Asterisk as event rows."""

import re
from dataclasses import replace
from datetime import UTC, datetime

from ringfence.events.schema import AnomalyKind, Authentication, Login, Registration
from ringfence.model.evidence import Citation
from ringfence.readers.logs.dialplan import Dialplan
from ringfence.readers.logs.grammar import Line
from ringfence.readers.logs.notice import read_notice
from ringfence.readers.logs.reading import ClockSample, LogReading, Sighting
from ringfence.readers.logs.security_event import authentication, read_security_event
from ringfence.readers.logs.stamps import Basis, Stamp
from ringfence.readers.logs.verbose import UserAgent, read_verbose

# ERROR[7170] security_events.c: Failed to issue security event of type SuccessfulAuth.
_SUPPRESSED = re.compile(r"Failed to issue security event of type (\w{1,40})\.")
# WARNING[28086]: logger:0 ***: Logging resumed.  158329 messages discarded.  (ast:main/logger.c)
_DISCARDED = re.compile(
    r"Log queue threshold \(\d+\) exceeded\.  Discarding new messages\.|Logging resumed\.  \d+ messages? discarded\."
)
_NO_TIME = Stamp(datetime(1970, 1, 1, tzinfo=UTC), Basis.WALL)


def doubtful(sighting: Sighting) -> Sighting:
    """Take the address from what may be text of a sender."""
    row = sighting.row
    if not isinstance(row, Authentication):
        return sighting
    return replace(sighting, row=replace(row, trusted=False, address=None, port=None))


class Messages:
    """Turns the messages of one file into rows of its reading."""

    def __init__(self, reading: LogReading) -> None:
        """Write to ``reading``."""
        self._reading = reading
        self.dialplan = Dialplan()

    def read(self, line: Line, stamp: Stamp | None, number: int, text: str) -> None:
        """Take one message; ``text`` is its whole line, or empty where it had more than one."""
        citation = Citation(file=self._reading.file, line=number)
        if stamp is None:
            if line.level == "SECURITY" or read_notice(line, _NO_TIME, citation) is not None:
                self._reading.problem(number, "the time of this line is not understood; the line is left out")
            return
        if line.source == "res_security_log.c" and line.level == "SECURITY":
            self._security(line, stamp, citation, text)
        elif line.level == "VERBOSE":
            self._verbose(line, stamp, citation, text)
        elif line.level in ("NOTICE", "WARNING", "ERROR"):
            self._notice(line, stamp, citation, text)
        self.dialplan.read(line, stamp, citation)

    def _add(self, row: Registration | Authentication | Login, line: Line, stamp: Stamp, text: str) -> None:
        self._reading.sightings.append(
            Sighting(row=row, stamp=stamp, text=text, thread=line.thread, message=line.message)
        )

    def _security(self, line: Line, stamp: Stamp, citation: Citation, text: str) -> None:
        number = citation.line or 0
        event = read_security_event(line.message)
        if event is None:
            self._reading.problem(number, "this security event is not understood")
            return
        self._add(authentication(event, stamp, citation), line, stamp, text)
        if event.forged:
            self._reading.anomaly(
                stamp, AnomalyKind.FORGED_LINE, event.forged, number, address=event.remote, message=line.message
            )
        if event.time is not None and event.remote is not None:
            self._reading.samples.append(ClockSample(stamp=stamp, instant=event.time))

    def _verbose(self, line: Line, stamp: Stamp, citation: Citation, text: str) -> None:
        found = read_verbose(line, stamp, citation)
        if isinstance(found, UserAgent):
            self._reading.user_agents.append((stamp, found.account, found.name))
        elif found is not None:
            self._add(found, line, stamp, text)

    def _notice(self, line: Line, stamp: Stamp, citation: Citation, text: str) -> None:
        number = citation.line or 0
        if line.source == "security_events.c" and (event := _SUPPRESSED.fullmatch(line.message)):
            words = (
                f"Asterisk could not write a security event of type {event[1]}, because the sender's text is not valid "
                "UTF-8: who it was and from where, the log does not say"
            )
            self._reading.anomaly(stamp, AnomalyKind.SUPPRESSED_EVENT, words, number, message=line.message)
            return
        if line.source in ("logger", "logger.c") and _DISCARDED.fullmatch(line.message):
            words = f"Asterisk threw log messages away: {line.message}"
            self._reading.anomaly(stamp, AnomalyKind.DISCARDED, words, number, message=line.message)
            return
        notice = read_notice(line, stamp, citation)
        if notice is None:
            return
        row = notice.row
        if line.source.startswith("Ext. "):
            row = replace(row, service=self.dialplan.driver_of(line.call) or row.service)
        self._add(row, line, stamp, text)
        if notice.forged:
            self._reading.anomaly(
                stamp, AnomalyKind.FORGED_LINE, notice.forged, number, address=row.address, message=line.message
            )
