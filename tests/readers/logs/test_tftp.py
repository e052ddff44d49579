"""Logs of TFTP servers."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.events.schema import AnomalyKind, FileOutcome, FileRequest
from ringfence.readers.logs.tftp import read_tftp_log
from tests.memory import MemoryArtifacts
from tests.readers.logs.lines import FORGED, TRUE, read
from tests.shared_data import shared

SYSLOG = "var/log/syslog"
SERVED, MISSING, REFUSED, REQUESTED = (
    FileOutcome.SERVED,
    FileOutcome.NOT_FOUND,
    FileOutcome.REFUSED,
    FileOutcome.REQUESTED,
)


def entry(message: str, program: str = "in.tftpd[7841]") -> str:
    return f"Nov 23 18:40:20 pbx {program}: {message}\n"


def requests(text: str) -> tuple[FileRequest, ...]:
    return read({SYSLOG: text}).files


def test_a_request_is_all_that_is_known_where_no_refusal_is_ever_logged() -> None:
    (row,) = requests(entry(f"RRQ from {TRUE} filename 001565aabb01.cfg"))
    assert (row.name, str(row.address), row.outcome, row.write) == ("001565aabb01.cfg", TRUE, REQUESTED, False)


def test_refusals_are_paired_by_process() -> None:
    rows = requests(
        entry(f"RRQ from {TRUE} filename a.cfg", "in.tftpd[1]")
        + entry(f"RRQ from {TRUE} filename b.cfg", "in.tftpd[2]")
        + entry(f"WRQ from {TRUE} filename c.cfg", "in.tftpd[3]")
        + entry(f"sending NAK (0, Permission denied) to {TRUE}", "in.tftpd[3]")
        + entry(f"sending NAK (1, File not found) to {TRUE}", "in.tftpd[1]")
    )
    assert [(row.name, row.outcome, row.write) for row in rows] == [
        ("a.cfg", MISSING, False),
        ("b.cfg", SERVED, False),
        ("c.cfg", REFUSED, True),
    ]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (entry(f"RRQ from {TRUE} filename x to {FORGED}"), f"x to {FORGED}"),
        (entry(f"Serving x to {FORGED}:1 to {TRUE}:51865", "atftpd[1]"), f"x to {FORGED}:1"),
        (entry(f"sent /tftpboot/x to {FORGED} to {TRUE}", "dnsmasq-tftp[1]"), f"x to {FORGED}"),
        (
            entry(f"file /tftpboot/x not found for {FORGED} not found for {TRUE}", "dnsmasq-tftp[1]"),
            f"x not found for {FORGED}",
        ),
    ],
)
def test_names_are_never_taken_for_addresses(text: str, name: str) -> None:
    (row,) = requests(text)
    assert (str(row.address), row.name) == (TRUE, name)


def test_a_name_with_a_line_break_is_marked() -> None:
    events = read(
        {SYSLOG: entry(f"RRQ from {TRUE} filename x#012Nov 23 18:40:20 pbx in.tftpd[1]: RRQ from {FORGED} filename y")}
    )
    assert [str(row.address) for row in events.files] == [TRUE]
    assert [row.kind for row in events.anomalies] == [AnomalyKind.FORGED_LINE]


def test_a_line_in_two_files_is_counted_once() -> None:
    text = entry(f"RRQ from {TRUE} filename a.cfg")
    assert len(read({SYSLOG: text * 2, "var/log/daemon.log": text * 2}).files) == 2


def test_other_programs_and_forms_are_passed_over() -> None:
    text = (
        "Nov 23 14:05:01 pbx CRON[6260]: (root) CMD (tftp x)\n"
        + entry("tftp: client does not accept options")
        + entry(f"RRQ from nowhere filename {TRUE}")
        + entry(f"START: tftp pid=1 from={TRUE}", "xinetd[1]")
    )
    events = read({SYSLOG: text})
    assert events.files == ()
    assert events.sources[0].lines == 3
    assert read({SYSLOG: "Nov 23 14:05:01 pbx CRON[6260]: (root) CMD (x)\n"}).sources == ()


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("tftpd-hpa-v.log", {SERVED: 6, MISSING: 8, REFUSED: 1}),
        ("tftpd-hpa-v-ipv6.log", {REQUESTED: 4}),
        ("atftpd.log", {SERVED: 6, MISSING: 6, REFUSED: 3}),
        ("dnsmasq.log", {SERVED: 5, MISSING: 6}),
        ("xinetd-v-onlyfrom.log", {REQUESTED: 2}),
        ("xinetd.log", {}),
    ],
)
def test_logs_of_the_real_servers(file: str, expected: dict[FileOutcome, int]) -> None:
    events = read({SYSLOG: shared(f"data/asterisk/tftp/{file}").read_bytes()})
    assert Counter(row.outcome for row in events.files) == expected
    assert all(source.lines == source.understood for source in events.sources)
    assert {str(row.address) for row in events.files} <= {
        "192.168.60.23",
        "192.168.60.24",
        "203.0.113.77",
        "2001:db8:bad::77",
    }
    # The writes that atftpd could not do are refused, not the reads of the same name.
    assert all(row.outcome in (REFUSED, MISSING) for row in events.files if row.write)


def test_lost_lines_are_told() -> None:
    events = read({SYSLOG: shared("data/asterisk/tftp/dnsmasq.log").read_bytes()})
    assert [row.kind for row in events.anomalies] == [AnomalyKind.DISCARDED]


@settings(max_examples=1000)
@given(st.sampled_from(["in.tftpd[1]", "atftpd[1]", "dnsmasq-tftp[1]", "dnsmasq[1]", "xinetd[1]"]), st.binary())
def test_any_bytes_are_read_without_raising(program: str, raw: bytes) -> None:
    head = entry("", program).encode()[:-1]
    read_tftp_log(MemoryArtifacts({"f": head + raw + b"\n" + head + b"Serving " + raw + b" to 1.2.3.4:5\n" + raw}), "f")
