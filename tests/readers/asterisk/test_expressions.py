import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.site import Dialplan
from ringfence.readers.asterisk import dialplan, expressions
from tests.readers.asterisk.material import etc

KNOWN = {"ANON": "no", "EMPTY": "", "TRUNK": "SIP/lakeside"}


def plan(text: str) -> Dialplan:
    facts = dialplan.read(etc(extensions=text)).facts
    assert facts is not None
    return facts


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ('$["${ANON}"!="yes"]', True),
        ('$["${ANON}"="no"]', True),
        ('$[ "${ANON}" == "yes" ]', False),
        ('$["x${EMPTY}"="x"]', True),
        ('$["${UNKNOWN}"="yes"]', None),
        ('$["${ANON}"="no" & "${X}"="1"]', None),
        ('$["${ANON}"="no" & "1"="2"]', None),
        ("$[${LEN(${ANON})}]", None),
        ("${EMPTY}", False),
        ("0", False),
        ("1", True),
        ("$[1 > 2]", None),
    ],
)
def test_conditions(text: str, holds: object) -> None:
    assert expressions.condition(text, KNOWN) is holds


def test_splitting_leaves_brackets_whole() -> None:
    assert expressions.split("a,f(b,c),${IF(x?1,2)}", ",") == ["a", "f(b,c)", "${IF(x?1,2)}"]
    assert expressions.split('$["${A:1}"=""]?s:t', "?", 1) == ['$["${A:1}"=""]', "s:t"]


def test_a_variable_that_something_changes_is_no_constant() -> None:
    text = "[globals]\nA=1\nB=2\nC=3\nD=4\nE=5\nPASSWORD=FAKE-x\n[x]\nexten => 1,1,Set(__A=9)\n"
    text += " same => n,ExecIf($[1]?Set(GLOBAL(B)=9))\n"
    assert expressions.constants(plan(text + " same => n,Read(C,menu)\n same => n,MSet(X=1,D=2)\n")) == {"E": "5"}


def test_what_the_caller_chose() -> None:
    text = """[x]
exten => _.,1,Set(DID=${IF($["${EXTEN:1:2}"=""]?s:${EXTEN})})
 same => n,Set(__NEXT=${DID:1})
 same => n,Set(FORWARD=${DB(CF/${EXTEN})})
 same => n,Set(CALLERID(num)=${EXTEN})
 same => n,Set(FIXED=1001)
"""
    assert expressions.caller_chosen(plan(text)) == {"EXTEN", "MACRO_EXTEN", "DID", "NEXT"}


@settings(max_examples=1000)
@given(st.text(alphabet='${}[]()"=!?:,AB10 ', max_size=60))
def test_no_text_is_too_odd(text: str) -> None:
    assert expressions.condition(text, KNOWN) in {None, True, False}
    assert ",".join(expressions.split(text, ",")) == text
