import stat
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence.cli.app import FINDINGS, INCOMPLETE, OK
from ringfence.cli.output import FailOn, Format, deliver, exit_code, rendered
from ringfence.model.finding import Finding, Severity
from tests.render.sample import clean, hijacked, incomplete


def found(severity: Severity) -> tuple[Finding, ...]:
    return (Finding(id="a/b", check="a", severity=severity, subject="b", claim="", evidence=()),)


@pytest.mark.parametrize(
    ("severity", "fail_on", "code"),
    [
        (Severity.HIGH, FailOn.HIGH, FINDINGS),
        (Severity.MEDIUM, FailOn.HIGH, OK),
        (Severity.CRITICAL, FailOn.HIGH, FINDINGS),
        (Severity.INFO, FailOn.INFO, FINDINGS),
        (Severity.CRITICAL, FailOn.NEVER, OK),
    ],
)
def test_the_exit_code_follows_the_worst_finding(severity: Severity, fail_on: FailOn, code: int) -> None:
    report = replace(clean(), findings=found(severity), incidents=())
    assert exit_code(report, fail_on) == code


def test_an_incident_is_at_least_high_and_an_incomplete_answer_outweighs_all() -> None:
    assert exit_code(replace(hijacked(), findings=()), FailOn.HIGH) == FINDINGS
    assert exit_code(replace(hijacked(), findings=()), FailOn.CRITICAL) == OK
    assert exit_code(incomplete(), FailOn.NEVER) == INCOMPLETE


@pytest.mark.parametrize("form", Format)
def test_each_format_is_written(form: Format) -> None:
    assert len(rendered(hijacked(), form)) > 500


def test_a_report_in_a_file_is_its_owners_business(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "report.md"
    deliver("text", target)
    assert target.read_text() == "text"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    deliver("text", None)
    assert capsys.readouterr().out == "text\n"
