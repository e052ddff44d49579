"""The encoder lets nothing through that a terminal, a browser, a Markdown renderer or a spreadsheet would obey."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ringfence.render.safe import INVISIBLE, block, clipped, code, markdown, visible
from tests.render import sample

ANY_TEXT = st.text(st.characters(codec=None))


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31m", r"\x1b[31m"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x9b2J", r"\x9b2J"),
        ("\u202eabc\u2066", r"\u202eabc\u2066"),
        ("a\u200bb\ufeff", r"a\u200bb\ufeff"),
        ("\u2028\u00a0", r"\u2028\xa0"),
        ("\udcff", r"\xff"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("\u3164\u2800\ufe0f", r"\u3164\u2800\ufe0f"),
        ("\x00\x7f", r"\x00\x7f"),
    ],
)
def test_what_acts_or_hides_becomes_an_escape(raw: str, shown: str) -> None:
    assert visible(raw) == shown


@pytest.mark.parametrize("text", ["Müller – 50 €", "C:\\new", "Łódź", "東京", "שלום", "e\u0301", "😀", ""])
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_marks_do_not_pile_up_on_a_letter() -> None:
    assert visible("a" + "\u0301" * 5) == "a\u0301\u0301" + r"\u0301" * 3


@given(ANY_TEXT)
@settings(max_examples=1000)
def test_nothing_unprintable_is_left_and_twice_is_once(text: str) -> None:
    shown = visible(text)
    assert all(character.isprintable() and character not in INVISIBLE for character in shown)
    assert not any(unicodedata.category(character).startswith("C") for character in shown)
    assert visible(shown) == shown
    shown.encode("utf-8")


def test_cut_text_says_that_it_was_cut() -> None:
    assert clipped("x" * 10, 10) == "x" * 10
    assert clipped("x" * 11, 10) == "x" * 9 + "…"


def rendered(text: str) -> str:
    """Render as the most trusting forum would: HTML allowed, bare addresses made links, tables on."""
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    return str(parser.render(text))


TAGS_OF_A_PARAGRAPH = ("<p>", "</p>")


@pytest.mark.parametrize(
    "text",
    [
        sample.HOSTILE,
        "# heading",
        "- item",
        "+ item",
        "1. item",
        "23) item",
        "===",
        "| a | b |",
        "a *b* _c_ **d** ~~e~~",
        "[x](https://evil.example)",
        "![x](https://evil.example/p.png)",
        "<https://evil.example>",
        "<b onclick=x>",
        "&lt;b&gt; &copy;",
        "`code`",
        "\\*a\\*",
        "[x]: https://evil.example",
        "> quote",
        "    indented",
        "a  ",
    ],
)
def test_markdown_text_stays_text(text: str) -> None:
    page = rendered(markdown(text))
    assert page.startswith("<p>")
    assert page.endswith("</p>\n")
    assert "<" not in page.removeprefix("<p>").removesuffix("</p>\n")


@given(ANY_TEXT)
@settings(max_examples=1000)
def test_no_text_becomes_markup(text: str) -> None:
    page = rendered("x " + markdown(text))
    assert "<" not in page.removeprefix("<p>").removesuffix("</p>\n")


def test_what_was_meant_is_what_is_read() -> None:
    assert rendered(markdown("a*b_c <d> & `e` 1.2")) == "<p>a*b_c &lt;d&gt; &amp; `e` 1.2</p>\n"
    assert rendered(markdown("1. x")) == "<p>1. x</p>\n"


def test_bare_addresses_are_broken_so_that_no_forum_links_them() -> None:
    assert "http://" not in markdown("see http://evil.example")
    assert "www." not in markdown("see www.evil.example")


@given(ANY_TEXT)
@settings(max_examples=300)
def test_a_code_span_cannot_be_left(text: str) -> None:
    page = rendered("x " + code(text) + " y")
    inner = page.removeprefix("<p>").removesuffix("</p>\n").replace("<code>", "", 1).replace("</code>", "", 1)
    assert "<" not in inner


@given(st.lists(ANY_TEXT, max_size=4))
@settings(max_examples=300)
def test_a_block_cannot_be_left(lines: list[str]) -> None:
    page = rendered("\n".join(block(lines)))
    assert page.startswith('<pre><code class="language-text">')
    assert page.count("<") == 4
