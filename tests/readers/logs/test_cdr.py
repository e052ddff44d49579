"""Call detail records in their three forms."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.readers.logs.cdr import read_cdr_csv, read_cdr_tsv
from tests.memory import MemoryArtifacts
from tests.readers.logs.lines import FULL, line, read, step
from tests.shared_data import shared

MASTER, TSV, DUMP = "var/log/asterisk/cdr-csv/Master.csv", "db/cdr.tsv", "db/asteriskcdrdb.sql"
# A call of 2026-11-23 18:59:24 UTC, as Asterisk 13 wrote it.
ROW = (
    '"","15551230000","011252907000123","from-internal","""School"" <15551230000>","SIP/2001-00000001",'
    '"PJSIP/ITSP-00000000","Dial","PJSIP/011252907000123@ITSP,300,Tb(x)","2026-11-23 13:59:24","2026-11-23 13:59:25",'
    '"2026-11-23 13:59:28",4,3,"ANSWERED","DOCUMENTATION"'
)
OPTIONAL = {
    16: "",
    17: ',"1795460364.7"',
    18: ',"1795460364.7",""',
    19: ',"","1795460364.7",3',
    20: ',"1795460364.7","","1795460364.7",3',
    21: ',"1795460364.7","","","1795460364.7",3',
}


@pytest.mark.parametrize("columns", OPTIONAL)
def test_master_csv_of_every_width(columns: int) -> None:
    events = read({MASTER: ROW + OPTIONAL[columns] + "\n"}, "America/New_York")
    (call,) = events.calls
    assert call.at == datetime(2026, 11, 23, 18, 59, 24, tzinfo=UTC)
    assert (call.account, call.driver, call.channel_peer, call.trunk) == ("2001", "chan_sip", "2001", "ITSP")
    assert (call.dialled, call.duration_seconds, call.billed_seconds, call.answered) == ("011252907000123", 4, 3, True)
    assert call.linked_id == ("1795460364.7" if columns > 18 else "")
    assert not events.problems


def test_the_unique_id_is_the_moment_whatever_the_zone() -> None:
    row = ROW + ',"pbx-1795460364.7"\n'
    assert read({MASTER: row}, "Asia/Tokyo").calls[0].at == datetime(2026, 11, 23, 18, 59, 24, tzinfo=UTC)


def test_call_records_set_the_clock_of_the_logs() -> None:
    events = read(
        {MASTER: ROW + OPTIONAL[17] + "\n", FULL: line("Registered SIP '1' at 10.0.0.1:1", level="VERBOSE")}, ""
    )
    assert events.registrations[0].at == datetime(2026, 11, 23, 23, 40, 31, tzinfo=UTC)


def test_lines_that_are_no_record_are_problems() -> None:
    events = read({MASTER: '"a","b"\n' + ROW.replace("2026-11-23 13:59:24", "soon") + "\n\n" + ROW + "\n"})
    assert [problem.citation.line for problem in events.problems] == [1, 2]
    assert [call.citation.line for call in events.calls] == [4]


HEADER = (
    *("calldate", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata", "duration", "billsec"),
    *("disposition", "uniqueid", "linkedid", "sequence"),
)


def record(**fields: str) -> str:
    given = {"calldate": "2026-11-23 18:59:24", "dcontext": "from-internal", "disposition": "ANSWERED", **fields}
    return "\t".join(given.get(name, "") for name in HEADER) + "\n"


def tsv(*records: str) -> str:
    return "\t".join(HEADER) + "\n" + "".join(records)


def test_legs_through_local_channels_are_not_counted_twice() -> None:
    same = {"dst": "901125", "linkedid": "1795460364.1", "billsec": "60", "duration": "61"}
    events = read(
        {
            TSV: tsv(
                record(channel="SIP/2001-00000001", uniqueid="1795460364.1", **same),
                record(channel="Local/901125@from-internal-00000001;2", uniqueid="1795460364.3", **same),
                record(
                    channel="Local/7@from-internal-00000002;2",
                    uniqueid="1795460364.5",
                    dst="7",
                    linkedid="1795460364.1",
                ),
                record(
                    channel="Local/7@from-internal-00000002;1",
                    uniqueid="1795460364.6",
                    dst="7",
                    linkedid="1795460364.1",
                ),
            )
        }
    )
    # The call forward to 7 is a call of its own, counted once.
    assert [(call.dialled, call.driver) for call in events.calls] == [("901125", "chan_sip"), ("7", "local")]


def test_attempts_of_one_call_are_one_call() -> None:
    first = record(
        channel="SIP/2001-00000001",
        uniqueid="1795460364.1",
        dst="5551234",
        disposition="NO ANSWER",
        dstchannel="SIP/a-00000002",
        lastdata="SIP/a/5551234,300",
    )
    second = record(
        channel="SIP/2001-00000001",
        uniqueid="1795460364.1",
        dst="5551234",
        billsec="9",
        duration="12",
        dstchannel="SIP/b-00000003",
        lastdata="SIP/b/5551234,300",
    )
    (call,) = read({TSV: tsv(first, second)}).calls
    assert (call.answered, call.billed_seconds, call.trunk) == (True, 9, "b")


def test_the_same_call_in_two_files_is_one_and_the_database_goes_first() -> None:
    other = record(channel="SIP/2001-00000001", uniqueid="1795460364.7", dst="011252907000123", billsec="3")
    (call,) = read({MASTER: ROW + OPTIONAL[17] + "\n", TSV: tsv(other)}).calls
    assert (call.citation.file, call.billed_seconds) == (TSV, 3)


def test_a_call_of_the_dialplan_counts_only_without_a_record() -> None:
    text = step("011252907000123").replace("18:40:31", "18:59:24") + step("5").replace("00000001", "00000002")
    events = read({MASTER: ROW.replace("13:59", "18:59") + "\n", FULL: text})
    assert [(call.dialled, call.from_cdr) for call in events.calls] == [("5", False), ("011252907000123", True)]


def test_escapes_of_the_tsv_are_undone() -> None:
    (call,) = read({TSV: tsv(record(channel="SIP/a\\tb-00000001", dst="9\\n1"))}).calls
    assert (call.channel_peer, call.dialled) == ("a\tb", "9\n1")


def test_guests_have_no_account_and_formulas_stay_text() -> None:
    (call,) = read({TSV: tsv(record(channel="SIP/=cmd()-00000001", dcontext="from-sip-external", dst="s"))}).calls
    assert (call.account, call.channel_peer) == ("", "=cmd()")


def test_the_records_of_a_real_freepbx() -> None:
    text = shared("data/freepbx14/cdr.tsv").read_bytes()
    from_tsv = read({TSV: text}).calls
    from_dump = read({DUMP: shared("data/freepbx14/evidence/db/asteriskcdrdb.sql").read_bytes()}).calls
    both = read({TSV: text, DUMP: shared("data/freepbx14/evidence/db/asteriskcdrdb.sql").read_bytes()}).calls
    assert len(from_tsv) == len(from_dump) == len(both) == 22
    assert [(call.at, call.channel, call.dialled, call.trunk, call.billed_seconds) for call in from_tsv] == [
        (call.at, call.channel, call.dialled, call.trunk, call.billed_seconds) for call in from_dump
    ]
    abroad = [call.account for call in from_tsv if call.dialled.startswith(("9011", "011"))]
    assert sorted(abroad) == ["1001", *["1006"] * 6, "2001", "2006"]
    assert all(call.trunk == "lakeside" for call in from_tsv if len(call.dialled) > 7)


@settings(max_examples=1000)
@given(st.binary())
def test_any_bytes_are_read_without_raising(raw: bytes) -> None:
    artifacts = MemoryArtifacts({"a": raw + ROW.encode() + b"\n" + raw, "b": raw, "c": tsv().encode() + raw})
    read_cdr_csv(artifacts, "a")
    read_cdr_tsv(artifacts, "b")
    read_cdr_tsv(artifacts, "c")
