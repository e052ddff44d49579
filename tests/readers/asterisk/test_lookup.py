import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.readers.asterisk import dialplan
from ringfence.readers.asterisk.lookup import Lookup, fits
from tests.readers.asterisk.material import etc


def lookup(text: str) -> Lookup:
    facts = dialplan.read(etc(extensions=text)).facts
    assert facts is not None
    return Lookup(facts)


@pytest.mark.parametrize(
    ("pattern", "number", "fitting"),
    [
        ("_9011.", "901144", True),
        ("_9011.", "9011", False),
        ("_9011!", "9011", True),
        ("_NXX-XX.", "5551234", True),
        ("_NXX", "155", False),
        ("_Z", "0", False),
        ("_[0-46-9*#]X", "*1", True),
        ("_[0-46-9]X", "51", False),
        ("_s-.", "s-BUSY", True),
        ("1001", "1001", True),
        ("1001", "10010", False),
        ("_[", "[", True),
    ],
)
def test_patterns(pattern: str, number: str, fitting: object) -> None:
    assert fits(pattern, number) is fitting


def names(found: list[tuple[str, object]]) -> list[str]:
    return [home for home, _ in found]


def test_the_context_comes_before_its_includes_and_a_name_before_a_pattern() -> None:
    plan = lookup(
        "[a]\ninclude => b\ninclude => c\nexten => _1X.,1,Answer()\nexten => 1001,1,Answer()\n"
        "[b]\nexten => 1001,1,Answer()\nexten => 2001/_55X,1,Answer()\n[c]\nexten => _2X.,1,Answer()\ninclude => a\n"
    )
    assert [(home, each.pattern) for home, each in plan.find("a", "1001")] == [("a", "1001")]
    assert [(home, each.pattern) for home, each in plan.find("a", "2001")] == [("b", "2001/_55X")]
    assert plan.find("a", "3001") == []
    assert plan.find("nowhere", "1001") == []
    assert len(list(plan.everything("a"))) == 5


def test_a_text_with_variables_resembles_what_its_ends_allow() -> None:
    plan = lookup("[a]\nexten => s-BUSY,1,Answer()\nexten => s-ANSWER,1,Answer()\nexten => t,1,Answer()\n")
    assert {each.pattern for _, each in plan.resembling("a", "s-${DIALSTATUS}")} == {"s-BUSY", "s-ANSWER"}


@settings(max_examples=1000)
@given(st.text(alphabet="_XNZ[]-.!0129*#", max_size=20), st.text(alphabet="0129*#-", max_size=10))
def test_no_pattern_is_too_odd(pattern: str, number: str) -> None:
    assert fits(pattern, number) in {True, False}
