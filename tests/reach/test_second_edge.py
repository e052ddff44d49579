"""Double NAT: the Internet, the provider's router (``edge2``), the site's own edge, the PBX."""

from dataclasses import replace
from ipaddress import ip_network

import pytest

from ringfence.model.addresses import AddressSet
from ringfence.model.exposure import Exposure, Verdict
from ringfence.model.site import Host, Listener, NamedNetwork, ServiceName
from ringfence.reach.asking import open_inquiry
from ringfence.reach.boxes import box, chained
from ringfence.reach.predict import predict
from ringfence.readers.asterisk.pbx import PbxConfiguration
from ringfence.readers.hosts import read_hosts
from tests.memory import MemoryArtifacts
from tests.reach.school import OPEN_EDGE, PROVIDER, STRANGER, interface, listener, nft, pbx, save, site
from tests.reach.school import exposures as predicted

TFTP = "internet/tftp/udp/69"
#: The provider's router: its forwards, then its masquerades; it stands at 203.0.113.1 and gives 192.168.1.0/24.
ROUTER = """table ip nat {{
	chain pre {{
		type nat hook prerouting priority dstnat; policy accept;
		{forwards}
	}}
	chain post {{
		type nat hook postrouting priority srcnat; policy accept;
		{masquerades}
	}}
}}
table ip filter {{
	chain forward {{
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		ct status dnat accept
		iifname "lan" accept
	}}
}}
"""
ALL = 'iifname "ppp0" udp dport 69 dnat to 192.168.1.2'
OUTWARD = 'oifname "ppp0" masquerade'


def edge(rules: str = OPEN_EDGE, *, attached: bool = True) -> Host:
    inner = (interface("lan", "10.20.0.1/24"), interface("voice", "10.20.8.1/24"))
    interfaces = (interface("wan", "192.168.1.2/24"), *inner) if attached else ()
    return Host(name="edge", interfaces=interfaces, packet_filter=nft(rules))


def router(forwards: str = ALL, masquerades: str = OUTWARD) -> Host:
    rules = nft(ROUTER.format(forwards=forwards, masquerades=masquerades), name="edge2/nft-ruleset.txt")
    interfaces = (interface("ppp0", "203.0.113.1/32"), interface("lan", "192.168.1.1/24"))
    return Host(name="edge2", interfaces=interfaces, packet_filter=rules)


def exposures(*hosts: Host, listeners: tuple[Listener, ...] = (), rules: str = "") -> dict[str, Exposure]:
    return predicted(pbx(save(rules), *listeners), *hosts, external="203.0.113.1")


def test_without_the_second_router_nothing_is_known() -> None:
    found = exposures(edge())[TFTP]
    assert found.verdict is Verdict.UNKNOWN
    assert "another router stands in front" in found.claim


def test_what_both_forward_is_open_and_both_rules_are_the_proof() -> None:
    found = exposures(edge(), router())[TFTP]
    assert found.verdict is Verdict.REACHABLE
    assert STRANGER in found.sources
    assert "both edges forward it" in found.claim
    files = [hop.citation.file for hop in found.proof if hop.citation is not None]
    assert files.index("edge2/nft-ruleset.txt") < files.index("edge/nft-ruleset.txt")
    assert str(found.outside.address if found.outside else None) == "203.0.113.1"


def test_what_only_the_inner_edge_forwards_is_shut_by_the_router() -> None:
    sip = (listener(), listener(ServiceName.PJSIP, 5060))
    found = exposures(edge(), router(), listeners=sip)
    assert found["internet/pjsip/udp/5060"].verdict is Verdict.BLOCKED
    assert found[TFTP].verdict is Verdict.REACHABLE


def test_what_only_the_router_forwards_is_shut_by_the_edge() -> None:
    found = exposures(edge(OPEN_EDGE.replace("{ 69, 5060 }", "5060")), router())[TFTP]
    assert found.verdict is Verdict.BLOCKED


def test_the_ports_of_both_are_followed() -> None:
    shifted = OPEN_EDGE.replace("udp dport { 69, 5060 } dnat to 10.20.0.10", "udp dport 6900 dnat to 10.20.0.10:69")
    far = router('iifname "ppp0" udp dport 9999 dnat to 192.168.1.2:6900')
    found = exposures(edge(shifted), far)[f"{TFTP}/9999"]
    assert found.verdict is Verdict.REACHABLE
    assert found.outside is not None
    assert found.outside.port == 9999
    wrong = router('iifname "ppp0" udp dport 9999 dnat to 192.168.1.2:6901')
    shut = [one for one in exposures(edge(shifted), wrong).values() if one.vantage == "internet"]
    assert [one.verdict for one in shut] == [Verdict.BLOCKED]


def test_limits_of_both_add_up() -> None:
    narrow = router(f'iifname "ppp0" ip saddr {{ {PROVIDER}, {STRANGER} }} udp dport 69 dnat to 192.168.1.2')
    inner = OPEN_EDGE.replace(
        "udp dport { 69, 5060 }", f"ip saddr {{ {PROVIDER}, 198.51.100.99 }} udp dport {{ 69, 5060 }}"
    )
    found = exposures(edge(inner), narrow)[TFTP]
    assert found.sources == AddressSet.of(PROVIDER)


def test_a_router_that_hides_the_source_is_who_the_pbx_sees() -> None:
    hiding = router(masquerades="masquerade")
    allowing = "-A INPUT -s 192.168.1.0/24 -j ACCEPT\n-A INPUT -j DROP"
    found = exposures(edge(), hiding, rules=allowing)[TFTP]
    assert found.verdict is Verdict.REACHABLE
    assert str(found.seen_as) == "192.168.1.1"
    assert exposures(edge(), router(), rules=allowing)[TFTP].verdict is Verdict.BLOCKED


def test_the_edge_s_own_rules_go_by_what_the_router_made_of_the_source() -> None:
    inner = OPEN_EDGE.replace("udp dport { 69, 5060 }", "ip saddr 192.168.1.1 udp dport { 69, 5060 }")
    assert exposures(edge(inner), router(masquerades="masquerade"))[TFTP].verdict is Verdict.REACHABLE
    assert exposures(edge(inner), router())[TFTP].verdict is Verdict.BLOCKED


def test_a_router_without_rules_in_the_evidence_leaves_it_unknown() -> None:
    silent = replace(router(), packet_filter=None)
    found = exposures(edge(), silent)[TFTP]
    assert found.verdict is Verdict.UNKNOWN
    assert "belongs into edge2/" in found.claim
    shut = exposures(edge(), silent, rules="-A INPUT -j DROP")[TFTP]
    assert shut.verdict is Verdict.BLOCKED


def test_an_edge_whose_address_is_not_known_is_where_the_router_sends() -> None:
    found = exposures(edge(attached=False), router())[TFTP]
    assert found.verdict is Verdict.REACHABLE


def test_an_edge_that_nothing_tells_the_address_of_is_not_called_closed() -> None:
    found = exposures(edge(attached=False), router('iifname "ppp0" udp dport 69 dnat to 192.168.1.2-192.168.1.9'))[TFTP]
    assert found.verdict is not Verdict.BLOCKED


def test_a_router_that_stands_behind_a_third_one_is_not_the_end() -> None:
    inner = (interface("ppp0", "100.64.7.7/24"), interface("lan", "192.168.1.1/24"))
    found = exposures(edge(), replace(router(), interfaces=inner))[TFTP]
    assert found.verdict is Verdict.UNKNOWN
    assert "100.64.7.7 is private" in found.claim


def test_guests_of_the_router_come_in_by_the_forwards_of_the_edge() -> None:
    """The provider's router often has a network of its own, with its wireless guests, before the edge."""
    found = predicted_with_guests(edge(), router())
    assert found.verdict is Verdict.REACHABLE
    assert "the edge forwards it" in found.claim
    shut = predicted_with_guests(edge(OPEN_EDGE.replace("{ 69, 5060 }", "5060")), router())
    assert shut.verdict is Verdict.BLOCKED


def predicted_with_guests(*hosts: Host) -> Exposure:
    made = site(pbx(save("")), *hosts)
    guests = NamedNetwork(name="guests", prefixes=(ip_network("192.168.1.0/24"),), declared=True)
    found = {one.id: one for one in predict(replace(made, networks=(*made.networks, guests)))}
    return found["guests/tftp/udp/69"]


def test_the_second_edge_is_part_of_every_question() -> None:
    found = site(pbx(save("")), edge(), router())
    assert [one.name for one in chained(box(found, "pbx"), box(found, "edge"))] == ["pbx", "edge", "edge2"]
    inquiry = open_inquiry(found)
    (reply,) = inquiry.ask(inquiry.listeners[0], inquiry.vantages[0])
    assert STRANGER in reply.surely


@pytest.mark.parametrize("name", ["edge2/rules.txt", "edge2/nft-ruleset.txt"])
def test_a_second_edge_is_read_from_its_own_folder(name: str) -> None:
    files = {name: ROUTER.format(forwards=ALL, masquerades=OUTWARD), "edge/nft-ruleset.txt": OPEN_EDGE}
    hosts = {one.name: one for one in read_hosts(MemoryArtifacts(files), PbxConfiguration(), None).facts}
    assert set(hosts) == {"pbx", "edge", "edge2"}
    rules = hosts["edge2"].packet_filter
    assert rules is not None
    assert rules.citation.file == name
