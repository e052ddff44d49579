"""Calls from the dialplan's lines."""

from datetime import UTC, datetime, timedelta

from ringfence.events.schema import Call
from ringfence.model.evidence import Citation
from ringfence.readers.logs.dialplan import Dialplan
from ringfence.readers.logs.grammar import Line
from ringfence.readers.logs.stamps import Basis, Stamp

START = datetime(2026, 11, 23, 18, 59, 24, tzinfo=UTC)


def feed(*messages: tuple[int, str, str, str]) -> list[Call]:
    dialplan = Dialplan()
    for second, call, source, message in messages:
        line = Line(date="", level="VERBOSE", thread="1", call=call, source=source, message=message)
        stamp = Stamp(START + timedelta(seconds=second), Basis.WALL)
        dialplan.read(line, stamp, Citation(file="full", line=second))
    calls = [sighting.row for sighting in dialplan.calls()]
    assert all(isinstance(call, Call) for call in calls)
    return [call for call in calls if isinstance(call, Call)]


FIRST = 'Executing [011252907000123@from-internal:1] Macro("SIP/2001-00000001", "user-callerid,LIMIT,") in new stack'
DIAL = 'Executing [s@macro-dial:24] Dial("SIP/2001-00000001", "PJSIP/011252907000123@ITSP,300,Tb(x)") in new stack'


def test_a_fraudulent_call() -> None:
    (call,) = feed(
        (0, "C-00000003", "pbx.c", FIRST),
        (0, "C-00000003", "pbx.c", 'Executing [s@macro-user-callerid:1] Set("SIP/2001-00000001", "x") in new stack'),
        (1, "C-00000003", "pbx.c", DIAL),
        (3, "C-00000003", "app_dial.c", "PJSIP/ITSP-00000000 answered SIP/2001-00000001"),
        (10, "C-00000003", "pbx.c", "Spawn extension (from-internal, h, 1) exited non-zero on 'SIP/2001-00000001'"),
    )
    assert (call.account, call.driver, call.dialled, call.trunk) == ("2001", "chan_sip", "011252907000123", "ITSP")
    assert (call.duration_seconds, call.billed_seconds, call.answered) == (10, 7, True)
    assert not call.from_cdr


def test_a_guest_has_no_account() -> None:
    message = 'Executing [s@from-sip-external:1] GotoIf("SIP/203.0.113.1-00000009", "1?a") in new stack'
    (call,) = feed((0, "C-00000001", "pbx.c", message))
    assert (call.account, call.channel_peer, call.answered) == ("", "203.0.113.1", False)


def test_numbers_of_calls_begin_again_after_a_restart() -> None:
    dialplan = Dialplan()
    line = Line(date="", level="VERBOSE", thread="1", call="C-00000001", source="pbx.c", message=FIRST)
    for second in (0, 100):
        dialplan.read(line, Stamp(START + timedelta(seconds=second), Basis.WALL), Citation(file="full"))
        assert dialplan.driver_of("C-00000001") == "chan_sip"
        dialplan.restart()
    assert dialplan.driver_of("C-00000001") == ""
    assert len(dialplan.calls()) == 2


def test_steps_in_the_middle_begin_no_call() -> None:
    assert feed((0, "C-00000001", "pbx.c", DIAL), (0, "", "pbx.c", FIRST)) == []
    assert feed((0, "C-00000001", "pbx.c", FIRST.replace("from-internal:1", "macro-x:1"))) == []
