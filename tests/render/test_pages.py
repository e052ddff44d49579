"""The card of a finding takes from a check's page what helps to judge it."""

from dataclasses import dataclass

from ringfence.render.pages import manual

PAGE = """Anyone can read the files.

## How it is exploited

The names are known,
so the files are.

## When it is acceptable

Never: use a VPN. Or wait.
"""


@dataclass(frozen=True)
class Page:
    """A check as far as its page goes."""

    name: str
    page: str


def test_the_sections_are_found_and_unwrapped() -> None:
    found = manual("open", [Page("other", ""), Page("open", PAGE)])
    assert found is not None
    assert found.exploited == "The names are known, so the files are."
    assert found.acceptable == "Never: use a VPN. Or wait."
    assert found.acceptable_briefly == "Never: use a VPN."


def test_a_page_without_sections_says_nothing() -> None:
    found = manual("open", [Page("open", "Only a sentence.")])
    assert found is not None
    assert (found.exploited, found.acceptable, found.acceptable_briefly) == ("", "", "")


def test_a_check_that_does_not_exist_has_no_page() -> None:
    assert manual("open", []) is None


def test_the_checks_of_the_program_are_found() -> None:
    found = manual("tftp-reachable-from-internet")
    assert found is not None
    assert found.exploited
    assert found.acceptable
