from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.addresses import AddressSet
from ringfence.readers.gateways import cisco_ios
from tests.readers.gateways.asking import exposure, gateway, reading, verdict
from tests.shared_data import shared

HEAD = "version 15.1\nhostname edge\n"
OUTSIDE = """interface GigabitEthernet0/0
 ip address 203.0.113.1 255.255.255.0
 ip nat outside
"""
INSIDE = """interface GigabitEthernet0/1
 ip address 10.20.0.1 255.255.255.0
 ip nat inside
"""
OFFICE = """interface GigabitEthernet0/2
 ip address 10.20.30.1 255.255.255.0
 ip nat inside
"""
FORWARD = "ip nat inside source static udp 10.20.0.10 69 interface GigabitEthernet0/0 69\n"
DEFAULT = "ip route 0.0.0.0 0.0.0.0 203.0.113.254\n"
read = cisco_ios.read


def router(*parts: str, outside: str = "", inside: str = "") -> str:
    return "!\n".join((HEAD, OUTSIDE + outside, INSIDE + inside, OFFICE, *(parts or (FORWARD,)), DEFAULT)) + "end\n"


def test_the_configuration_is_known_by_its_content() -> None:
    assert cisco_ios.recognises(router().encode())
    for other in (
        b"",
        b"\0" * 50,
        b"ASA Version 9.1(2)\ninterface GigabitEthernet0/0\n nameif outside\n ip address 1.2.3.4 255.255.255.0\n",
        b"interface Ethernet0\n  nameif outside\n  ip address 1.2.3.4 255.0.0.0\naccess-list 101 permit ip any any\n",
        b"config firewall policy\n edit 1\n set name x\n",
        b"set interfaces ethernet eth0 address 203.0.113.1/24\n",
        b"*nat\n:PREROUTING ACCEPT [0:0]\n",
    ):
        assert not cisco_ios.recognises(other), other


def test_interfaces_routes_and_the_outside() -> None:
    found = gateway(read, router())
    assert found.outside == {"GigabitEthernet0/0"}
    assert [str(one.addresses[0]) for one in found.interfaces][:2] == ["203.0.113.1/24", "10.20.0.1/24"]
    assert found.routes[0].interface == "GigabitEthernet0/0"


def test_without_an_access_list_a_forward_is_open_to_everybody() -> None:
    found = exposure(read, router(), "udp/69")
    assert found.verdict == "reachable"
    assert any(hop.citation is not None and hop.citation.line == 16 for hop in found.proof)
    assert verdict(read, router(), "udp/5060") == "blocked"
    assert verdict(read, router(), "tcp/69") == "blocked"


def test_the_inbound_list_outside_sees_the_public_address() -> None:
    public = "access-list 101 permit udp 198.51.100.0 0.0.0.255 host 203.0.113.1 eq tftp\n"
    private = public.replace("203.0.113.1", "10.20.0.10")
    bound = " ip access-group 101 in\n"
    found = exposure(read, router(FORWARD, public, outside=bound), "udp/69")
    assert found.sources == AddressSet.of("198.51.100.0/24")
    assert verdict(read, router(FORWARD, private, outside=bound), "udp/69") == "blocked"


def test_the_outbound_list_inside_sees_the_private_address() -> None:
    bound = " ip access-group TO-PBX out\n"
    named = "ip access-list extended TO-PBX\n permit udp any host {} eq 69\n deny ip any any\n"
    assert verdict(read, router(FORWARD, named.format("10.20.0.10"), inside=bound), "udp/69") == "reachable"
    assert verdict(read, router(FORWARD, named.format("203.0.113.1"), inside=bound), "udp/69") == "blocked"


def test_the_end_of_a_list_denies_and_a_list_without_entries_permits() -> None:
    bound = " ip access-group WAN in\n"
    some = "ip access-list extended WAN\n remark nothing for phones\n permit tcp any any established\n"
    empty = "ip access-list extended WAN\n remark to be written\n"
    assert verdict(read, router(FORWARD, some, outside=bound), "udp/69") == "blocked"
    assert verdict(read, router(FORWARD, empty, outside=bound), "udp/69") == "reachable"
    assert verdict(read, router(FORWARD, outside=bound), "udp/69") == "reachable"
    (problem,) = reading(read, router(FORWARD, outside=bound)).problems
    assert "has no entries" in problem.message


def test_answers_do_not_make_a_door() -> None:
    forward = "ip nat inside source static tcp 10.20.0.10 80 interface GigabitEthernet0/0 80\n"
    lists = "access-list 101 permit tcp any any established\n"
    assert verdict(read, router(forward, lists, outside=" ip access-group 101 in\n"), "tcp/80") == "blocked"


def test_groups_in_lists() -> None:
    groups = (
        "object-group network PROVIDER\n host 192.0.2.7\n"
        "object-group service VOICE\n udp eq tftp\n udp eq 5060\n"
        "ip access-list extended WAN\n permit object-group VOICE object-group PROVIDER any\n"
    )
    found = exposure(read, router(FORWARD, groups, outside=" ip access-group WAN in\n"), "udp/69")
    assert found.sources == AddressSet.of("192.0.2.7")


def test_an_entry_that_is_not_understood_never_blocks_for_sure() -> None:
    bound = " ip access-group 101 in\n"
    for line in ("permit udp any any eq nosuchport", "pernit udp any any", "permit udp any any eq 69 time-range NIGHT"):
        assert verdict(read, router(FORWARD, f"access-list 101 {line}\n", outside=bound), "udp/69") == "unknown", line
    wrong = "access-list 101 denny udp any any\naccess-list 101 permit ip any any\n"
    assert verdict(read, router(FORWARD, wrong, outside=bound), "udp/69") == "unknown"


def test_inspection_and_zones_are_unknown_but_a_list_before_them_is_not() -> None:
    inspected = router(outside=" ip inspect FW in\n")
    zoned = router(outside=" zone-member security outside\n", inside=" zone-member security inside\n")
    assert verdict(read, inspected, "udp/69") == "unknown"
    assert verdict(read, zoned, "udp/69") == "unknown"
    closed = " zone-member security outside\n ip access-group 101 in\n"
    assert verdict(read, router(FORWARD, "access-list 101 deny ip any any\n", outside=closed), "udp/69") == "blocked"


def test_networks_reach_each_other_unless_a_list_stops_them() -> None:
    assert verdict(read, router(), "udp/69", at="office") == "reachable"
    text = router(FORWARD, "access-list 7 permit 10.20.8.0 0.0.0.255\n", inside=" ip access-group 7 out\n")
    assert verdict(read, text, "udp/69", at="office") == "blocked"


def test_a_file_that_is_cut_off_proves_nothing() -> None:
    whole = router(FORWARD, "access-list 101 permit udp any any eq 5060\n", outside=" ip access-group 101 in\n")
    assert verdict(read, whole, "udp/69") == "blocked"
    assert verdict(read, whole.removesuffix("end\n"), "udp/69") == "unknown"
    assert verdict(read, HEAD + INSIDE, "udp/69") == "unknown"


def test_an_interface_that_is_shut_down_is_none() -> None:
    text = router().replace(" ip nat outside\n", " ip nat outside\n shutdown\n")
    assert gateway(read, text).outside == frozenset()


def sample() -> Path:
    return shared("data/firewalls/cisco/pppoe_sip_static_nat.cfg")


def test_the_sample_of_a_pbx_behind_a_router() -> None:
    text = sample().read_bytes()
    assert cisco_ios.recognises(text)
    assert reading(read, text).problems == ()
    assert verdict(read, text, "udp/5060", pbx="192.168.2.5") == "reachable"
    assert verdict(read, text, "udp/5080", pbx="192.168.2.20") == "reachable"
    assert verdict(read, text, "udp/69", pbx="192.168.2.5") == "blocked"


@settings(max_examples=1000)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(raw: bytes) -> None:
    cisco_ios.recognises(raw)
    reading(read, raw)
    reading(read, HEAD.encode() + raw)


WHOLE = router(
    FORWARD,
    "ip nat pool p 10.20.0.10 10.20.0.12 netmask 255.255.255.0 type rotary\nip nat inside destination list 101 pool p\n"
    "ip nat inside source list 101 interface GigabitEthernet0/0 overload\n"
    "ip nat outside source static 1.2.3.4 10.9.9.9\n",
    "access-list 101 permit udp 10.0.0.0 0.0.255.0 eq 5060 any range 1 2 log\n"
    "object-group network N\n host 192.0.2.7\n range 10.0.0.1 10.0.0.3\n"
    "ip access-list standard S\n 10 permit 10.0.0.1\n",
    outside=" ip access-group 101 in\n",
)


DAMAGE = ["", "any", "host", "\n", "x", "65536", "0.0.0.0", "ip nat", "permit", "!", "range", "²"]


@settings(max_examples=1000)
@given(st.data())
def test_a_damaged_configuration_never_raises(data: st.DataObject) -> None:
    words = WHOLE.split(" ")
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(words) - 1))
        words[place] = data.draw(
            st.sampled_from(["", "any", "host", "\n", "x", "65536", "0.0.0.0", "ip nat", "permit", "!", "²", "range"])
        )
    reading(read, " ".join(words))
