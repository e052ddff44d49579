"""The files put side by side: one clock, lines that several files hold counted once, forged lines thrown out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import unquote_to_bytes

from ringfence.events.schema import Anomaly, AnomalyKind, Authentication, LogSource
from ringfence.model.evidence import Citation, Problem
from ringfence.readers.artifacts import decoded
from ringfence.readers.logs.clock import Clock
from ringfence.readers.logs.grammar import read_line
from ringfence.readers.logs.reading import LogReading, Row, Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """All rows in UTC, in order of time, each once; ``user_agents`` are (UTC time, account, name)."""

    rows: tuple[Row, ...]
    user_agents: tuple[tuple[datetime, str, str], ...]
    sources: tuple[LogSource, ...]
    problems: tuple[Problem, ...]


def merge(readings: Sequence[LogReading], clock: Clock) -> Merged:
    """Put the readings of all files of one machine together."""
    forged = {text for reading in readings for text in (*reading.forged, *_dialled_lines(reading))}
    rows: list[Row] = []
    problems: list[Problem] = []
    seen: set[tuple[datetime, str, str, int]] = set()
    for reading in readings:
        undated = 0
        counts: Counter[tuple[datetime, str, str]] = Counter()
        for sighting in _true(reading, forged):
            at = clock.utc(sighting.stamp, reading.file)
            if at is None:
                undated += 1
                continue
            if sighting.message:
                # The same thread can write the same line several times a second: the n-th of this file is the n-th
                # of the other, and is counted once.
                key = (at.replace(microsecond=0), sighting.thread, sighting.message)
                counts[key] += 1
                if (*key, counts[key]) in seen:
                    continue
                seen.add((*key, counts[key]))
            rows.append(sighting.row if sighting.row.at == at else replace(sighting.row, at=at))
        problems.extend(reading.problems)
        if undated:
            message = f"{undated} events were left out: the year of their lines cannot be told"
            problems.append(Problem(citation=Citation(file=reading.file), message=message))
    return Merged(
        rows=tuple(sorted(rows, key=_order)),
        user_agents=tuple(sorted(_user_agents(readings, clock))),
        sources=tuple(_source(reading, clock) for reading in readings),
        problems=tuple(problems),
    )


def _order(row: Row) -> tuple[datetime, str, int]:
    at = row.at
    assert at is not None, "every sighting has a time"  # noqa: S101 - Anomaly.at is None only where others make one
    return at, row.citation.file, row.citation.line or 0


def _true(reading: LogReading, forged: set[str]) -> Iterator[Sighting]:
    for sighting in reading.sightings:
        if sighting.text and sighting.text in forged:
            words = "this line is text of a sender: the same line stands inside a message elsewhere in the logs"
            row = Anomaly(
                at=sighting.stamp.at, kind=AnomalyKind.FORGED_LINE, text=words, citation=sighting.row.citation
            )
            yield replace(sighting, row=row, thread=AnomalyKind.FORGED_LINE.value)
        else:
            yield sighting


def _dialled_lines(reading: LogReading) -> Iterator[str]:
    """Give the log lines inside the numbers that callers dialled.

    chan_sip writes the number into its security events as it came (``9%0A%5B2026-11-23…``), but decodes it elsewhere.
    """
    for sighting in reading.sightings:
        row = sighting.row
        if isinstance(row, Authentication) and row.via_security and "%0a" in row.account.lower():
            lines = unquote_to_bytes(row.account.encode("utf-8", "replace")).split(b"\n")[1:]
            yield from (decoded(line.removesuffix(b"\r")) for line in lines if read_line(line) is not None)


def _user_agents(readings: Iterable[LogReading], clock: Clock) -> Iterator[tuple[datetime, str, str]]:
    for reading in readings:
        for stamp, account, name in reading.user_agents:
            at = clock.utc(stamp, reading.file)
            if at is not None:
                yield at, account, name


def _source(reading: LogReading, clock: Clock) -> LogSource:
    return LogSource(
        file=reading.file,
        kind=reading.kind,
        lines=reading.lines,
        understood=reading.understood,
        first_at=clock.utc(reading.first, reading.file) if reading.first else None,
        last_at=clock.utc(reading.last, reading.file) if reading.last else None,
        levels=frozenset(reading.levels),
    )
