"""Lines never leave the width, commands can be copied, evidence keeps its own spacing."""

import re
import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from ringfence.render.safe import visible
from ringfence.render.sheet import Sheet, broken, continued, wrapped
from tests.render import sample

ANY_TEXT = st.text(st.characters(codec=None), max_size=300)


@given(ANY_TEXT, st.integers(40, 100), st.integers(0, 12))
@settings(max_examples=500)
def test_no_line_is_wider_than_the_page(text: str, width: int, indent: int) -> None:
    sheet = Sheet(width)
    sheet.heading(text)
    sheet.text(text, indent=indent)
    sheet.item("12.", text, indent=indent)
    sheet.quote(text, indent=indent, most_lines=3)
    sheet.command(text, indent=indent)
    assert all(cell_len(line) <= width for line in sheet.plain().split("\n"))
    assert "\x1b" not in sheet.plain()


@given(ANY_TEXT)
def test_wrapping_loses_nothing_but_blanks(text: str) -> None:
    assert "".join("".join(wrapped(visible(text), 40)).split()) == "".join(visible(text).split())


@given(ANY_TEXT)
def test_cutting_loses_nothing(text: str) -> None:
    assert "".join(broken(visible(text), 40)) == visible(text)


def test_wide_letters_take_two_columns() -> None:
    assert wrapped("東京" * 15, 40) == ["東京" * 10, "東京" * 5]


LONG = "iptables -t nat -D PREROUTING -i wan -p udp -m udp --dport 69 -j DNAT --to-destination 10.20.0.10"


@pytest.mark.parametrize(
    "command",
    [
        LONG,
        "ringfence rotate 2001",
        f"sh -c '{LONG}' && echo \"two  blanks and more words in quotes\" --and --many --more --options",
        r"cp /a\ b/c " + "--option " * 12 + "/d",
    ],
)
def test_a_long_command_means_the_same_after_it_was_broken(command: str) -> None:
    lines = continued(command, 60)
    joined = "\n".join(lines).replace("\\\n", "")
    if all(cell_len(line) <= 60 for line in lines) and "\n" not in joined:
        assert shlex.split(joined) == shlex.split(command)
    assert len(lines) == 1 or lines[0].endswith("\\")


def test_a_line_break_inside_a_command_does_not_start_another() -> None:
    sheet = Sheet(80)
    sheet.command("echo a\nrm -rf /", indent=4)
    assert sheet.plain() == "    echo a\\nrm -rf /\n"


def test_a_place_to_click_is_wrapped_like_prose() -> None:
    sheet = Sheet(40)
    sheet.command("FreePBX: Connectivity > Outbound Routes > international", indent=2)
    assert "\\" not in sheet.plain()


def test_evidence_that_is_too_long_says_so() -> None:
    sheet = Sheet(40)
    sheet.quote("x" * 200, indent=2, most_lines=3)
    lines = sheet.plain().splitlines()
    assert len(lines) == 3
    assert lines[-1].endswith("x…")


def test_colour_changes_no_word() -> None:
    sheet = Sheet(80)
    sheet.heading("Map")
    sheet.item("USED", sample.HOSTILE, style="bold red", styled="marker")
    coloured = sheet.coloured()
    assert "\x1b[1;31mUSED" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == sheet.plain()


def test_two_blank_lines_never_follow_each_other() -> None:
    sheet = Sheet(80)
    sheet.blank()
    sheet.text("a")
    sheet.blank()
    sheet.heading("b")
    assert sheet.plain() == "a\n\nB\n"
