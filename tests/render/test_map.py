"""The map shows an arrow only where packets pass, and tells each state by more than its colour."""

from dataclasses import replace
from xml.etree import ElementTree as ET

from ringfence.model.exposure import Verdict
from ringfence.model.report import Report
from ringfence.model.site import ServiceName
from ringfence.render.map import MOST_DOORS, draw
from tests.render import sample


def drawing(report: Report) -> ET.Element:
    """Read the map as XML."""
    return ET.fromstring(draw(report))  # noqa: S314 - made in this test


def ways(report: Report) -> list[str]:
    """Give the class of each arrow."""
    return [node.attrib["class"] for node in drawing(report).iter("g") if "way" in node.attrib.get("class", "")]


def texts(report: Report) -> str:
    """Give all words of the map."""
    return "\n".join("".join(node.itertext()) for node in drawing(report).iter("text"))


def test_two_arrows_for_each_door_and_one_for_each_network() -> None:
    found = ways(sample.hijacked())
    assert found.count("way used") == 4
    assert found.count("way open") == 4
    assert found.count("way inside") == 2
    assert found.count("way unknown") == 3  # IAX2 from the Internet through the edge, and the guests' network


def test_each_state_and_each_rule_is_said_in_words() -> None:
    said = texts(sample.hijacked())
    for words in (
        "used by strangers",
        "open to everyone",
        "unknown",
        "edge/iptables-save.txt:7",
        "198.51.100.7 udp/69",
    ):
        assert words in said


def test_nothing_passes_on_a_clean_site() -> None:
    assert ways(sample.clean()) == ["way inside"]
    assert "no packets pass" in texts(sample.clean())


def test_nothing_known_is_not_nothing_passes() -> None:
    assert ways(sample.incomplete()) == []
    assert "nothing could" in texts(sample.incomplete())
    assert "no packets pass" not in texts(sample.incomplete())


def test_an_edge_without_evidence_is_drawn_as_such() -> None:
    assert "no evidence" in texts(sample.undecided())
    assert ways(sample.undecided()) == ["way unknown", "way unknown"]


def test_a_network_that_reaches_nothing_has_no_arrow() -> None:
    report = replace(sample.clean(), exposures=(sample.exposure("voice", sample.SSH, Verdict.BLOCKED),))
    assert ways(report) == []


def test_hostile_names_stay_texts_and_many_doors_stay_a_picture() -> None:
    networks = (replace(sample.site().networks[0], name=sample.HOSTILE),)
    sockets = [sample.listener(ServiceName.OTHER, "tcp", 1000 + number, 1) for number in range(40)]
    exposures = (
        *(sample.exposure("internet", socket, Verdict.REACHABLE) for socket in sockets),
        sample.exposure(sample.HOSTILE, sample.SSH, Verdict.REACHABLE),
    )
    report = replace(sample.hijacked(), site=replace(sample.site(), networks=networks), exposures=exposures)
    assert len([way for way in ways(report) if way == "way open"]) == 2 * MOST_DOORS
    assert {node.tag for node in drawing(report).iter()} <= {"svg", "g", "rect", "line", "path", "text", "title"}
    assert sample.forbidden(draw(report)) == []
