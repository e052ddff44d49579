import pytest
from hypothesis import given, settings

from ringfence.model.site import Dialplan, Extension
from ringfence.readers.asterisk import dialplan
from tests.readers.asterisk.material import HOSTILE, REAL, etc, evidence


def read(text: bytes | str, **others: str) -> Dialplan:
    facts = dialplan.read(etc(extensions=text, **others)).facts
    assert facts is not None
    return facts


def only(text: str) -> Extension:
    (context,) = read(text).contexts
    (extension,) = context.extensions
    return extension


def test_priorities_are_counted_and_labels_kept() -> None:
    extension = only(
        "[a]\nexten => s,1,Answer\nexten => s,n(again),Background(menu,m)\n same => n,Goto(s,again)\n"
        "exten => s,again+101(done),Hangup()\nexten => s,hint,SIP/1\n"
    )
    assert extension.priorities == (1, 2, 3, 103)
    assert extension.labels == (("again", 2), ("done", 103))
    assert [step[:2] for step in extension.steps] == [
        ("Answer", ""),
        ("Background", "menu,m"),
        ("Goto", "s,again"),
        ("Hangup", ""),
    ]
    assert extension.steps[1][2].line == 3


def test_the_first_definition_counts_as_freepbx_overrides_rely_on() -> None:
    override = "[a]\nexten => 1,1,Hangup()\n"
    (context,) = read("#include over.conf\n[a]\nexten => 1,1,Dial(SIP/t/1)\ninclude => b\n", over=override).contexts
    assert context.extensions[0].steps[0][0] == "Hangup"
    assert context.includes == ("b",)


def test_variables_of_the_globals() -> None:
    plan = read("[globals]\nALLOW_SIP_ANON = no\n#include more.conf\n[a]\n", more="X=1\n")
    assert [(name, value) for name, value, _ in plan.variables] == [("ALLOW_SIP_ANON", "no"), ("X", "1")]


@pytest.mark.parametrize(
    ("call", "shown"),
    [
        ("Authenticate(4711)", "***"),
        ("Authenticate(${ARG3},)", "${ARG3},"),
        ("DISA(4711,from-internal)", "***,from-internal"),
        ("DISA(no-password,from-internal)", "no-password,from-internal"),
        ("Macro(dialout-trunk,1,${EXTEN:1},4711,off)", "dialout-trunk,1,${EXTEN:1},***,off"),
        ("Macro(dialout-trunk,1,${EXTEN:1},,off)", "dialout-trunk,1,${EXTEN:1},,off"),
        ("Gosub(macro-dialout-trunk,s,1(1,${EXTEN},4711,off))", "macro-dialout-trunk,s,1(1,${EXTEN},***,off)"),
        ("Gosub(macro-dialout-trunk,s,1(1,${EXTEN},,off))", "macro-dialout-trunk,s,1(1,${EXTEN},,off)"),
        ("Dial(IAX2/line:4711@voip.example/${EXTEN:1})", "IAX2/line:***@voip.example/${EXTEN:1}"),
        ("Dial(Local/${EXTEN:1}@from-internal)", "Local/${EXTEN:1}@from-internal"),
        ("Dial(PJSIP/${EXTEN:1}@sipgw,300)", "PJSIP/${EXTEN:1}@sipgw,300"),
    ],
)
def test_pins_and_passwords_are_masked_and_nothing_else(call: str, shown: str) -> None:
    assert only(f"[a]\nexten => 1,1,{call}\n").steps[0][1] == shown


def test_passwords_in_variables_are_masked() -> None:
    plan = read(
        "[globals]\nAMPDBPASS = FAKE-db\nAMPMGRPASS=FAKE-m\nOUT_3 = AMP:SIP/line:FAKE-t@voip.example/$OUTNUM$\nPASS=\n"
    )
    assert "FAKE" not in repr(plan)
    assert {name: value for name, value, _ in plan.variables}["PASS"] == ""


def test_what_is_not_understood_is_told_with_its_line() -> None:
    text = "[a]\nexten => 1\nexten => 2,nowhere,Answer()\nexten => 3,n,Answer()\nswitch => Realtime/a@b\nodd=1\n"
    reading = dialplan.read(etc(extensions=text))
    assert [problem.citation.line for problem in reading.problems] == [2, 3, 4, 6]
    assert reading.facts is not None
    assert reading.facts.contexts[0].switches == ("Realtime/a@b",)


def test_missing_includes_are_kept() -> None:
    assert read("#include gone.conf\n[a]\n").missing == ("etc/asterisk/gone.conf",)


def test_no_file_is_unknown() -> None:
    assert dialplan.read(etc()).facts is None


def test_a_real_freepbx_14_is_read_as_asterisk_showed_it() -> None:
    reading = dialplan.read(evidence(REAL, "etc/asterisk"))
    assert reading.problems == ()
    assert reading.facts is not None
    assert reading.facts.missing == ()
    contexts = {context.name: context for context in reading.facts.contexts}
    guests = {each.pattern: each for each in contexts["from-sip-external"].extensions}
    assert {pattern: len(each.steps) for pattern, each in guests.items()} == {"h": 1, "i": 1, "s": 11, "t": 1, "_.": 3}
    assert dict(guests["s"].labels) == {"setlanguage": 2, "checkanon": 3, "noanonymous": 5}
    assert guests["s"].steps[2][2].line == 191
    assert "outrt-3" in contexts["outbound-allroutes"].includes


@settings(max_examples=1000)
@given(HOSTILE)
def test_no_content_is_too_odd(content: bytes) -> None:
    for context in read(b"[a]\n" + content).contexts:
        for extension in context.extensions:
            assert len(extension.steps) == len(extension.priorities)
