import pytest
from hypothesis import given, settings

from ringfence.model.exposure import Verdict
from ringfence.readers.asterisk import dialplan
from ringfence.readers.asterisk.reachability import Reachability, reachable_trunks
from tests.memory import MemoryArtifacts
from tests.readers.asterisk.material import HOSTILE, INCIDENT, REAL, etc, evidence

ANYONE = "exten => _X.,1,"


def ask(text: bytes | str, context: str = "a", **others: str) -> Reachability:
    facts = dialplan.read(etc(extensions=text, **others)).facts
    assert facts is not None
    return reachable_trunks(facts, context)


@pytest.mark.parametrize(
    ("target", "verdict"),
    [
        ("SIP/lakeside/${EXTEN:1}", Verdict.REACHABLE),
        ("PJSIP/${EXTEN}@sipgw,300", Verdict.REACHABLE),
        ("PJSIP/sipgw/sip:${EXTEN}@198.51.100.23", Verdict.REACHABLE),
        ("IAX2/line:FAKE@voip.example/${EXTEN}", Verdict.REACHABLE),
        ("DAHDI/g0/${EXTEN}", Verdict.REACHABLE),
        ("DAHDI/5", Verdict.BLOCKED),
        ("SIP/${EXTEN}", Verdict.BLOCKED),
        ("SIP/1001&PJSIP/1001,20,tr", Verdict.BLOCKED),
        ("SIP/1001&SIP/lakeside/${EXTEN}", Verdict.REACHABLE),
        ("${PJSIP_DIAL_CONTACTS(${EXTEN})}", Verdict.BLOCKED),
        ("${WHATEVER}", Verdict.UNKNOWN),
        ("Local/${EXTEN}@out", Verdict.REACHABLE),
        ("Local/${DB(CF/1001)}@out", Verdict.UNKNOWN),
        ("Local/${EXTEN}@${WHERE}", Verdict.UNKNOWN),
        ("Local/1001@nothing", Verdict.BLOCKED),
    ],
)
def test_what_a_dial_reaches(target: str, verdict: Verdict) -> None:
    out = "[out]\nexten => _9X.,1,Dial(SIP/lakeside/${EXTEN:1})\n"
    assert ask(f"[a]\n{ANYONE}Dial({target})\n{out}").verdict is verdict


@pytest.mark.parametrize(
    ("steps", "verdict"),
    [
        ("Goto(out,${EXTEN},1)", Verdict.REACHABLE),
        ("Goto(out,911,1)", Verdict.REACHABLE),
        ("Goto(out,12,1)", Verdict.BLOCKED),
        ("Goto(out,911,gone)", Verdict.BLOCKED),
        ("Goto(${WHERE},${EXTEN},1)", Verdict.UNKNOWN),
        ("Goto(out,${STORED},1)", Verdict.UNKNOWN),
        ("Goto(${WHERE})", Verdict.UNKNOWN),
        ("Gosub(out,911,1(x,y))", Verdict.REACHABLE),
        ("GosubIf($[${X}]?out,911,1())", Verdict.REACHABLE),
        ("GotoIf($[${X}]?out,911,1:s,1)", Verdict.REACHABLE),
        ('GotoIf($["${ANON}"="yes"]?out,911,1)', Verdict.BLOCKED),
        ('GotoIf($["${ANON}"="no"]?out,911,1)', Verdict.REACHABLE),
        ('GotoIf($["${ANON}"!="yes"]?stop)\n same => n,Goto(out,911,1)\n same => n(stop),Hangup()', Verdict.BLOCKED),
        ('GotoIf($["${ANON}"="yes"]?stop)\n same => n,Goto(out,911,1)\n same => n(stop),Hangup()', Verdict.REACHABLE),
        ("GotoIfTime(9:00-17:00,*,*,*?out,911,1)", Verdict.REACHABLE),
        ("Macro(out,${EXTEN})", Verdict.REACHABLE),
        ("Macro(gone)", Verdict.BLOCKED),
        ("Macro(pre-${X})", Verdict.UNKNOWN),
        ("ExecIf($[${X}]?Dial(SIP/t/${EXTEN}))", Verdict.REACHABLE),
        ('ExecIf($["${ANON}"="yes"]?Dial(SIP/t/1):Playback(x))', Verdict.BLOCKED),
        ("TryExec(Dial(SIP/t/1))", Verdict.REACHABLE),
        ("Hangup()\n same => n,Dial(SIP/t/1)", Verdict.BLOCKED),
        ("Congestion(5)\n same => n,Dial(SIP/t/1)", Verdict.BLOCKED),
        ("Playback(x)\n same => n,Dial(SIP/t/1)", Verdict.REACHABLE),
        ("Playback(x)\n same => 9,Dial(SIP/t/1)", Verdict.BLOCKED),  # nothing leads to priority 9
        ("AGI(script.agi)", Verdict.UNKNOWN),
        ("DISA(no-password,out)", Verdict.REACHABLE),
        ("Background(menu)", Verdict.BLOCKED),
        ("Background(menu,,,out)", Verdict.REACHABLE),
        ("Macro(dialout-trunk,1,${EXTEN},,off)", Verdict.REACHABLE),
        ("Macro(dialout-trunk,2,${EXTEN},,off)", Verdict.BLOCKED),  # switched off
        ("Gosub(macro-dialout-trunk,s,1(1,${EXTEN},,off))", Verdict.REACHABLE),
    ],
)
def test_what_a_step_reaches(steps: str, verdict: Verdict) -> None:
    more = """
[globals]
ANON=no
OUT_1=SIP/lakeside
OUT_2=SIP/old
OUTDISABLE_2=on
[out]
exten => 911,1,Dial(SIP/lakeside/911)
[macro-out]
exten => s,1,Dial(PJSIP/${ARG1}@sipgw)
"""
    assert ask(f"[a]\n{ANYONE}{steps}\n{more}").verdict is verdict


def test_a_menu_that_includes_the_way_out_lets_the_caller_dial_on() -> None:
    out = "[out]\nexten => _9X.,1,Dial(SIP/t/${EXTEN})\n"
    assert (
        ask(f"[a]\nexten => s,1,Background(menu)\n[b]\ninclude => out\nexten => s,1,Goto(a,s,1)\n{out}").verdict
        is Verdict.BLOCKED
    )
    assert ask(f"[a]\ninclude => out\nexten => s,1,Background(menu)\n{out}").verdict is Verdict.REACHABLE


def test_a_goto_stays_in_the_context_that_the_call_entered() -> None:
    text = "[a]\ninclude => b\nexten => s,1,Dial(SIP/t/1)\n[b]\nexten => _X.,1,Goto(s,1)\nexten => s,1,Hangup()\n"
    assert ask(text).verdict is Verdict.REACHABLE
    assert ask(text, "b").verdict is Verdict.BLOCKED


def test_the_proof_names_the_steps() -> None:
    (way,) = ask(
        f"[a]\n{ANYONE}NoOp()\n same => n,Goto(out,${{EXTEN}},1)\n[out]\nexten => _9X.,1,Dial(SIP/t/${{EXTEN}})\n"
    ).ways_out
    assert (way.context, way.pattern, way.trunk) == ("out", "_9X.", "SIP/t/${EXTEN}")
    assert [step.citation.line for step in way.steps] == [3, 5]
    assert way.citation.line == 5


def test_what_is_missing_leaves_no_certainty() -> None:
    assert ask(f"[a]\n{ANYONE}Hangup()\n").verdict is Verdict.BLOCKED
    assert ask(f"[a]\n{ANYONE}Hangup()\n", "nowhere").verdict is Verdict.UNKNOWN
    assert ask(f"#include gone.conf\n[a]\n{ANYONE}Hangup()\n").verdict is Verdict.UNKNOWN
    assert ask(f"[a]\n{ANYONE}Hangup()\nswitch => Realtime\n").verdict is Verdict.UNKNOWN


def test_calls_within_calls_are_followed_to_some_depth_only() -> None:
    assert ask(f"[a]\n{ANYONE}{'Exec(' * 5}Dial(SIP/t/1){')' * 5}\n").verdict is Verdict.REACHABLE
    assert ask(f"[a]\n{ANYONE}{'Exec(' * 1500}Dial(SIP/t/1)\n").verdict is Verdict.UNKNOWN


def test_a_dialplan_too_large_to_search_leaves_no_certainty() -> None:
    text = "[a]\n" + "".join(f"exten => _{i}X.,1,Goto(b,{i},1)\n" for i in range(3000))
    text += "[b]\n" + "".join(f"exten => _9{i}X.,1,Hangup()\n" for i in range(3000))
    assert ask(text).verdict is Verdict.UNKNOWN


def real(**changed: tuple[bytes, bytes]) -> dict[str, Reachability]:
    held = evidence(REAL, "etc/asterisk")
    files = {name: b"".join(held.chunks(name)) for name in held.names()}
    for name, (old, new) in changed.items():
        path = f"etc/asterisk/{name}.conf"
        assert old in files[path]
        files[path] = files[path].replace(old, new)
    facts = dialplan.read(MemoryArtifacts(files)).facts
    assert facts is not None
    return {name: reachable_trunks(facts, name) for name in ("from-sip-external", "from-internal", "from-trunk")}


def test_on_a_real_freepbx_14_extensions_dial_out_and_guests_do_not() -> None:
    found = real()
    assert found["from-sip-external"].verdict is Verdict.BLOCKED
    inside = found["from-internal"]
    assert inside.verdict is Verdict.REACHABLE
    patterns = {way.pattern for way in inside.ways_out}
    assert {"911", "9911", "_011.", "_9011."} <= patterns
    assert {way.trunk for way in inside.ways_out} == {"SIP/lakeside", "PJSIP@sipgw"}


def test_anonymous_callers_let_in_get_to_the_did_routing_which_cannot_be_followed_to_its_end() -> None:
    found = real(extensions_additional=(b"ALLOW_SIP_ANON = no", b"ALLOW_SIP_ANON = yes"))
    assert found["from-sip-external"].verdict is Verdict.UNKNOWN
    assert found["from-sip-external"].unknowns


def test_a_freepbx_that_does_not_say_whether_anonymous_callers_are_let_in_is_unknown() -> None:
    found = real(extensions_additional=(b"ALLOW_SIP_ANON = no", b""))
    assert found["from-sip-external"].verdict is Verdict.UNKNOWN


def test_a_did_that_leads_inside_lets_anonymous_callers_dial_out() -> None:
    custom = b"[from-pstn-custom]\nexten => _X.,1,Goto(from-internal,${EXTEN},1)\n"
    held = evidence(REAL, "etc/asterisk")
    files = {name: b"".join(held.chunks(name)) for name in held.names()}
    files["etc/asterisk/extensions_custom.conf"] = custom
    facts = dialplan.read(MemoryArtifacts(files)).facts
    assert facts is not None
    assert reachable_trunks(facts, "from-pstn").verdict is Verdict.REACHABLE
    assert reachable_trunks(facts, "from-sip-external").verdict is Verdict.BLOCKED


def test_a_lab_dialplan_that_answers_instead_of_dialling_reaches_no_trunk() -> None:
    facts = dialplan.read(evidence(INCIDENT, "etc/asterisk")).facts
    assert facts is not None
    assert reachable_trunks(facts, "from-internal").verdict is Verdict.BLOCKED
    assert reachable_trunks(facts, "from-sip-external").verdict is Verdict.BLOCKED


@settings(max_examples=1000)
@given(HOSTILE)
def test_no_dialplan_is_too_odd(content: bytes) -> None:
    ask(b"[a]\nexten => _X.,1,Goto(b,1,1)\n" + content)
