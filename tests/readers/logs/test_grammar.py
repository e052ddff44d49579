"""The line grammar in its four forms."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.readers.logs.grammar import NOISE, read_banner, read_line
from tests.readers.logs.lines import step

MESSAGE = "Registration from '<sip:301@example.com>' failed for '192.0.2.1:36998' - Wrong password"


@pytest.mark.parametrize(
    ("raw", "date"),
    [
        (f"[2026-11-23 18:54:23] NOTICE[32257] chan_sip.c: {MESSAGE}", "2026-11-23 18:54:23"),
        (f"[2026-11-23 18:54:23] NOTICE[32257][C-0000001d] chan_sip.c: {MESSAGE}", "2026-11-23 18:54:23"),
        (f"[Mar 27 10:06:14] NOTICE[32257]: chan_sip.c:28926 handle_request_register: {MESSAGE}", "Mar 27 10:06:14"),
        (f"[2016-06-09 00:01:02] NOTICE [32257] chan_sip.c: {MESSAGE}", "2016-06-09 00:01:02"),
        (
            f"Nov 4 18:30:40 localhost asterisk[32229]: NOTICE[32257]: chan_sip.c:23417 in register_verify: {MESSAGE}",
            "Nov 4 18:30:40",
        ),
        (f"NOTICE[32257]: chan_sip.c:28926 handle_request_register: {MESSAGE}", ""),
        (
            json.dumps(
                {
                    "hostname": "pbx",
                    "timestamp": "2026-11-23 18:54:23",
                    "identifiers": {"lwp": 32257, "callid": ""},
                    "logmsg": {
                        "location": {"filename": "chan_sip.c", "function": "f", "line": 1},
                        "level": "NOTICE",
                        "message": MESSAGE + "\n",
                    },
                }
            ),
            "2026-11-23 18:54:23",
        ),
    ],
)
def test_every_form_gives_the_same_message(raw: str, date: str) -> None:
    line = read_line(raw.encode())
    assert line is not None
    assert (line.date, line.level, line.thread, line.source) == (date, "NOTICE", "32257", "chan_sip.c")
    assert line.message == MESSAGE


def test_the_dialplan_speaks_as_its_extension() -> None:
    line = read_line(
        b'Mar  1 15:35:53 pbx asterisk[2350]: WARNING[1195][C-00000b43]: Ext. s:6 in @ from-sip-external: "x"'
    )
    assert line is not None
    assert (line.source, line.call, line.message) == ("Ext. s", "C-00000b43", '"x"')


def test_marks_of_old_verbose_lines_are_taken_off() -> None:
    line = read_line(b"[Nov 23 18:49:43] VERBOSE[1] chan_sip.c:     -- Registered SIP 'x' at 10.0.0.1:5060")
    assert line is not None
    assert line.message.startswith("Registered")


def test_what_begins_no_message_is_none() -> None:
    assert read_line(b"Packet timed out after 32001ms with no response") is None
    assert read_line(b"Nov 23 14:05:17 pbx sshd[1]: NOTICE[1]: chan_sip.c: x") is None
    assert read_banner(b"[2026-11-23 14:04:55] Asterisk 16.28.0 built by nobody @ x on a y") == "2026-11-23 14:04:55"
    assert read_banner(b"[2026-11-23 14:04:55] NOTICE[1] x.c: Asterisk 16 built by me") is None


def noise_length(text: str) -> int:
    match = NOISE.match(text.encode())
    assert match is not None
    return match.end()


def test_steps_are_noise_but_not_the_first_of_an_extension_nor_dial() -> None:
    quiet = step("s", "macro-user-callerid", 1) + step("9011", "from-internal", 2)
    assert noise_length(quiet + step("9011", "from-internal", 1)) == len(quiet)
    assert noise_length(step("s", "macro-dialout-trunk", 24, "Dial")) == 0


def test_a_step_without_its_end_is_no_noise() -> None:
    assert noise_length(step("9011", priority=2).replace(" in new stack", "")) == 0
    assert noise_length(step("9\n[x", priority=2)) == 0


@given(st.binary())
def test_any_bytes_are_a_line_or_none(raw: bytes) -> None:
    read_line(raw)
    read_banner(raw)
    assert NOISE.match(raw) is not None
