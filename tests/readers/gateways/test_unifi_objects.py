import json

import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.readers.gateways.unifi_json import parse
from ringfence.readers.gateways.unifi_objects import (
    FORWARD,
    GROUP,
    NAT,
    NETWORK,
    POLICY,
    RULE,
    SETTING,
    ZONE,
    Objects,
    kind_of,
    kind_of_name,
)

SIDES = {"source": {"zone_id": "a"}, "destination": {"zone_id": "b"}}


def objects(value: object) -> Objects:
    found = Objects(file="edge/x")
    for one in parse(json.dumps(value)):
        found.add("edge/x", one)
    return found


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"fwd": "10.0.0.1", "dst_port": "69"}, FORWARD),
        ({"ruleset": "WAN_IN", "rule_index": 2000}, RULE),
        ({"group_type": "port-group", "group_members": []}, GROUP),
        ({"action": "ALLOW"} | SIDES, POLICY),
        ({"name": "LAN", "network_ids": []}, ZONE),
        ({"purpose": "corporate", "name": "LAN"}, NETWORK),
        ({"type": "DNAT", "in_interface": "x"}, NAT),
        ({"key": "usg"}, SETTING),
        ({"name": "an access point"}, ""),
        ({"action": "ALLOW", "source": "any", "destination": "any"}, ""),
    ],
)
def test_objects_are_known_by_their_fields(fields: dict[str, object], kind: str) -> None:
    (value,) = parse(json.dumps(fields))
    assert kind_of(value) == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("rest/portforward", FORWARD),
        ("port_forwards", FORWARD),
        ("firewallrule.json", RULE),
        ("v2/api/site/default/firewall-policies", POLICY),
        ("firewall/zone", ZONE),
        ("wlanconf", ""),
    ],
)
def test_names_tell_what_an_empty_answer_would_have_held(name: str, kind: str) -> None:
    assert kind_of_name(name) == kind


def test_answers_are_found_however_they_are_wrapped() -> None:
    forward = {"fwd": "10.0.0.1", "dst_port": "69", "fwd_port": "69"}
    for wrapped in (
        forward,
        [forward],
        {"meta": {"rc": "ok"}, "data": [forward]},
        {"rest/portforward": {"meta": {"rc": "ok"}, "data": [forward]}},
        {"portforward": [forward]},
        {"site": {"anything": [forward]}},
    ):
        assert len(objects(wrapped).of(FORWARD)) == 1, wrapped


def test_an_empty_answer_counts_as_evidence_and_an_absent_one_does_not() -> None:
    found = objects({"rest/portforward": {"meta": {"rc": "ok"}, "data": []}, "wlanconf": []})
    assert found.present == {FORWARD}
    assert found.of(FORWARD) == ()


def test_something_else_among_the_forwards_may_do_anything() -> None:
    found = objects({"portforward": ["text", {"name": "x"}]})
    assert found.damaged
    assert len(found.problems) == 2


def test_what_is_switched_off_is_not_in_force() -> None:
    rules = [{"ruleset": "WAN_IN", "action": "drop", "enabled": state} for state in (True, False, None)]
    assert len(objects(rules).of(RULE)) == 2


def test_groups_give_their_members_by_id() -> None:
    found = objects(
        [
            {"_id": "a", "group_type": "address-group", "group_members": ["192.0.2.0/24", "198.51.100.1-198.51.100.2"]},
            {"_id": "b", "group_type": "port-group", "group_members": ["69", "5060-5061"]},
            {"_id": "c", "group_type": "address-group", "group_members": ["pbx.example.org"]},
            {"_id": "d", "group_type": "port-group", "group_members": ["many"]},
        ],
    )
    assert found.addresses("a") == AddressSet.of("192.0.2.0/24", "198.51.100.1", "198.51.100.2")
    assert found.ports("b") == PortSet.of(69, 5060, 5061)
    assert [found.addresses(one) for one in "bcz"] == [None, None, None]
    assert [found.ports(one) for one in "adz"] == [None, None, None]


def test_networks_have_the_addresses_of_the_gateway() -> None:
    found = objects(
        [
            {"_id": "1", "purpose": "corporate", "name": "LAN", "ip_subnet": "10.20.0.1/24", "x_secret": "FAKE-key"},
            {"_id": "2", "purpose": "guest", "name": "Guests", "ip_subnet": "broken"},
            {"_id": "3", "purpose": "wan", "name": "Uplink", "wan_networkgroup": "WAN2", "wan_type": "dhcp"},
        ],
    )
    first, second, third = found.networks()
    assert (first.name, str(first.addresses[0]), first.is_outside, first.is_guest) == (
        "LAN",
        "10.20.0.1/24",
        False,
        False,
    )
    assert second.addresses == ()
    assert second.is_guest
    assert (third.name, third.addresses, third.is_outside) == ("wan2", (), True)
    assert found.networks() is found.networks()
    assert len(found.problems) == 1


def test_a_rule_is_shown_without_what_is_not_meant_to_be() -> None:
    found = objects([{"fwd": "10.0.0.1", "dst_port": "69", "name": "PBX\n", "x_password": "FAKE-one", "enabled": True}])
    text = found.of(FORWARD)[0].shown("port forward")
    assert text == "port forward: name PBX�; dst_port 69; fwd 10.0.0.1; enabled true"
