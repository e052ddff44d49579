from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.readers.opening_hours import parse_hours

MONDAY, SATURDAY, SUNDAY = 23, 28, 29


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute)  # noqa: DTZ001 - a local time of the site


def test_a_working_week() -> None:
    hours = parse_hours(["Mon-Fri 07:00-18:00"])
    assert hours.is_open(at(MONDAY, 7))
    assert hours.is_open(at(MONDAY, 17, 59))
    assert not hours.is_open(at(MONDAY, 18))
    assert not hours.is_open(at(MONDAY, 6, 59))
    assert not hours.is_open(at(SATURDAY, 10))


def test_several_spans_by_list_or_comma() -> None:
    for texts in (["Mo-Fr 7:00-12:00", "Sa 8:00-10:00"], ["Monday - Friday 07:00 - 12:00, saturday 08:00-10:00"]):
        hours = parse_hours(texts)
        assert hours.is_open(at(SATURDAY, 9))
        assert not hours.is_open(at(MONDAY, 13))


def test_nights_pass_midnight_and_weeks_pass_sunday() -> None:
    hours = parse_hours(["Sat-Sun 22:00-06:00"])
    assert hours.is_open(at(SUNDAY, 5))
    assert hours.is_open(at(MONDAY, 5))
    assert not hours.is_open(at(SATURDAY, 5))
    assert parse_hours(["Fri-Mon 00:00-24:00"]).is_open(at(SUNDAY, 23, 59))


@pytest.mark.parametrize("text", ["", "always", "Mon 25:00-26:00", "Xyz 07:00-08:00", "Mon 07:61-08:00", "Mon-Fri"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"Mon-Fri|no day|no time"):
        parse_hours([text])


@settings(max_examples=1000)
@given(st.lists(st.one_of(st.text(max_size=40), st.just("Mon-Fri 07:00-18:00")), max_size=4))
def test_any_text_is_read_or_refused(texts: list[str]) -> None:
    try:
        hours = parse_hours(texts)
    except ValueError:
        return
    hours.is_open(at(MONDAY, 12))
