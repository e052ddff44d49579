import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import Unsupported
from ringfence.readers.gateways import cisco_asa_rule
from ringfence.readers.gateways.cisco_asa_rule import Target, Twice
from ringfence.readers.gateways.cisco_lines import Statement
from tests.readers.gateways.test_cisco_objects import ASA, objects

PROVIDER = Target(addresses=AddressSet.of("198.51.100.0/24"))
ANY = Target(addresses=AddressSet.all_ipv4())


def line(text: str) -> Statement:
    return Statement(words=tuple(text.split()), text=text, place=Citation(file="x", line=1))


def manual(text: str) -> Twice:
    return cisco_asa_rule.manual_rule(line(text), objects(ASA))


def test_a_rule_below_its_object() -> None:
    text = "nat (inside,outside) static interface service tcp 5061 15061"
    rule = cisco_asa_rule.object_rule(line(text), "PROVIDER", objects(ASA))
    assert (rule.real_side, rule.mapped_side, rule.static) == ("inside", "outside", True)
    assert (rule.real, rule.mapped) == (PROVIDER, Target(interface=True))
    assert (rule.given.ports, rule.asked.ports) == (PortSet.of(5061), PortSet.of(15061))


def test_a_manual_rule_with_all_its_parts() -> None:
    rule = manual(
        "nat (inside,any) after-auto source static PROVIDER pbx destination static any interface service SIPS SIPS "
        "unidirectional no-proxy-arp description inactive since May"
    )
    assert rule.mapped == Target(addresses=AddressSet.of("10.20.0.10"))
    assert (rule.far_mapped, rule.far_real) == (ANY, Target(interface=True))
    assert (rule.one_way, rule.doubts, rule.mapped_side) == (True, (), "any")
    assert rule.services is not None


def test_dynamic_rules_work_one_way() -> None:
    rule = manual("nat (inside,outside) source dynamic any pat-pool PROVIDER interface")
    assert (rule.one_way, rule.static, rule.mapped) == (True, False, ANY)
    assert manual("nat (inside,outside) source dynamic any interface").mapped == Target(interface=True)


def test_what_is_not_known_of_a_rule_is_a_doubt() -> None:
    assert manual("nat (a,b) source static PROVIDER PROVIDER frobnicate").doubts == (Unsupported(text="frobnicate"),)


def test_nonsense_is_refused() -> None:
    for text in (
        "nat (inside) source static any any",
        "nat (a,b) source static BYNAME any",
        "nat (a,b) static any any",
    ):
        with pytest.raises(ValueError, match=r"."):
            manual(text)
