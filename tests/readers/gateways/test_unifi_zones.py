import json
from typing import Any

import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import (
    Accept,
    ConnectionState,
    DestinationPort,
    Drop,
    InputInterface,
    Match,
    OutputInterface,
    Protocol,
    Rule,
    SourceAddress,
    Translated,
    Unsupported,
    UnsupportedAction,
)
from ringfence.readers.gateways.unifi_json import parse
from ringfence.readers.gateways.unifi_objects import Objects
from ringfence.readers.gateways.unifi_rules import Sides
from ringfence.readers.gateways.unifi_zones import chain

WHERE = Sides(outside=frozenset({"wan"}))
BASE: dict[str, Any] = {
    "name": "x",
    "action": "ALLOW",
    "index": 1,
    "source": {"zone_id": "lan"},
    "destination": {"zone_id": "out"},
}
EXPORT: dict[str, Any] = {
    "networkconf": [{"_id": "n1", "purpose": "corporate", "name": "LAN", "ip_subnet": "10.20.0.1/24"}],
    "zones": [
        {"_id": "lan", "name": "Internal", "zone_key": "internal", "network_ids": ["n1"]},
        {"_id": "out", "name": "External", "zone_key": "external", "network_ids": []},
        {"_id": "box", "name": "Gateway", "zone_key": "gateway", "network_ids": []},
        {"_id": "iot", "name": "IoT", "zone_key": "", "network_ids": ["gone"]},
    ],
    "groups": [
        {"_id": "g", "group_type": "address-group", "group_members": ["192.0.2.1"]},
        {"_id": "p", "group_type": "port-group", "group_members": ["69"]},
    ],
}
LAN = InputInterface(names=frozenset({"LAN"}))
OUT = OutputInterface(names=frozenset({"wan"}))


def compiled(*policies: dict[str, Any]) -> tuple[Rule, ...]:
    objects = Objects(file="edge/x")
    objects.add("edge/x", parse(json.dumps(EXPORT | {"policies": list(policies)}))[0])
    return chain(objects, WHERE, ()).rules


def source(**more: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of JSON
    return {"source": {"zone_id": "lan"} | more}


def test_forwards_are_a_doubt_and_what_no_policy_decides_is_unknown() -> None:
    first, last = compiled()
    assert Translated() in first.matches
    assert isinstance(last.action, UnsupportedAction)


def test_policies_stand_in_the_order_of_their_index() -> None:
    found = compiled(
        BASE | {"index": 20000, "name": "late"}, BASE | {"index": 9, "name": "early"}, BASE | {"index": "x"}
    )
    assert ["early" in rule.text for rule in found] == [False, True, False, False, False]
    assert found[1].matches == (LAN, OUT)


@pytest.mark.parametrize(
    ("action", "wanted"), [("ALLOW", Accept()), ("BLOCK", Drop()), ("REJECT", Drop(reject=True)), ("ODD", None)]
)
def test_actions_are_final(action: str, wanted: object) -> None:
    found = compiled(BASE | {"action": action})[1].action
    assert isinstance(found, UnsupportedAction) if wanted is None else found == wanted


def test_policies_about_the_box_itself_or_ipv6_say_nothing_about_the_phone_system() -> None:
    assert len(compiled(BASE | {"destination": {"zone_id": "box"}})) == 2
    assert len(compiled(BASE | {"ip_version": "IPV6"})) == 2


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        (source(matching_target="IP", ips=["192.0.2.1"]), SourceAddress(addresses=AddressSet.of("192.0.2.1"))),
        (
            source(matching_target="IP", ips=["192.0.2.1"], match_opposite_ips=True),
            SourceAddress(addresses=~AddressSet.of("192.0.2.1")),
        ),
        (source(matching_target="IP", ip_group_id="g"), SourceAddress(addresses=AddressSet.of("192.0.2.1"))),
        (source(matching_target="NETWORK", network_ids=["n1"]), SourceAddress(addresses=AddressSet.of("10.20.0.0/24"))),
        (
            {"destination": {"zone_id": "out", "port_matching_type": "SPECIFIC", "port": "69"}},
            DestinationPort(ports=PortSet.of(69)),
        ),
        (
            {"destination": {"zone_id": "out", "port_matching_type": "OBJECT", "port_group_id": "p"}},
            DestinationPort(ports=PortSet.of(69)),
        ),
        (
            {
                "destination": {
                    "zone_id": "out",
                    "port_matching_type": "SPECIFIC",
                    "port": "69",
                    "match_opposite_ports": True,
                }
            },
            DestinationPort(ports=~PortSet.of(69)),
        ),
        ({"protocol": "udp"}, Protocol(names=frozenset({"udp"}))),
        ({"connection_state_type": "RESPOND_ONLY"}, ConnectionState(states=frozenset({"established", "related"}))),
        (
            {"connection_state_type": "CUSTOM", "connection_states": ["NEW"]},
            ConnectionState(states=frozenset({"new"})),
        ),
        (source(matching_target="IP", ip_group_id="gone"), None),
        (source(matching_target="IP", ips=["pbx"]), None),
        (source(matching_target="IP"), None),
        (source(matching_target="NETWORK", network_ids=["gone"]), None),
        (source(matching_target="REGION", regions=["DE"]), None),
        (source(matching_target="CLIENT", client_macs=["x"]), None),
        (source(match_mac=True), None),
        (source(port_matching_type="SPECIFIC", port="x"), None),
        (source(port_matching_type="ODD"), None),
        ({"connection_state_type": "ODD"}, None),
        ({"match_ip_sec": True}, None),
        ({"schedule": {"mode": "EVERY_DAY", "time_all_day": False}}, None),
    ],
)
def test_a_condition_is_read_or_named_as_not_interpreted(fields: dict[str, Any], wanted: Match | None) -> None:
    (found,) = (match for match in compiled(BASE | fields)[1].matches if match not in {LAN, OUT})
    assert isinstance(found, Unsupported) if wanted is None else found == wanted


@pytest.mark.parametrize("schedule", [{"mode": "ALWAYS"}, {"mode": "EVERY_DAY", "time_all_day": True}, {}])
def test_a_policy_that_is_always_in_force_needs_no_clock(schedule: dict[str, object]) -> None:
    assert compiled(BASE | {"schedule": schedule})[1].matches == (LAN, OUT)


def test_zones_whose_networks_are_not_known_are_a_doubt() -> None:
    found = compiled(BASE | {"source": {"zone_id": "iot"}})[1].matches
    assert InputInterface(names=frozenset({"wan"}), negated=True) in found
    assert any(isinstance(match, Unsupported) for match in found)
    gone = compiled(BASE | {"source": {"zone_id": "gone"}})[1].matches
    assert any(isinstance(match, Unsupported) for match in gone)
