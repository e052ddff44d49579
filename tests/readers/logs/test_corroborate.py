"""Lines about one moment held against each other."""

import pytest

from ringfence.events.schema import AnomalyKind, Outcome
from tests.readers.logs.lines import FORGED, FULL, TRUE, line, read, registration_failed, request_failed, security

FAIL2BAN = "var/log/asterisk/fail2ban"
BEFORE = security("SuccessfulAuth", date="2026-11-23 18:00:00")
AFTER = security("SuccessfulAuth", date="2026-11-23 19:00:00")


@pytest.mark.parametrize("notice", [registration_failed("<sip:1@x>"), request_failed("<sip:1@x>", "c")])
def test_a_notice_that_the_security_log_contradicts_names_nobody(notice: str) -> None:
    log = BEFORE + security("InvalidPassword", remote="192.0.2.7") + AFTER
    events = read({FULL: notice, FAIL2BAN: log})
    (row,) = (row for row in events.authentications if not row.via_security)
    assert (row.address, row.trusted) == (None, False)
    assert [row.kind for row in events.anomalies] == [AnomalyKind.FORGED_LINE]


@pytest.mark.parametrize(
    "log",
    [
        BEFORE + security("InvalidPassword") + AFTER,
        AFTER,
        BEFORE,
        "",
        BEFORE + line("Failed to issue security event of type ChallengeSent.", "security_events.c", "ERROR") + AFTER,
    ],
)
def test_a_notice_is_believed_where_the_security_log_agrees_or_is_silent(log: str) -> None:
    events = read({FULL: registration_failed("<sip:1@x>"), FAIL2BAN: log})
    (row,) = (row for row in events.authentications if not row.via_security)
    assert (str(row.address), row.trusted) == (TRUE, True)


def test_guests_that_the_dialplan_rejects_have_no_security_event() -> None:
    guest = line(f'"Rejecting unknown SIP connection from {TRUE}"', "Ext. s", "WARNING")
    events = read({FULL: guest, FAIL2BAN: BEFORE + AFTER})
    assert [str(row.address) for row in events.authentications if not row.via_security] == [TRUE]


def test_an_invite_of_chan_sip_gets_the_account_that_it_claimed() -> None:
    events = read(
        {
            FAIL2BAN: security("ChallengeSent", "sip:2001@10.0.0.1", "0x7f1", "SIP")
            + security("InvalidPassword", "011252907000123", "0x7f1", "SIP")
            + security("ChallengeSent", "2002", "0x7f2", "SIP")
            + security("SuccessfulAuth", "2002", "0x7f2", "SIP")
            + security("FailedACL", "900", "0x7f3", "SIP")
        }
    )
    assert [(row.account, row.method, row.outcome) for row in events.authentications] == [
        ("2001", "INVITE", Outcome.CHALLENGED),
        ("2001", "INVITE", Outcome.WRONG_SECRET),
        ("2002", "REGISTER", Outcome.CHALLENGED),
        ("2002", "REGISTER", Outcome.SUCCEEDED),
        ("900", "", Outcome.REFUSED),
    ]
    assert events.authentications[1].reason == "InvalidPassword, dialled 011252907000123"


def test_a_session_id_is_used_again_by_others() -> None:
    late = security("InvalidPassword", "900", "0x7f1", "SIP", date="2026-11-23 18:45:00")
    other = security("InvalidPassword", "900", "0x7f1", "SIP", remote="192.0.2.7")
    events = read({FAIL2BAN: security("ChallengeSent", "sip:2001@x", "0x7f1", "SIP") + other + late})
    assert [row.account for row in events.authentications] == ["2001", "900", "900"]


def contact(host: str) -> str:
    message = f"Added contact 'sip:3001@{host}:5060' to AOR '3001' with expiration of 60 seconds"
    return line(message, "res_pjsip_registrar.c", "VERBOSE")


def test_a_contact_that_names_another_host_is_where_the_packets_came_from() -> None:
    events = read({FULL: contact(FORGED), FAIL2BAN: security("SuccessfulAuth", "3001")})
    (row,) = events.registrations
    assert (str(row.address), row.port, row.device_address) == (TRUE, 5060, f"{FORGED}:5060")


@pytest.mark.parametrize(
    "log",
    [
        security("SuccessfulAuth", "3001", remote="192.0.2.7") + security("SuccessfulAuth", "3001", remote=FORGED),
        security("SuccessfulAuth", "3002"),
        security("ChallengeSent", "3001"),
        security("SuccessfulAuth", "3001", service="SIP"),
        security("SuccessfulAuth", "3001", date="2026-11-23 18:45:00"),
    ],
)
def test_a_contact_stands_where_nothing_contradicts_it(log: str) -> None:
    (row,) = read({FULL: contact(FORGED), FAIL2BAN: log}).registrations
    assert (str(row.address), row.device_address) == (FORGED, "")


def test_the_software_that_a_phone_named() -> None:
    text = (
        line("Registered SIP '2001' at 203.0.113.66:5060", level="VERBOSE")
        + line('Saved useragent "friendly-scanner" for peer 2001', level="VERBOSE")
        + line('Saved useragent "Yealink" for peer 2002', level="VERBOSE")
    )
    assert [row.user_agent for row in read({FULL: text}).registrations] == ["friendly-scanner"]
