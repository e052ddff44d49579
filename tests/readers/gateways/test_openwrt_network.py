import json
from ipaddress import ip_network

from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.evidence import Problem
from ringfence.readers.gateways.openwrt_network import Attachment, attach, is_dump, read_dump
from ringfence.readers.gateways.openwrt_uci import parse
from tests.memory import MemoryArtifacts


def attached(text: str) -> tuple[Attachment, list[Problem]]:
    problems: list[Problem] = []
    return attach(parse(MemoryArtifacts({"x": text}), "x"), "x", problems), problems


def devices(text: str) -> dict[str, tuple[str | None, bool]]:
    return {name: (one.device, one.sure) for name, one in attached(text)[0].networks.items()}


def test_which_device_carries_a_network() -> None:
    assert devices(
        "config interface 'lan'\n\toption device 'br-lan'\n\toption proto 'static'\n"
        "config interface 'old'\n\toption type 'bridge'\n\toption ifname 'eth0 eth1'\n\toption proto 'static'\n"
        "config interface 'dhcp'\n\toption ifname 'eth0.2'\n\toption proto 'dhcp'\n"
        "config interface 'wan'\n\toption device 'eth1'\n\toption proto 'pppoe'\n"
        "config interface 'wan6'\n\toption device '@wan'\n\toption proto 'dhcpv6'\n"
        "config interface 'wg0'\n\toption proto 'wireguard'\n"
        "config interface 'lte'\n\toption device '/dev/cdc-wdm0'\n\toption proto 'qmi'\n"
        "config interface 'none'\n\toption proto 'dhcp'\n"
        "config interface 'off'\n\toption device 'eth9'\n\toption disabled '1'\n"
    ) == {
        "lan": ("br-lan", True),
        "old": ("br-old", True),
        "dhcp": ("eth0.2", True),
        "wan": ("pppoe-wan", True),
        "wan6": ("pppoe-wan", True),
        "wg0": ("wg0", True),
        "lte": ("lte", False),
        "none": (None, True),
    }


def test_networks_that_lead_to_each_other_end() -> None:
    assert devices("config interface 'a'\n\toption device '@b'\nconfig interface 'b'\n\toption device '@a'\n") == {
        "a": (None, True),
        "b": (None, True),
    }


def test_addresses_in_all_notations() -> None:
    found, problems = attached(
        "config interface 'lan'\n\toption device 'br-lan'\n\toption proto 'static'\n"
        "\toption ipaddr '10.20.0.1'\n\toption netmask '255.255.255.0'\n\toption ip6addr '2001:db8:20::1/64'\n"
        "config interface 'voice'\n\toption device 'br-lan'\n\toption proto 'static'\n"
        "\tlist ipaddr '10.20.8.1/24'\n\tlist ipaddr 'x'\n"
        "config interface 'wan'\n\toption device 'eth1'\n\toption proto 'dhcp'\n\toption ipaddr '192.0.2.1'\n"
    )
    lan, wan = found.interfaces()
    assert [str(one) for one in lan.addresses] == ["10.20.0.1/24", "2001:db8:20::1/64", "10.20.8.1/24"]
    assert (lan.name, wan.name, wan.addresses) == ("br-lan", "eth1", ())
    assert found.networks["wan"].asks
    assert [problem.citation.line for problem in problems] == [7]


def test_routes() -> None:
    found, problems = attached(
        "config interface 'lan'\n\toption device 'br-lan'\n\toption proto 'static'\n"
        "config interface 'wan'\n\toption device 'eth1'\n\toption proto 'static'\n\toption gateway '203.0.113.254'\n"
        "config route\n\toption interface 'lan'\n\toption target '10.50.0.0'\n\toption netmask '255.255.0.0'\n"
        "\toption gateway '10.20.0.9'\n"
        "config route\n\toption interface 'lan'\n\toption target '10.60.0.0/16'\n\toption table '100'\n"
        "config route6\n\toption interface 'wan'\n\toption target '::/0'\n"
        "config route\n\toption interface 'lan'\n\toption target 'x'\n"
    )
    assert [(route.network, route.interface) for route in found.routes] == [
        (ip_network("10.50.0.0/16"), "br-lan"),
        (ip_network("::/0"), "eth1"),
        (ip_network("0.0.0.0/0"), "eth1"),
    ]
    assert [problem.citation.line for problem in problems] == [20]


def test_the_dump_of_the_running_system() -> None:
    one = {
        "interface": "wan",
        "proto": "pppoe",
        "l3_device": "pppoe-wan",
        "device": "eth1",
        "ipv4-address": [{"address": "203.0.113.1", "mask": 32}],
        "ipv6-prefix-assignment": [
            {"address": "2001:db8::", "mask": 60, "local-address": {"address": "2001:db8::1", "mask": 60}}
        ],
        "route": [{"target": "0.0.0.0", "mask": 0, "nexthop": "203.0.113.254"}],
    }
    raw = json.dumps({"interface": [one]})
    assert is_dump(raw.encode())
    found = read_dump(MemoryArtifacts({"x": raw}), "x", [])
    wan = found.networks["wan"]
    assert (wan.device, wan.asks, wan.default_route) == ("pppoe-wan", True, True)
    assert [str(address) for address in wan.addresses] == ["203.0.113.1/32", "2001:db8::1/60"]
    assert found.routes[0].network == ip_network("0.0.0.0/0")


JSON = st.recursive(
    st.none() | st.integers(-1, 200) | st.sampled_from(["wan", "10.0.0.1", "x", ""]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["interface", "l3_device", "ipv4-address", "address", "mask", "route", "target", "nexthop",
                         "ipv6-prefix-assignment", "local-address", "proto"]),
        inner, max_size=5,
    ),
    max_leaves=15,
)  # fmt: skip


@settings(max_examples=1000)
@given(JSON)
def test_arbitrary_json_never_raises(found: object) -> None:
    read_dump(MemoryArtifacts({"x": json.dumps({"interface": found})}), "x", [])
