from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.addresses import AddressSet
from ringfence.model.packetfilter import Chain, Ruleset
from ringfence.model.site import ServiceName
from ringfence.reach.asking import fates, open_inquiry
from ringfence.reach.shadow import Shadow, shadows
from tests.reach.school import OPEN_EDGE, edge, listener, nft, pbx, save, site


def proved(ruleset: Ruleset) -> list[Shadow]:
    return [shadow for chain in ruleset.chains for shadow in shadows(chain, lambda _: True)]


@pytest.mark.parametrize(
    "text",
    [
        "-A INPUT -j ACCEPT\n-A INPUT -p udp -m udp --dport 69 -j DROP",
        "-A INPUT -p udp -j DROP\n-A INPUT -s 10.0.0.0/8 -p udp -m udp --dport 69 -j ACCEPT",
        "-A INPUT -p udp -m udp --dport 60:70 -j DROP\n-A INPUT -p udp -m udp --dport 69 -j ACCEPT",
        "-A INPUT -s 0.0.0.0/1 -j DROP\n-A INPUT -s 128.0.0.0/1 -j ACCEPT\n-A INPUT -p udp -m udp --dport 69 -j ACCEPT",
        "-A INPUT -i eth0 -j DROP\n-A INPUT -i eth0 -s 10.1.1.1 -j ACCEPT",
        "-A INPUT -p udp -g other\n-A INPUT -p udp -m udp --dport 69 -j ACCEPT",
        "-A INPUT -j DROP\n-A INPUT -m geoip --src-cc XX -j ACCEPT",
    ],
)
def test_a_rule_behind_others_that_take_everything_never_matches(text: str) -> None:
    (shadow,) = proved(save(text))
    assert shadow.rule.text == text.splitlines()[-1]
    assert [rule.text for rule in shadow.behind] == text.splitlines()[:-1]


@pytest.mark.parametrize(
    "text",
    [
        "-A INPUT -p udp -m udp --dport 69 -j DROP\n-A INPUT -p udp -j ACCEPT",
        "-A INPUT -p tcp -j DROP\n-A INPUT -p udp -m udp --dport 69 -j ACCEPT",
        "-A INPUT -p udp -m udp --dport 60:68 -j DROP\n-A INPUT -p udp -m udp --dport 69 -j ACCEPT",
        "-A INPUT -s 0.0.0.0/1 -j DROP\n-A INPUT -s 128.0.0.0/2 -j DROP\n-A INPUT -p udp -m udp --dport 69 -j ACCEPT",
        "-A INPUT -i eth1 -j DROP\n-A INPUT -s 10.1.1.1 -j ACCEPT",
        "-A INPUT -m geoip --src-cc XX -j DROP\n-A INPUT -p udp -m udp --dport 69 -j ACCEPT",
        "-A INPUT -m limit --limit 5/min -j ACCEPT\n-A INPUT -p udp -m udp --dport 69 -j DROP",
        "-A INPUT -m mark --mark 1 -j ACCEPT\n-A INPUT -m mark --mark 1 -j DROP",
        "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A INPUT -p udp -m udp --dport 69 -j ACCEPT",
        "-A INPUT -p udp -j other\n-A INPUT -p udp -m udp --dport 69 -j ACCEPT",
        "-A INPUT -j LOG\n-A INPUT -p udp -m udp --dport 69 -j ACCEPT",
        "-A INPUT -p udp -j UNHEARDOF\n-A INPUT -p udp -m udp --dport 69 -j ACCEPT",
        "-A other -j DROP\n-A INPUT -p udp -m udp --dport 69 -j ACCEPT",
    ],
)
def test_a_near_miss_proves_nothing(text: str) -> None:
    assert proved(save(text)) == []


def test_a_second_forward_of_a_port_is_never_reached() -> None:
    ruleset = nft("""table ip nat {
	chain pre {
		type nat hook prerouting priority dstnat; policy accept;
		iifname "wan" udp dport { 69, 5060 } dnat to 10.20.0.10
		iifname "wan" udp dport 5060 dnat to 10.20.0.11
	}
}
""")
    (shadow,) = proved(ruleset)
    assert str(shadow.rule.citation) == "edge/nft-ruleset.txt:5"


def test_a_translation_to_ipv4_takes_no_ipv6_packets() -> None:
    ruleset = nft("""table inet nat {
	chain pre {
		type nat hook prerouting priority dstnat; policy accept;
		udp dport 5060 dnat ip to 10.20.0.10
		udp dport 5060 dnat ip6 to 2001:db8::10
	}
}
""")
    assert proved(ruleset) == []


def without(ruleset: Ruleset, shadow: Shadow) -> Ruleset:
    def cut(chain: Chain) -> Chain:
        same = (chain.table, chain.name) == (shadow.chain.table, shadow.chain.name)
        return replace(chain, rules=tuple(rule for rule in chain.rules if rule is not shadow.rule)) if same else chain

    return replace(ruleset, chains=tuple(cut(chain) for chain in ruleset.chains))


LISTENERS = (listener(), listener(ServiceName.PJSIP, 5060), listener(ServiceName.CHAN_SIP, 5160))


SOURCES = ("", "-s 11.0.0.0/8 ", "! -s 11.0.0.0/8 ", "-s 11.0.0.0/9 ", "-s 11.128.0.0/9 ", "-s 192.0.2.0/24 ")
PORTS = (
    "",
    "-p udp ",
    "-p tcp ",
    "-p udp -m udp --dport 69 ",
    "-p udp -m udp ! --dport 69 ",
    "-p udp -m multiport --dports 69,5060 ",
    "-p udp -m udp --dport 5000:5200 ",
)
OTHERS = ("", "", "", "-i eth0 ", "-m mark --mark 1/0x1 ", "-m conntrack --ctstate NEW ", "-m geoip --src-cc XX ")
TARGETS = ("ACCEPT", "DROP", "ACCEPT", "DROP", "RETURN", "mine", "other", "MARK --set-xmark 1/0x1")

rule_texts = st.builds(
    lambda source, other, port, target: f"{source}{other}{port}-j {target}",
    st.sampled_from(SOURCES),
    st.sampled_from(OTHERS),
    st.sampled_from(PORTS),
    st.sampled_from(TARGETS),
)


def made(first: list[str], second: list[str]) -> Ruleset:
    """Put rules into INPUT and into ``mine``, which jumps no further than ``other``."""
    below = [text.replace("-j mine", "-g other") for text in second]
    lines = [f"-A INPUT {text}" for text in first] + [f"-A mine {text}" for text in below]
    return save("\n".join([*lines, "-A other -s 11.64.0.0/10 -j DROP"]))


def answers(ruleset: Ruleset) -> list[tuple[AddressSet, AddressSet, AddressSet]]:
    inquiry = open_inquiry(site(pbx(ruleset, *LISTENERS), edge(nft(OPEN_EDGE))))
    return [fates(inquiry.ask(to, vantage)) for to in inquiry.listeners for vantage in inquiry.vantages[:2]]


@settings(max_examples=400, deadline=None)
@given(st.lists(rule_texts, min_size=2, max_size=8), st.lists(rule_texts, max_size=5))
def test_leaving_out_a_rule_that_never_matches_contradicts_no_answer(first: list[str], second: list[str]) -> None:
    """Where a rule's conditions cannot be told, the engine may be less sure with it than without."""
    ruleset = made(first, second)
    found = proved(ruleset)
    before = answers(ruleset) if found else []
    for shadow in found:
        for one, other in zip(before, answers(without(ruleset, shadow)), strict=True):
            assert not one[0] & other[2]
            assert not one[2] & other[0]
            if not one[1]:
                assert one == other


def test_ten_thousand_bans_are_compared_in_no_time() -> None:
    bans = [
        f"-A INPUT -s 11.{number // 256}.{number % 256}.7 -p udp -m udp --dport 5060 -j DROP"
        for number in range(10_000)
    ]
    doubled = "-A INPUT -s 11.3.3.7 -p udp -m udp --dport 5060 -j DROP"
    (shadow,) = proved(save("\n".join([*bans, doubled])))
    assert [rule.text for rule in shadow.behind] == [doubled]


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8)), max_size=20), st.integers(0, 60), st.integers(0, 8))
def test_the_sources_that_earlier_rules_take_are_exact(parts: list[tuple[int, int]], low: int, width: int) -> None:
    texts = [f"-A INPUT -m iprange --src-range 11.0.0.{one}-11.0.0.{one + more} -j DROP" for one, more in parts]
    asked = f"-A INPUT -m iprange --src-range 11.0.0.{low}-11.0.0.{low + width} -p udp -m udp --dport 69 -j ACCEPT"
    taken = {number for one, more in parts for number in range(one, one + more + 1)}
    found = [shadow.rule.text for shadow in proved(save("\n".join([*texts, asked])))]
    assert (asked in found) is (set(range(low, low + width + 1)) <= taken)
