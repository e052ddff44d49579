"""Wall clock times as UTC: the offset is read from the evidence, else taken from the named zone, else assumed."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ringfence.readers.logs.reading import ClockSample, LogReading
from ringfence.readers.logs.stamps import YEARLESS_START, YEARLESS_STEP, Basis, Stamp

_QUARTER = timedelta(minutes=15)
#: A line is written so soon after its moment that a sample further off a quarter of an hour shows something else.
_SLOP = timedelta(minutes=2)
_FURTHEST = timedelta(hours=15)
_FAR = timedelta(days=30)
_AGREEING_SHARE = 0.9
_NAME_DATE = re.compile(r"[-.](\d{4})-?(\d\d)-?(\d\d)(?:\D|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Turns the times of all files of one machine into UTC.

    ``walls`` and ``offsets`` are where the evidence shows the offset, in order of time; ``years`` the year of the first
    line of each file without years; ``inferred`` says in words what was assumed.
    """

    zone: ZoneInfo | None
    walls: tuple[datetime, ...] = ()
    offsets: tuple[timedelta, ...] = ()
    years: dict[str, int]
    inferred: tuple[str, ...] = ()

    def utc(self, stamp: Stamp, file: str) -> datetime | None:
        """Give the UTC time; None where a year cannot be told."""
        if stamp.basis is Basis.INSTANT:
            return stamp.at
        wall = stamp.at
        if stamp.basis is Basis.YEARLESS:
            year = self.years.get(file)
            if year is None:
                return None
            wall = with_year(wall, year)
        try:
            return wall - self._offset(wall)
        except OverflowError:
            return None

    def _offset(self, wall: datetime) -> timedelta:
        if self.zone is not None:
            return zone_offset_at(self.zone, wall)
        if not self.walls:
            return timedelta(0)
        place = bisect_left(self.walls, wall)
        if place == len(self.walls) or (place and wall - self.walls[place - 1] <= self.walls[place] - wall):
            place -= 1
        return self.offsets[place]


def zone_offset_at(zone: ZoneInfo, wall: datetime) -> timedelta:
    """Give what a wall clock in the zone is ahead of UTC at that time of its own."""
    return wall.replace(tzinfo=zone).utcoffset() or timedelta(0)


def with_year(wall: datetime, first_year: int) -> datetime:
    """Put the year into a time without one; 29 February of a year without it becomes the 28th."""
    year = first_year + (wall.year - YEARLESS_START) // YEARLESS_STEP
    try:
        return wall.replace(year=year)
    except ValueError:
        return wall.replace(year=max(1, min(year, 9999)), day=28)


def set_clock(
    readings: Sequence[LogReading], timezone: str, modified: dict[str, datetime], evidence_files: frozenset[str]
) -> Clock:
    """Work out years and offsets from all files of the machine.

    Samples of ``evidence_files`` (call records) count only where no security event tells the offset.
    """
    notes: list[str] = []
    years = _years(readings, modified, notes)
    zone = _zone(timezone, notes)
    samples = _offsets([reading for reading in readings if reading.file not in evidence_files], years)
    source = "the times that security events carry"
    if not samples:
        samples = _offsets([reading for reading in readings if reading.file in evidence_files], years)
        source = "the ids of call records, which hold the moment of each call"
    if zone is not None and samples:
        agreeing = sum(offset in _possible_offsets(zone, wall) for wall, offset in samples)
        if agreeing < _AGREEING_SHARE * len(samples):
            notes.append(f"the logs do not run on the time of {timezone}: their offset from UTC is read from {source}")
            zone = None
    if not any(_is_local(reading) for reading in readings):
        return Clock(zone=zone, years=years, inferred=tuple(notes))
    if zone is None and samples:
        notes.append(_offset_note(samples, source))
    elif zone is None:
        notes.append("no line tells the time zone of the logs: their times are taken as UTC")
    return Clock(
        zone=zone,
        walls=tuple(wall for wall, _ in samples),
        offsets=tuple(offset for _, offset in samples),
        years=years,
        inferred=tuple(notes),
    )


def _is_local(reading: LogReading) -> bool:
    return any(stamp is not None and stamp.basis is not Basis.INSTANT for stamp in (reading.first, reading.last))


def _zone(name: str, notes: list[str]) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        notes.append(f"the time zone {name!r} is not known and was not used")
        return None


def _possible_offsets(zone: ZoneInfo, wall: datetime) -> tuple[timedelta, timedelta]:
    return zone_offset_at(zone, wall), zone_offset_at(zone, wall.replace(fold=1))


def _offset_note(samples: Sequence[tuple[datetime, timedelta]], source: str) -> str:
    names = sorted({offset for _, offset in samples})
    shown = " and ".join(_shown(offset) for offset in names)
    note = f"the wall clock of the logs is {shown}, from {source}"
    if len(names) == 1 and samples[-1][0] - samples[0][0] < _FAR:
        note += "; lines of another season may be off by an hour"
    return note


def _shown(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    return f"UTC{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


def _offsets(readings: Sequence[LogReading], years: dict[str, int]) -> list[tuple[datetime, timedelta]]:
    """Give the points where the offset is known; of a run of equal ones only the first and the last."""
    points: list[tuple[datetime, timedelta]] = []
    for reading in readings:
        for sample in reading.samples:
            wall = _wall(sample.stamp, years.get(reading.file))
            offset = None if wall is None else _rounded(wall - sample.instant)
            if wall is not None and offset is not None:
                points.append((wall, offset))
    points.sort()
    return [
        point
        for place, point in enumerate(points)
        if place in (0, len(points) - 1) or not points[place - 1][1] == point[1] == points[place + 1][1]
    ]


def _wall(stamp: Stamp, year: int | None) -> datetime | None:
    match stamp.basis:
        case Basis.WALL:
            return stamp.at
        case Basis.YEARLESS:
            return None if year is None else with_year(stamp.at, year)
        case Basis.INSTANT:
            return None


def _rounded(difference: timedelta) -> timedelta | None:
    offset = round(difference / _QUARTER) * _QUARTER
    return offset if abs(difference - offset) <= _SLOP and abs(offset) <= _FURTHEST else None


def _years(readings: Sequence[LogReading], modified: dict[str, datetime], notes: list[str]) -> dict[str, int]:
    dated = [reading.last.at for reading in readings if reading.last and reading.last.basis is not Basis.YEARLESS]
    latest = max(dated, default=None)
    years: dict[str, int] = {}
    for reading in readings:
        if reading.last is None or reading.last.basis is not Basis.YEARLESS:
            continue
        year, source = _year_of(reading, latest, modified.get(reading.file))
        if year is not None:
            years[reading.file] = year
            last = year + (reading.last.at.year - YEARLESS_START) // YEARLESS_STEP
            notes.append(f"{reading.file} has no years; its last line is taken to be of {last}, from {source}")
    return years


def _year_of(reading: LogReading, latest: datetime | None, modified: datetime | None) -> tuple[int | None, str]:
    for sample in reading.samples:
        year = _sample_year(sample)
        if year is not None:
            return year, "the security events in it"
    last = reading.last
    if last is None:
        return None, ""
    named = _date_in_name(reading.file)
    if named is not None:
        return _nearest(last, named, None), "its name"
    if latest is not None:
        return _nearest(last, latest, modified), "the other logs"
    if modified is not None:
        return _nearest(last, modified - timedelta(days=150), modified), "the time the file was last changed"
    return None, ""


def _date_in_name(file: str) -> datetime | None:
    """Give the day that logrotate's dateext put into the name: ``full-20261118``, ``messages-20261118.gz``."""
    match = _NAME_DATE.search(file.rpartition("/")[2])
    try:
        return None if match is None else datetime(int(match[1]), int(match[2]), int(match[3]), tzinfo=UTC)
    except ValueError:
        return None


def _sample_year(sample: ClockSample) -> int | None:
    if sample.stamp.basis is not Basis.YEARLESS:
        return None
    turned = (sample.stamp.at.year - YEARLESS_START) // YEARLESS_STEP
    for year in (sample.instant.year - 1, sample.instant.year, sample.instant.year + 1):
        first = year - turned
        if first > 0 and abs(with_year(sample.stamp.at, first) - sample.instant) <= _FURTHEST:
            return first
    return None


def _nearest(last: Stamp, reference: datetime, modified: datetime | None) -> int | None:
    """Give the first line's year that puts the last line nearest to the reference, but not after the file's change."""
    turned = (last.at.year - YEARLESS_START) // YEARLESS_STEP
    candidates = [
        first for first in range(reference.year - turned - 1, reference.year - turned + 2) if 1900 < first < 9000
    ]
    in_time = [
        first for first in candidates if modified is None or with_year(last.at, first) <= modified + timedelta(days=2)
    ]
    return min(in_time or candidates, key=lambda first: abs(with_year(last.at, first) - reference), default=None)
