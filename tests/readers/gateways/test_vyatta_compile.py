from ringfence.model.packetfilter import Family, UnsupportedAction
from ringfence.readers.gateways.vyatta_compile import compiled
from tests.readers.gateways.vyatta_school import FORWARD, INTERFACES, on_interface, rule_set, tree


def test_a_gateway_knows_its_product_interfaces_routes_and_outside() -> None:
    found = compiled(tree(INTERFACES + FORWARD), "VyOS")
    assert found.product == found.ruleset.product == "VyOS"
    assert found.outside == {"eth0"}
    assert {one.name for one in found.interfaces} == {"eth0", "eth1", "eth1.8", "eth1.30", "lo"}
    assert [one.interface for one in found.routes] == ["eth0"]
    assert found.ruleset.families == {Family.IPV4, Family.IPV6}


def test_what_is_missing_stands_before_every_rule_set() -> None:
    found = compiled(tree(on_interface(rule_set("WAN_IN"))), "USG", missing="the rest")
    for family in (Family.IPV4, Family.IPV6):
        heads = [chain.rules[0].action for chain in found.ruleset.chains if chain.family == family and chain.name in
                 {"forward", "destination"}]  # fmt: skip
        assert heads == [UnsupportedAction(text="the rest")] * 2


def test_damage_is_treated_as_rules_that_are_missing() -> None:
    found = compiled(tree(on_interface(rule_set("WAN_IN"))[:-9]), "VyOS")
    assert any(isinstance(rule.action, UnsupportedAction) for chain in found.ruleset.chains for rule in chain.rules)


def test_parts_that_are_not_interpreted_are_named() -> None:
    export = tree("set nat64 source rule 1 disable\nset firewall bridge forward filter default-action drop\n")
    compiled(export, "VyOS")
    assert [problem.message for problem in export.problems] == [
        "not interpreted: nat64",
        "not interpreted: firewall bridge",
    ]
