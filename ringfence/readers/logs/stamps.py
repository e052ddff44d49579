"""Times as logs write them: some name their zone, most are the wall clock's, some have no year."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum, auto

MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
#: Stands for the unknown year of the first line; a leap year, so that 29 February exists. Later years are 4 apart.
YEARLESS_START = 1904
YEARLESS_STEP = 4

# 2026-11-23 18:54:23, 2026-11-23T19:04:31.863707+00:00, 2013-02-05 23:44:42.123
_DATED = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))? ?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
# Nov 23 18:49:43, Nov  4 18:30:40
_YEARLESS = re.compile(r"([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?", re.ASCII)
# 23/Nov/2026:14:09:18 -0500
_WEB = re.compile(r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})", re.ASCII)


class Basis(Enum):
    """What a written time is: an instant, the wall clock's time, or the wall clock's time without its year."""

    INSTANT = auto()
    WALL = auto()
    YEARLESS = auto()


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time as written: ``at`` is UTC for an instant, else the digits of the wall clock dressed as UTC."""

    at: datetime
    basis: Basis


def zone_offset(text: str) -> timedelta:
    """Read ``Z``, ``+0100`` or ``-05:00``."""
    if text == "Z":
        return timedelta(0)
    digits = text[1:].replace(":", "")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
    return -size if text[0] == "-" else size


def _moment(year: int, month: int, day: int, clock: tuple[str, str, str], fraction: str | None) -> datetime | None:
    micros = int((fraction or "0")[:6].ljust(6, "0"))
    try:
        return datetime(year, month, day, int(clock[0]), int(clock[1]), int(clock[2]), micros, tzinfo=UTC)
    except ValueError:
        return None


def _less(moment: datetime, zone: str) -> datetime | None:
    try:
        return moment - zone_offset(zone)
    except OverflowError:
        return None


def dated(text: str) -> Stamp | None:
    """Read a time with its year, with or without a zone."""
    match = _DATED.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    moment = _moment(int(year), int(month), int(day), (hour, minute, second), fraction)
    if moment is None:
        return None
    if zone is None:
        return Stamp(moment, Basis.WALL)
    instant = _less(moment, zone)
    return None if instant is None else Stamp(instant, Basis.INSTANT)


def web_dated(text: str) -> Stamp | None:
    """Read the time of a web server's access log; it names its zone."""
    match = _WEB.fullmatch(text)
    if match is None or match[2] not in MONTHS:
        return None
    moment = _moment(int(match[3]), MONTHS[match[2]], int(match[1]), (match[4], match[5], match[6]), None)
    instant = None if moment is None else _less(moment, match[7])
    return None if instant is None else Stamp(instant, Basis.INSTANT)


class FileDates:
    """Reads the times of one file from its first line to its last, and notices when a year without number turns."""

    def __init__(self) -> None:
        """Start before the first line."""
        self._text = ""
        self._stamp: Stamp | None = None
        self._year = YEARLESS_START
        self._month = 0

    def read(self, text: str) -> Stamp | None:
        """Read one time; lines of the same second cost nothing."""
        if text != self._text:
            self._text = text
            self._stamp = dated(text) or self._yearless(text)
        return self._stamp

    def _yearless(self, text: str) -> Stamp | None:
        match = _YEARLESS.fullmatch(text)
        if match is None or match[1] not in MONTHS:
            return None
        month = MONTHS[match[1]]
        # December to January, but not November's line between two of December: months apart, backwards.
        year = self._year + YEARLESS_STEP if self._month - month > 6 else self._year
        moment = _moment(year, month, int(match[2]), (match[3], match[4], match[5]), match[6])
        if moment is None or year > YEARLESS_START + 400:
            return None
        self._year, self._month = year, month
        return Stamp(moment, Basis.YEARLESS)
