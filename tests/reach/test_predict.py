from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest

from ringfence.model.addresses import PRIVATE, AddressSet
from ringfence.model.exposure import Basis, Exposure, Verdict
from ringfence.model.packetfilter import Family
from ringfence.model.site import Host, Route, ServiceName
from tests.reach.school import (
    OPEN_EDGE,
    PBX,
    PLACE,
    PROVIDER,
    STRANGER,
    WAN,
    addresses,
    edge,
    exposures,
    interface,
    listener,
    nft,
    pbx,
    save,
)
from tests.shared_data import shared

NO_RULES = save("")
TFTP = "internet/tftp/udp/69"


def verdict(found: dict[str, Exposure], name: str) -> Verdict:
    return found[name].verdict


# ------------------------------------------------------------------------------------- the real FreePBX 14 firewall


def variant(number: int) -> dict[str, Exposure]:
    folder = shared("data/freepbx14/firewall-variants")
    (path,) = folder.glob(f"{number}-*/iptables-save.txt")
    forwards = save((folder / "edge-router-iptables-save.txt").read_text(), name="edge/iptables-save.txt")
    listeners = (
        listener(),
        listener(ServiceName.CHAN_SIP, 5160, process="asterisk"),
        listener(ServiceName.PJSIP, 5060, process="asterisk"),
        listener(ServiceName.HTTP, 80, transport="tcp", process="apache2"),
        listener(ServiceName.SSH, 22, transport="tcp", process="sshd"),
        listener(ServiceName.AMI, 5038, transport="tcp", process="asterisk"),
        listener(ServiceName.IAX2, 4569, process="asterisk"),
    )
    phone_system = pbx(save(path.read_text()), *listeners, addresses=("10.30.0.10/24",))
    return exposures(phone_system, edge(forwards, attached=False), external="203.0.113.1")


OPEN, SHUT = Verdict.REACHABLE, Verdict.BLOCKED
#: Variant, then TFTP, SIP and HTTP from the Internet (SOURCES.md of the data; in variant 6 zone Internet has HTTP too).
TRUTH = [
    (1, OPEN, OPEN, OPEN),
    (2, SHUT, OPEN, SHUT),
    (4, OPEN, OPEN, OPEN),
    (5, OPEN, OPEN, OPEN),
    (6, SHUT, OPEN, OPEN),
    (7, OPEN, OPEN, OPEN),
]


@pytest.mark.parametrize(("number", "tftp", "sip", "http"), TRUTH, ids=[f"variant {row[0]}" for row in TRUTH])
def test_the_firewall_of_a_real_freepbx_is_judged_as_it_behaved(
    number: int, tftp: Verdict, sip: Verdict, http: Verdict
) -> None:
    found = variant(number)
    assert verdict(found, TFTP) == tftp
    assert verdict(found, "internet/chan_sip/udp/5160") == sip
    assert verdict(found, "internet/pjsip/udp/5060") == sip
    assert verdict(found, "internet/http/tcp/80") == http
    if sip == OPEN:
        assert STRANGER in found["internet/pjsip/udp/5060"].sources
    assert {verdict(found, f"internet/{name}") for name in ("ssh/tcp/22", "ami/tcp/5038", "iax2/udp/4569")} == {SHUT}


def test_the_correct_freepbx_firewall_lets_in_known_hosts_only() -> None:
    found = variant(3)
    assert verdict(found, TFTP) == verdict(found, "internet/http/tcp/80") == SHUT
    sip = found["internet/pjsip/udp/5060"]
    assert sip.verdict == OPEN
    assert sip.sources == addresses("198.51.100.0/24", "203.0.113.20")
    assert sip.claim.startswith("On the Internet only 198.51.100.0/24 and 203.0.113.20 reach SIP (PJSIP)")


def test_the_seed_mistake_is_said_in_freepbx_words_with_every_rule() -> None:
    tftp = variant(1)[TFTP]
    assert tftp.claim == (
        "Anyone on the Internet reaches TFTP (10.30.0.10:69/udp) at 203.0.113.1:69: the edge forwards it and the PBX's "
        "firewall lets it in because eth0 is in zone internal (Local)."
    )
    assert [str(hop.citation) for hop in tftp.proof] == [
        "edge/iptables-save.txt:7",
        "commands/iptables-save.txt:63",
        "commands/iptables-save.txt:81",
        "commands/iptables-save.txt:87",
        "commands/iptables-save.txt:167",
        "commands/iptables-save.txt:138",
        "commands/ss.txt:2",
    ]
    assert tftp.basis == Basis.PREDICTED
    assert tftp.seen_as is None


def test_responsive_firewall_is_said_with_its_limit() -> None:
    claim = variant(2)["internet/pjsip/udp/5060"].claim
    assert "Responsive Firewall lets any address send about 10 packets a minute" in claim


def test_registered_strangers_are_allow_listed_and_the_claim_says_so() -> None:
    folder = shared("data/freepbx14/firewall-variants")
    (path,) = folder.glob("7-*/iptables-save.txt")
    # as variant 7, but with the interface moved to the Internet zone: what is left are the allow-listed hijackers
    rules = path.read_text().replace("-i eth0 -j zone-internal", "-i eth0 -j zone-external")
    forwards = save((folder / "edge-router-iptables-save.txt").read_text(), name="edge/iptables-save.txt")
    sip = listener(ServiceName.PJSIP, 5060)
    found = exposures(pbx(save(rules), sip, addresses=("10.30.0.10/24",)), edge(forwards, attached=False))
    one = found["internet/pjsip/udp/5060"]
    assert addresses("203.0.113.66", "203.0.113.67") <= one.sources
    assert STRANGER not in one.sources
    assert "allow-listed because it registered" in one.claim


# ----------------------------------------------------------------------------------------------- the shared incidents


@pytest.mark.parametrize("run", ["clean-107", "tftp-leak-114"])
@pytest.mark.parametrize("form", ["nft-ruleset.txt", "nft-ruleset.json"])
def test_text_and_json_of_the_edge_give_the_same_answers(run: str, form: str) -> None:
    folder = shared(f"data/incidents/{run}/evidence/edge")
    listeners = (listener(), listener(ServiceName.PJSIP, 5060), listener(ServiceName.IAX2, 4569))
    found = exposures(pbx(NO_RULES, *listeners), edge(nft((folder / form).read_text(), name=f"edge/{form}")))
    assert verdict(found, TFTP) == verdict(found, "internet/pjsip/udp/5060") == OPEN
    assert verdict(found, "internet/iax2/udp/4569") == SHUT
    assert verdict(found, "voice/iax2/udp/4569") == OPEN
    assert found[TFTP].claim.endswith("the edge forwards it and the PBX filters nothing (no rules are loaded).")


# ------------------------------------------------------------------------------------------------------ small schools


def test_the_internet_is_everything_that_is_not_the_sites_and_not_private() -> None:
    found = exposures(pbx(NO_RULES), edge(nft(OPEN_EDGE)))[TFTP]
    assert STRANGER in found.sources
    assert "198.51.100.1" in found.sources
    assert not found.sources & PRIVATE
    assert WAN not in found.sources
    assert "224.0.0.5" not in found.sources


def test_a_forward_for_the_provider_alone_says_who() -> None:
    rules = OPEN_EDGE.replace('iifname "wan" udp', f'iifname "wan" ip saddr {PROVIDER} udp')
    found = exposures(pbx(NO_RULES), edge(nft(rules)))[TFTP]
    assert found.verdict == OPEN
    assert found.sources == addresses(PROVIDER)
    assert f"only {PROVIDER} (the provider's addresses) reaches TFTP" in found.claim


def test_everyone_but_a_banned_network() -> None:
    found = exposures(pbx(save("-A INPUT -s 192.0.2.0/24 -j DROP")), edge(nft(OPEN_EDGE)))[TFTP]
    assert found.verdict == OPEN
    assert STRANGER not in found.sources
    assert found.claim.startswith("Anyone on the Internet except 192.0.2.0/24 reaches TFTP")


def test_an_edge_that_hides_the_source_makes_every_stranger_local() -> None:
    rules = OPEN_EDGE.replace('oifname "wan" masquerade', 'oifname "lan" ct status dnat masquerade')
    local_only = save("-A INPUT -s 10.20.0.0/24 -p udp -m udp --dport 69 -j ACCEPT\n-A INPUT -j DROP")
    found = exposures(pbx(local_only), edge(nft(rules)))[TFTP]
    assert found.verdict == OPEN
    assert found.seen_as == addresses("10.20.0.1")
    assert found.claim.startswith("The PBX sees only 10.20.0.1 instead of the true source")
    assert "is allowed to everyone on the Internet" in found.claim
    assert verdict(exposures(pbx(local_only), edge(nft(OPEN_EDGE))), TFTP) == SHUT


def test_a_forward_on_another_port_is_its_own_door() -> None:
    rules = OPEN_EDGE.replace(
        'iifname "wan" udp dport { 69, 5060 } dnat to 10.20.0.10',
        'iifname "wan" udp dport 6969 dnat to 10.20.0.10:69\niifname "wan" udp dport 7000-7100 dnat to 10.20.0.10:69',
    )
    found = exposures(pbx(NO_RULES), edge(nft(rules)))
    assert [name for name in found if name.startswith(TFTP)] == [f"{TFTP}/6969", f"{TFTP}/7000"]
    outside = found[f"{TFTP}/6969"].outside
    assert outside is not None
    assert (str(outside.address), outside.port) == (WAN, 6969)


def test_the_first_forward_wins() -> None:
    rules = OPEN_EDGE.replace(
        'iifname "wan" udp dport { 69, 5060 } dnat to 10.20.0.10',
        'iifname "wan" udp dport 69 dnat to 10.20.0.99\niifname "wan" udp dport 69 dnat to 10.20.0.10',
    )
    assert verdict(exposures(pbx(NO_RULES), edge(nft(rules))), TFTP) == SHUT


def test_a_forward_that_the_forward_chain_drops_is_closed() -> None:
    found = exposures(pbx(NO_RULES), edge(nft(OPEN_EDGE.replace("ct status dnat accept", ""))))[TFTP]
    assert found.verdict == SHUT
    assert "the edge stops it (policy of chain forward)" in found.claim


def test_the_edge_between_two_networks_decides() -> None:
    rules = OPEN_EDGE.replace('{ "lan", "voice", "office" }', '{ "lan", "voice" }')
    found = exposures(pbx(NO_RULES), edge(nft(rules)))
    assert verdict(found, "voice/tftp/udp/69") == OPEN
    assert verdict(found, "office/tftp/udp/69") == SHUT
    assert verdict(found, "pbx/tftp/udp/69") == OPEN
    assert found["office/tftp/udp/69"].outside is None
    assert PBX not in found["pbx/tftp/udp/69"].sources


def test_without_the_edges_rules_the_internet_is_unknown_and_the_claim_names_the_file() -> None:
    for hosts in ((pbx(NO_RULES),), (pbx(NO_RULES), edge(None))):
        found = exposures(*hosts)
        assert verdict(found, TFTP) == Verdict.UNKNOWN
        assert "edge/" in found[TFTP].claim
    assert verdict(exposures(pbx(NO_RULES)), "voice/tftp/udp/69") == Verdict.UNKNOWN
    assert verdict(exposures(pbx(NO_RULES)), "pbx/tftp/udp/69") == OPEN


def test_a_pbx_that_drops_everyone_is_closed_whatever_stands_in_front_of_it() -> None:
    assert verdict(exposures(pbx(save("-A INPUT -p udp -m udp --dport 69 -j DROP"))), TFTP) == SHUT
    # an edge might give outsiders any inner address
    assert verdict(exposures(pbx(save("-A INPUT ! -s 10.0.0.0/8 -j DROP"))), TFTP) == Verdict.UNKNOWN


def test_without_the_pbxs_rules_an_open_forward_is_unknown_and_no_forward_is_closed() -> None:
    found = exposures(pbx(None, listener(), listener(ServiceName.IAX2, 4569)), edge(nft(OPEN_EDGE)))
    assert verdict(found, TFTP) == Verdict.UNKNOWN
    assert "commands/iptables-save.txt" in found[TFTP].claim
    assert verdict(found, "internet/iax2/udp/4569") == SHUT


def test_a_public_pbx_without_an_edge_is_judged_by_itself() -> None:
    public = ("203.0.113.10/24",)
    assert verdict(exposures(pbx(NO_RULES, addresses=public)), TFTP) == OPEN
    assert verdict(exposures(pbx(save("-A INPUT -j DROP"), addresses=public)), TFTP) == SHUT


def test_ipv6_that_nobody_filters_is_reached_without_any_forward() -> None:
    six = ("10.20.0.10/24", "2001:db8:1::10/64")
    both = save("-A INPUT -j DROP", family=Family.IPV4)
    found = exposures(pbx(both, addresses=six))[TFTP]
    assert found.verdict == Verdict.UNKNOWN  # the IPv6 rules are not in the evidence
    rules = nft("table ip f {\nchain input {\ntype filter hook input priority 0; policy drop;\n}\n}\n")
    open_six = exposures(pbx(rules, addresses=six))[TFTP]
    assert open_six.verdict == OPEN
    assert open_six.sources.ipv4 == ()
    assert open_six.sources.ipv6


def test_a_loopback_listener_is_reached_by_nobody() -> None:
    database = listener(ServiceName.DATABASE, 3306, transport="tcp", address="127.0.0.1")
    found = exposures(pbx(NO_RULES, database), edge(nft(OPEN_EDGE)))
    assert {one.verdict for one in found.values()} == {SHUT}
    assert found["internet/database/tcp/3306"].claim.endswith("it listens on 127.0.0.1 only.")


def test_two_listeners_on_one_port_have_ids_with_their_addresses() -> None:
    two = (listener(address="10.20.0.10"), listener(address="10.20.0.11"))
    found = exposures(pbx(NO_RULES, *two, addresses=("10.20.0.10/24", "10.20.0.11/24")), edge(nft(OPEN_EDGE)))
    assert verdict(found, f"{TFTP}/10.20.0.10") == OPEN
    assert verdict(found, f"{TFTP}/10.20.0.11") == SHUT


def test_a_redirect_on_the_pbx_opens_another_port() -> None:
    text = (
        "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -m udp --dport 5060 -j REDIRECT --to-ports 69\nCOMMIT\n"
    )
    found = exposures(pbx(save(text)), edge(nft(OPEN_EDGE)))
    assert verdict(found, TFTP) == verdict(found, f"{TFTP}/5060") == OPEN


def test_who_must_send_from_a_special_port_is_said() -> None:
    rules = save("-A INPUT -p udp -m udp --sport 53 -j ACCEPT\n-A INPUT -j DROP")
    found = exposures(pbx(rules), edge(nft(OPEN_EDGE)))[TFTP]
    assert found.verdict == OPEN
    assert "when it sends from port 53" in found.claim


@pytest.mark.parametrize("rule", ["-A INPUT -m geoip --source-country CN -j {}", "-A INPUT -j NFQUEUE --queue-num 1"])
def test_what_is_not_interpreted_makes_the_answer_unknown_and_is_named(rule: str) -> None:
    closing = save(rule.format("DROP"))
    opening = save(rule.format("ACCEPT") + "\n-A INPUT -j DROP")
    for rules in (closing, opening):
        found = exposures(pbx(rules), edge(nft(OPEN_EDGE)))[TFTP]
        assert found.verdict == Verdict.UNKNOWN
        assert "not interpreted" in found.claim
        assert "commands/iptables-save.txt:6" in found.claim


def test_an_uninterpreted_translation_may_lead_to_the_pbx() -> None:
    text = "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -i wan -j SAME --to 10.20.0.0/24\nCOMMIT\n"
    assert verdict(exposures(pbx(NO_RULES), edge(save(text, name="edge/x.txt"))), TFTP) == Verdict.UNKNOWN


def test_a_pbx_whose_addresses_are_unknown_is_found_through_the_forwards() -> None:
    found = exposures(pbx(NO_RULES, addresses=()), edge(nft(OPEN_EDGE)))[TFTP]
    assert found.verdict == OPEN
    unknown = exposures(pbx(NO_RULES, listener(ServiceName.IAX2, 4569), addresses=()), edge(nft(OPEN_EDGE)))
    assert unknown["internet/iax2/udp/4569"].verdict == Verdict.UNKNOWN


def test_an_edge_behind_another_router_is_open_only_perhaps() -> None:
    gate = Host(
        name="edge",
        interfaces=(interface("wan", "192.168.1.2/24"), interface("lan", "10.20.0.1/24")),
        routes=(Route(network=ip_network("0.0.0.0/0"), via=None, interface="wan", citation=PLACE),),
        packet_filter=nft(OPEN_EDGE),
    )
    found = exposures(pbx(NO_RULES, listener(), listener(ServiceName.IAX2, 4569)), gate)
    assert verdict(found, TFTP) == Verdict.UNKNOWN
    assert "another router stands in front" in found[TFTP].claim
    assert verdict(found, "internet/iax2/udp/4569") == SHUT


def test_unknown_listeners_give_no_exposures() -> None:
    assert exposures(edge(nft(OPEN_EDGE))) == {}


def test_every_exposure_cites_the_listener_and_names_real_files() -> None:
    for one in exposures(pbx(NO_RULES), edge(nft(OPEN_EDGE))).values():
        assert one.proof[-1].citation is not None
        assert one.claim.endswith(".")
        assert all(
            hop.citation is None or Path(hop.citation.file).parts[0] in {"edge", "commands"} for hop in one.proof
        )
        assert one.sources == AddressSet() or one.verdict != SHUT


def test_an_export_that_has_nothing_to_do_with_the_pbx_closes_no_door() -> None:
    forward = "-A PREROUTING -i wan -p udp --dport 69 -j DNAT --to-destination 192.168.7.9"
    other = f"*nat\n:PREROUTING ACCEPT [0:0]\n{forward}\nCOMMIT\n"
    elsewhere = replace(
        edge(save(other, name="edge/iptables-save.txt")), interfaces=(interface("lan", "192.168.7.1/24"),)
    )
    found = exposures(elsewhere, pbx(save("")))["internet/tftp/udp/69"]
    assert found.verdict is Verdict.UNKNOWN
    assert "may be another box" in found.claim
    closed = exposures(elsewhere, pbx(save("*filter\n:INPUT DROP [0:0]\nCOMMIT\n")))["internet/tftp/udp/69"]
    assert closed.verdict is Verdict.BLOCKED, "the PBX itself lets nobody in, whoever stands in front"


def test_an_edge_with_a_route_to_the_pbx_or_a_rule_for_it_is_the_one() -> None:
    empty = save("*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n", name="edge/iptables-save.txt")
    assert exposures(edge(empty), pbx(save("")))["internet/tftp/udp/69"].verdict is Verdict.BLOCKED
    masquerade = save(
        "*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -s 10.20.0.0/24 -o wan -j MASQUERADE\nCOMMIT\n",
        name="edge/iptables-save.txt",
    )
    assert exposures(edge(masquerade, attached=False), pbx(save("")))["internet/tftp/udp/69"].verdict is Verdict.BLOCKED
