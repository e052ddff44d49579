r"""The one encoder for text from outside: nothing that it lets through moves a cursor, hides, reorders or runs.

Every string of a report passes ``visible`` before any format sees it, also texts that a reader has already made safe:
the encoder gives the same result when applied twice. A backslash stays as it is, so a text that really held the four
characters ``\x1b`` looks like an escaped ESC; that is harmless and keeps Windows paths readable.
"""

import re
import unicodedata

#: Printable by category, but drawn as nothing: joiners, Hangul fillers, Khmer and Mongolian selectors, blank Braille.
INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0")
#: Marks that stack on one letter: more than two overlay the lines above and below.
MOST_MARKS = 2

SHORT_ESCAPES = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
MARKDOWN_SPECIAL = re.compile(r"[\\`*_\[\]{}|~$@]")
MARKDOWN_START = re.compile(r"^(?:[#+\-=:]|\d{1,9}(?=[.)]))")
AUTOLINK = re.compile(r"(?i)(?<=[a-z])://|(?<=www)\.")


def visible(text: str) -> str:
    r"""Write control characters, C1, bidirectional and zero-width characters as escapes (``\x1b``, ``\u202e``)."""
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in {"Mn", "Me"} else 0
        plain = character.isprintable() and not _draws_nothing(character) and marks <= MOST_MARKS
        shown.append(character if plain else _escaped(character))
    return "".join(shown)


def _draws_nothing(character: str) -> bool:
    code = ord(character)
    return character in INVISIBLE or 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF


def _escaped(character: str) -> str:
    """Name the character; a byte that was no UTF-8 (read with ``surrogateescape``) is named as that byte."""
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if character in SHORT_ESCAPES:
        return SHORT_ESCAPES[character]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def clipped(text: str, length: int) -> str:
    """Give at most ``length`` characters of the visible text, with an ellipsis where something was cut."""
    shown = visible(text)
    return shown if len(shown) <= length else f"{shown[: length - 1].rstrip()}…"


def markdown(text: str) -> str:
    """Make text inert inside a Markdown line: no markup, HTML, link, list, heading or table cell of its own."""
    shown = " ".join(visible(text).split(" ")).strip()
    shown = re.sub(r" {2,}", " ", shown)
    shown = MARKDOWN_SPECIAL.sub(lambda match: f"\\{match[0]}", shown)
    shown = shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    shown = AUTOLINK.sub(lambda match: f"\\{match[0]}", shown)
    return MARKDOWN_START.sub(_escaped_start, shown)


def _escaped_start(match: re.Match[str]) -> str:
    r"""Escape a list, heading or rule sign; of a number only its dot (``1. x`` becomes ``1\. x``)."""
    return f"{match[0]}\\" if match[0][0].isdigit() else f"\\{match[0]}"


def code(text: str) -> str:
    """Quote text as a Markdown code span, with a fence longer than any run of backticks inside."""
    shown = visible(text)
    if not shown.strip():
        return ""
    fence = "`" * (_longest_run(shown) + 1)
    padding = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{padding}{shown}{padding}{fence}"


def block(lines: list[str]) -> list[str]:
    """Quote lines as a fenced Markdown block that none of them can close."""
    shown = [visible(line) for line in lines]
    fence = "`" * max(3, 1 + max((_longest_run(line) for line in shown), default=0))
    return [f"{fence}text", *shown, fence]


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)
