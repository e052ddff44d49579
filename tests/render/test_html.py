"""The HTML report: one inert file that needs no network and no script, readable by everyone, right in its numbers."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ringfence.model.finding import Severity
from ringfence.model.report import Report
from ringfence.render import words
from ringfence.render.html import command, prose, to_html
from tests.render import sample

each_report = pytest.mark.parametrize("build", sample.ALL, ids=lambda build: build.__name__)

#: Elements that this page never needs; any of them would be an attacker's or a leak.
FOREIGN = {
    "script",
    "img",
    "iframe",
    "object",
    "embed",
    "link",
    "form",
    "input",
    "base",
    "audio",
    "video",
    "foreignobject",
}
VOID = {"meta", "br", "link", "img", "input", "base", "hr"}


class Page(HTMLParser):
    """The page as a parser sees it: its elements, their attributes, its texts; it complains about unclosed elements."""

    def __init__(self, source: str) -> None:
        """Parse the source."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.faults: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close an element, the last that was opened."""
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Keep a text."""
        self.texts.append(data)

    @property
    def said(self) -> str:
        """All words of the page."""
        return " ".join(" ".join(self.texts).split())


@each_report
def test_nothing_hostile_nothing_secret_nothing_foreign(build: Callable[[], Report]) -> None:
    source = to_html(build())
    page = Page(source)
    assert sample.forbidden(source) == []
    assert sample.SECRET not in source
    assert "<script" not in source.lower()
    assert {tag for tag, _ in page.elements} & FOREIGN == set()
    assert page.faults == []
    assert page.open == []


@each_report
def test_no_attribute_runs_or_loads_anything(build: Callable[[], Report]) -> None:
    for _, attributes in Page(to_html(build())).elements:
        assert not [
            name for name in attributes if name.startswith("on") or name in {"src", "style", "srcset", "action"}
        ]
        assert attributes.get("href", "#").startswith("#")  # type: ignore[union-attr]
        assert not [value for value in attributes.values() if value and re.search(r"https?:|data:|javascript:", value)]


@each_report
def test_the_same_report_gives_the_same_bytes(build: Callable[[], Report]) -> None:
    assert to_html(build()) == to_html(build())


def test_the_style_sheet_loads_nothing_and_the_policy_names_exactly_it() -> None:
    source = to_html(sample.hijacked())
    (style,) = re.findall(r"<style>(.*?)</style>", source, re.DOTALL)
    assert not re.search(r"url\(|@import|https?:", style)
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(a["content"] for _, a in Page(source).elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@given(st.text(st.characters(codec=None), max_size=80))
@settings(max_examples=100)
def test_any_text_anywhere_stays_text(text: str) -> None:
    assume(not words.terms([text]))  # an explained term adds a section of our own
    report = sample.incomplete()
    site = replace(report.site, name=text)
    unknown = replace(report.unknowns[0], subject=text, why=text)
    usual = [
        tag for tag, _ in Page(to_html(replace(report, unknowns=(replace(unknown, subject="x", why="y"),)))).elements
    ]
    hostile = to_html(replace(report, site=site, verdict=text, source=text, unknowns=(unknown,)))
    found = [tag for tag, _ in Page(hostile).elements if tag != "code"]
    assert found == [tag for tag in usual if tag != "code"]
    hostile.encode("utf-8")


def test_the_answer_comes_before_the_explanation() -> None:
    said = Page(to_html(sample.hijacked())).said
    order = [
        "Six extensions were used by strangers",
        "What to do in the next hour",
        "4 doors open to the Internet",
        "14 secrets to treat as stolen",
        "15 calls by strangers",
        "What could not be decided",
        "The map",
        "What happened 203.0.113.73",
        "What else could explain it",
        "Findings, worst first Critical",
        "How we know 214 files read",
        "Words used here extension",
    ]
    body = said[said.index("Ringfence report: Lakeside School Logs") :]
    places = [body.index(part) for part in order[:6]] + [body.rindex(part) for part in order[6:]]
    assert places == sorted(places)


def test_an_unfinished_answer_says_so_before_all_else() -> None:
    source = to_html(sample.incomplete())
    assert source.index("Incomplete: this check could not be finished") < source.index("<h1>")
    assert "Incomplete:" not in to_html(sample.hijacked())


def tone(report: Report) -> str:
    """Give the colour class of the verdict."""
    (found,) = re.findall(r'class="verdict (\w+)"', to_html(report))
    return str(found)


def test_green_needs_that_nothing_is_open_or_unsaid() -> None:
    clean = sample.clean()
    assert tone(sample.hijacked()) == "bad"
    assert tone(sample.incomplete()) == tone(sample.undecided()) == "warn"
    assert tone(clean) == "plain"
    assert tone(replace(clean, unknowns=())) == "calm"
    assert tone(replace(clean, unknowns=(), complete=False)) == "warn"
    assert tone(replace(clean, unknowns=(), exposures=())) == "warn"
    assert tone(replace(clean, unknowns=(), leaked=sample.hijacked().leaked)) == "warn"
    high = replace(sample.findings()[1], severity=Severity.HIGH)
    assert tone(replace(clean, unknowns=(), findings=(high,))) == "warn"


def test_every_finding_every_moment_and_every_leak_is_on_the_page() -> None:
    report = sample.hijacked()
    said = Page(to_html(report)).said
    assert all(f"The secret of extension {name} has 6 characters" in said for name in (*sample.TAKEN, *sample.READ))
    assert said.count("was fetched.") >= 7
    assert all(f"00156570{name}.cfg" in said for name in (*sample.READ, *sample.LAY_OPEN))
    assert "8 more findings of this kind: 2013, 2018" in said
    assert "2 findings of low severity or good to know" in said
    assert "3f" * 32 in said


def test_the_page_of_the_check_is_folded_into_its_card() -> None:
    said = Page(to_html(sample.hijacked())).said
    assert "How it is exploited, and when it is acceptable" in said


def test_a_clean_site_is_calm() -> None:
    said = Page(to_html(sample.clean())).said
    assert "Nothing is urgent." in said
    assert "What happened" not in said
    assert "no packets pass" in said


def test_every_region_that_scrolls_can_be_reached_and_is_named() -> None:
    regions = [a for _, a in Page(to_html(sample.hijacked())).elements if a.get("class") == "scroll"]
    assert len(regions) >= 5
    assert all(a.get("tabindex") == "0" and a.get("role") == "region" and a.get("aria-label") for a in regions)


def test_drawings_have_words_for_those_who_do_not_see_them() -> None:
    source = to_html(sample.hijacked())
    drawings = re.findall(r'<svg[^>]*role="img"[^>]*><title>([^<]+)</title>', source)
    assert len(drawings) == 2
    assert drawings[0].startswith("Map of the ways from the Internet")


def test_backticks_become_code_and_nothing_else() -> None:
    assert prose("log `security` <b>") == "log <code>security</code> &lt;b&gt;"
    assert prose("`<b>`") == "<code>&lt;b&gt;</code>"


def test_a_command_breaks_at_blanks_only_and_copies_as_it_is() -> None:
    shown = command("iptables -p  udp '<x>'")
    assert "".join(Page(shown).texts) == "iptables -p  udp '<x>'"
    assert '<span class="word">-p</span>' in shown


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_colours_have_the_contrast_that_wcag_aa_asks_for() -> None:
    source = to_html(sample.clean())
    palettes = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in source.split(":root {")[1:3]]
    assert len(palettes) == 2
    for palette in palettes:
        for text, ground in product(("text", "quiet", "red", "amber", "link", "grey"), ("page", "card", "soft")):
            needed = 3.0 if text == "grey" and ground == "soft" else 4.5
            assert contrast(palette[text], palette[ground]) >= needed, (text, ground)
        for line in ("red", "amber-line", "grey", "green"):
            assert contrast(palette[line], palette["card"]) >= 3.0, line
        assert contrast(palette["text"], palette["amber-soft"]) >= 4.5
        assert contrast(palette["red"], palette["red-soft"]) >= 4.5
