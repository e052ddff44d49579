"""The terminal report: 80 columns, the answer first, the same words with and without colour, nothing hostile."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.cells import cell_len

from ringfence.model.finding import Severity
from ringfence.model.report import Report
from ringfence.render.terminal import to_text
from tests.render import sample

each_report = pytest.mark.parametrize("build", sample.ALL, ids=lambda build: build.__name__)


@each_report
@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_asked_and_none_is_hostile(build: Callable[[], Report], width: int) -> None:
    text = to_text(build(), width=width)
    assert [line for line in text.splitlines() if cell_len(line) > width] == []
    assert sample.forbidden(text) == []
    assert sample.SECRET not in text


@each_report
def test_colour_changes_no_word(build: Callable[[], Report]) -> None:
    report = build()
    coloured = to_text(report, colour=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == to_text(report)
    assert set(re.findall(r"\x1b.", coloured)) == {"\x1b["}


def test_the_answer_comes_before_the_explanation() -> None:
    text = to_text(sample.hijacked())
    order = [
        "Six extensions were used by strangers",
        "WHAT TO DO IN THE NEXT HOUR",
        "IN NUMBERS",
        "WHAT COULD NOT BE DECIDED",
        "THE MAP",
        "WHAT HAPPENED",
        "How they got in",
        "Or else",
        "FINDINGS, WORST FIRST",
        "HOW WE KNOW",
        "WORDS USED HERE",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_verdict_and_first_steps_fit_the_first_screen() -> None:
    first = "\n".join(to_text(sample.hijacked()).splitlines()[:24])
    assert "It is still open." in first
    assert "3. Change the secrets" in first
    assert "4 doors open to the Internet" in first


def test_an_unfinished_answer_says_so_first() -> None:
    text = to_text(sample.incomplete())
    assert text.startswith("INCOMPLETE: this check could not be finished.")
    assert "None so far" in text


def test_a_clean_site_reads_calm_and_says_what_it_rests_on() -> None:
    text = to_text(sample.clean())
    assert "Nothing is urgent." in text
    assert "0 doors open to the Internet" in text
    assert "7 services checked" in text
    assert "What is older is not in the evidence" in " ".join(text.split())
    assert "WHAT COULD NOT BE DECIDED" in text
    assert not re.search(r"USED|OPEN  |!", text)


def test_each_way_in_is_shown_with_its_state_its_path_and_its_rule() -> None:
    text = to_text(sample.hijacked())
    assert "  USED    Internet -> edge 198.51.100.7 udp/69 -> PBX 10.20.0.10 udp/69\n" in text
    assert "          - edge/iptables-save.txt:7: edge rule forwards udp/69" in text
    assert "  UNKNOWN Internet ..?.. edge ..?.. PBX udp/4569\n" in text
    assert "Closed to the Internet: SSH (tcp/22) and AMI (tcp/5038)." in text


def test_each_account_has_its_line_of_time() -> None:
    text = " ".join(to_text(sample.hijacked()).split())
    assert (
        "2001 file fetched 19:06:43 > first contact 19:07:30 > registered 19:07:31 > 2 calls 19:07:53 to 19:38:23"
        in text
    )
    for account in sample.TAKEN:
        assert f" {account} file fetched" in text


def test_evidence_is_quoted_with_file_and_line_and_the_remedy_with_its_command() -> None:
    text = to_text(sample.hijacked())
    assert "     edge/iptables-save.txt:7:\n       -A PREROUTING -i wan" in text
    assert "     Do: Remove the forward of udp/69 at the edge.\n         iptables -t nat -D PREROUTING" in text


def test_findings_are_folded_and_the_number_folded_is_right() -> None:
    report = sample.hijacked()
    text = to_text(report)
    assert "2 more of low severity or to know: --format html" in text
    assert "end-of-life" not in text
    assert "The same for 2013, 2018, 2023, 2009, 2010, 2002, 2004 and 2024" in text
    low = replace(report.findings[-2], id="another")
    assert "3 more of low severity" in to_text(replace(report, findings=(*report.findings, low)))


def test_where_nothing_is_worse_the_low_findings_are_shown() -> None:
    report = sample.hijacked()
    low = tuple(finding for finding in report.findings if finding.severity in {Severity.LOW, Severity.INFO})
    text = to_text(replace(report, findings=low))
    assert "Asterisk 16.28.0 gets no more security fixes" in text
    assert "--format html" not in text.split("FINDINGS")[1].split("HOW WE KNOW")[0]


def test_many_accounts_are_folded() -> None:
    report = sample.hijacked()
    incident = replace(report.incidents[0], accounts=tuple(str(3000 + n) for n in range(130)), moments=())
    assert "and 118 more: --format html shows all." in to_text(replace(report, incidents=(incident,)))
