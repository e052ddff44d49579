from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.readers.gateways import opnsense, pfsense
from tests.readers.gateways import asking
from tests.readers.gateways.pf_school import opn, opnsense_xml, rdr, rule
from tests.shared_data import shared

MODELS = {"model_Alias.xml", "model_Category.xml", "model_DNat.xml", "model_Filter.xml", "model_Group.xml"}


def samples() -> list[Path]:
    found = sorted(shared("data/firewalls/opnsense").iterdir())
    return [path for path in found if path.name not in MODELS]


def test_it_is_known_by_its_content() -> None:
    assert opnsense.recognises(opnsense_xml().encode())
    assert not pfsense.recognises(opnsense_xml().encode())
    for name in MODELS:
        assert not opnsense.recognises((shared("data/firewalls/opnsense") / name).read_bytes())


def test_gateways_of_todays_model_give_the_default_route() -> None:
    item = "<name>UP</name><interface>wan</interface><gateway>203.0.113.254</gateway>"
    model = f"<Gateways><gateway_item>{item}</gateway_item></Gateways>"
    found = asking.gateway(opnsense.read, opnsense_xml().replace("<Firewall>", model + "<Firewall>", 1))
    assert [(str(one.via), one.interface) for one in found.routes] == [("203.0.113.254", "wan")]


def test_upnp_is_unknown_here_too() -> None:
    more = "<installedpackages><miniupnpd><config><enable>1</enable></config></miniupnpd></installedpackages>"
    assert opn(opnsense_xml(more=more)) == "unknown"
    assert opn(opnsense_xml(more=more.replace("1", "0"))) == "blocked"


def test_a_damaged_file_makes_every_answer_unknown() -> None:
    text = opnsense_xml(nat=rdr(), rules=rule(kind="block", to="<any/>"))
    assert opn(text[: text.index("<OPNsense>")]) == "unknown"


@pytest.mark.parametrize("path", samples(), ids=lambda path: path.name)
def test_shared_samples_have_named_problems_or_none(path: Path) -> None:
    assert opnsense.recognises(path.read_bytes()[:65536])
    reading = asking.reading(opnsense.read, path.read_bytes())
    assert reading.facts is not None
    assert reading.facts.outside == {"wan"}
    for problem in reading.problems:
        assert problem.message.startswith(("not interpreted: ", "the firewall does not load "))
        assert problem.citation.line is not None


@settings(max_examples=1000, deadline=None)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(raw: bytes) -> None:
    opnsense.recognises(raw)
    asking.reading(opnsense.read, raw)
    asking.reading(opnsense.read, b"<opnsense><interfaces><wan><enable/></wan></interfaces><nat><rule>" + raw)


FIELDS = st.sampled_from(
    ["enabled", "action", "interface", "interfacenot", "source_net", "source_not", "source_port", "destination_net",
     "destination_port", "protocol", "ipprotocol", "sequence", "quick", "direction", "gateway", "target", "external",
     "tagged", "tag", "nonat", "pass", "local-port", "trackif", "sched", "content", "name", "type", "target_port"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["", "0", "1", "on", "wan", "lan,opt1", "any", "udp", "TCP/UDP", "inet46", "5060", "5060-5070", "80:any", "99999",
     "10.20.0.10", "10.20.0.0/24,10.9.9.9", "2001:db8::/32", "lists", "!10.0.0.1", "__lan_network", "out", "pass",
     "lanip", "(self)", "<bogons>", "\u0661", "9" * 30, "rule", "block", "geoip", "port", "host", "::/0", "0.0.0.0/0"]
)  # fmt: skip
RULES = st.lists(st.dictionaries(FIELDS, WORDS, max_size=9), max_size=5)


@settings(max_examples=1000, deadline=None)
@given(RULES, RULES)
def test_arbitrary_rules_of_todays_model_never_raise(first: list[dict[str, str]], second: list[dict[str, str]]) -> None:
    def written(rules: list[dict[str, str]], tag: str) -> str:
        fields = ("".join(f"<{key}>{text.replace('<', '&lt;')}</{key}>" for key, text in one.items()) for one in rules)
        return "".join(f"<{tag}>{inner}</{tag}>" for inner in fields)

    model = f"<Alias><aliases>{written(second, 'alias')}</aliases></Alias>"
    inner = "".join(f"<{kind}>{written(second, 'rule')}</{kind}>" for kind in ("snatrules", "onetoone", "npt"))
    outbound = f"<outbound><mode>hybrid</mode>{written(second, 'rule')}</outbound>"
    text = opnsense_xml(nat=written(first, "rule") + outbound, today=written(first, "rule"), model=model)
    asking.reading(opnsense.read, text.replace("</rules></Filter>", f"</rules>{inner}</Filter>"))


@settings(max_examples=1000, deadline=None)
@given(st.integers(0, 5000), st.integers(0, 5000), st.binary(max_size=6))
def test_damaged_configurations_never_raise(start: int, width: int, put: bytes) -> None:
    raw = opnsense_xml(nat=rdr("<pass>rule</pass>") * 2, rules=rule() * 3).encode()
    start %= len(raw)
    asking.reading(opnsense.read, raw[:start] + put + raw[start + width % 40 :])
