from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.readers.gateways import opnsense, pfsense
from tests.readers.gateways import asking
from tests.readers.gateways.pf_school import DHCP, exposure, pf, pfsense_xml, problems, rdr, rule
from tests.shared_data import shared

NAMED = ("not interpreted: ", "the firewall does not load ")


def samples(product: str) -> list[Path]:
    return sorted((shared("data/firewalls") / product).glob("*.xml"))


def test_it_is_known_by_its_content() -> None:
    assert pfsense.recognises(pfsense_xml().encode())
    assert pfsense.recognises(b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- made > here -->\n<pfSense>")
    assert pfsense.recognises(b'<!DOCTYPE pfsense [<!ENTITY a "b">]><pfsense>')  # to be refused by name
    for other in (b"<opnsense><a/></opnsense>", b"<config><pfsense/></config>", b"# <pfsense>", b"", b"<pfsenses/>"):
        assert not pfsense.recognises(other)
    assert not opnsense.recognises(pfsense_xml().encode())


def test_it_tells_how_the_firewall_is_attached() -> None:
    found = asking.gateway(pfsense.read, pfsense_xml())
    assert found.product == "pfSense"
    assert found.outside == {"wan"}
    assert [one.name for one in found.interfaces] == ["wan", "lan", "opt1"]
    assert [(str(one.network), str(one.via), one.interface) for one in found.routes] == [
        ("0.0.0.0/0", "203.0.113.254", "wan")
    ]


def test_an_address_from_the_provider_is_not_known_and_forwards_work_all_the_same() -> None:
    text = pfsense_xml(nat=rdr(), rules=rule(), wan=DHCP)
    assert asking.gateway(pfsense.read, text).interfaces[0].addresses == ()
    found = exposure(text)
    assert found.verdict == "reachable"
    assert found.outside is not None
    assert found.outside.address is None


def test_a_firewall_that_is_switched_off_filters_and_forwards_nothing() -> None:
    text = pfsense_xml(nat=rdr(), system="<ipv6allow/><disablefilter/>")
    assert pf(text) == "blocked"
    assert pf(text, at="voice") == "reachable"


def test_a_damaged_file_makes_every_answer_unknown() -> None:
    text = pfsense_xml(nat=rdr(), rules=rule(kind="block", to="<any/>"))
    cut = text[: text.index("<filter>") + 30]
    assert pf(cut) == "unknown"
    assert pf(cut, at="voice") == "unknown"
    assert any("damaged or cut off" in message for message in problems(cut))


def test_a_file_without_interfaces_says_nothing() -> None:
    bare = "<pfsense><nat>" + rdr() + "</nat><filter/></pfsense>"
    found = asking.gateway(pfsense.read, bare)
    assert found.ruleset.chains[0].rules[0].text == "the part of the file that is missing"


@pytest.mark.parametrize("path", samples("pfsense"), ids=lambda path: path.name)
def test_shared_samples_have_named_problems_or_none(path: Path) -> None:
    reading = asking.reading(pfsense.read, path.read_bytes())
    assert reading.facts is not None
    assert reading.facts.interfaces
    for problem in reading.problems:
        assert problem.message.startswith(NAMED)
        assert problem.citation.line is not None


@settings(max_examples=1000, deadline=None)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(raw: bytes) -> None:
    pfsense.recognises(raw)
    asking.reading(pfsense.read, raw)
    asking.reading(pfsense.read, b"<pfsense><interfaces><wan><enable/></wan></interfaces><filter><rule>" + raw)


TAGS = st.sampled_from(
    ["rule", "interface", "source", "destination", "network", "address", "port", "not", "any", "target", "local-port",
     "protocol", "ipprotocol", "onetoone", "npt", "external", "outbound", "mode", "alias", "name", "type", "floating",
     "quick", "direction", "tag", "tagged", "gateway", "sched", "associated-rule-id", "vip", "subnet", "subnet_bits"]
)  # fmt: skip
VALUES = st.sampled_from(
    ["", "wan", "lan", "wanip", "(self)", "any", "udp", "tcp/udp", "inet46", "inet6", "5060", "5060-5070", "70000",
     "9-1", "10.20.0.10", "10.20.0.0/24", "0.0.0.0/0", "2001:db8::/32", "::1", "300.1.1.1", "lists", "advanced", "yes",
     "pass", "block", "opt1,wan", "<x>", "1" * 40, "\u0661\u0662", "127.0.0.1/0", "a-b", "1.1.1.1-2.2.2.2", "!1.1.1.1"]
)  # fmt: skip


def xml(children: list[tuple[str, object]]) -> str:
    def one(tag: str, inside: object) -> str:
        body = xml(inside) if isinstance(inside, list) else str(inside).replace("<", "&lt;")
        return f"<{tag}>{body}</{tag}>"

    return "".join(one(tag, inside) for tag, inside in children)


TREES = st.recursive(
    VALUES.map(lambda text: text), lambda inner: st.lists(st.tuples(TAGS, inner), max_size=6), max_leaves=25
)


@settings(max_examples=1000, deadline=None)
@given(st.lists(st.tuples(TAGS, TREES), max_size=8), st.sampled_from(["nat", "filter", "aliases", "virtualip"]))
def test_arbitrary_elements_of_the_language_never_raise(children: list[tuple[str, object]], section: str) -> None:
    body = xml(children)
    parts = {"nat": "nat", "filter": "rules"}
    text = (
        pfsense_xml(**{parts[section]: body})
        if section in parts
        else pfsense_xml(more=f"<{section}>{body}</{section}>")
    )
    asking.reading(pfsense.read, text)
    asking.reading(opnsense.read, text.replace("pfsense>", "opnsense>"))


@settings(max_examples=1000, deadline=None)
@given(st.integers(0, 5000), st.integers(0, 5000), st.binary(max_size=6))
def test_damaged_configurations_never_raise(start: int, width: int, put: bytes) -> None:
    raw = pfsense_xml(nat=rdr() * 2, rules=rule() * 3).encode()
    start %= len(raw)
    asking.reading(pfsense.read, raw[:start] + put + raw[start + width % 40 :])
