"""The Markdown report: the terminal's order, and inert in the most trusting renderer."""

import re
from collections.abc import Callable

import pytest
from markdown_it import MarkdownIt

from ringfence.model.report import Report
from ringfence.render.markdown import to_markdown
from tests.render import sample

each_report = pytest.mark.parametrize("build", sample.ALL, ids=lambda build: build.__name__)
#: All that our own words ask for; a link, a picture or raw HTML would be an attacker's.
OWN_TAGS = {"h1", "h2", "h3", "p", "strong", "ul", "ol", "li", "code", "pre"}


def rendered(text: str) -> str:
    """Render with HTML and tables allowed."""
    return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))


@each_report
def test_only_our_own_markup_is_rendered(build: Callable[[], Report]) -> None:
    text = to_markdown(build())
    assert sample.forbidden(text) == []
    assert sample.SECRET not in text
    assert set(re.findall(r"</?([a-z0-9]+)", rendered(text))) <= OWN_TAGS


def test_the_hostile_text_is_there_to_be_read_and_makes_no_heading() -> None:
    page = rendered(to_markdown(sample.hijacked()))
    assert "&lt;script&gt;alert(1)" in page
    headings = re.findall(r"<h[1-6]>(.*?)</h[1-6]>", page)
    assert headings == [
        "Ringfence report: Lakeside School",
        "What to do in the next hour",
        "In numbers",
        "What could not be decided",
        "The map: who reaches what, and through which rule",
        "What happened",
        "Findings, worst first",
        "Critical: act now",
        "High: act today",
        "Medium: act this week",
        "Low: when you next work on the system",
        "Info: good to know",
        "How we know",
        "Words used here",
    ]


def test_steps_and_findings_are_numbered_with_their_commands_inside() -> None:
    page = rendered(to_markdown(sample.hijacked()))
    steps = page.split("In numbers")[0]
    assert steps.count("<li>") == 3
    assert f"{sample.DELETE_FORWARD}\n</code></pre>" in steps
    assert '<ol start="3">' in page


def test_numbers_and_unfinished_answers_are_said() -> None:
    assert "- **4 doors open to the Internet.** TFTP (udp/69)" in to_markdown(sample.hijacked())
    assert to_markdown(sample.incomplete()).startswith("**Incomplete: this check could not be finished.")
