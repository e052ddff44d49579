"""The line grammar of syslog files, in the classic form and in rsyslog's form with ISO times."""

import re
from dataclasses import dataclass

# Nov 23 14:05:17 pbx in.tftpd[6297]: RRQ from 10.30.0.101 filename y000000000005.cfg
# 2026-11-23T19:04:32.856091+00:00 localhost in.tftpd[11000]: RRQ from 10.20.8.11 filename 0015657a2439.cfg
_LINE = re.compile(
    rb"(?P<date>[A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d))"
    rb" [^\s:]{1,255} (?P<program>[\w./()-]{1,64})(?:\[(?P<pid>\d{1,10})\])?: ?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyslogLine:
    """One line: its time as written, the program, its process id (or empty), and where the message begins."""

    date: str
    program: str
    pid: str
    message_start: int


def read_syslog_line(raw: bytes) -> SyslogLine | None:
    """Read the head of a line; None where it has none."""
    match = _LINE.match(raw)
    if match is None:
        return None
    return SyslogLine(
        date=match["date"].decode(),
        program=match["program"].decode(),
        pid=(match["pid"] or b"").decode(),
        message_start=match.end(),
    )
