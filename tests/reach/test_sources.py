from ringfence.reach.asking import open_inquiry
from ringfence.reach.sources import SourcesFrom, sources
from tests.reach.school import OPEN_EDGE, STRANGER, addresses, edge, nft, pbx, save, site
from tests.reach.variants import SMART_HOST, variant


def by_vantage(rules: str, *, edge_text: str = OPEN_EDGE) -> dict[str, SourcesFrom]:
    inquiry = open_inquiry(site(pbx(save(rules)), edge(nft(edge_text))))
    return {group.vantage: group for group in sources(inquiry, inquiry.listeners[0])}


def test_everybody_is_the_internet_with_the_rules_that_let_them_in() -> None:
    internet = by_vantage("")["internet"]
    assert internet.surely == internet.everybody
    assert STRANGER in internet.surely
    assert "10.20.8.7" not in internet.everybody
    assert [str(rule) for rule in internet.rules] == ["edge/nft-ruleset.txt:4", "commands/iptables-save.txt"]
    assert internet.refused == ()


def test_who_is_refused_stands_with_the_rule_that_refuses() -> None:
    internet = by_vantage("-A INPUT -s 198.51.100.0/24 -j DROP")["internet"]
    (refusal,) = internet.refused
    assert refusal.addresses == addresses("198.51.100.0/24")
    assert refusal.by is not None
    assert refusal.by.text.endswith("-A INPUT -s 198.51.100.0/24 -j DROP: dropped")
    assert internet.surely == internet.everybody - addresses("198.51.100.0/24")


def test_only_known_hosts_are_listed_with_their_names() -> None:
    inquiry = open_inquiry(variant(3))
    internet = sources(inquiry, inquiry.listeners[2])[0]
    assert internet.surely == addresses("198.51.100.0/24", "203.0.113.20")
    assert {part.name for part in internet.named} == {"provider trunk", "the Internet"}
    assert SMART_HOST in internet.surely


def test_of_whom_it_cannot_be_told_is_neither_in_nor_out() -> None:
    internet = by_vantage("-A INPUT -s 192.0.2.0/24 -m geoip --src-cc XX -j DROP")["internet"]
    assert internet.perhaps == addresses("192.0.2.0/24")
    assert not internet.surely & internet.perhaps
    assert any("geoip" in doubt for doubt in internet.doubts)
    assert internet.refused == ()


def test_each_network_has_its_own_set_and_a_hidden_source_is_kept() -> None:
    hiding = OPEN_EDGE.replace('oifname "wan" masquerade', "masquerade").replace('"lan", "voice", "office"', '"voice"')
    found = by_vantage("", edge_text=hiding)
    assert found["voice"].surely == addresses("10.20.8.0/24") - addresses("10.20.8.1")
    assert not found["office"].surely | found["office"].perhaps
    assert found["internet"].seen_as == addresses("10.20.0.1")
    assert found["pbx"].seen_as is None
