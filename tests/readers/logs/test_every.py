"""All logs of a machine: what really happened in the shared runs."""

import json
from collections import Counter
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from ringfence.events.schema import Events, FileOutcome, Outcome, RegistrationAction
from ringfence.readers.logs.every import WANTS, read_events
from tests.memory import MemoryArtifacts
from tests.readers.logs.lines import TRUE, read, registration_failed
from tests.shared_data import shared


def machine(folder: Path) -> MemoryArtifacts:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return MemoryArtifacts({str(path.relative_to(folder)): path.read_bytes() for path in files})


@pytest.fixture(scope="module")
def freepbx() -> Events:
    return read_events(machine(shared("data/freepbx14/evidence")))


def test_the_hijackers_of_a_real_freepbx_are_seen(freepbx: Events) -> None:
    taken = {
        (row.account, str(row.address))
        for row in freepbx.registrations
        if row.action is RegistrationAction.ADDED and str(row.address).startswith("203.")
    }
    assert taken == {("1006", "203.0.113.66"), ("2006", "203.0.113.66"), ("2006", "203.0.113.67")}
    without_registration = {
        row.account
        for row in freepbx.authentications
        if str(row.address) == "203.0.113.67" and row.outcome is not Outcome.UNKNOWN_ACCOUNT and row.via_security
    }
    assert {"1001", "2001"} <= without_registration


def test_times_are_utc_by_the_evidence_alone(freepbx: Events) -> None:
    (first,) = (row for row in freepbx.registrations if str(row.citation) == "var/log/asterisk/full:872")
    assert first.at == datetime(2026, 11, 23, 19, 7, 48, tzinfo=UTC)
    (leak,) = (row for row in freepbx.files if row.name == "001565a10101.cfg" and str(row.address) == "203.0.113.66")
    assert leak.at == datetime(2026, 11, 23, 19, 7, 47, tzinfo=UTC)
    assert leak.outcome is FileOutcome.SERVED
    assert freepbx.logins[0].at == datetime(2026, 11, 23, 19, 9, 18, tzinfo=UTC)
    assert any("UTC-05:00" in note for note in freepbx.inferred)


def test_guesses_are_counted_once_per_kind(freepbx: Events) -> None:
    guesses = Counter(
        (row.via_security, row.account)
        for row in freepbx.authentications
        if row.outcome is Outcome.WRONG_SECRET and str(row.address) == "203.0.113.66"
    )
    assert guesses == {(True, "1001"): 62, (False, "1001"): 62}
    stale = [row for row in freepbx.authentications if row.account == "1005" and row.outcome is Outcome.WRONG_SECRET]
    assert {str(row.address) for row in stale} == {"10.30.0.104"}
    assert Counter(row.via_security for row in stale) == {True: 3, False: 3}


def test_nothing_innocent_is_marked(freepbx: Events) -> None:
    assert freepbx.anomalies == ()
    assert freepbx.problems == ()
    assert all(row.trusted for row in freepbx.authentications)
    assert all(source.understood >= 0.98 * source.lines for source in freepbx.sources)


def test_without_the_security_log_times_come_from_the_call_records() -> None:
    root = shared("data/freepbx14/evidence")
    names = ("var/log/asterisk/full", "db/asteriskcdrdb.sql", "var/log/syslog")
    events = read({name: (root / name).read_bytes() for name in names}, "")
    assert events.registrations[0].at == datetime(2026, 11, 23, 19, 5, 20, tzinfo=UTC)
    assert all(call.from_cdr for call in events.calls)


def test_without_records_calls_come_from_the_dialplan() -> None:
    root = shared("data/freepbx14/evidence")
    events = read({"var/log/asterisk/full": (root / "var/log/asterisk/full").read_bytes()}, "America/New_York")
    recorded = read({"db/asteriskcdrdb.sql": (root / "db/asteriskcdrdb.sql").read_bytes()}).calls
    assert {call.channel for call in events.calls} == {call.channel for call in recorded}
    truth = {call.channel: call for call in recorded}
    for call in events.calls:
        if not call.account:
            continue
        same = truth[call.channel]
        assert (call.account, call.dialled, call.trunk) == (same.account, same.dialled, same.trunk)
        assert abs(call.billed_seconds - same.billed_seconds) <= 2


@pytest.mark.parametrize("name", ["clean-107", "tftp-leak-114"])
def test_two_days_in_a_school(name: str) -> None:
    folder = shared(f"data/incidents/{name}")
    truth = json.loads((folder / "truth.json").read_bytes())
    events = read_events(machine(folder / "evidence"))
    outside = [row for row in events.registrations if str(row.address).startswith("203.")]
    assert {row.account: str(row.address) for row in outside} == {
        account: what["ip"] for account, what in truth["compromised"].items()
    }
    fraud = sorted((call.account, call.dialled) for call in events.calls if call.dialled.startswith("9011"))
    assert fraud == sorted((account, number) for account, _, number in truth["fraud_calls"])
    assert not events.anomalies
    assert not events.problems
    served = {str(row.address) for row in events.files if str(row.address).startswith("203.")}
    assert served <= set(truth["hostile"])


def lab() -> Events:
    folder = shared("data/asterisk/lab/asterisk13.38.3")
    names = {
        "var/log/asterisk/full": "full.log",
        "var/log/asterisk/fail2ban": "fail2ban.log",
        "var/log/asterisk/messages": "messages.log",
        "var/log/syslog": "syslog.log",
        "var/log/asterisk/cdr-csv/Master.csv": "cdr-csv-Master.csv",
    }
    return read({name: (folder / file).read_bytes() for name, file in names.items()}, "")


def test_the_lab_of_asterisk_13() -> None:
    events = lab()
    changes = [
        (row.account, str(row.address), row.action.value) for row in events.registrations if row.account == "2001"
    ]
    assert changes == [
        ("2001", "192.168.60.21", "added"),
        ("2001", "203.0.113.77", "added"),
        ("2001", "192.168.60.21", "added"),
        ("2001", "None", "removed"),
    ]
    assert Counter(call.account for call in events.calls) == {"2001": 3, "3001": 2, "": 1, "2003": 1, "3003": 1}
    assert not events.anomalies
    assert not events.problems
    assert all(source.lines == source.understood for source in events.sources)
    # Four files hold the same NOTICE lines.
    notices = [row for row in events.authentications if row.reason == "Wrong password"]
    assert len(notices) == 6


def sample_lines() -> list[tuple[dict[str, object], bytes]]:
    """Give the lines that fail2ban's own tests match, with what they expect."""
    pairs = []
    expected: dict[str, object] | None = None
    for raw in shared("data/asterisk/logs/fail2ban/asterisk.log").read_bytes().split(b"\n"):
        if raw.startswith(b"# failJSON:"):
            expected = json.loads(raw.partition(b":")[2])
        elif raw and not raw.startswith(b"#") and expected is not None:
            pairs.append((expected, raw + b"\n"))
            expected = None
    return pairs


def test_lines_of_other_peoples_systems_name_the_host() -> None:
    pairs = sample_lines()
    assert len(pairs) >= 48
    missed = []
    for expected, raw in pairs:
        name = "var/log/syslog" if b"asterisk[" in raw else "var/log/asterisk/messages"
        rows = read({name: raw}).authentications
        if [str(row.address) for row in rows] != [expected["host"]]:
            missed.append(raw)
    # One is no line of Asterisk's ("hacking attempt detected"), one has no time at all.
    assert len(missed) == 2
    assert b"hacking attempt" in missed[0]
    assert missed[1].startswith(b"NOTICE[566]")


def test_the_samples_of_crowdsec() -> None:
    for file, name in (
        ("asterisk-bf", "var/log/asterisk/full"),
        ("asterisk-logs", "var/log/asterisk/full"),
        ("asterisk-syslogs", "var/log/messages"),
        ("asterisk-user-enum", "var/log/asterisk/full"),
    ):
        raw = shared(f"data/asterisk/logs/crowdsec/{file}.log").read_bytes()
        events = read({name: raw}, "")
        assert len(events.authentications) == len(raw.splitlines())
        assert {str(row.address) for row in events.authentications} <= {"172.17.0.1", "192.168.100.12"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("var/log/asterisk/full", "asterisk"),
        ("var/log/asterisk/full.0", "asterisk"),
        ("var/log/asterisk/full-20261118", "asterisk"),
        ("var/log/asterisk/full.log.3.gz", "asterisk"),
        ("var/log/asterisk/messages.log", "asterisk"),
        ("var/log/asterisk/fail2ban-20261118.xz", "asterisk"),
        ("var/log/asterisk/security.1795460103", "asterisk"),
        ("var/log/asterisk/freepbx.log", None),
        ("var/log/asterisk/queue_log", None),
        ("var/log/asterisk/firewall.log", None),
        ("home/x/var/log/asterisk/full", None),
    ],
)
def test_which_files_are_read(name: str, kind: str | None) -> None:
    events = read({name: registration_failed("<sip:1@x>")})
    assert [source.kind for source in events.sources] == ([] if kind is None else [kind])
    assert [str(row.address) for row in events.authentications] == ([] if kind is None else [TRUE])
    if kind is not None:
        assert any(fnmatchcase(f"/{name}", want.pattern) for want in WANTS)


def test_a_machine_without_logs_has_no_events() -> None:
    assert read({}) == Events()
