"""Times as logs write them."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.readers.logs.stamps import YEARLESS_START, Basis, FileDates, dated, web_dated


def at(year: int, month: int, day: int, *clock: int) -> datetime:
    return datetime(year, month, day, *clock, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "moment", "basis"),
    [
        ("2026-11-23 18:54:23", at(2026, 11, 23, 18, 54, 23), Basis.WALL),
        ("2026-11-23 18:54:23.123", at(2026, 11, 23, 18, 54, 23, 123000), Basis.WALL),
        ("2026-11-23T19:04:31.863707+00:00", at(2026, 11, 23, 19, 4, 31, 863707), Basis.INSTANT),
        ("2026-11-23T14:05:20.123-0500", at(2026, 11, 23, 19, 5, 20, 123000), Basis.INSTANT),
        ("2026-11-23T14:05:20Z", at(2026, 11, 23, 14, 5, 20), Basis.INSTANT),
    ],
)
def test_times_with_their_year(text: str, moment: datetime, basis: Basis) -> None:
    found = dated(text)
    assert found is not None
    assert (found.at, found.basis) == (moment, basis)


def test_the_time_of_a_web_server() -> None:
    found = web_dated("23/Nov/2026:14:09:18 -0500")
    assert found is not None
    assert found.at == at(2026, 11, 23, 19, 9, 18)


def test_a_year_turns_when_the_months_go_back() -> None:
    dates = FileDates()
    stamps = [dates.read(text) for text in ("Dec 31 23:59:59", "Jan  1 00:00:01", "Mar  1 15:35:53", "Feb 28 00:00:00")]
    assert [stamp and (stamp.at.year - YEARLESS_START, stamp.at.month) for stamp in stamps] == [
        (0, 12),
        (4, 1),
        (4, 3),
        (4, 2),
    ]


def test_the_29th_of_february_needs_no_year() -> None:
    stamp = FileDates().read("Feb 29 12:00:00")
    assert stamp is not None
    assert stamp.at.day == 29


@given(st.text(max_size=40))
def test_any_text_is_a_time_or_none(text: str) -> None:
    FileDates().read(text)
    web_dated(text)


@given(st.from_regex(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d([+-]\d\d:\d\d)?", fullmatch=True))
def test_impossible_times_are_none_and_never_raise(text: str) -> None:
    dated(text)
