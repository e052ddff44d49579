from ringfence.model.exposure import Exposure
from tests.reach.school import OPEN_EDGE, edge, exposures, nft, pbx, save

TFTP = "internet/tftp/udp/69"


def proof(one: Exposure) -> list[tuple[str, str]]:
    return [(str(hop.citation), hop.text) for hop in one.proof]


def test_the_proof_lists_every_rule_in_the_order_in_which_the_packet_met_it() -> None:
    found = exposures(pbx(save("-A INPUT -j mine\n-A mine -p udp -j ACCEPT")), edge(nft(OPEN_EDGE)))
    forward = (
        'edge, prerouting: iifname "wan" udp dport { 69, 5060 } dnat to 10.20.0.10: sent on to 10.20.0.10, port 69'
    )
    assert proof(found[TFTP]) == [
        ("edge/nft-ruleset.txt:4", forward),
        ("edge/nft-ruleset.txt:15", "edge, forward: ct status dnat accept: passes"),
        ("commands/iptables-save.txt:6", "pbx, input: -A INPUT -j mine"),
        ("commands/iptables-save.txt:7", "pbx, input: -A mine -p udp -j ACCEPT: passes"),
        ("commands/ss.txt:2", "in.tftpd listens on every address, port 69/udp"),
    ]


def test_a_policy_that_decides_is_a_step_too() -> None:
    closed = "*filter\n:INPUT DROP [0:0]\nCOMMIT\n"
    found = exposures(pbx(save(closed)), edge(nft(OPEN_EDGE)))
    assert proof(found[TFTP])[-2] == ("commands/iptables-save.txt:2", "pbx, input: policy of chain INPUT: dropped")


def test_a_filter_without_rules_is_proved_by_its_empty_export() -> None:
    found = exposures(pbx(save("")), edge(nft(OPEN_EDGE)))
    assert proof(found[TFTP])[-2] == ("commands/iptables-save.txt", "pbx: no rules are loaded, nothing is filtered")


def test_a_rewritten_source_is_a_step() -> None:
    hiding = OPEN_EDGE.replace('oifname "wan" masquerade', 'oifname "lan" masquerade')
    found = exposures(pbx(save("")), edge(nft(hiding)))
    assert any(text.endswith("the source becomes 10.20.0.1") for _, text in proof(found[TFTP]))


def test_a_rule_that_is_not_interpreted_is_shown_as_such() -> None:
    found = exposures(pbx(save("-A INPUT -j NFQUEUE --queue-num 1")), edge(nft(OPEN_EDGE)))
    assert any("not interpreted, passes or not" in text for _, text in proof(found[TFTP]))
