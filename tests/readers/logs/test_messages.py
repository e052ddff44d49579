"""One complete message as rows."""

from datetime import UTC, datetime

from ringfence.events.schema import Anomaly, AnomalyKind, Authentication
from ringfence.readers.logs.grammar import read_line
from ringfence.readers.logs.messages import Messages, doubtful
from ringfence.readers.logs.reading import LogReading
from ringfence.readers.logs.stamps import Basis, Stamp
from tests.readers.logs.lines import line, registration_failed, security, step

NOW = Stamp(datetime(2026, 11, 23, 18, 40, 31, tzinfo=UTC), Basis.WALL)


def taken(*texts: str, stamp: Stamp | None = NOW) -> LogReading:
    reading = LogReading(file="full", kind="asterisk")
    messages = Messages(reading)
    for number, text in enumerate(texts, 1):
        found = read_line(text.removesuffix("\n").encode())
        assert found is not None
        messages.read(found, stamp, number, text)
    return reading


def test_a_suppressed_event_is_an_anomaly() -> None:
    text = "Failed to issue security event of type SuccessfulAuth."
    (sighting,) = taken(line(text, "security_events.c", "ERROR")).sightings
    assert isinstance(sighting.row, Anomaly)
    assert sighting.row.kind is AnomalyKind.SUPPRESSED_EVENT
    assert "SuccessfulAuth" in sighting.row.text


def test_messages_thrown_away_are_an_anomaly() -> None:
    (sighting,) = taken(line("Logging resumed.  158329 messages discarded.", "logger", "WARNING")).sightings
    assert isinstance(sighting.row, Anomaly)
    assert sighting.row.kind is AnomalyKind.DISCARDED


def test_a_security_event_shows_the_clock() -> None:
    (sample,) = taken(security("SuccessfulAuth")).samples
    assert sample.instant == datetime(2026, 11, 23, 18, 40, 31, 387000, tzinfo=UTC)


def test_a_rejected_guest_is_of_the_driver_that_called() -> None:
    text = line('"Rejecting unknown SIP connection from 203.0.113.66"', "Ext. s", "WARNING")
    text = text.replace("] Ext. s", "][C-00000001] Ext. s")
    for channel, service in (("SIP/2001-00000001", "chan_sip"), ("PJSIP/anonymous-00000001", "pjsip")):
        reading = taken(step("s", "from-sip-external").replace("SIP/2001-00000001", channel), text)
        (row,) = (sighting.row for sighting in reading.sightings if isinstance(sighting.row, Authentication))
        assert row.service == service


def test_lines_without_time_are_problems() -> None:
    reading = taken(registration_failed("<sip:1@x>"), security("SuccessfulAuth"), stamp=None)
    assert not reading.sightings
    assert len(reading.problems) == 2


def test_text_of_the_dialplan_is_no_notice() -> None:
    text = registration_failed("<sip:1@x>").replace("chan_sip.c", "app_log.c")
    assert not taken(text).sightings
    assert not taken(line("Security Logging Enabled", "res_security_log.c", "VERBOSE")).problems


def test_doubt_takes_the_address() -> None:
    (sighting,) = taken(registration_failed("<sip:1@x>")).sightings
    row = doubtful(sighting).row
    assert isinstance(row, Authentication)
    assert (row.address, row.trusted) == (None, False)
