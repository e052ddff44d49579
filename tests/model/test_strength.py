import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.finding import Severity
from ringfence.model.secret import Secret
from ringfence.model.strength import COMMON_WORDS, equals_name, weakness

NAMES = ("2001", "2001", "Main Office")


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("password", Severity.HIGH),
        ("Asterisk", Severity.HIGH),
        ("ext2001!", Severity.HIGH),
        ("20012001", Severity.HIGH),
        ("1002", Severity.HIGH),
        ("48213907", Severity.HIGH),
        ("482139075", Severity.MEDIUM),
        ("office77", Severity.HIGH),
        ("mainoffice", Severity.HIGH),
        ("eciffO1", Severity.HIGH),
        ("kT9!x", Severity.HIGH),
        ("aaaaaaaaaaaaaaaa", Severity.HIGH),
        ("abcdefghijklmnop", Severity.HIGH),
        ("kT9xQ2mW", Severity.MEDIUM),
        ("kT9xQ2mWz", Severity.MEDIUM),
        ("kT9!xQ2m", None),
        ("kT9xQ2mWzL4v", None),
        ("0d33abadb96b8b85abf58dd373374b3c", None),
        ("0d33abad2001b8b85abf58dd373374b3", None),
        ("48213907551920384756", None),
        ("", None),
    ],
)
def test_weakness(text: str, severity: Severity | None) -> None:
    weak = weakness(Secret(text), NAMES)
    assert (weak.severity if weak else None) is severity


@pytest.mark.parametrize(
    ("text", "equal"), [("2001", True), ("MAIN OFFICE", True), ("20011", False), ("", False), ("2002", False)]
)
def test_a_secret_that_is_a_name(text: str, *, equal: bool) -> None:
    assert equals_name(Secret(text), (*NAMES, "")) is equal


@given(st.text(max_size=40), st.lists(st.text(max_size=12), max_size=4))
def test_the_reason_is_one_of_a_few_sentences_and_never_the_secret(text: str, names: list[str]) -> None:
    weak = weakness(Secret(text), tuple(names))
    if weak is not None:
        reasons = {
            "is one of the words that guessing tools try first",
            "is made from the extension or its name",
            "has 8 digits or fewer and nothing else",
            "repeats or counts up the same few characters",
            "is shorter than 8 characters",
            "consists of digits only",
            "is shorter than 12 characters, letters and digits only",
        }
        assert weak.reason in reasons


def test_the_words_are_lower_case_so_that_comparing_finds_them() -> None:
    assert all(word == word.casefold() for word in COMMON_WORDS)
