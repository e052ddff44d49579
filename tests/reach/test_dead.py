from dataclasses import replace
from ipaddress import ip_address

import pytest

from ringfence.model.evidence import Citation
from ringfence.model.site import Driver, LiveContact, ServiceName, Site
from ringfence.reach.asking import open_inquiry
from ringfence.reach.dead import DeadRule, Kind, dead_rules
from tests.reach.school import OPEN_EDGE, PBX, PLACE, edge, listener, nft, pbx, save, site
from tests.reach.variants import VARIANTS, variant

FORWARD = f'iifname "wan" udp dport {{ 69, 5060 }} dnat to {PBX}'
SIP = listener(ServiceName.PJSIP, 5060, process="asterisk")


def judged(forward: str = FORWARD, rules: str = "") -> Site:
    return site(pbx(save(rules), listener(), SIP), edge(nft(OPEN_EDGE.replace(FORWARD, forward))))


def found(site: Site) -> list[DeadRule]:
    return list(dead_rules(open_inquiry(site)).found)


def test_a_forward_to_a_port_where_nobody_listens_is_dead() -> None:
    (dead,) = found(judged(f'iifname "wan" udp dport {{ 69, 5060, 5160 }} dnat to {PBX}'))
    assert dead.kind is Kind.NO_LISTENER
    assert "5160/udp" in dead.claim
    assert "5060" not in dead.claim
    assert str(dead.rule.citation) == "edge/nft-ruleset.txt:4"


@pytest.mark.parametrize(
    "forward",
    [
        FORWARD,
        f'iifname "wan" udp dport 10000-20000 dnat to {PBX}',
        f'iifname "wan" udp dport 7078-7500 dnat to {PBX}',
        f'iifname "wan" udp dport 15060 dnat to {PBX}:5060',
        f'iifname "wan" dnat to {PBX}',
        'iifname "wan" tcp dport 443 dnat to 10.20.30.5',
    ],
)
def test_forwards_that_may_be_of_use_are_not_called_dead(forward: str) -> None:
    assert found(judged(forward)) == []


def test_a_list_of_sockets_that_may_be_incomplete_proves_nothing() -> None:
    configured = replace(SIP, citation=Citation(file="etc/asterisk/pjsip.conf"))
    forward = OPEN_EDGE.replace(FORWARD, f'iifname "wan" udp dport 5160 dnat to {PBX}')
    answer = dead_rules(open_inquiry(site(pbx(save(""), configured), edge(nft(forward)))))
    assert answer.found == ()
    assert any("commands/ss.txt" in text for text in answer.not_judged)


def test_a_phones_port_forwarded_to_a_machine_that_nobody_knows_is_named_as_such() -> None:
    forward = 'iifname "wan" udp dport 5060 dnat to 10.20.0.99'
    (dead,) = found(judged(forward))
    assert dead.kind is Kind.NO_KNOWN_HOST
    assert "as far as the evidence shows" in dead.claim
    phone = LiveContact(account="1", driver=Driver.PJSIP, address=ip_address("10.20.0.99"), port=5060, citation=PLACE)
    assert found(replace(judged(forward), contacts=(phone,))) == []


def test_a_forward_that_is_stopped_later_is_named_with_what_stops_it() -> None:
    (dead,) = found(judged('iifname "wan" udp dport 69 dnat to 10.20.0.10', rules="-A INPUT -p udp --dport 69 -j DROP"))
    assert dead.kind is Kind.STOPPED
    assert any(place.file == "commands/iptables-save.txt" for place in dead.because)
    assert found(judged('iifname "wan" udp dport 69 dnat to 10.20.0.10', rules="-A INPUT -m geoip -j DROP")) == []


def test_a_rule_for_the_provider_behind_one_for_all_is_named() -> None:
    rules = "-A INPUT -p udp -m udp --dport 5060 -j ACCEPT\n-A INPUT -s 198.51.100.20 -p udp --dport 5060 -j ACCEPT"
    (dead,) = found(judged(rules=rules))
    assert dead.kind is Kind.SHADOWED
    assert dead.host == "pbx"
    assert len(dead.because) == 1


def test_dead_rules_about_other_things_are_left_alone() -> None:
    assert found(judged(rules="-A INPUT -j ACCEPT\n-A INPUT -p tcp -m tcp --dport 8443 -j ACCEPT")) == []


def test_what_is_not_in_the_evidence_is_said() -> None:
    assert dead_rules(open_inquiry(site(pbx(None)))).not_judged == (
        "the edge's rules are not in the evidence",
        "the rules of the PBX's own firewall are not in the evidence",
    )


@pytest.mark.parametrize("number", VARIANTS)
def test_in_the_real_firewalls_only_what_is_stopped_is_dead(number: int) -> None:
    dead = found(variant(number))
    assert {one.kind for one in dead} <= {Kind.STOPPED}
    assert bool(dead) is (number in {2, 3, 6})
