from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from ringfence.commands.evidence import predicted
from ringfence.model.exposure import Exposure, Verdict
from ringfence.model.packetfilter import Ruleset
from ringfence.model.site import Driver, Host, LiveContact, NamedNetwork, Site
from ringfence.reach import phones
from ringfence.reach.phones import phone_exposures, phones_of
from tests.reach.school import OPEN_EDGE, PLACE, STRANGER, edge, interface, nft, pbx, save, site

CLOSED_EDGE = OPEN_EDGE.replace('iifname { "lan", "voice", "office" } accept', 'iifname "lan" accept')
WEB, TLS, SIP = "phone-web/tcp/80/voice", "phone-web/tcp/443/voice", "phone-sip/udp/5060/voice"


def contact(address: str) -> LiveContact:
    return LiveContact(account="1001", driver=Driver.PJSIP, address=ip_address(address), port=5060, citation=PLACE)


def school(rules: str | Ruleset | None = OPEN_EDGE, *addresses: str, hosts: tuple[Host, ...] | None = None) -> Site:
    """Give the school with phones in its voice network, and an edge with these rules."""
    read = nft(rules) if isinstance(rules, str) else rules
    found = site(*(hosts if hosts is not None else (pbx(save("")), edge(read))))
    places = addresses or ("10.20.8.21", "10.20.8.22", "10.20.8.23")
    return replace(found, contacts=tuple(contact(address) for address in places))


def told(found: Site) -> dict[str, Exposure]:
    return {one.id: one for one in phone_exposures(found)}


def forward(text: str) -> str:
    """Put a forward before those of the edge."""
    return OPEN_EDGE.replace('		iifname "wan" udp', f'		iifname "wan" {text}\n		iifname "wan" udp', 1)


def test_networks_that_the_edge_lets_pass_reach_the_phones_and_the_internet_does_not() -> None:
    found = told(school())
    assert {one: found[one].verdict for one in sorted(found)} == {
        f"internet/{SIP}": Verdict.BLOCKED,
        f"internet/{WEB}": Verdict.BLOCKED,
        f"internet/{TLS}": Verdict.BLOCKED,
        **{f"{vantage}/{door}": Verdict.REACHABLE for vantage in ("office", "pbx") for door in (SIP, TLS, WEB)},
    }
    assert found[f"office/{WEB}"].claim == (
        "Anyone in network office reaches the web pages (tcp/80) of the phones in network voice: the edge lets it pass."
    )
    texts = [hop.text for hop in found[f"office/{WEB}"].proof]
    assert texts[0].startswith("edge, forward: iifname")
    assert texts[-1] == "a phone is registered from 10.20.8.21, one of 3 in network voice"


def test_a_network_that_the_edge_stops_reaches_no_phone() -> None:
    found = told(school(CLOSED_EDGE))
    assert found[f"office/{WEB}"].verdict is Verdict.BLOCKED
    assert found[f"pbx/{WEB}"].verdict is Verdict.REACHABLE


def test_a_forward_to_one_phone_opens_that_phone() -> None:
    found = told(school(forward("tcp dport 8080 dnat to 10.20.8.22:80")))[f"internet/{WEB}"]
    assert found.verdict is Verdict.REACHABLE
    assert STRANGER in found.sources
    assert found.listener.address == ip_address("10.20.8.22")
    assert found.outside is not None
    assert found.outside.port == 8080
    assert "(10.20.8.22 at 203.0.113.1:8080)" in found.claim
    assert "dnat to 10.20.8.22" in found.proof[0].text


def test_a_forward_to_something_that_is_no_phone_opens_none() -> None:
    found = told(school(forward("tcp dport 8080 dnat to 10.20.8.99:80")))
    assert found[f"internet/{WEB}"].verdict is Verdict.BLOCKED


def test_a_forward_for_few_is_told_with_their_addresses() -> None:
    found = told(school(forward("ip saddr 198.51.100.0/24 tcp dport 80 dnat to 10.20.8.22")))[f"internet/{WEB}"]
    assert found.claim.startswith("Some on the Internet (198.51.100.0/24) reach the web pages")
    assert "198.51.100.7" in found.sources
    assert STRANGER not in found.sources


def test_phones_that_rules_tell_apart_are_asked_one_by_one() -> None:
    rules = CLOSED_EDGE.replace(
        "ct status dnat accept", "ct status dnat accept\n		ip daddr 10.20.8.22 tcp dport 80 accept"
    )
    found = told(school(rules))
    assert found[f"office/{WEB}"].verdict is Verdict.REACHABLE
    assert "of some of them (such as 10.20.8.22)" in found[f"office/{WEB}"].claim
    assert found[f"office/{TLS}"].verdict is Verdict.BLOCKED


def test_more_groups_of_phones_than_are_asked_about_are_never_called_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phones, "MOST_GROUPS", 1)
    rules = CLOSED_EDGE.replace("ct status dnat accept", "ct status dnat accept\n		ip daddr 10.20.8.23 accept")
    found = told(school(rules))
    assert found[f"office/{WEB}"].verdict is Verdict.UNKNOWN
    assert "more phones apart than are asked about" in found[f"office/{WEB}"].claim


def test_without_the_edge_s_rules_nothing_is_known_of_the_phones() -> None:
    for hosts in ((pbx(save("")),), (pbx(save("")), edge(None))):
        found = told(school(hosts=hosts))
        assert {one.verdict for one in found.values()} == {Verdict.UNKNOWN}
        assert "belongs into edge/" in found[f"internet/{WEB}"].claim


def public_phones(*hosts: Host) -> Site:
    found = school(OPEN_EDGE, "2001:db8:8::21", "2001:db8:8::22", hosts=hosts)
    voice = NamedNetwork(name="voice", prefixes=(ip_network("2001:db8:8::/64"),), declared=True)
    return replace(found, networks=(voice,))


def test_phones_with_addresses_of_the_internet_need_no_forward() -> None:
    """The edge that they stand behind decides; where it is not known which that is, nothing is known."""
    rules = "table ip6 filter {\n\tchain forward {\n\t\ttype filter hook forward priority 0; policy %s;\n\t}\n}\n"
    outside, inside = interface("wan", "2001:db8::2/64"), interface("voice", "2001:db8:8::1/64")
    for policy, verdict in (("accept", Verdict.REACHABLE), ("drop", Verdict.BLOCKED)):
        router = Host(name="edge", interfaces=(outside, inside), packet_filter=nft(rules % policy))
        assert told(public_phones(pbx(save("")), router))[f"internet/{WEB}"].verdict is verdict
    stray = told(public_phones(pbx(save("")), edge(nft(OPEN_EDGE))))[f"internet/{WEB}"]
    assert stray.verdict is Verdict.UNKNOWN
    assert "which router stands before" in stray.claim


def test_many_phones_make_few_answers() -> None:
    many = [f"10.20.8.{number}" for number in range(20, 150)]
    found = phone_exposures(school(OPEN_EDGE, *many))
    assert len(found) == 9
    (home,) = phones_of(school(OPEN_EDGE, *many))
    assert (home.count, len(home.inside), len(home.forwarded)) == (130, 1, 1)


def test_one_softphone_is_no_phone_network_and_a_remote_worker_is_no_phone_of_the_house() -> None:
    assert phones_of(school(OPEN_EDGE, "10.20.30.5", "192.0.2.66", "192.0.2.67")) == ()
    assert phone_exposures(replace(school(), contacts=None)) == ()


def test_phones_are_part_of_every_prediction_and_their_ids_are_their_own() -> None:
    found = predicted(school())
    assert len({one.id for one in found}) == len(found)
    assert f"office/{WEB}" in {one.id for one in found}
