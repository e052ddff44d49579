from ringfence.model.exposure import Verdict
from ringfence.model.packetfilter import TranslateDestination, UnsupportedAction
from tests.readers.gateways.vyatta_school import (
    EDGEOS_NAT,
    INTERFACES,
    PROVIDER,
    SIP,
    STRANGER,
    admits,
    door,
    gateway,
    problems,
    tftp,
)


def nat(*lines: str, kind: str = "destination", number: int = 10) -> str:
    return "".join(f"set nat {kind} rule {number} {line}\n" for line in lines)


TO_PBX = nat("protocol udp", "destination port 69", "inbound-interface eth0", "translation address 10.20.0.10")


def test_a_forward_names_its_port_protocol_interface_and_target() -> None:
    assert tftp(INTERFACES + TO_PBX) == Verdict.REACHABLE
    for old, new in (
        ("port 69", "port 68"),
        ("protocol udp", "protocol tcp"),
        ("interface eth0", "interface eth1"),
        ("10.20.0.10", "10.20.0.11"),
    ):
        assert tftp(INTERFACES + TO_PBX.replace(old, new)) == Verdict.BLOCKED
    assert tftp(INTERFACES + TO_PBX.replace("interface eth0", "interface any")) == Verdict.REACHABLE


def test_the_port_behind_a_forward_may_differ() -> None:
    moved = TO_PBX.replace("port 69", "port 6969") + nat("translation port 69")
    found = door(INTERFACES + moved)
    assert found.verdict == Verdict.REACHABLE
    assert found.outside is not None
    assert found.outside.port == 6969


def test_a_source_narrows_a_forward() -> None:
    found = door(INTERFACES + TO_PBX + nat(f"source address {PROVIDER}"))
    assert admits(found, PROVIDER)
    assert not admits(found, STRANGER)


def test_the_first_rule_wins_and_an_exclusion_ends_the_search() -> None:
    other = nat("protocol udp", "destination port 69", "translation address 10.20.0.99", number=5)
    assert tftp(INTERFACES + TO_PBX + other) == Verdict.BLOCKED
    excluded = nat("protocol udp", "destination port 69", "exclude", number=5)
    assert tftp(INTERFACES + TO_PBX + excluded) == Verdict.BLOCKED
    assert tftp(INTERFACES + TO_PBX + excluded.replace("port 69", "port 70")) == Verdict.REACHABLE


def test_a_whole_address_may_stand_for_the_pbx() -> None:
    static = nat(
        "destination address 203.0.113.5", "translation address 10.20.0.10", "inbound-interface eth0", kind="static"
    )
    found = door(INTERFACES + static)
    assert found.verdict == Verdict.REACHABLE
    assert str(found.outside.address if found.outside else None) == "203.0.113.5"
    assert tftp(INTERFACES + static.replace("interface eth0", "interface eth1")) == Verdict.BLOCKED
    assert tftp(f"{INTERFACES}{static}set nat static rule 10 disable\n") == Verdict.BLOCKED


def test_networks_of_one_size_are_mapped_address_by_address() -> None:
    mapped = nat("destination address 198.18.0.0/28", "translation address 10.20.0.0/28", "inbound-interface eth0")
    found = door(INTERFACES + mapped)
    assert found.verdict == Verdict.REACHABLE
    assert str(found.outside.address if found.outside else None) == "198.18.0.10"
    wide = mapped.replace("198.18.0.0/28", "198.18.0.0/16").replace("10.20.0.0/28", "10.20.0.0/16")
    assert tftp(INTERFACES + wide) == Verdict.UNKNOWN


def test_a_choice_of_targets_is_unknown_for_each() -> None:
    shared = TO_PBX.replace("translation address 10.20.0.10", "load-balance backend 10.20.0.10 weight 50")
    shared += nat("load-balance backend 10.20.0.11 weight 50")
    assert tftp(INTERFACES + shared) == Verdict.UNKNOWN
    assert tftp(INTERFACES + TO_PBX.replace("10.20.0.10", "10.20.0.8-10.20.0.12")) == Verdict.UNKNOWN


def test_a_redirection_keeps_the_packet_on_the_box() -> None:
    redirect = TO_PBX.replace("translation address 10.20.0.10", "translation redirect port 69")
    assert tftp(INTERFACES + redirect) == Verdict.BLOCKED


def test_masquerade_towards_the_lan_hides_strangers_and_towards_the_internet_does_not() -> None:
    hiding = nat("outbound-interface eth1", "translation address masquerade", kind="source")
    found = door(INTERFACES + TO_PBX + hiding)
    assert found.seen_as is not None
    assert "10.20.0.1" in found.seen_as
    assert door(INTERFACES + TO_PBX + hiding.replace("eth1", "eth0")).seen_as is None
    only_lan = hiding + nat("source address 10.20.0.0/16", kind="source")
    assert door(INTERFACES + TO_PBX + only_lan).seen_as is None
    fixed = hiding.replace("masquerade", "10.20.0.77")
    assert "10.20.0.77" in (door(INTERFACES + TO_PBX + fixed).seen_as or ())


def test_a_translation_that_is_not_understood_is_unknown() -> None:
    for text in (
        TO_PBX.replace("10.20.0.10", "pbx.example.org"),
        TO_PBX.replace("translation address 10.20.0.10", "log"),
        TO_PBX + nat("destination fqdn pbx.example.org"),
        nat("destination address 203.0.113.5", "translation address pbx", kind="static"),
    ):
        assert tftp(INTERFACES + text) == Verdict.UNKNOWN
        assert problems(INTERFACES + text)


def test_edgeos_rules_of_both_directions_stand_in_one_list() -> None:
    assert tftp(INTERFACES + EDGEOS_NAT, product="edgeos") == Verdict.REACHABLE
    assert door(INTERFACES + EDGEOS_NAT, product="edgeos", of=SIP).verdict == Verdict.REACHABLE
    for old, new in (
        ("type destination", "type source"),
        ("protocol udp", "disable\n            protocol udp"),
        ("protocol udp", "exclude\n            protocol udp"),
        ("inbound-interface eth0", "inbound-interface eth1"),
    ):
        assert tftp(INTERFACES + EDGEOS_NAT.replace(old, new), product="edgeos") == Verdict.BLOCKED


def test_edgeos_rules_may_name_the_box_by_the_set_of_an_interface() -> None:
    own = EDGEOS_NAT.replace(
        "port 69,5060",
        "group {\n                    address-group ADDRv4_eth0\n                }\n                port 69",
    )
    assert tftp(INTERFACES + own, product="edgeos") == Verdict.REACHABLE
    assert tftp(INTERFACES + own.replace("ADDRv4_eth0", "ADDRv4_eth9"), product="edgeos") == Verdict.UNKNOWN
    asking = INTERFACES.replace("address 203.0.113.1/24", "address dhcp")
    rules = [rule for chain in gateway(asking + own, product="edgeos").ruleset.chains for rule in chain.rules]
    assert not any(isinstance(rule.action, UnsupportedAction) for rule in rules)


def test_ipv6_translations_are_read_as_such() -> None:
    start = "set nat66 destination rule 1"
    text = f"{start} destination address 2001:db8::1\n{start} translation address fd00::10\n"
    rules = [
        rule for chain in gateway(INTERFACES + text).ruleset.chains if chain.family == "ip6" for rule in chain.rules
    ]
    assert isinstance(rules[0].action, TranslateDestination)
