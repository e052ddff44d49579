import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.readers.asterisk.comments import uncommented


@pytest.mark.parametrize(
    ("line", "depth", "left", "after"),
    [
        ("secret=FAKE-1", 0, "secret=FAKE-1", 0),
        ("displayconnects=no ;only effects 1.6+", 0, "displayconnects=no ", 0),
        (";permit=0.0.0.0/0.0.0.0", 0, "", 0),
        (r"secret=FAKE\;semi;comment", 0, "secret=FAKE;semi", 0),
        (";--------------------------------------------------------;", 0, "", 0),
        (";--== end of [ext-local] ==--;", 0, "", 0),
        (";--== end ==--;context=a", 0, "context=a", 0),
        ("a=1 ;-- gone", 0, "a=1 ", 1),
        ("context=from-internal", 1, "", 1),
        ("inside --; b=2", 1, " b=2", 0),
        (";-- deeper", 1, "", 2),
        ("--; still --; c=3", 2, " c=3", 0),
        ("a;--b--;c;--d--;e", 0, "ace", 0),
        (r"a=x\;y\;z", 0, "a=x;y;z", 0),
    ],
)
def test_comments_are_cut_as_asterisk_cuts_them(line: str, depth: int, left: str, after: int) -> None:
    assert uncommented(line, depth) == (left, after)


def test_an_end_that_closes_nothing_hides_what_follows_as_in_asterisk() -> None:
    text, depth = uncommented("a=1 --; b=2", 0)
    assert (text, depth) == ("a=1 --; b=2", -1)
    assert uncommented("c=3", depth) == ("", -1)
    assert uncommented(";--", depth) == ("", 0)


@settings(max_examples=1000)
@given(st.text(alphabet=";-\\a= ", max_size=60), st.integers(-2, 3))
def test_no_line_is_too_odd(line: str, depth: int) -> None:
    text, _ = uncommented(line, depth)
    assert len(text) <= len(line)
