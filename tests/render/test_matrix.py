import re
from dataclasses import replace
from ipaddress import ip_network

from ringfence.model.exposure import Vantage, Verdict
from ringfence.model.site import NamedNetwork, Site
from ringfence.reach.answer import Overview
from ringfence.reach.asking import open_inquiry
from ringfence.reach.predict import predict
from ringfence.render.matrix import matrix, word
from ringfence.render.sheet import Sheet
from tests.render.reach_sample import school


def drawn(judged: Site, width: int = 80) -> list[str]:
    sheet = Sheet(width)
    matrix(sheet, Overview(exposures=predict(judged), vantages=open_inquiry(judged).vantages), judged)
    return sheet.plain().splitlines()


def row(lines: list[str], start: str) -> list[str]:
    return next(line for line in lines if line.strip().startswith(start)).split(")")[-1].split()


def test_each_network_and_service_has_its_word() -> None:
    lines = drawn(school())
    assert lines[1].split() == ["pbx", "voice", "office"]
    assert row(lines, "TFTP") == ["open", "open", "closed"]
    assert row(lines, "SIP (PJSIP)") == ["open", "some", "closed"]
    assert row(lines, "HTTP") == ["unknown", "unknown", "closed"]
    assert any(line.startswith("  voice: 10.20.8.0/24") for line in lines)


def test_what_one_word_does_not_say_stands_below_in_a_sentence() -> None:
    text = " ".join(" ".join(drawn(school())).split())
    assert re.search(
        r"- voice: In network voice only \S.* reach SIP \(PJSIP\)|- voice: Anyone in network voice except", text
    )
    assert "- pbx: It cannot be told whether network pbx reaches HTTP" in text
    assert "- pbx: Anyone in network pbx reaches TFTP" not in text


def test_many_networks_become_several_tables_that_fit() -> None:
    networks = tuple(
        NamedNetwork(name=f"vlan-{number}", prefixes=(ip_network(f"10.21.{number}.0/24"),), declared=True)
        for number in range(12)
    )
    lines = drawn(replace(school(), networks=networks))
    assert all(len(line) <= 80 for line in lines)
    assert len([line for line in lines if line.strip().startswith("TFTP")]) == 3


def test_a_site_without_networks_has_no_matrix() -> None:
    assert drawn(replace(school(), networks=())) == []


def test_no_answer_is_unknown_and_never_closed() -> None:
    network = Vantage(name="voice", sources=open_inquiry(school()).vantages[2].sources)
    assert word(network, []) == "unknown"
    blocked = [one for one in predict(school()) if one.verdict is Verdict.BLOCKED]
    assert word(network, blocked[:1]) == "closed"
