"""The owner's calls beside a thief's are counted from the call records, and only those."""

from tests.lab import school
from tests.lab.truth import Theft, simultaneous_calls, unwritten

ROWS = [
    '"","3125550100","9011252","from-internal","","SIP/1004-00000001","","Dial","","2026-11-24 17:00:10","","",2,2',
    '"","3125550100","9131255","from-internal","","SIP/1004-00000002","","Dial","","2026-11-24 17:00:12","","",2,2',
    '"","3125550100","9131255","from-internal","","SIP/1004-00000003","","Dial","","2026-11-24 17:00:13","","",2,2',
    '"","3125550100","9131255","from-internal","","SIP/1005-00000004","","Dial","","2026-11-24 17:00:10","","",2,2',
    '"","x","9011252","from-internal","","PJSIP/lakeside-00000004","","Dial","","2026-11-24 17:00:10","","",2,2',
]


def test_only_calls_of_the_stolen_account_within_two_seconds_count() -> None:
    record = unwritten("x", school.found(asterisk=16, phones=8, seed="x"))
    record.compromised["1004"] = Theft(cause="guessed", addresses=("203.0.113.66",), method="registered")
    record.fraud_calls.append(("1004", "203.0.113.66", "9011252"))
    assert simultaneous_calls(ROWS, record) == {"1004": 1}


def test_nothing_stolen_nothing_unclear() -> None:
    assert simultaneous_calls(ROWS, unwritten("x", school.found(asterisk=22, phones=8, seed="x"))) == {}
