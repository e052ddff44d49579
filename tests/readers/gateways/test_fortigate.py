"""The tables of a small backup, and questions about the whole: `backup` is used by the tests of its parts too."""

import csv
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.addresses import AddressSet
from ringfence.model.packetfilter import Family
from ringfence.model.site import Host, NamedNetwork, ServiceName, Site
from ringfence.reach.predict import predict
from ringfence.readers.gateways import fortigate
from tests.reach import school
from tests.readers.gateways.asking import exposure, gateway, reading, verdict
from tests.shared_data import shared

INTERFACES = """config system interface
    edit "wan1"
        set vdom "root"
        set ip 203.0.113.1 255.255.255.0
        set role wan
    next
    edit "internal"
        set ip 10.20.0.1 255.255.255.0
        config secondaryip
            edit 1
                set ip 10.20.99.1 255.255.255.0
            next
        end
        config ipv6
            set ip6-address 2001:db8:20::1/64
        end
    next
    edit "office"
        set ip 10.20.30.1 255.255.255.0
    next
end
config router static
    edit 1
        set gateway 203.0.113.254
        set device "wan1"
    next
end
"""
VIP = """    edit "{name}"
        set extip {extip}
        set mappedip "10.20.0.10"
        set extintf "wan1"
        set portforward enable
        set protocol udp
        set extport {extport}
        set mappedport {mappedport}
{more}    next
"""
read = fortigate.read


def table(path: str, body: str) -> str:
    return f"config {path}\n{body}end\n"


def vip(
    name: str = "sip", *, extip: str = "203.0.113.1", extport: str = "69", mappedport: str = "69", more: str = ""
) -> str:
    more = "".join(f"        set {line}\n" for line in more.split(";") if line)
    return VIP.format(name=name, extip=extip, extport=extport, mappedport=mappedport, more=more)


def policy(number: int, **given: str) -> str:
    values = {"srcintf": '"wan1"', "dstintf": '"internal"', "srcaddr": '"all"', "dstaddr": '"sip"', "action": "accept",
              "schedule": '"always"', "service": '"ALL"'}  # fmt: skip
    values |= {key.replace("_", "-"): value for key, value in given.items()}
    lines = "".join(f"        set {key} {value}\n" for key, value in values.items() if value)
    return f"    edit {number}\n{lines}    next\n"


def backup(*policies: str, vips: str = "", version: str = "7.2.4", more: str = "") -> str:
    return (
        f"#config-version=FGT60F-{version}-FW-build1396-230131:opmode=0:vdom=0:user=admin\n"
        + INTERFACES
        + table("firewall vip", vips or vip())
        + more
        + table("firewall policy", "".join(policies or (policy(1),)))
    )


def test_the_backup_is_known_by_its_content() -> None:
    assert fortigate.recognises(backup().encode())
    assert fortigate.recognises(backup().partition("\n")[2].encode())
    for other in (b"", b"config redirect\n\toption src 'wan'\n", b"config firewall policy\n", b"edit\nset x\n"):
        assert not fortigate.recognises(other)


def test_interfaces_routes_and_the_outside() -> None:
    found = gateway(read, backup())
    assert found.outside == {"wan1"}
    assert {one.name: [str(own) for own in one.addresses] for one in found.interfaces} == {
        "wan1": ["203.0.113.1/24"],
        "internal": ["10.20.0.1/24", "10.20.99.1/24", "2001:db8:20::1/64"],
        "office": ["10.20.30.1/24"],
    }
    assert (str(found.routes[0].network), found.routes[0].interface) == ("0.0.0.0/0", "wan1")


def test_a_virtual_ip_and_its_policy_open_the_port() -> None:
    found = exposure(read, backup(), "udp/69")
    assert found.verdict == "reachable"
    assert any('edit "sip"' in hop.text for hop in found.proof)
    assert verdict(read, backup(), "udp/5060") == "blocked"
    assert verdict(read, backup(), "tcp/69") == "blocked"


def test_without_a_policy_the_implicit_deny_decides() -> None:
    other = policy(1, dstaddr='"other"')
    text = backup(other, vips=vip() + vip("other", extport="5060", mappedport="5060"))
    assert verdict(read, text, "udp/69") == "blocked"
    assert verdict(read, text, "udp/5060") == "reachable"


def test_networks_reach_each_other_by_policy_only() -> None:
    inner = policy(1, srcintf='"office"', dstaddr='"all"')
    assert verdict(read, backup(inner), "udp/69", at="office") == "reachable"
    assert verdict(read, backup(), "udp/69", at="office") == "blocked"


def test_a_policy_that_hides_the_source_is_seen() -> None:
    assert exposure(read, backup(), "udp/69").seen_as is None
    hidden = exposure(read, backup(policy(1, nat="enable")), "udp/69")
    assert hidden.seen_as == AddressSet.of("10.20.0.1", "10.20.99.1")
    pool = table(
        "firewall ippool", "    edit P\n        set startip 10.20.0.77\n        set endip 10.20.0.77\n    next\n"
    )
    text = backup(policy(1, nat="enable", ippool="enable", poolname='"P"'), more=pool)
    assert exposure(read, text, "udp/69").seen_as == AddressSet.of("10.20.0.77")


def test_with_central_nat_a_virtual_ip_needs_no_policy_that_names_it() -> None:
    central = table("system settings", "    set central-nat enable\n")
    pbx = table("firewall address", '    edit "pbx"\n        set subnet 10.20.0.10 255.255.255.255\n    next\n')
    text = backup(policy(1, dstaddr='"pbx"', nat="enable"), more=central + pbx)
    assert verdict(read, text, "udp/69") == "reachable"
    assert exposure(read, text, "udp/69").seen_as is None
    closed = backup(policy(1, action="deny", dstaddr='"all"'), policy(2, dstaddr='"pbx"'), more=central + pbx)
    assert verdict(read, closed, "udp/69") == "blocked"
    entry = (
        '    edit 1\n        set orig-addr "all"\n        set dst-addr "all"\n        set dstintf internal\n    next\n'
    )
    hidden = backup(policy(1, dstaddr='"pbx"'), more=central + pbx + table("firewall central-snat-map", entry))
    assert exposure(read, hidden, "udp/69").seen_as is not None


def test_zones_stand_for_their_interfaces() -> None:
    zone = table("system zone", '    edit "outer"\n        set interface "wan1" "wan2"\n    next\n')
    assert verdict(read, backup(policy(1, srcintf='"outer"'), more=zone), "udp/69") == "reachable"
    member = "edit 1\n set interface wan1\n set zone virtual-wan-link\n next\n"
    sdwan = f"    config members\n        {member}    end\n"
    text = backup(policy(1, srcintf='"virtual-wan-link"'), more=table("system sdwan", sdwan))
    assert verdict(read, text, "udp/69") == "reachable"
    assert verdict(read, backup(policy(1, srcintf='"office"')), "udp/69") == "blocked"
    assert verdict(read, backup(policy(1, srcintf='"no-such-zone"')), "udp/69") == "unknown"
    assert verdict(read, backup(policy(1, srcintf='"any"', dstintf='"any"')), "udp/69") == "reachable"


def test_ipv6_has_its_own_addresses_in_the_same_policies() -> None:
    pbx = "2001:db8:20::10"
    open_six = policy(1, srcaddr="", dstaddr="", srcaddr6='"all"', dstaddr6='"all"')
    nothing = school.save("", name="commands/ip6tables-save.txt", family=Family.IPV6)
    listener = replace(school.listener(port=69), versions=frozenset({6}))
    machine = school.pbx(nothing, listener, addresses=(f"{pbx}/64",))

    def six(text: str) -> str:
        found = gateway(read, text)
        edge = Host(name="edge", interfaces=found.interfaces, routes=found.routes, packet_filter=found.ruleset)
        exposures = predict(Site(hosts=(edge, machine)))
        return next(one.verdict.value for one in exposures if one.vantage == "internet")

    assert six(backup(open_six)) == "reachable"
    assert six(backup()) == "blocked"


def test_a_file_that_is_not_whole_or_works_otherwise_proves_nothing() -> None:
    assert verdict(read, backup(policy(1, dstaddr='"x"'))[:-5], "udp/69") == "unknown"
    assert verdict(read, backup().partition("config firewall policy")[0], "udp/69") == "unknown"
    empty = backup().partition("config firewall policy")[0] + table("firewall policy", "")
    assert verdict(read, empty, "udp/69") == "blocked"
    for setting in ("opmode transparent", "ngfw-mode policy-based"):
        text = backup(policy(1, action="deny"), more=table("system settings", f"    set {setting}\n"))
        assert verdict(read, text, "udp/69") == "unknown"
    two = "config vdom\nedit a\n{0}next\nedit b\n{0}next\nend\n".format(backup(policy(1, action="deny")))
    assert verdict(read, two, "udp/69") == "unknown"
    assert any("VDOM" in problem.message for problem in reading(read, two).problems)


def test_nothing_of_a_firewall_is_nothing() -> None:
    assert reading(read, "config system global\n    set hostname fw\nend\n").facts is None
    assert reading(read, "").facts is None


def samples() -> list[str]:
    folder = Path(__file__).resolve().parents[3].parent / "shared/data/firewalls/fortigate"
    return sorted(path.name for path in folder.glob("*.conf")) or ["none"]


@pytest.mark.parametrize("name", samples())
def test_the_shared_samples_are_understood_whole(name: str) -> None:
    raw = shared(f"data/firewalls/fortigate/{name}").read_bytes()
    assert fortigate.recognises(raw)
    assert reading(read, raw).problems == ()


def test_the_sample_with_two_forwards() -> None:
    raw = shared("data/firewalls/fortigate/40netse_vip_policy.conf").read_text()
    # the excerpt has no interfaces, so it is not known where packets leave
    found = exposure(read, raw, "tcp/22", pbx="10.0.2.11")
    assert found.verdict == "unknown"
    assert found.outside is not None
    assert found.outside.port == 2222
    inside = 'config system interface\nedit "port2"\nset ip 10.0.2.1 255.255.255.0\nnext\nedit "port1"\nnext\nend\n'
    assert verdict(read, raw + inside, "tcp/80", pbx="10.0.2.11") == "reachable"
    assert verdict(read, raw + inside, "tcp/8080", pbx="10.0.2.11") == "blocked"


def test_the_sample_with_expected_verdicts() -> None:
    found = gateway(read, shared("data/firewalls/fortigate/tig_case01_basic.conf").read_bytes())
    expected = shared("data/firewalls/fortigate/tig_case01_basic_expected.csv").read_text()
    rows = list(csv.DictReader(expected.splitlines()))
    edge = Host(name="edge", packet_filter=found.ruleset)
    for row in rows:
        source, inside = ip_network(row["src_network_segment"]), ip_network(row["dst_network_segment"])
        listener = school.listener(ServiceName.OTHER, int(row["port"]), transport=row["protocol"])
        host = inside.network_address + (0 if inside.prefixlen == 32 else 7)
        pbx = school.pbx(school.save(""), listener, addresses=(f"{host}/32",))
        site = Site(hosts=(edge, pbx), networks=(NamedNetwork(name="asked", prefixes=(source,), declared=True),))
        (answer,) = [one for one in predict(site) if one.vantage == "asked"]
        assert answer.verdict.value == {"ALLOW": "reachable", "DENY": "blocked"}[row["decision"]], row
    assert len(rows) == 16


@settings(max_examples=1000)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(raw: bytes) -> None:
    fortigate.recognises(raw)
    reading(read, raw)
    reading(read, b"config firewall policy\nedit 1\n" + raw)


DAMAGE = [
    "",
    "config",
    "edit",
    "set",
    "next",
    "end",
    '"',
    "all",
    "sip",
    "0.0.0.0",
    "70000",
    "5-1",
    "enable",
    "\n",
    "²",
    ":",
]
SERVICES = table("firewall service custom", "    edit S\n        set tcp-portrange 80:1-9 5-6\n    next\n")
GROUPS = table("firewall addrgrp", "    edit g\n        set member g all h\n        set exclude enable\n    next\n")
WHOLE = backup(
    policy(1, service="S ALL", srcaddr="g", nat="enable", srcaddr_negate="enable"),
    policy(2, action="deny", match_vip="enable"),
    vips=vip(more='src-filter "1.2.3.0/24" 5.6.7.8-5.6.7.9') + vip("b", extip="203.0.113.5-203.0.113.9", extport="1-9"),
    more=SERVICES + GROUPS,
)


@settings(max_examples=1000)
@given(st.data())
def test_a_damaged_backup_never_raises(data: st.DataObject) -> None:
    words = WHOLE.split(" ")
    for _ in range(data.draw(st.integers(1, 4))):
        words[data.draw(st.integers(0, len(words) - 1))] = data.draw(st.sampled_from(DAMAGE))
    reading(read, " ".join(words))
