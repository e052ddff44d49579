from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.exposure import Verdict
from ringfence.model.site import Site
from ringfence.reach.asking import fates, open_inquiry
from ringfence.reach.names import from_vantage, origins
from ringfence.reach.trace import Flow, trace
from tests.reach.school import OPEN_EDGE, PBX, STRANGER, WAN, addresses, edge, listener, nft, pbx, save, site
from tests.reach.variants import SMART_HOST, VARIANTS, variant


def flows(judged: Site, origin: str, number: int = 0) -> tuple[Flow, ...]:
    places = origins(judged, origin)
    inquiry = open_inquiry(judged, (place.vantage for place in places))
    return tuple(flow for place in places for flow in trace(inquiry, place, inquiry.listeners[number]))


def flow(judged: Site, origin: str, number: int = 0) -> Flow:
    (found,) = flows(judged, origin, number)
    return found


def test_the_seed_mistake_is_followed_through_both_machines_in_freepbx_words() -> None:
    tftp = flow(variant(1), STRANGER)
    assert tftp.claim == (
        f"Yes: {STRANGER} reaches TFTP (10.30.0.10:69/udp) at 203.0.113.1:69, because eth0 is in zone internal (Local)."
    )
    assert [str(hop.citation) for hop in tftp.hops] == [
        "edge/iptables-save.txt:7",
        "commands/iptables-save.txt:63",
        "commands/iptables-save.txt:81",
        "commands/iptables-save.txt:87",
        "commands/iptables-save.txt:167",
        "commands/iptables-save.txt:138",
        "commands/ss.txt:2",
    ]
    assert tftp.seen_as is None


def test_what_the_right_firewall_stops_names_the_rule_that_stops_it() -> None:
    stopped = flow(variant(3), STRANGER)
    assert stopped.verdict is Verdict.BLOCKED
    assert stopped.claim.startswith(f"No: {STRANGER} cannot reach TFTP (10.30.0.10:69/udp)")
    assert "the PBX's firewall stops it" in stopped.claim
    assert stopped.stopped_by is not None
    assert str(stopped.stopped_by.citation).startswith("commands/iptables-save.txt:")
    assert flow(variant(3), SMART_HOST, number=2).verdict is Verdict.REACHABLE


@pytest.mark.parametrize("number", VARIANTS)
def test_each_flow_of_the_real_firewalls_is_judged_as_the_sets_say(number: int) -> None:
    judged = variant(number)
    inquiry = open_inquiry(judged)
    for position, listening in enumerate(inquiry.listeners):
        surely, perhaps, _ = fates(inquiry.ask(listening, inquiry.vantages[0]))
        for source in (STRANGER, SMART_HOST, "203.0.113.20", "8.8.8.8"):
            expected = Verdict.REACHABLE if source in surely else Verdict.UNKNOWN if source in perhaps else None
            assert flow(judged, source, position).verdict is (expected or Verdict.BLOCKED)


def test_groups_with_different_rules_are_told_apart_and_miss_nobody() -> None:
    judged = variant(1)
    inquiry = open_inquiry(judged)
    internet = inquiry.vantages[0]
    found = trace(inquiry, from_vantage(internet), inquiry.listeners[2])
    assert len(found) > 1
    assert found[0].who == f"anyone on the Internet except {SMART_HOST} and 203.0.113.20"
    assert sum(one.sources.count for one in found) == internet_count(judged)


def internet_count(judged: Site) -> int:
    inquiry = open_inquiry(judged)
    surely, perhaps, never = fates(inquiry.ask(inquiry.listeners[2], inquiry.vantages[0]))
    return (surely | perhaps | never).count


def test_a_hidden_source_is_said_with_what_the_pbx_sees() -> None:
    hiding = OPEN_EDGE.replace('oifname "wan" masquerade', "masquerade")
    judged = site(pbx(save("")), edge(nft(hiding)))
    assert flow(judged, STRANGER).seen_as == addresses("10.20.0.1")
    assert flow(site(pbx(save("")), edge(nft(OPEN_EDGE))), STRANGER).seen_as is None


def test_what_the_listener_itself_asks_of_those_who_arrive_ends_the_flow() -> None:
    told = flow(variant(1), STRANGER)
    assert "no login" in told.admits
    assert flow(variant(3), STRANGER).admits == ""


def test_what_no_rule_forwards_is_nobodys() -> None:
    judged = site(pbx(save(""), listener(port=4000)), edge(nft(OPEN_EDGE)))
    assert flow(judged, "internet").claim == (
        f"No: nobody on the Internet reaches TFTP ({PBX}:4000/udp): no rule of the edge forwards anything to it."
    )


@pytest.mark.parametrize("rules", [None, "-A INPUT -m geoip --src-cc XX -j DROP"])
def test_what_cannot_be_told_is_unknown_and_says_why_never_no(rules: str | None) -> None:
    judged = site(pbx(save(rules) if rules else None), edge(nft(OPEN_EDGE)))
    told = flow(judged, STRANGER)
    assert told.verdict is Verdict.UNKNOWN
    assert told.claim.startswith("Unknown: it cannot be told whether")
    assert told.doubts
    assert ("geoip" in told.claim) is bool(rules)


def test_without_the_edge_a_stranger_is_unknown_but_loopback_is_closed() -> None:
    assert flow(site(pbx(save(""))), STRANGER).verdict is Verdict.UNKNOWN
    closed = flow(site(pbx(save(""), listener(address="127.0.0.1"))), STRANGER)
    assert closed.verdict is Verdict.BLOCKED
    assert "it listens on 127.0.0.1 only" in closed.claim


def test_a_door_that_needs_a_source_port_says_which() -> None:
    judged = site(pbx(save("-A INPUT -p udp -m udp --sport 53 -j ACCEPT\n-A INPUT -j DROP")), edge(nft(OPEN_EDGE)))
    told = flow(judged, STRANGER)
    assert told.verdict is Verdict.REACHABLE
    assert told.source_port == 53
    assert "when it sends from port 53" in told.claim


def test_several_outside_ports_are_several_flows() -> None:
    text = OPEN_EDGE.replace(
        'iifname "wan" udp dport { 69, 5060 } dnat to 10.20.0.10',
        f'iifname "wan" udp dport 69 dnat to {PBX}\n\t\tiifname "wan" udp dport 6969 dnat to {PBX}:69',
    )
    found = flows(site(pbx(save("")), edge(nft(text))), STRANGER)
    assert [one.claim.partition(" at ")[2] for one in found] == [f"{WAN}:69.", f"{WAN}:6969."]


@settings(max_examples=300)
@given(st.integers(0, 2**16 - 1), st.sampled_from(["ACCEPT", "DROP"]), st.integers(16, 32))
def test_a_single_address_is_judged_as_the_whole_set_says(offset: int, action: str, length: int) -> None:
    rules = f"-A INPUT -s 192.0.128.0/{length} -j {action}\n-A INPUT -s 192.0.0.0/17 -j DROP"
    judged = site(pbx(save(rules)), edge(nft(OPEN_EDGE)))
    source = str(ip_address("192.0.0.0") + offset)
    inquiry = open_inquiry(judged)
    surely, _, _ = fates(inquiry.ask(inquiry.listeners[0], inquiry.vantages[0]))
    assert (flow(judged, source).verdict is Verdict.REACHABLE) is (source in surely)
