"""Files side by side."""

from ringfence.events.schema import AnomalyKind
from tests.readers.logs.lines import FULL, line, read, registration_failed, security

MESSAGES, FAIL2BAN = "var/log/asterisk/messages", "var/log/asterisk/fail2ban"


def test_a_line_that_several_files_hold_is_counted_once() -> None:
    notice = registration_failed("<sip:1@x>")
    events = read({FULL: notice, MESSAGES: notice, FAIL2BAN: notice})
    assert [str(row.citation) for row in events.authentications] == ["var/log/asterisk/fail2ban:1"]


def test_equal_lines_of_one_second_are_attempts_of_their_own() -> None:
    notice = registration_failed("<sip:1@x>")
    events = read({FULL: notice * 62, FAIL2BAN: notice * 60})
    assert len(events.authentications) == 62


def test_the_forms_of_one_line_are_one() -> None:
    notice = registration_failed("<sip:1@x>")
    message = notice.partition("chan_sip.c: ")[2]
    files = {
        FULL: notice,
        MESSAGES: f"[2026-11-23 18:40:31] NOTICE[7185]: chan_sip.c:28468 handle_request_register: {message}",
        "var/log/syslog": f"Nov 23 18:40:31 pbx asterisk[7]: NOTICE[7185]: chan_sip.c:2 in f: {message}",
    }
    assert len(read(files).authentications) == 1


def test_near_misses_stay_apart() -> None:
    notice = registration_failed("<sip:1@x>")
    files = {FULL: notice, MESSAGES: notice.replace("[7185]", "[7186]"), FAIL2BAN: notice.replace(":31]", ":32]")}
    assert len(read(files).authentications) == 3


def test_a_notice_and_a_security_event_of_one_attempt_are_both_kept() -> None:
    events = read({FAIL2BAN: registration_failed("<sip:1@x>") + security("InvalidPassword", service="SIP")})
    assert [row.via_security for row in events.authentications] == [False, True]


def test_tables_are_in_order_of_time_and_anomalies_counted_once() -> None:
    lost = line("Failed to issue security event of type ChallengeSent.", "security_events.c", "ERROR")
    late = registration_failed("<sip:1@x>").replace("18:40", "19:40")
    events = read({FULL: lost + registration_failed("<sip:2@x>") + late, MESSAGES: late, FAIL2BAN: lost})
    assert [row.account for row in events.authentications] == ["2", "1"]
    assert [row.kind for row in events.anomalies] == [AnomalyKind.SUPPRESSED_EVENT]


def test_what_a_source_covers() -> None:
    text = registration_failed("<sip:1@x>") + "garbage\n" + security("ChallengeSent", date="2026-11-23 19:00:00")
    (source,) = read({FULL: text}).sources
    assert (source.lines, source.understood) == (3, 2)
    assert source.levels == {"NOTICE", "SECURITY"}
    assert source.first_at is not None
    assert source.last_at is not None
    assert (source.first_at.minute, source.last_at.hour) == (40, 19)


def test_lines_whose_year_cannot_be_told_are_a_problem() -> None:
    from ringfence.readers.logs.clock import Clock
    from ringfence.readers.logs.freepbx_security import read_freepbx_security_log
    from ringfence.readers.logs.merge import merge
    from ringfence.readers.logs.tftp import read_tftp_log
    from tests.memory import MemoryArtifacts

    raw = "Nov 23 14:05:17 pbx in.tftpd[1]: RRQ from 10.30.0.101 filename a.cfg\n"
    reading = read_tftp_log(MemoryArtifacts({"var/log/syslog": raw}), "var/log/syslog")
    merged = merge([reading, read_freepbx_security_log(MemoryArtifacts({}), "x")], Clock(zone=None, years={}))
    assert merged.rows == ()
    assert "the year" in merged.problems[0].message
