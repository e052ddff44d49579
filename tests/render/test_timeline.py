"""The drawing of a break-in keeps the order of events, shows each kind as its own shape, and stays bounded."""

from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.incident import Incident, Step
from ringfence.render.timeline import LEFT, MOST_LANES, RIGHT, draw, scale
from tests.render import sample


def drawing(incident: Incident) -> ET.Element:
    """Read the drawing as XML."""
    markup = draw(incident)
    assert markup is not None
    return ET.fromstring(markup)  # noqa: S314 - made in this test


def marks(incident: Incident, step: Step) -> int:
    """Count the shapes of one kind."""
    return sum(node.attrib.get("class") == f"mark {step.value}" for node in drawing(incident).iter("g"))


def test_every_step_of_every_account_is_drawn() -> None:
    incident = sample.incident()
    assert marks(incident, Step.FILE_FETCHED) == 7
    assert marks(incident, Step.CONTACT) == marks(incident, Step.REGISTERED) == 6
    assert marks(incident, Step.CALLED) == 15
    assert marks(incident, Step.PHONE) == 12
    assert marks(incident, Step.TRIED) == 1


def test_a_held_account_is_drawn_from_first_contact_to_last_call() -> None:
    held = [node for node in drawing(sample.incident()).iter("line") if node.attrib.get("class") == "taken"]
    assert len(held) == 6
    assert all(float(node.attrib["x1"]) < float(node.attrib["x2"]) for node in held)


def test_marks_are_named_in_words() -> None:
    words = {node.text for node in drawing(sample.incident()).iter("text")}
    assert {"file", "contact", "registered", "call", "2001", "In general"} <= words


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=60))
def test_the_axis_keeps_the_order_and_the_frame(seconds: list[int]) -> None:
    places = scale([sample.START + timedelta(seconds=second) for second in seconds])
    in_order = [places[at] for at in sorted(places)]
    assert in_order == sorted(in_order)
    assert len(set(in_order)) == len(in_order)
    assert all(LEFT <= x <= RIGHT for x in in_order)


def test_neighbours_of_one_kind_become_one_mark_with_a_number() -> None:
    calls = [moment for moment in sample.incident().moments if moment.step is Step.CALLED][:1] * 40
    many = tuple(replace(call, at=sample.at(30_000 + number)) for number, call in enumerate(calls))
    incident = replace(sample.incident(), moments=(*sample.incident().moments, *many))
    assert marks(incident, Step.CALLED) < 40
    assert any("calls" in (node.text or "") for node in drawing(incident).iter("text"))


def test_many_accounts_stay_a_picture_and_none_is_an_error() -> None:
    accounts = tuple(str(3000 + number) for number in range(130))
    assert draw(replace(sample.incident(), accounts=accounts, moments=())) is None
    timeless = replace(sample.incident().moments[0], at=None)
    assert draw(replace(sample.incident(), moments=(timeless,))) is None
    incident = replace(sample.incident(), accounts=accounts)
    names = [node for node in drawing(incident).iter("text") if node.attrib.get("class") == "name"]
    assert len(names) == MOST_LANES


def test_hostile_moments_stay_texts() -> None:
    markup = draw(sample.incident())
    assert markup is not None
    assert sample.forbidden(markup) == []
    assert {node.tag for node in drawing(sample.incident()).iter()} <= {
        "svg", "g", "rect", "line", "path", "circle", "polygon", "text", "title",
    }  # fmt: skip


def test_marks_of_different_kinds_do_not_cover_each_other() -> None:
    second = [moment for moment in sample.account_moments(0, "2001") if moment.step is not Step.PHONE]
    dense = tuple(replace(moment, at=sample.at(number)) for number, moment in enumerate(second))
    far = replace(second[0], account="2013", at=sample.at(10**7))
    others = tuple(replace(far, at=sample.at(1000 * number)) for number in range(1, 300))
    incident = replace(sample.incident(), moments=(*dense, far, *others))
    held = next(node for node in drawing(incident).iter("line") if node.attrib.get("class") == "taken")
    assert float(held.attrib["x2"]) - float(held.attrib["x1"]) >= 2 * 11
