"""SVG from foreign texts is well formed and holds nothing but text."""

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from ringfence.render import svg
from tests.render import sample


def parsed(markup: str) -> ET.Element:
    """Read the drawing as XML."""
    return ET.fromstring(markup)  # noqa: S314 - made in this test


@given(st.text(st.characters(codec=None)))
def test_any_text_stays_a_text(text: str) -> None:
    drawing = parsed(svg.drawing(text, 10, 10, svg.text(text, 1, 2, class_=text), svg.fitted(text, 1, 2, 50, 12)))
    assert {node.tag for node in drawing.iter()} <= {"svg", "title", "text"}


def test_a_long_text_is_cut_and_its_whole_is_in_the_tooltip() -> None:
    node = parsed(svg.fitted("x" * 100, 0, 0, 66, 12))
    assert node.text is not None
    assert node.text.endswith("…")
    assert len(node.text) == 10
    title = node.find("title")
    assert title is not None
    assert title.text == "x" * 100


def test_hostile_attributes_cannot_leave_their_quotes() -> None:
    node = parsed(svg.element("g", class_=f'"{sample.HOSTILE}'))
    assert list(node.attrib) == ["class"]
