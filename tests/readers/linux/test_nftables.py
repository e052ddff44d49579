import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.packetfilter import ChainKind, Drop, Family, Hook, Unsupported, UnsupportedAction
from tests.readers.linux.reading import nft
from tests.shared_data import shared

EDGE = """table ip nat {
	chain pre {
		type nat hook prerouting priority dstnat - 5; policy accept;
		iifname "wan" udp dport { 69, 5060 } dnat to 10.20.0.10
	}
}
table inet filter {
	chain input {
		type filter hook input priority 10; policy drop;
		jump mine
	}
	chain mine {
	}
}
table bridge b {
	chain x {
		type filter hook forward priority 0; policy accept;
	}
}
"""


def test_chains_have_hooks_kinds_priorities_and_policies() -> None:
    found, problems = nft(EDGE)
    chains = {chain.name: chain for chain in found.chains}
    assert chains["pre"].kind == ChainKind.NAT
    assert chains["pre"].hook == Hook.PREROUTING
    assert chains["pre"].priority == -105
    assert chains["pre"].policy_accepts
    assert chains["pre"].family == Family.IPV4
    assert chains["input"].family == Family.BOTH
    assert not chains["input"].policy_accepts
    assert chains["mine"].hook is None
    assert [str(problem) for problem in problems] == [
        "x:16: table bridge b: chain x filters frames below IP; it is not interpreted"
    ]


@pytest.mark.parametrize("family", ["inet", "netdev"])
def test_what_drops_packets_as_a_device_takes_them_in_makes_them_unknown(family: str) -> None:
    text = f"""table {family} t {{
	chain c {{
		type filter hook ingress device "wan" priority 0; policy accept;
		udp dport 5060 drop
	}}
}}
"""
    (chain,) = nft(text)[0].chains
    assert (chain.hook, chain.family, chain.policy_accepts) == (Hook.PREROUTING, Family.BOTH, True)
    assert chain.priority < -500
    (rule,) = chain.rules
    assert rule.action == Drop()
    assert isinstance(rule.matches[-1], Unsupported)
    *_, last = nft(text.replace("policy accept", "policy drop"))[0].chains[0].rules
    assert (last.action, last.text) == (Drop(), "policy drop")


def test_rules_of_the_text_cite_their_line() -> None:
    rule = nft(EDGE)[0].chains[0].rules[0]
    assert rule.citation.line == 4
    assert rule.text == 'iifname "wan" udp dport { 69, 5060 } dnat to 10.20.0.10'


def test_an_empty_export_is_a_filter_without_rules_for_both_ip_versions() -> None:
    found, problems = nft("")
    assert found.chains == ()
    assert found.families == {Family.IPV4, Family.IPV6}
    assert problems == ()


@pytest.mark.parametrize("run", ["clean-107", "tftp-leak-114"])
def test_text_and_json_of_one_rule_set_are_read_alike(run: str) -> None:
    folder = shared(f"data/incidents/{run}/evidence/edge")
    text, in_text = nft((folder / "nft-ruleset.txt").read_text())
    structured, in_json = nft((folder / "nft-ruleset.json").read_text())
    assert in_text == in_json == ()
    for left, right in zip(text.chains, structured.chains, strict=True):
        assert (left.name, left.hook, left.kind, left.priority, left.policy_accepts) == (
            right.name, right.hook, right.kind, right.priority, right.policy_accepts,
        )  # fmt: skip
        assert [(rule.matches, rule.effects, rule.action) for rule in left.rules] == [
            (rule.matches, rule.effects, rule.action) for rule in right.rules
        ]


@pytest.mark.parametrize("raw", ['{"nftables": [{"chain"', '{"nftables": 5}', "{}", '{"nftables": null}'])
def test_json_that_is_cut_off_may_hold_any_rule(raw: str) -> None:
    found, problems = nft(raw)
    assert len(problems) == 1
    assert all(isinstance(chain.rules[0].action, UnsupportedAction) for chain in found.chains)
    assert len(found.chains) == 3


def test_a_table_that_is_cut_off_may_do_anything_at_its_end() -> None:
    found, problems = nft("table ip f {\nchain input {\ntype filter hook input priority 0; policy drop;\n")
    assert isinstance(found.chains[0].rules[-1].action, UnsupportedAction)
    assert any("cut off" in problem.message for problem in problems)


def openwrt() -> list[Path]:
    folder = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "firewalls" / "openwrt"
    return sorted(folder.glob("fw4_*"))


#: What these real rule sets use and the model does not interpret, all named.
NAMED = (
    "an included file", "ip6 saddr &", "ip6 daddr &", "meta time", "meta hour", "meta day", "notrack", "dscp",
)  # fmt: skip


@pytest.mark.parametrize("path", openwrt(), ids=lambda path: path.name)
def test_the_rule_sets_of_openwrt_are_understood_or_named(path: Path) -> None:
    shared("data/firewalls/openwrt")
    text = path.read_text().partition("-- Expect stdout --\n")[2].partition("-- End --")[0]
    found, problems = nft(text)
    assert len(found.chains) > 10
    assert [str(one) for one in problems if not any(name in one.message for name in NAMED)] == []


@settings(max_examples=1000)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_never_raise(raw: bytes) -> None:
    text = raw.decode("utf-8", "replace")
    nft(text)
    nft("table inet f {\nchain c {\ntype filter hook input priority 0;\n" + text + "\n}\n}\n")


WORDS = st.sampled_from(
    ["ip", "saddr", "daddr", "udp", "dport", "{", "}", ",", ":", "10.0.0.1", "10.0.0.0/8", "69", "5-9", "@s", "vmap",
     "accept", "jump", "c", "ct", "state", "new", "meta", "mark", "set", "0x1", "&", "|", "dnat", "to", ":5", "map",
     ".", "counter", "limit", "rate", "1/second", "iifname", '"wan"', "!=", "==", "tcp", "flags", "syn", "/", "fib",
     "type", "add", "xt", "match", '"recent"', "elements", "=", "masquerade", "(", ")", "\n", ";", "include", "log",
     "prefix"]
)  # fmt: skip


@settings(max_examples=1000)
@given(st.lists(WORDS, max_size=16), st.lists(WORDS, max_size=8))
def test_arbitrary_words_of_the_language_never_raise(rule: list[str], members: list[str]) -> None:
    head = f"set s {{\ntype ipv4_addr\nelements = {{ {' '.join(members)} }}\n}}"
    nft(f"table inet f {{\n{head}\nchain c {{\ntype filter hook input priority 0;\n{' '.join(rule)}\n}}\n}}\n")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 70000)
    | st.sampled_from(["ip", "saddr", "10.0.0.1", "mark", "@s", "=="]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["match", "left", "right", "op", "payload", "protocol", "field", "meta", "key", "set", "range",
                         "prefix", "dnat", "addr", "port", "vmap", "data", "mangle", "value", "concat", "&", "ct",
                         "fib", "jump", "target", "xt", "limit", "elem", "val", "map"]),
        inner, max_size=4,
    ),
    max_leaves=15,
)  # fmt: skip


@settings(max_examples=1000)
@given(st.lists(JSON, max_size=4), JSON)
def test_arbitrary_json_never_raises(statements: list[object], members: object) -> None:
    place = {"family": "inet", "table": "f"}
    rows = [
        {"chain": {**place, "name": "c", "hook": "input", "type": "filter", "prio": members}},
        {"set": {**place, "name": "s", "elem": members}},
        {"rule": {**place, "chain": "c", "expr": statements}},
        {"rule": members},
    ]
    nft(json.dumps({"nftables": rows}))
