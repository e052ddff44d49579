"""Questions about a whole ASA: `asa` and `pix` make small configurations for the tests of its parts too."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.addresses import AddressSet
from ringfence.readers.gateways import cisco_asa
from tests.readers.gateways.asking import exposure, gateway, reading, verdict
from tests.shared_data import shared

SIDES = """interface GigabitEthernet0/0
 nameif outside
 security-level 0
 ip address 203.0.113.1 255.255.255.0
!
interface GigabitEthernet0/1
 nameif inside
 security-level 100
 ip address 10.20.0.1 255.255.255.0
!
interface GigabitEthernet0/2
 nameif office
 security-level 50
 ip address 10.20.30.1 255.255.255.0
!
"""
OBJECT = "object network PBX\n host 10.20.0.10\n nat (inside,outside) static interface service udp tftp tftp\n"
STATIC = "static (inside,outside) udp interface tftp 10.20.0.10 tftp netmask 255.255.255.255\n"
BOUND = "access-group OUT in interface outside\n"
REAL = "access-list OUT extended permit udp any host 10.20.0.10 eq tftp\n"
PUBLIC = "access-list OUT extended permit udp any host 203.0.113.1 eq tftp\n"
read = cisco_asa.read


def asa(*parts: str, version: str = "ASA Version 9.1(2)", sides: str = SIDES) -> str:
    route = "route outside 0.0.0.0 0.0.0.0 203.0.113.254 1\n"
    return f": Saved\n:\n{version}\n!\nhostname fw\n{sides}{''.join(parts)}{route}: end\n"


def old(*parts: str, sides: str = SIDES) -> str:
    return asa(*parts, version="ASA Version 8.2(5)", sides=sides)


def test_the_configuration_is_known_by_its_content() -> None:
    assert cisco_asa.recognises(asa().encode())
    assert cisco_asa.recognises(asa(BOUND, version="").encode())
    assert cisco_asa.recognises(b"PIX Version 6.3(5)\nnameif ethernet0 outside security0\n")
    for other in (b"", b"version 15.1\ninterface GigabitEthernet0/0\n ip nat outside\n", b"config firewall policy\n"):
        assert not cisco_asa.recognises(other)


def test_since_8_3_the_list_sees_the_private_address() -> None:
    assert verdict(read, asa(OBJECT, REAL, BOUND), "udp/69") == "reachable"
    assert verdict(read, asa(OBJECT, PUBLIC, BOUND), "udp/69") == "blocked"


def test_before_8_3_the_list_sees_the_public_address() -> None:
    assert verdict(read, old(STATIC, PUBLIC, BOUND), "udp/69") == "reachable"
    assert verdict(read, old(STATIC, REAL, BOUND), "udp/69") == "blocked"


def test_the_first_version_of_the_new_kind() -> None:
    assert verdict(read, asa(OBJECT, REAL, BOUND, version="ASA Version 8.3(1)"), "udp/69") == "reachable"


def test_without_a_version_nothing_is_guessed() -> None:
    for parts in ((OBJECT, REAL, BOUND), (OBJECT, PUBLIC, BOUND), (STATIC, PUBLIC, BOUND)):
        text = asa(*parts, version="")
        assert verdict(read, text, "udp/69") == "unknown"
        assert any("ASA Version" in problem.message for problem in reading(read, text).problems)


def test_without_a_list_only_higher_levels_send_to_lower_ones() -> None:
    assert verdict(read, asa(OBJECT), "udp/69") == "blocked"
    assert verdict(read, asa(OBJECT), "udp/69", at="office") == "blocked"
    higher = SIDES.replace("security-level 100", "security-level 20")
    assert verdict(read, asa(OBJECT, sides=higher), "udp/69", at="office") == "reachable"


def test_equal_levels_need_a_permission_of_their_own() -> None:
    equal = SIDES.replace("security-level 50", "security-level 100")
    permitted = "same-security-traffic permit inter-interface\n"
    lists = "access-list OFFICE extended permit ip any any\naccess-group OFFICE in interface office\n"
    assert verdict(read, asa(sides=equal), "udp/69", at="office") == "blocked"
    assert verdict(read, asa(permitted, sides=equal), "udp/69", at="office") == "reachable"
    assert verdict(read, asa(lists, sides=equal), "udp/69", at="office") == "blocked"


def test_sources_by_nested_groups() -> None:
    groups = (
        "object-group network PROVIDERS\n network-object 198.51.100.0 255.255.255.0\n group-object MORE\n"
        "object-group network MORE\n network-object host 192.0.2.7\n"
    )
    lines = "access-list OUT extended permit udp object-group PROVIDERS object PBX eq tftp\n"
    found = exposure(read, asa(OBJECT, groups, lines, BOUND), "udp/69")
    assert found.sources == AddressSet.of("198.51.100.0/24", "192.0.2.7")


def test_inactive_lines_and_time_ranges() -> None:
    assert verdict(read, asa(OBJECT, REAL.replace("tftp\n", "tftp inactive\n"), BOUND), "udp/69") == "blocked"
    assert verdict(read, asa(OBJECT, REAL.replace("tftp\n", "tftp time-range T\n"), BOUND), "udp/69") == "unknown"
    denied = "access-list OUT extended deny ip any any inactive\n"
    assert verdict(read, asa(OBJECT, denied, REAL, BOUND), "udp/69") == "reachable"


def test_names_that_must_be_resolved_are_unknown() -> None:
    named = "object network PROVIDER\n fqdn sip.provider.example\n"
    lines = "access-list OUT extended permit udp object PROVIDER any eq tftp\n"
    assert verdict(read, asa(OBJECT, named, lines, BOUND), "udp/69") == "unknown"


def test_the_list_for_all_interfaces_comes_after_their_own() -> None:
    everywhere = "access-list ALL extended permit udp any any eq tftp\naccess-group ALL global\n"
    assert verdict(read, asa(OBJECT, everywhere), "udp/69") == "reachable"
    deny = "access-list OUT extended deny udp any any\n"
    other = "access-list OUT extended permit tcp any any\n"
    assert verdict(read, asa(OBJECT, everywhere, deny, BOUND), "udp/69") == "blocked"
    assert verdict(read, asa(OBJECT, everywhere, other, BOUND), "udp/69") == "reachable"


def test_a_list_outwards_must_permit_as_well() -> None:
    outward = "access-list IN extended permit tcp any any\naccess-group IN out interface inside\n"
    assert verdict(read, asa(OBJECT, REAL, BOUND, outward), "udp/69") == "blocked"
    assert verdict(read, asa(OBJECT, REAL, BOUND, outward.replace("tcp", "ip")), "udp/69") == "reachable"


def test_a_list_that_is_missing_or_not_understood_never_blocks_for_sure() -> None:
    assert verdict(read, asa(OBJECT, BOUND), "udp/69") == "unknown"
    wrong = "access-list OUT extended pernit udp any any\n"
    assert verdict(read, asa(OBJECT, wrong, BOUND), "udp/69") == "unknown"


def test_what_works_otherwise_or_is_cut_off_proves_nothing() -> None:
    for part in ("firewall transparent\n", "context guests\n"):
        assert verdict(read, asa(OBJECT, part), "udp/69") == "unknown"
    assert verdict(read, asa(OBJECT).removesuffix(": end\n"), "udp/69") == "unknown"


def test_translation_that_is_required_may_be_missing() -> None:
    higher = SIDES.replace("security-level 100", "security-level 20")
    assert verdict(read, old(sides=higher), "udp/69", at="office") == "reachable"
    assert verdict(read, old("nat-control\n", sides=higher), "udp/69", at="office") == "unknown"


def test_interfaces_and_the_outside() -> None:
    found = gateway(read, asa())
    assert found.outside == {"outside"}
    assert found.product == "Cisco ASA"
    assert {one.name for one in found.interfaces} == {"outside", "inside", "office"}
    assert found.routes[0].interface == "outside"


def samples() -> list[Path]:
    folder = Path(__file__).resolve().parents[3].parent / "shared/data/firewalls/cisco"
    return sorted(folder.glob("*.fw.orig"))


@pytest.mark.parametrize("path", samples(), ids=lambda path: path.name)
def test_the_samples_without_a_version_are_read_and_unknown(path: Path) -> None:
    shared("data/firewalls/cisco")
    raw = path.read_bytes()
    assert cisco_asa.recognises(raw)
    (problem,) = reading(read, raw).problems
    assert "ASA Version" in problem.message
    # with the version that they were compiled for they are understood whole
    assert reading(read, b"PIX Version 7.0\n" + raw + b": end\n").problems == ()


@settings(max_examples=1000)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(raw: bytes) -> None:
    cisco_asa.recognises(raw)
    reading(read, raw)
    reading(read, b"ASA Version 9.1(2)\n" + raw)


NEW = asa(
    OBJECT,
    "object network LAN\n subnet 10.20.0.0 255.255.0.0\n",
    "object service S\n service udp source eq 5060 destination eq 1\n",
    "nat (inside,outside) source static LAN interface destination static LAN LAN service S S\n",
    "nat (any,outside) after-auto source dynamic any pat-pool LAN interface\n",
    REAL,
    "object-group service G tcp-udp\n port-object range 1 9\naccess-list OUT extended permit object S any object LAN\n",
    BOUND,
)
OLD = old(STATIC, "nat (inside) 1 10.0.0.0 255.0.0.0\nglobal (outside) 1 1.2.3.4-1.2.3.9\n", PUBLIC, BOUND)
DAMAGE = [
    "",
    "any",
    "host",
    "\n",
    "x",
    "65536",
    "0.0.0.0",
    "nat",
    "(a,b)",
    "permit",
    "object",
    "static",
    "²",
    "interface",
]


@settings(max_examples=1000)
@given(st.data())
def test_a_damaged_configuration_never_raises(data: st.DataObject) -> None:
    words = data.draw(st.sampled_from([NEW, OLD])).split(" ")
    for _ in range(data.draw(st.integers(1, 4))):
        words[data.draw(st.integers(0, len(words) - 1))] = data.draw(st.sampled_from(DAMAGE))
    reading(read, " ".join(words))
