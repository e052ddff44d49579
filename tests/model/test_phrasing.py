from datetime import UTC, datetime

import pytest

from ringfence.model.phrasing import counted, day, duration, listed, moment, named, sentence

AT = datetime(2026, 11, 3, 9, 7, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (list("abcdefgh"), "a, b, c, d, e, f and 2 more"),
        (list("abcdefg"), "a, b, c, d, e, f and g"),
    ],
)
def test_lists_read_as_people_say_them(items: list[str], expected: str) -> None:
    assert listed(items) == expected


@pytest.mark.parametrize(
    ("number", "expected"), [(0, "no tries"), (1, "one try"), (12, "twelve tries"), (1300, "1,300 tries")]
)
def test_small_numbers_are_words(number: int, expected: str) -> None:
    assert counted(number, "try", "tries") == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (1, "1 second"),
        (0.4, "0 seconds"),
        (119, "119 seconds"),
        (120, "2 minutes"),
        (7_200, "2 hours"),
        (200_000, "2 days"),
    ],
)
def test_durations_use_the_unit_that_says_enough(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


def test_times_name_their_zone_and_admit_that_they_are_missing() -> None:
    assert moment(AT) == "3 November 2026, 09:07:05 UTC"
    assert day(AT) == "3 November 2026"
    assert day(datetime(2026, 11, 24, 0, 30, tzinfo=UTC), "America/Chicago") == "23 November 2026"
    assert day(AT, "No/Such_Zone") == "3 November 2026"
    assert moment(None) == "an unknown time"
    assert day(None) == "an unknown day"


def test_sentences_start_large_and_keep_their_names() -> None:
    assert sentence("six PBXs") == "Six PBXs"
    assert sentence("") == ""
    assert sentence("chan_sip answers") == "chan_sip answers"
    assert named("account", ["2001", "2002"]) == "accounts 2001 and 2002"
    assert named("account", ["2001"]) == "account 2001"
