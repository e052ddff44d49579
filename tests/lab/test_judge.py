"""The judge must itself be right: it passes a perfect report and names each kind of error."""

from typing import Any

import pytest

from tests.lab.judge import judge

THIEF = "203.0.113.66"


def truth(**changes: object) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "security_log": True,
        "compromised": {"1004": {"cause": "provisioning-leak", "addresses": [THIEF], "method": "registered"}},
        "hostile_addresses": ["198.51.100.77", THIEF],
        "leaked_not_used": ["1010"],
        "fraud_calls": [["1004", THIEF, "9011252610000001"], ["1004", THIEF, "9011252610000002"]],
        "guest_calls": [],
        "exposed_to_internet": {"tftp": True, "ami": False},
    }
    return plain | changes


def incident(**changes: object) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "id": "i1",
        "cause": "provisioning-leak",
        "accounts": ["1004"],
        "addresses": [THIEF],
        "calls": {"count": 2, "seconds": 5, "destinations": []},
    }
    return plain | changes


def report(*incidents: dict[str, Any], **changes: object) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "incidents": list(incidents),
        "exposures": [
            {"vantage": "internet", "service": "tftp", "verdict": "reachable"},
            {"vantage": "office", "service": "ami", "verdict": "reachable"},
            {"vantage": "internet", "service": "ami", "verdict": "blocked"},
        ],
        "leaked": [{"account": "1010", "certain": True}],
    }
    return plain | changes


INVITE_ONLY = {"1004": {"cause": "provisioning-leak", "addresses": [THIEF], "method": "invite-only"}}
NO_THEFT: dict[str, Any] = {"compromised": {}, "fraud_calls": [], "leaked_not_used": []}


def test_a_perfect_report_has_no_disagreement() -> None:
    assert judge(report(incident()), truth()) == []


def test_a_scanner_that_took_nothing_may_be_named_or_not() -> None:
    assert judge(report(incident(addresses=[THIEF, "198.51.100.77"])), truth()) == []


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        (report(), "no incident names it"),
        (report(incident(accounts=["1004", "1005"])), "account 1005 is accused"),
        (report(incident(cause="guessed")), "the report says guessed"),
        (report(incident(), incident(id="i2", cause="guessed")), "the report says guessed"),
        (report(incident(addresses=[THIEF, "198.51.100.20"])), "address 198.51.100.20 is accused"),
        (report(incident(addresses=[])), f"was used from {THIEF}"),
        (report(incident(calls={"count": 1})), "counts 1 calls, strangers placed 2"),
        (report(incident(calls={"count": 3})), "the others are the owners'"),
        (report(incident(), incident(id="i2", cause="guest-calls", accounts=[])), "the report counts 2"),
        (report(incident(), exposures=[]), "tftp is open to the Internet, the report says nothing"),
        (report(incident(), leaked=[]), "the secret of 1010 was read by a stranger"),
        (
            report(incident(), leaked=[{"account": "1010", "certain": True}, {"account": "1011", "certain": True}]),
            "certain that the secret of 1011 was read",
        ),
    ],
)
def test_each_error_is_named(said: dict[str, Any], complaint: str) -> None:
    assert any(complaint in sentence for sentence in judge(said, truth()))


def test_an_open_door_that_is_closed_is_named() -> None:
    wrong = report(incident(), exposures=[{"vantage": "internet", "service": "ami", "verdict": "reachable"}])
    assert "ami is not open to the Internet, the report says reachable" in judge(wrong, truth())


def test_an_uncertain_leak_accuses_nobody() -> None:
    said = report(incident(), leaked=[{"account": "1010", "certain": True}, {"account": "1011", "certain": False}])
    assert judge(said, truth()) == []


def test_a_report_without_leaks_is_not_judged_on_them() -> None:
    said = report(incident())
    del said["leaked"]
    assert judge(said, truth()) == []


def test_without_the_security_log_a_call_without_registration_may_have_no_source() -> None:
    dark = truth(security_log=False, compromised=INVITE_ONLY)
    assert judge(report(incident(addresses=[])), dark) == []
    assert judge(report(), dark) == []


def test_without_the_security_log_a_wrong_cause_or_source_is_still_wrong() -> None:
    dark = truth(security_log=False, compromised=INVITE_ONLY)
    assert judge(report(incident(cause="guessed")), dark)
    assert judge(report(incident(addresses=["10.20.8.14"])), dark)


def test_with_the_security_log_a_call_without_registration_has_a_source() -> None:
    assert judge(report(incident(addresses=[])), truth(compromised=INVITE_ONLY))
    assert judge(report(), truth(compromised=INVITE_ONLY))


def test_an_owners_call_at_the_moment_of_a_thiefs_may_be_counted() -> None:
    assert judge(report(incident(calls={"count": 3})), truth(simultaneous_calls={"1004": 1})) == []


def test_without_the_security_log_the_owners_own_calls_cannot_be_told_apart() -> None:
    assert judge(report(incident(calls={"count": 3})), truth(security_log=False)) == []


def test_a_registration_leaves_its_source_even_without_the_security_log() -> None:
    assert judge(report(incident(addresses=[])), truth(security_log=False))


def test_behind_a_masquerading_edge_no_source_need_be_named_but_none_invented() -> None:
    gateway = "10.20.0.1"
    theft = {"1004": {"cause": "provisioning-leak", "addresses": [gateway], "method": "registered"}}
    hidden = truth(sources_hidden=True, hostile_addresses=[gateway], compromised=theft)
    assert judge(report(incident(addresses=[])), hidden) == []
    assert judge(report(incident(addresses=[gateway])), hidden) == []
    assert judge(report(incident(addresses=[THIEF])), hidden)


def test_guest_calls_are_counted() -> None:
    guests = truth(**NO_THEFT, guest_calls=[["203.0.113.90", "901125261"]], hostile_addresses=["203.0.113.90"])
    found = incident(cause="guest-calls", accounts=[], addresses=["203.0.113.90"], calls={"count": 1})
    assert judge(report(found, leaked=[]), guests) == []
    assert judge(report(leaked=[]), guests) == [
        "strangers without an account placed 1 calls, the report counts 0",
    ]


def test_a_quiet_day_accuses_nobody() -> None:
    quiet = truth(**NO_THEFT, hostile_addresses=[])
    assert judge(report(leaked=[]), quiet) == []
    assert judge(report(incident(), leaked=[]), quiet)
