"""The head of a syslog line."""

from hypothesis import given
from hypothesis import strategies as st

from ringfence.readers.logs.syslog import read_syslog_line


def test_the_classic_form() -> None:
    raw = b"Nov  3 14:05:17 pbx in.tftpd[6297]: RRQ from 10.30.0.101 filename y000000000005.cfg"
    line = read_syslog_line(raw)
    assert line is not None
    assert (line.date, line.program, line.pid) == ("Nov  3 14:05:17", "in.tftpd", "6297")
    assert raw[line.message_start :].startswith(b"RRQ from")


def test_the_iso_form_and_a_program_without_pid() -> None:
    line = read_syslog_line(b"2026-11-23T19:04:32.329792+00:00 localhost asterisk: radcli: rc_read_config")
    assert line is not None
    assert (line.program, line.pid) == ("asterisk", "")


def test_other_lines_have_no_head() -> None:
    assert read_syslog_line(b"[2026-11-23 18:40:31] NOTICE[1] chan_sip.c: x") is None
    assert read_syslog_line(b"") is None


@given(st.binary())
def test_any_bytes_are_read_or_none(raw: bytes) -> None:
    read_syslog_line(raw)
