"""Wall clocks as UTC."""

from datetime import UTC, datetime, timedelta

import pytest

from ringfence.readers.logs.clock import Clock, set_clock
from ringfence.readers.logs.reading import ClockSample, LogReading
from ringfence.readers.logs.stamps import Basis, FileDates, Stamp


def utc(*parts: int) -> datetime:
    return datetime(parts[0], *parts[1:], tzinfo=UTC)  # type: ignore[misc,arg-type]


def wall(*parts: int) -> Stamp:
    return Stamp(utc(*parts), Basis.WALL)


def log(name: str, *stamps: Stamp | None, samples: tuple[tuple[Stamp, datetime], ...] = ()) -> LogReading:
    reading = LogReading(file=name, kind="asterisk")
    for stamp in stamps:
        reading.saw(stamp)
    reading.samples = [ClockSample(stamp=stamp, instant=instant) for stamp, instant in samples]
    return reading


def clock(*readings: LogReading, zone: str = "", modified: datetime | None = None, records: str = "") -> Clock:
    times = {} if modified is None else {reading.file: modified for reading in readings}
    return set_clock(readings, zone, times, frozenset({records}))


NOON = wall(2026, 11, 23, 12)


def test_security_events_tell_the_offset() -> None:
    found = clock(log("full", NOON), log("fail2ban", NOON, samples=((NOON, utc(2026, 11, 23, 17)),)))
    assert found.utc(NOON, "full") == utc(2026, 11, 23, 17)
    assert "UTC-05:00" in found.inferred[0]


def test_call_records_tell_it_where_security_events_do_not() -> None:
    record = log("db/cdr.tsv", NOON, samples=((NOON, utc(2026, 11, 23, 6, 30)),))
    assert clock(log("full", NOON), record, records="db/cdr.tsv").utc(NOON, "full") == utc(2026, 11, 23, 6, 30)
    event = log("fail2ban", NOON, samples=((NOON, utc(2026, 11, 23, 17)),))
    assert clock(event, record, records="db/cdr.tsv").utc(NOON, "full") == utc(2026, 11, 23, 17)


def test_without_evidence_the_named_zone_counts_then_utc_with_a_note() -> None:
    assert clock(log("full", NOON), zone="America/New_York").utc(NOON, "full") == utc(2026, 11, 23, 17)
    found = clock(log("full", NOON))
    assert found.utc(NOON, "full") == NOON.at
    assert found.inferred == ("no line tells the time zone of the logs: their times are taken as UTC",)


def test_summer_time_by_the_named_zone_and_else_by_the_nearest_event() -> None:
    summer, winter = wall(2026, 7, 1, 12), wall(2026, 12, 1, 12)
    events = log("fail2ban", summer, winter, samples=((summer, utc(2026, 7, 1, 16)), (winter, utc(2026, 12, 1, 17))))
    for zone in ("", "America/New_York"):
        found = clock(events, zone=zone)
        assert found.utc(wall(2026, 7, 20, 12), "full") == utc(2026, 7, 20, 16)
        assert found.utc(wall(2026, 11, 20, 12), "full") == utc(2026, 11, 20, 17)
    assert clock(events, zone="America/New_York").utc(wall(2026, 10, 1, 12), "full") == utc(2026, 10, 1, 16)


def test_a_named_zone_that_the_logs_contradict_is_not_used() -> None:
    found = clock(log("fail2ban", NOON, samples=((NOON, NOON.at),)), zone="Asia/Tokyo")
    assert found.utc(NOON, "full") == NOON.at
    assert "do not run on the time of Asia/Tokyo" in found.inferred[0]


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "\0"])
def test_a_zone_that_does_not_exist_is_told(zone: str) -> None:
    assert "is not known" in clock(log("full", NOON), zone=zone).inferred[0]


def test_a_sample_off_the_quarter_of_an_hour_shows_no_offset() -> None:
    found = clock(log("fail2ban", NOON, samples=((NOON, NOON.at + timedelta(minutes=7)),)))
    assert found.utc(NOON, "full") == NOON.at


def test_an_instant_needs_no_clock() -> None:
    stamp = Stamp(utc(2026, 11, 23, 12), Basis.INSTANT)
    assert clock(log("f", NOON), zone="Asia/Tokyo").utc(stamp, "f") == stamp.at


def yearless(*texts: str) -> list[Stamp]:
    dates = FileDates()
    stamps = [dates.read(text) for text in texts]
    return [stamp for stamp in stamps if stamp is not None]


def test_the_year_comes_from_the_other_logs() -> None:
    (stamp,) = yearless("Nov 23 14:05:17")
    found = clock(log("var/log/syslog", stamp), log("full", NOON), modified=utc(2027, 6, 1))
    assert found.utc(stamp, "var/log/syslog") == utc(2026, 11, 23, 14, 5, 17)
    assert "from the other logs" in found.inferred[0]


def test_the_year_comes_from_the_files_change() -> None:
    for text, year in (
        ("Nov 23 14:05:17", 2025),
        ("Jan  2 00:00:00", 2026),
        ("Jan  4 00:00:00", 2026),
        ("Jan 20 00:00:00", 2025),
    ):
        (stamp,) = yearless(text)
        at = clock(log("var/log/syslog", stamp), modified=utc(2026, 1, 3)).utc(stamp, "var/log/syslog")
        assert at is not None
        assert at.year == year, text


def test_the_year_comes_from_the_name() -> None:
    (stamp,) = yearless("Nov 17 14:05:17")
    name = "var/log/messages-20241118"
    assert clock(log(name, stamp), log("full", NOON)).utc(stamp, name) == utc(2024, 11, 17, 14, 5, 17)


def test_the_year_comes_from_a_security_event() -> None:
    (stamp,) = yearless("Dec 21 12:57:01")
    found = clock(log("full", stamp, samples=((stamp, utc(2021, 12, 21, 12, 57, 1)),)), log("other", NOON))
    assert found.utc(stamp, "full") == utc(2021, 12, 21, 12, 57, 1)


def test_new_year_turns_inside_a_file() -> None:
    stamps = yearless("Dec 31 23:59:59", "Jan  1 00:00:01")
    found = clock(log("var/log/syslog", *stamps), modified=utc(2026, 1, 2))
    assert [found.utc(stamp, "var/log/syslog") for stamp in stamps] == [
        utc(2025, 12, 31, 23, 59, 59),
        utc(2026, 1, 1, 0, 0, 1),
    ]


def test_a_year_that_nothing_tells_is_unknown() -> None:
    (stamp,) = yearless("Nov 23 14:05:17")
    assert clock(log("var/log/syslog", stamp)).utc(stamp, "var/log/syslog") is None


def test_the_end_of_time_is_none() -> None:
    assert clock(log("f", NOON), zone="America/New_York").utc(wall(9999, 12, 31, 23), "f") is None
