import json
from typing import Any

import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import (
    ConnectionState,
    DestinationAddress,
    DestinationPort,
    Drop,
    InputInterface,
    Jump,
    Match,
    Protocol,
    Return,
    Rule,
    SourceAddress,
    Unsupported,
    UnsupportedAction,
)
from ringfence.readers.gateways.unifi_json import parse
from ringfence.readers.gateways.unifi_objects import Objects
from ringfence.readers.gateways.unifi_rules import Sides, chains, sides

OUTSIDE = frozenset({"wan"})
WHERE = Sides(outside=OUTSIDE, inside=frozenset({"LAN"}), guests=frozenset({"Guests"}))
NETWORKS = [
    {"_id": "n1", "purpose": "corporate", "name": "LAN", "ip_subnet": "10.20.0.1/24"},
    {"_id": "n2", "purpose": "guest", "name": "Guests", "ip_subnet": "10.20.30.1/24"},
]


def compiled(*rules: dict[str, Any], where: Sides = WHERE) -> dict[str, tuple[Rule, ...]]:
    objects = Objects(file="edge/x")
    objects.add(
        "edge/x", parse(json.dumps({"portforward": [], "firewallrule": list(rules), "networkconf": NETWORKS}))[0]
    )
    return {chain.name: chain.rules for chain in chains(objects, where, (), ())}


def one(**fields: Any) -> Rule:  # noqa: ANN401 - fields of JSON
    base = {"ruleset": "WAN_IN", "rule_index": 2000, "action": "accept", "protocol": "all"}
    return compiled(base | fields)["WAN_IN"][0]


def test_wan_in_drops_at_its_end_and_lan_in_does_not() -> None:
    found = compiled()
    assert found["WAN_IN"][-1].action == Drop()
    assert found["LAN_IN"] == ()
    assert isinstance(found["GUEST_IN"][-1].action, UnsupportedAction)


@pytest.mark.parametrize(
    ("action", "wanted"), [("accept", Return()), ("drop", Drop()), ("reject", Drop(reject=True)), ("odd", None)]
)
def test_accept_returns_so_that_the_way_out_is_asked_too(action: str, wanted: object) -> None:
    found = one(action=action).action
    assert isinstance(found, UnsupportedAction) if wanted is None else found == wanted


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"protocol": "udp"}, Protocol(names=frozenset({"udp"}))),
        ({"protocol": "tcp_udp"}, Protocol(names=frozenset({"tcp", "udp"}))),
        ({"protocol": "tcp", "protocol_match_excepted": True}, Protocol(names=frozenset({"tcp"}), negated=True)),
        ({"state_established": True, "state_new": False}, ConnectionState(states=frozenset({"established"}))),
        ({"src_address": "192.0.2.1"}, SourceAddress(addresses=AddressSet.of("192.0.2.1"))),
        ({"dst_address": "10.20.0.0/24"}, DestinationAddress(addresses=AddressSet.of("10.20.0.0/24"))),
        ({"dst_port": "69,5060-5061"}, DestinationPort(ports=PortSet.of(69, 5060, 5061))),
        ({"src_networkconf_id": "n1"}, SourceAddress(addresses=AddressSet.of("10.20.0.0/24"))),
        (
            {"dst_networkconf_id": "n1", "dst_networkconf_type": "ADDRv4"},
            DestinationAddress(addresses=AddressSet.of("10.20.0.1")),
        ),
        ({"src_networkconf_id": "gone"}, None),
        ({"src_address": "pbx"}, None),
        ({"src_mac_address": "00:00:5e:00:53:01"}, None),
        ({"ipsec": "match-ipsec"}, None),
        ({"src_firewallgroup_ids": ["gone"]}, None),
    ],
)
def test_a_condition_is_read_or_named_as_not_interpreted(fields: dict[str, Any], wanted: Match | None) -> None:
    (found,) = one(**fields).matches
    assert isinstance(found, Unsupported) if wanted is None else found == wanted


def test_rules_are_sorted_by_their_number() -> None:
    base = {"ruleset": "LAN_IN", "action": "drop"}
    numbers: list[object] = ["2010", 2002, 20001, 4001, "40000", 4000]
    found = compiled(*({**base, "rule_index": number, "name": str(number)} for number in numbers))["LAN_IN"]
    names = [rule.text.split("name ")[1].split(";")[0] for rule in found]
    assert names == ["2002", "2010", "20001", "4000", "4001", "40000"]


def test_networks_that_are_not_in_the_export_make_the_rule_sets_doubtful() -> None:
    assert sides((), OUTSIDE) == Sides(outside=OUTSIDE)
    known = compiled()["forward"]
    assert [rule.action for rule in known if rule.matches == (InputInterface(names=OUTSIDE),)] == [Jump(chain="WAN_IN")]
    doubtful = compiled(where=Sides(outside=OUTSIDE))["forward"]
    lan = [rule for rule in doubtful if rule.action == Jump(chain="LAN_IN")]
    assert InputInterface(names=OUTSIDE, negated=True) in lan[0].matches
    assert any(isinstance(match, Unsupported) for match in lan[0].matches)
