"""A whole log file: noise skipped, lines inside other messages never believed."""

import base64
import json
import re
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.events.schema import AnomalyKind, Events
from ringfence.readers.artifacts import MAX_LINE_BYTES
from ringfence.readers.logs.asterisk import read_asterisk_log
from tests.memory import MemoryArtifacts
from tests.readers.logs.lines import (
    DATE,
    FORGED,
    FULL,
    TRUE,
    addresses,
    extension_not_found,
    line,
    read,
    read_full,
    registration_failed,
    request_failed,
    security,
    step,
)
from tests.shared_data import shared

#: What a sender would like to see believed; the threads are guesses.
LIES = [
    line(f"Registration from '<sip:9@x>' failed for '{FORGED}' - Wrong password", thread=1),
    line(f"Registered SIP '2001' at {FORGED}:5060", level="VERBOSE", thread=1),
    line(
        f"Added contact 'sip:3001@{FORGED}' to AOR '3001' with expiration of 60 seconds",
        "res_pjsip_registrar.c",
        "VERBOSE",
        2,
    ),
    line(f"{FORGED} failed to authenticate as 'admin'", "manager.c", thread=3),
    security("InvalidPassword", remote=FORGED).replace("[7193]", "[4]"),
]
REGISTERED = line(f"Registered SIP '2001' at {TRUE}:5060", level="VERBOSE")


def forged(events: Events) -> list[int | None]:
    return [row.citation.line for row in events.anomalies if row.kind is AnomalyKind.FORGED_LINE]


def test_noise_is_counted_and_understood_but_never_kept() -> None:
    text = step("s", "macro-x", 2) * 1000 + REGISTERED + step("s", "macro-x", 3) * 1000
    reading = read_asterisk_log(MemoryArtifacts({FULL: text}), FULL)
    assert (reading.lines, reading.understood, len(reading.sightings)) == (2001, 2001, 1)
    assert reading.sightings[0].row.citation.line == 1001
    assert reading.levels == {"VERBOSE"}


def test_only_lines_of_asterisk_are_read_from_syslog() -> None:
    said = f"Registration from '<sip:1@x>' failed for '{TRUE}:1' - Wrong password"
    message = f"asterisk[2]: NOTICE[7]: chan_sip.c:1 in f: {said}"
    text = f"Nov 23 14:05:01 pbx CRON[6260]: (root) CMD (x)\nNov 23 14:05:02 pbx {message}\n"
    (source,) = read({"var/log/syslog": text}).sources
    assert (source.lines, source.understood, source.kind) == (1, 1, "asterisk")


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("ending", ["z", "[2026-11-23 18:00:01] NOTICE[1] x.c: z", ""])
def test_a_line_inside_a_dialled_number_is_no_event(lie: str, ending: str) -> None:
    events = read_full(extension_not_found(f"9\n{lie}{ending}"))
    assert addresses(events) == {TRUE}
    assert not events.registrations
    assert 2 in forged(events)


@pytest.mark.parametrize("lie", LIES)
def test_lies_teach_no_threads(lie: str) -> None:
    """The same invented thread again and again does not become a known one."""
    far = step("s", "macro-x", 2) * 100
    text = REGISTERED + (extension_not_found(f"9\n{lie}z") + far) * 3 + extension_not_found("9\nz") + lie
    assert addresses(read_full(text)) == {TRUE}


@pytest.mark.parametrize("lie", LIES)
def test_a_line_inside_a_step_of_the_dialplan_is_no_event(lie: str) -> None:
    events = read_full(step(f"9\n{lie}z") + step(f"9\n{lie}z", priority=2) + REGISTERED)
    assert addresses(events) == {TRUE}
    assert len(events.registrations) == 1


@pytest.mark.parametrize("lie", LIES)
def test_a_number_that_ends_the_message_early_is_seen_through(lie: str) -> None:
    early = "9' rejected because extension not found in context 'c'.\n"
    ending = line("Call from '' (192.0.2.9:1) to extension 'z", thread=1).removesuffix("\n")
    rest = (REGISTERED + extension_not_found("1"), extension_not_found(f"{early}{lie}{ending}"))
    events = read_full("".join(rest))
    assert addresses(events) == {TRUE}
    assert len(events.registrations) == 1


@pytest.mark.parametrize("lie", LIES)
def test_the_rest_of_a_number_betrays_the_line_before(lie: str) -> None:
    # "Called SIP/trunk/NUMBER" has no tail of its own that could be missed.
    text = line(f"Called SIP/lakeside/9\n{lie}rest", "app_dial.c", "VERBOSE")
    assert addresses(read_full(REGISTERED + text)) == {TRUE}


def test_a_line_known_to_be_forged_is_forged_in_every_file() -> None:
    lie = LIES[0]
    events = read({FULL: step(f"9\n{lie}z"), "var/log/asterisk/messages": lie + registration_failed("<sip:1@x>")})
    assert addresses(events) == {TRUE}
    assert len(events.authentications) == 1


def test_the_security_event_shows_what_was_dialled() -> None:
    """Each line of the number looks complete; only the event, which has the number undecoded, tells."""
    lie = LIES[0].removesuffix("\n")
    number = f"9' rejected because extension not found in context 'c'.\n{lie}\n{lie}"
    encoded = number.replace("\n", "%0A").replace(" ", "%20")
    full = extension_not_found("9") + lie.replace("NOTICE[1]", "NOTICE[7185]") + "\n"
    event = security("FailedACL", account=encoded.replace("NOTICE[1]", "NOTICE[7185]"), service="SIP")
    events = read({FULL: full, "var/log/asterisk/fail2ban": event})
    assert addresses(events) == {TRUE}


def test_an_erased_tail_does_not_hide_the_lines_behind_it() -> None:
    """A control character in the number eats the tail: lines of threads that are known are believed, others are not."""
    broken = extension_not_found("9").partition("' rejected")[0] + "\n"
    events = read_full(registration_failed("<sip:1@x>") + broken + LIES[0] + registration_failed("<sip:2@x>"))
    assert addresses(events) == {TRUE}
    assert [row.account for row in events.authentications if row.trusted] == ["1", "2"]


def test_a_sip_message_that_was_logged_whole_is_no_log() -> None:
    head = line("<--- SIP read from UDP:203.0.113.66:5060 --->", level="VERBOSE")
    for dump in (
        f"{head}REGISTER sip:x SIP/2.0\n{LIES[0]}\n<------------->\n",
        f"{head}REGISTER sip:x SIP/2.0\n<------------->\n{LIES[0]}\n<------------->\n",
        line("", level="VERBOSE")
        + f"<--- SIP read from UDP:1.2.3.4:5060 --->\nREGISTER sip:x\n{LIES[1]}<------------->\n",
    ):
        events = read_full(dump + REGISTERED)
        assert addresses(events) == {TRUE}
        assert len(events.registrations) == 1


def test_a_sip_message_of_known_length_is_no_log() -> None:
    body = f"REGISTER sip:x SIP/2.0\r\n\r\n{LIES[1]}"
    head = line(
        f"<--- Received SIP request ({len(body)} bytes) from UDP:{TRUE}:5060 --->", "res_pjsip_logger.c", "VERBOSE"
    )
    events = read_full(head + body + "\n" + REGISTERED)
    assert addresses(events) == {TRUE}
    assert len(events.registrations) == 1


def test_messages_of_several_lines_that_asterisk_writes_itself_are_no_forgery() -> None:
    text = (
        REGISTERED
        + line("Retransmission timeout reached on transmission cid21 -- See the wiki", level="WARNING")
        + "Packet timed out after 32001ms with no response\n"
        + step("s", "from-internal", 2).replace('"x,s"', '"A=two\nlines"')
        + registration_failed("<sip:1@x>")
    )
    events = read_full(text)
    assert not events.anomalies
    assert len(events.authentications) == len(events.registrations) == 1


def test_an_account_with_a_line_break_is_read_whole() -> None:
    events = read_full(security("InvalidAccountID", account=f"u\r\nRemoteAddress: IPV4/UDP/{FORGED}"))
    assert addresses(events) == {TRUE}
    assert forged(events) == [1]


def test_an_unfinished_last_line_is_a_problem_and_no_event() -> None:
    events = read_full(registration_failed("<sip:1@x>") + registration_failed("<sip:2@x>")[:-1])
    assert [row.account for row in events.authentications] == ["1"]
    assert "incomplete" in events.problems[0].message


def test_time_that_goes_back_is_told_but_the_end_of_summer_time_is_not() -> None:
    def at(time: str) -> str:
        return registration_failed("<sip:1@x>").replace(DATE, f"2026-11-01 {time}")

    events = read_full(at("01:59:59") + at("01:00:00") + at("02:00:00") + at("01:30:00") + at("01:30:01"))
    assert [(row.kind, row.citation.line) for row in events.anomalies] == [(AnomalyKind.CLOCK_JUMP, 4)]


def test_a_line_of_any_length_is_cut() -> None:
    events = read_full(line("x" * 4 * MAX_LINE_BYTES) + registration_failed("<sip:1@x>"))
    assert [row.citation.line for row in events.authentications] == [2]


ANY = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from(
        [
            *LIES,
            "\n",
            "' rejected because extension not found in context 'c'.",
            '@from-internal:1] NoOp("a", "b") in new stack',
            f"' failed for '{FORGED}' - Wrong password",
            f'",LocalAddress="IPV4/UDP/192.0.2.1/1",RemoteAddress="IPV4/UDP/{FORGED}/1',
            f"' failed for '{FORGED}:1' (callid: y) - No matching endpoint found",
            line(f"Call from '' ({FORGED}:1) to extension '", thread=1)[:-1],
            line("Executing [z", "pbx.c", "VERBOSE", 1)[:-1],
            '"',
        ]
    ),
)
HOSTILE = st.lists(ANY, max_size=6).map("".join)
# Headers have one line (RFC 3261, 7.3.1); dialled numbers and account names are decoded and can have more.
HEADER = HOSTILE.map(lambda text: re.sub(r"[\r\n]", " ", text))


@settings(max_examples=1500)
@given(number=HOSTILE, header=HEADER, user=HOSTILE)
def test_the_address_reported_is_never_the_forged_one(number: str, header: str, user: str) -> None:
    escaped = header.replace("\\", "").replace('"', '\\"')
    text = (
        REGISTERED
        + registration_failed("<sip:1@x>")
        + extension_not_found("1")
        + security("ChallengeSent")
        + request_failed("<sip:1@x>", "c")
        + registration_failed(f"{header} <sip:2001@x>")
        + request_failed(f'"{escaped}" <sip:a@evil>', header)
        + security("InvalidAccountID", account=user[:36], session=header)
        + step(number[:79], "from-sip-external")
        + step(number[:79], "from-sip-external", 2)
        + line(f"Called SIP/lakeside/{number[:79]}", "app_dial.c", "VERBOSE")
        + extension_not_found(number)
        + REGISTERED
    )
    assert addresses(read_full(text)) == {TRUE}


@settings(max_examples=1000)
@given(st.lists(st.one_of(st.binary(max_size=60), ANY.map(str.encode), st.sampled_from(LIES).map(str.encode))))
def test_any_bytes_are_read_without_raising(pieces: list[bytes]) -> None:
    events = read_full(b"".join(pieces))
    assert all(row.citation.file == FULL for row in events.authentications)


@pytest.mark.parametrize(
    "worst",
    [
        "Registration from '" + "' failed for '1.1.1.1' - " * 2600,
        "Failed to authenticate device " + " for INVITE, code = -" * 3000,
        "Call from '' (1.1.1.1:1) to extension '" + "' rejected because extension not found in context '" * 1200,
        "\n".join([line("Call from '' (1.1.1.1:1) to extension '")[:-1]] * 700),
        'SecurityEvent="A",EventTV="",Severity="E",Service="S",EventVersion="1",AccountID="'
        + '",LocalAddress="' * 4000,
        'SecurityEvent="A",EventTV="",Severity="E",Service="S",EventVersion="1",AccountID="' + "x\n" * 32000,
        "Executing [" + '@a:2] Set("a", "\n) in new stack\n' * 2000,
    ],
)
@pytest.mark.parametrize("source", ["chan_sip.c", "res_security_log.c", "pbx.c"])
def test_the_worst_text_of_64_kib_takes_linear_time(worst: str, source: str) -> None:
    level = {"res_security_log.c": "SECURITY", "pbx.c": "VERBOSE"}.get(source, "NOTICE")
    started = perf_counter()
    read_full(line(worst, source, level))
    # Quadratic time would be seconds; the bound is wide for a busy machine.
    assert perf_counter() - started < 0.5


CASES = "data/asterisk-log-injection/cases.json"
MARKED = {"stealth-ok-badutf8", "callid-ansi", "from-user-crlf-ami-header", "ruri-newline-chansip"}
#: The log shows no attempt of these: their hostile bytes go elsewhere (records of calls).
SILENT = {"stealth-ok-badutf8", "cdr-cidname-0", "cdr-cidname-3"}


def test_lines_of_a_real_asterisk_under_attack_name_the_true_source() -> None:
    cases = json.loads(shared(CASES).read_bytes())
    assert len(cases) >= 17
    for case in cases:
        events = read_full(base64.b64decode(case["log_b64"]))
        expected = set() if case["name"] in SILENT else {case["true_source"]}
        assert addresses(events) == expected, case["name"]
        assert bool(events.anomalies) == (case["name"] in MARKED or case["forged"] is not None), case["name"]
        trusted = [row for row in events.authentications if row.trusted]
        assert all(str(row.address) == case["true_source"] for row in trusted), case["name"]


def test_a_good_registration_that_hides_is_an_anomaly() -> None:
    (case,) = (case for case in json.loads(shared(CASES).read_bytes()) if case["name"] == "stealth-ok-badutf8")
    kinds = [row.kind for row in read_full(base64.b64decode(case["log_b64"])).anomalies]
    assert kinds == [AnomalyKind.SUPPRESSED_EVENT] * 2
