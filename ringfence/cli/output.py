"""Where a report goes, in which format, and with which exit code."""

import sys
from enum import StrEnum
from pathlib import Path

from ringfence.cli.app import FINDINGS, INCOMPLETE, OK
from ringfence.drivers.files import whole_file
from ringfence.model.finding import Severity
from ringfence.model.report import Report


class Format(StrEnum):
    """How a report is written."""

    TERMINAL = "terminal"
    JSON = "json"
    HTML = "html"
    MARKDOWN = "markdown"


class FailOn(StrEnum):
    """The least severity of a finding that makes the exit code 1."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"
    NEVER = "never"


def rendered(report: Report, form: Format, *, colour: bool = False, width: int = 80) -> str:
    """Write the report out in the given format."""
    match form:
        case Format.TERMINAL:
            from ringfence.render.terminal import to_text

            return to_text(report, width=width, colour=colour)
        case Format.JSON:
            from ringfence.render.json import to_json

            return to_json(report)
        case Format.HTML:
            from ringfence.render.html import to_html

            return to_html(report)
        case Format.MARKDOWN:
            from ringfence.render.markdown import to_markdown

            return to_markdown(report)


def exit_code(report: Report, fail_on: FailOn) -> int:
    """Give the exit code: an incomplete answer outweighs findings; an incident is always at least high."""
    if not report.complete:
        return INCOMPLETE
    if fail_on is FailOn.NEVER:
        return OK
    threshold = Severity(fail_on.value).rank
    if report.incidents and threshold >= Severity.HIGH.rank:
        return FINDINGS
    return FINDINGS if any(finding.severity.rank <= threshold for finding in report.findings) else OK


def deliver(text: str, output: Path | None) -> None:
    """Write to the file, readable by its owner only, or to standard output.

    A report names accounts, addresses and people: it is nobody else's business.
    """
    if output is None:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        sys.stdout.flush()
        return
    with whole_file(output) as stream:
        stream.write(text.encode())
