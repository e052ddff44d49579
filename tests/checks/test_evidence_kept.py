from dataclasses import replace

import pytest

from ringfence.checks.evidence_kept import evidence_lost, log_lines_forged, security_log_missing, tftp_reads_not_logged
from ringfence.events.schema import Anomaly, AnomalyKind, Events
from ringfence.model.finding import Severity
from ringfence.model.site import LogFile
from tests.checks.sites import at, clean_events, clean_site, fired, pbx, served

FULL = LogFile(name="/var/log/asterisk/full", levels=frozenset({"notice", "verbose"}), citation=at(3))


def anomaly(kind: AnomalyKind, line: int = 9) -> Anomaly:
    return Anomaly(
        at=None, kind=kind, text="two 'failed for'\x1b in one line", citation=at(line, "var/log/asterisk/full")
    )


def test_a_logger_without_security_leaves_no_address() -> None:
    (found,) = fired(security_log_missing, replace(clean_site(), log_files=(FULL,)))
    assert (found.id, found.severity) == ("security-log-missing/logger.conf", Severity.HIGH)
    assert found.evidence[0].text == "/var/log/asterisk/full => notice,verbose"
    (none,) = fired(security_log_missing, replace(clean_site(), log_files=()))
    assert "no log file at all" in none.claim


def test_one_file_with_security_is_enough_and_an_unknown_logger_is_no_finding() -> None:
    other = replace(FULL, name="/var/log/asterisk/fail2ban", levels=frozenset({"security"}))
    assert fired(security_log_missing, replace(clean_site(), log_files=(FULL, other))) == ()
    assert fired(security_log_missing, replace(clean_site(), log_files=None)) == ()


def test_tftp_without_a_log_of_reads() -> None:
    site = replace(clean_site(), served_files=(served("a.cfg", "1001"),))
    (found,) = fired(tftp_reads_not_logged, site, events=Events())
    assert (found.id, found.severity) == ("tftp-reads-not-logged/tftp", Severity.MEDIUM)
    assert found.evidence[0].text == "daemon listens on udp/69"
    (unknown,) = fired(tftp_reads_not_logged, replace(site, served_files=None), events=Events())
    assert unknown.severity is Severity.MEDIUM
    (harmless,) = fired(tftp_reads_not_logged, clean_site(), events=Events())
    assert harmless.severity is Severity.LOW


def test_a_log_of_reads_or_no_tftp_is_fine() -> None:
    assert fired(tftp_reads_not_logged) == ()
    assert fired(tftp_reads_not_logged, events=Events(files=clean_events().files)) == ()
    assert fired(tftp_reads_not_logged, events=Events(sources=clean_events().sources)) == ()
    quiet = replace(clean_site(), hosts=(pbx(listeners=()),))
    assert fired(tftp_reads_not_logged, quiet, events=Events()) == ()
    unknown = replace(clean_site(), hosts=(pbx(listeners=None),))
    assert fired(tftp_reads_not_logged, unknown, events=Events()) == ()


@pytest.mark.parametrize("kind", [AnomalyKind.FORGED_LINE, AnomalyKind.UNREADABLE_SOURCE])
def test_forged_lines_are_quoted_without_what_they_hide(kind: AnomalyKind) -> None:
    (found,) = fired(log_lines_forged, events=Events(anomalies=(anomaly(kind), anomaly(kind, 10))))
    assert (found.id, found.severity) == ("log-lines-forged/var/log/asterisk/full", Severity.HIGH)
    assert found.claim.startswith("Two lines")
    assert found.evidence[0].text == r"two 'failed for'\x1b in one line"
    assert fired(evidence_lost, events=Events(anomalies=(anomaly(kind),))) == ()


@pytest.mark.parametrize("kind", [AnomalyKind.SUPPRESSED_EVENT, AnomalyKind.DISCARDED])
def test_lost_events_are_another_matter(kind: AnomalyKind) -> None:
    (found,) = fired(evidence_lost, events=Events(anomalies=(anomaly(kind),)))
    assert found.severity is Severity.MEDIUM
    assert fired(log_lines_forged, events=Events(anomalies=(anomaly(kind),))) == ()


def test_a_clock_that_jumped_is_neither() -> None:
    jumped = Events(anomalies=(anomaly(AnomalyKind.CLOCK_JUMP),))
    assert fired(log_lines_forged, events=jumped) == ()
    assert fired(evidence_lost, events=jumped) == ()
