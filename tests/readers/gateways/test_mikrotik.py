from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Reading
from ringfence.model.exposure import Exposure
from ringfence.model.packetfilter import Family
from ringfence.readers.gateways import mikrotik
from ringfence.readers.gateways.gateway import Gateway
from tests.memory import MemoryArtifacts
from tests.readers.gateways import routers
from tests.readers.gateways.routers import PROVIDER, STRANGER
from tests.shared_data import SHARED, shared

ATTACHED = """# 2026-11-24 10:11:12 by RouterOS 7.14.2
# software id = FAKE-0001
#
/interface list
add comment=defconf name=WAN
add comment=defconf name=LAN
/interface list member
add interface=ether1 list=WAN
add interface=bridge list=LAN
/ip address
add address=203.0.113.1/24 interface=ether1 network=203.0.113.0
add address=10.20.0.1/24 interface=bridge network=10.20.0.0
add address=10.20.8.1/24 interface=vlan8 network=10.20.8.0
add address=10.20.30.1/24 interface=vlan30 network=10.20.30.0
/system identity
set name=edge
"""
#: What the router brings along.
DEFCONF = r"""/ip firewall filter
add action=accept chain=forward comment="defconf: accept in ipsec policy" \
    ipsec-policy=in,ipsec
add action=fasttrack-connection chain=forward comment="defconf: fasttrack" \
    connection-state=established,related hw-offload=yes
add action=accept chain=forward comment=\
    "defconf: accept established,related, untracked" connection-state=\
    established,related,untracked
add action=drop chain=forward comment="defconf: drop invalid" \
    connection-state=invalid
add action=drop chain=forward comment=\
    "defconf: drop all from WAN not DSTNATed" connection-nat-state=!dstnat \
    connection-state=new in-interface-list=WAN
"""
NAT = """/ip firewall nat
add action=masquerade chain=srcnat comment="defconf: masquerade" \\
    ipsec-policy=out,none out-interface-list=WAN
"""
FORWARD = """add action=dst-nat chain=dstnat comment="PBX phones" dst-port=69,5060 \\
    in-interface-list=WAN protocol=udp to-addresses=10.20.0.10
"""
SHUT = ATTACHED + DEFCONF + NAT
OPEN = ATTACHED + DEFCONF + NAT + FORWARD


def read(text: str | bytes) -> Reading[Gateway | None]:
    return mikrotik.read(MemoryArtifacts({"edge/export.rsc": text}), "edge/export.rsc")


def ask(text: str, port: int = 5060, *, at: str = "internet", version: int = 4) -> Exposure:
    return routers.ask(read(text).facts, port, at=at, version=version)


def verdict(text: str, port: int = 5060, *, at: str = "internet", version: int = 4) -> str:
    return ask(text, port, at=at, version=version).verdict.value


def test_a_whole_export_is_understood() -> None:
    found = read(OPEN)
    assert found.problems == ()
    assert found.facts is not None
    assert found.facts.product == "RouterOS 7.14.2"
    assert found.facts.outside == {"ether1"}
    assert found.facts.ruleset.families == {Family.IPV4, Family.IPV6}


# ------------------------------------------------------------------------------------------------ traps of the facts


def test_every_forward_is_open_to_the_world_under_defconf() -> None:
    found = ask(OPEN)
    assert found.verdict.value == "reachable"
    assert STRANGER in found.sources
    assert found.seen_as is None
    assert any("PBX phones" in hop.text for hop in found.proof)
    assert verdict(OPEN, 69) == "reachable"


def test_what_is_not_forwarded_stays_shut_and_so_does_a_forward_that_is_disabled() -> None:
    assert verdict(OPEN, 5160) == "blocked"
    assert verdict(ATTACHED + DEFCONF + NAT + FORWARD.replace("comment=", "disabled=yes comment=")) == "blocked"


def test_a_chain_that_no_rule_decides_accepts() -> None:
    assert verdict(ATTACHED + NAT + FORWARD) == "reachable"
    assert verdict(ATTACHED, at="office") == "reachable"


def test_a_first_rule_that_accepts_makes_the_drops_after_it_dead() -> None:
    first = "/ip firewall filter\nadd action=accept chain=forward comment=PASSTHROUGH\nadd action=drop chain=forward\n"
    assert verdict(ATTACHED + first + NAT + FORWARD) == "reachable"
    assert verdict(ATTACHED + first.replace("action=accept", "disabled=yes action=accept") + NAT + FORWARD) == "blocked"


def test_a_forward_for_a_list_of_addresses_is_for_those_only() -> None:
    lists = f"/ip firewall address-list\nadd address={PROVIDER} list=trunk\nadd address=198.51.100.64/26 list=trunk\n"
    text = ATTACHED + lists + DEFCONF + NAT + FORWARD.replace("dst-port=", "src-address-list=trunk dst-port=")
    assert ask(text).sources == AddressSet.of(PROVIDER, "198.51.100.64/26")


def test_a_negated_list_and_a_range() -> None:
    text = ATTACHED + DEFCONF + NAT + FORWARD.replace("dst-port=", "src-address=!198.51.100.0-198.51.100.255 dst-port=")
    sources = ask(text).sources
    assert STRANGER in sources
    assert PROVIDER not in sources


def test_a_list_that_holds_a_name_is_not_known() -> None:
    lists = "/ip firewall address-list\nadd address=sip.provider.example list=trunk\n"
    text = ATTACHED + lists + DEFCONF + NAT + FORWARD.replace("dst-port=", "src-address-list=trunk dst-port=")
    assert verdict(text) == "unknown"
    assert any("trunk" in problem.message for problem in read(text).problems)


def test_a_list_that_is_not_in_the_export_is_not_known() -> None:
    text = ATTACHED + DEFCONF + NAT + FORWARD.replace("dst-port=", "src-address-list=dynamic dst-port=")
    assert verdict(text) == "unknown"
    assert any("dynamic" in problem.message for problem in read(text).problems)


def test_knocking_is_for_those_who_knocked() -> None:
    knock = (
        "/ip firewall filter\n"
        "add action=add-src-to-address-list address-list=knocked chain=input dst-port=7777 protocol=tcp\n"
        "add action=accept chain=forward src-address-list=knocked\n"
        "add action=drop chain=forward in-interface-list=WAN\n"
    )
    assert verdict(ATTACHED + knock + NAT + FORWARD) == "blocked"
    assert any("knocked" in problem.message for problem in read(ATTACHED + knock).problems)
    record = "/ip firewall mangle\nadd action=add-src-to-address-list address-list=knocked chain=prerouting\n"
    assert verdict(ATTACHED + record + knock + NAT + FORWARD) == "reachable"


def test_a_scanner_list_stops_nobody_who_comes_for_the_first_time() -> None:
    rules = (
        "/ip firewall filter\n"
        "add action=drop chain=forward src-address-list=scanners\n"
        "add action=add-src-to-address-list address-list=scanners address-list-timeout=1d chain=forward psd=21,3s,3,1\n"
    )
    assert verdict(ATTACHED + rules + NAT + FORWARD) == "reachable"


def test_ports_may_change_on_the_way() -> None:
    text = ATTACHED + DEFCONF + NAT + FORWARD.replace("dst-port=69,5060", "dst-port=15060 to-ports=5060")
    found = ask(text)
    assert found.verdict.value == "reachable"
    assert found.outside is not None
    assert found.outside.port == 15060


def test_a_redirect_goes_to_the_router_and_an_accept_before_it_wins() -> None:
    own = FORWARD.replace("action=dst-nat", "action=redirect").replace(" to-addresses=10.20.0.10", "")
    assert verdict(ATTACHED + DEFCONF + NAT + own) == "blocked"
    spared = "add action=accept chain=dstnat dst-port=5060 protocol=udp src-address=198.51.100.0/24\n"
    sources = ask(ATTACHED + DEFCONF + NAT + spared + FORWARD).sources
    assert PROVIDER not in sources
    assert STRANGER in sources


def test_chains_of_ones_own() -> None:
    jump = "add action=jump chain=dstnat in-interface-list=WAN jump-target=voip\n"
    inner = (
        "add action=return chain=voip src-address=198.51.100.0/24\n"
        "add action=dst-nat chain=voip dst-address-type=local protocol=udp dst-port=5060 to-addresses=10.20.0.10\n"
    )
    sources = ask(ATTACHED + DEFCONF + NAT + jump + inner).sources
    assert STRANGER in sources
    assert PROVIDER not in sources


def test_an_address_is_mapped_one_to_one() -> None:
    text = (
        ATTACHED
        + NAT
        + "add action=netmap chain=dstnat dst-address=203.0.113.8/29 in-interface=ether1 to-addresses=10.20.0.8/29\n"
    )
    found = ask(text)
    assert found.verdict.value == "reachable"
    assert str(found.outside.address if found.outside else "") == "203.0.113.10"


def test_a_masquerade_without_an_interface_hides_every_caller() -> None:
    hairpin = "add action=masquerade chain=srcnat dst-address=10.20.0.0/24\n"
    assert ask(ATTACHED + DEFCONF + NAT + hairpin + FORWARD).seen_as == AddressSet.of("10.20.0.1")
    near = "add action=masquerade chain=srcnat dst-address=10.20.0.0/24 src-address=10.20.0.0/24\n"
    assert ask(ATTACHED + DEFCONF + NAT + near + FORWARD).seen_as is None


def test_raw_drops_before_anything_is_translated() -> None:
    raw = "/ip firewall raw\nadd action=drop chain=prerouting dst-port=5060 in-interface-list=WAN protocol=udp\n"
    assert verdict(ATTACHED + DEFCONF + raw + NAT + FORWARD) == "blocked"
    assert verdict(ATTACHED + DEFCONF + raw.replace("5060", "5061") + NAT + FORWARD) == "reachable"


def test_what_is_not_tracked_is_not_translated() -> None:
    raw = "/ip firewall raw\nadd action=notrack chain=prerouting dst-port=5060 protocol=udp\n"
    assert verdict(ATTACHED + DEFCONF + raw + NAT + FORWARD) == "blocked"
    assert verdict(ATTACHED + DEFCONF + raw + NAT + FORWARD, 69) == "reachable"


def test_marks_carry_from_mangle_to_the_filter() -> None:
    mangle = (
        "/ip firewall mangle\n"
        "add action=mark-connection chain=prerouting new-connection-mark=known src-address=198.51.100.0/24\n"
    )
    rules = (
        "/ip firewall filter\n"
        "add action=accept chain=forward connection-mark=known\n"
        "add action=drop chain=forward in-interface-list=WAN\n"
    )
    assert ask(ATTACHED + mangle + rules + NAT + FORWARD).sources == AddressSet.of("198.51.100.0/24")


def test_a_filter_sees_the_inner_address() -> None:
    rules = "/ip firewall filter\nadd action=drop chain=forward dst-address=203.0.113.1\n"
    assert verdict(ATTACHED + rules + NAT + FORWARD) == "reachable"
    assert verdict(ATTACHED + rules.replace("203.0.113.1", "10.20.0.10") + NAT + FORWARD) == "blocked"


def test_vlans_are_kept_apart_only_by_rules() -> None:
    assert verdict(OPEN, at="office") == "reachable"
    apart = "/ip firewall filter\nadd action=drop chain=forward in-interface=vlan30 out-interface=bridge\n"
    assert verdict(ATTACHED + apart, at="office") == "blocked"
    assert verdict(ATTACHED + apart, at="voice") == "reachable"


def test_what_is_not_interpreted_leaves_the_answer_open() -> None:
    rules = "/ip firewall filter\nadd action=drop chain=forward content=friendly-scanner\n"
    assert verdict(ATTACHED + rules + NAT + FORWARD) == "unknown"
    accepted = "/ip firewall filter\nadd action=accept chain=forward time=8h-17h,mon\nadd action=drop chain=forward\n"
    assert verdict(ATTACHED + accepted + NAT + FORWARD) == "unknown"


# ------------------------------------------------------------------------------------------- what an export hides


@pytest.mark.parametrize("menu", ["/ip upnp\nset enabled=yes\n", "/ip nat-pmp\nset enabled=yes\n"])
def test_doors_that_open_by_themselves_are_not_in_the_export(menu: str) -> None:
    text = ATTACHED + DEFCONF + NAT + menu
    assert verdict(text) == "unknown"
    assert any("print dynamic" in problem.message for problem in read(text).problems)
    assert verdict(text + f"/ip firewall nat\n{FORWARD}") == "reachable"
    assert verdict(text.replace("enabled=yes", "enabled=no")) == "blocked"


def test_hotspots_add_rules() -> None:
    text = OPEN + "/ip hotspot\nadd interface=vlan30 name=guests\n"
    assert any("hotspot" in problem.message for problem in read(text).problems)


def test_tunnels_may_carry_what_the_clear_does_not() -> None:
    peer = "/ip ipsec peer\nadd address=192.0.2.9/32 name=branch\n/ip ipsec identity\nadd peer=branch secret=FAKE-x\n"
    text = ATTACHED + peer + DEFCONF + NAT
    assert verdict(text) == "blocked"
    assert verdict(text + FORWARD) == "reachable"


def test_a_part_of_an_export_says_nothing_of_the_rest() -> None:
    for text in (NAT + FORWARD, DEFCONF.replace("-list=WAN", "=ether1")):
        assert verdict(text) == "unknown"
        assert any("only a part" in problem.message for problem in read(text).problems)


def test_without_connection_tracking_nothing_is_sure() -> None:
    assert verdict(OPEN + "/ip firewall connection tracking\nset enabled=no\n") == "unknown"


def test_an_export_that_is_cut_off_may_lack_anything() -> None:
    assert verdict(OPEN.removesuffix("10.20.0.10\n") + "10.20.0.10 \\") == "unknown"
    before_nat = ATTACHED.partition("/system")[0] + DEFCONF
    assert verdict(before_nat) == "unknown"
    assert verdict(before_nat + "/ip route\nadd gateway=203.0.113.254\n") == "blocked"


# -------------------------------------------------------------------------------------------------------------- IPv6


IPV6 = "/ipv6 address\nadd address=2001:db8:20::1/64 interface=bridge\nadd address=2001:db8:1::2/64 interface=ether1\n"


def test_without_an_ipv6_firewall_everything_passes() -> None:
    assert verdict(SHUT + IPV6, version=6) == "reachable"


def test_an_ipv6_firewall_is_one_of_its_own() -> None:
    rules = "/ipv6 firewall filter\nadd action=drop chain=forward in-interface-list=!LAN\n"
    assert verdict(SHUT + IPV6 + rules, version=6) == "blocked"
    allowed = (
        "/ipv6 firewall address-list\nadd address=2001:db8:99::/48 list=trunk\n"
        "/ipv6 firewall filter\nadd action=accept chain=forward src-address-list=trunk\n"
    )
    assert ask(SHUT + IPV6 + allowed + rules, version=6).sources == AddressSet.of("2001:db8:99::/48")


def test_ipv6_that_is_switched_off_carries_nothing() -> None:
    assert verdict(f"{SHUT}{IPV6}/ipv6 settings\nset disable-ipv6=yes\n", version=6) == "blocked"


def test_version_6_without_any_ipv6_menu_does_not_tell() -> None:
    old = OPEN.replace("2026-11-24 10:11:12 by RouterOS 7.14.2", "nov/24/2026 10:11:12 by RouterOS 6.49.10")
    found = read(old).facts
    assert found is not None
    assert found.ruleset.families == {Family.IPV4}


# --------------------------------------------------------------------------------------------------- recognition


@pytest.mark.parametrize(
    "head",
    [
        "# nov/24/2026 10:11:12 by RouterOS 6.49.10\n",
        "\ufeff# 2026-11-24 10:11:12 by RouterOS 7.14.2\r\n",
        "/ip firewall nat\nadd chain=dstnat\n",
        "  /ip/firewall/filter add chain=input\n",
        "/ip address\nadd address=192.0.2.1/24 interface=ether1\n",
    ],
)
def test_an_export_is_known_by_its_content(head: str) -> None:
    assert mikrotik.recognises(head.encode())


@pytest.mark.parametrize(
    "head",
    [
        "",
        "*nat\n:PREROUTING ACCEPT [0:0]\n",
        "table ip nat {\n",
        "config zone\n\toption name 'wan'\n",
        "set firewall name WAN_IN rule 10 action accept\n",
        "config firewall policy\n    edit 1\n",
        "ip access-list extended OUTSIDE\n",
        "<?xml version='1.0'?><pfsense></pfsense>",
        "We moved from RouterOS to something else.",
    ],
)
def test_other_products_are_left_to_others(head: str) -> None:
    assert not mikrotik.recognises(head.encode())


def test_other_samples_are_left_to_others() -> None:
    folder = shared("data/firewalls")
    others = [
        path for path in folder.rglob("*") if path.is_file() and path.parent.name not in {"mikrotik", "firewalls"}
    ]
    assert len(others) > 40
    assert [path.name for path in others if mikrotik.recognises(path.read_bytes()[: 64 * 1024])] == []


def samples() -> list[Path]:
    return sorted((SHARED / "data/firewalls/mikrotik").glob("*"))


@pytest.mark.parametrize("path", samples(), ids=lambda path: path.name)
def test_real_exports_are_read_with_named_problems_or_none(path: Path) -> None:
    raw = path.read_bytes()
    assert mikrotik.recognises(raw[: 64 * 1024])
    found = read(raw)
    assert found.facts is not None
    assert all(problem.citation.line for problem in found.problems)
    # what people wrote into the template is named: remarks, addresses crossed out
    assert len(found.problems) == (0 if "Bridge" in path.name else 7)
    rules = [rule for chain in found.facts.ruleset.chains for rule in chain.rules]
    assert any("masquerade" in rule.text for rule in rules)


def test_nothing_that_is_an_export_is_no_gateway() -> None:
    found = read("nothing\n")
    assert found.facts is None
    assert len(found.problems) == 2


# ---------------------------------------------------------------------------------------------------------- hostile


@settings(max_examples=1000)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_never_raise(raw: bytes) -> None:
    mikrotik.recognises(raw)
    read(raw)
    read(b"/ip firewall filter\n" + raw)


WORDS = st.sampled_from(
    ["/ip firewall nat", "/ip/firewall/filter", "/ip upnp", "/interface list", "/ip address", "/ip route", "\n", "add",
     "set", "remove", "[ find ]", "[find chain=dstnat]", "0", "chain=dstnat", "chain=forward", "chain=x", "action=jump",
     "jump-target=x", "action=netmap", "dst-address=203.0.113.0/28", "to-addresses=10.0.0.0/28", "to-ports=1-5",
     "src-address-list=!a", "list=a", "address=1.2.3.4/33", "address=::1/64", "interface=e", "name=WAN", "gateway=%",
     "gateway=1.2.3.4", "include=WAN", "dst-port=!1,2-", "limit=,", "psd=1,2", "tcp-flags=!,", "connection-state=",
     "ipsec-policy=in,", "\\\n", '"', "!limit", "action=mark-packet", "new-packet-mark=m", "place-before=1"]
)  # fmt: skip


@settings(max_examples=1000)
@given(st.lists(WORDS, max_size=40))
def test_arbitrary_words_of_the_language_never_raise(words: list[str]) -> None:
    read(" ".join(words))


@settings(max_examples=1000)
@given(st.integers(0, len(OPEN)), st.integers(0, 60), st.binary(max_size=8))
def test_damaged_exports_never_raise(start: int, length: int, more: bytes) -> None:
    raw = OPEN.encode()
    read(raw[:start] + more + raw[start + length :])
