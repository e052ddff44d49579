"""What is collected from one file."""

from datetime import UTC, datetime

from ringfence.events.schema import AnomalyKind
from ringfence.readers.logs.reading import MOST_PROBLEMS, LogReading
from ringfence.readers.logs.stamps import Basis, Stamp


def test_problems_are_bounded_and_counted() -> None:
    reading = LogReading(file="f", kind="asterisk")
    for number in range(MOST_PROBLEMS + 5):
        reading.problem(number, "bad")
    reading.close()
    assert len(reading.problems) == MOST_PROBLEMS + 1
    assert "5 more lines" in reading.problems[-1].message


def test_the_span_runs_from_the_first_to_the_last_time() -> None:
    reading = LogReading(file="f", kind="asterisk")
    early, late = (Stamp(datetime(2026, 11, day, tzinfo=UTC), Basis.WALL) for day in (1, 2))
    reading.saw(early)
    reading.saw(None)
    reading.saw(late)
    assert (reading.first, reading.last) == (early, late)


def test_an_anomaly_cites_its_line() -> None:
    reading = LogReading(file="f", kind="asterisk")
    stamp = Stamp(datetime(2026, 11, 1, tzinfo=UTC), Basis.WALL)
    reading.anomaly(stamp, AnomalyKind.DISCARDED, "lost", 7)
    assert str(reading.sightings[0].row.citation) == "f:7"
