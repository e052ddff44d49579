from dataclasses import dataclass, replace
from ipaddress import ip_address

from hypothesis import assume, given
from hypothesis import strategies as st

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import (
    Accept,
    Action,
    Chain,
    Continue,
    Drop,
    Family,
    Hook,
    Jump,
    Mark,
    Return,
    Rule,
    Ruleset,
    SetMark,
    SourceAddress,
    Unsupported,
    UnsupportedAction,
)
from ringfence.reach.atoms import Atoms
from ringfence.reach.filters import Walk, all_bits, base_chains
from ringfence.reach.flow import Goal, Header, Link, Marks
from ringfence.reach.translate import Own
from tests.reach.school import PBX, addresses, nft, save

PLACE = Citation(file="x")
HEADER = Header(
    version=4, protocol="udp", source_port=40_000, destination=ip_address(PBX), port=69, incoming=Link(name="eth0")
)
GOAL = Goal(addresses=frozenset({ip_address(PBX)}), port=69)


def judge(ruleset: Ruleset, hook: Hook = Hook.INPUT) -> tuple[AddressSet, AddressSet]:
    """Give who may pass a hook, and who may be dropped there."""
    atoms = Atoms(4, (ruleset,))
    walk = Walk(ruleset=ruleset, atoms=atoms, goal=GOAL, own=Own())
    out = walk.through(hook, HEADER, {Marks(): atoms.everything})
    passed = 0
    for sources in out.values():
        passed |= all_bits(sources)
    return atoms.addresses(passed), atoms.addresses(walk.dropped)


def surely(text: str) -> AddressSet:
    """Give who passes, where nothing is uncertain."""
    passed, dropped = judge(save(text))
    assert not passed & dropped
    assert passed | dropped == AddressSet.all_ipv4()
    return passed


TEN, ELEVEN = addresses("10.0.0.0/8"), addresses("11.0.0.0/8")
ALL = AddressSet.all_ipv4()


def test_the_first_rule_that_matches_decides() -> None:
    assert surely("-A INPUT -s 10.0.0.0/8 -j DROP\n-A INPUT -s 10.1.0.0/16 -j ACCEPT") == ALL - TEN
    assert surely("-A INPUT -s 10.0.0.0/8 -j ACCEPT\n-A INPUT -j REJECT") == TEN


def test_a_chain_returns_to_the_rule_behind_its_jump() -> None:
    rules = "-A INPUT -j mine\n-A INPUT -s 11.0.0.0/8 -j DROP\n"
    rules += "-A mine -s 11.0.0.0/8 -j RETURN\n-A mine -s 10.0.0.0/7 -j DROP"
    assert surely(rules) == ALL - TEN - ELEVEN


def test_a_goto_returns_to_the_callers_caller() -> None:
    rules = (
        "-A INPUT -j mine\n-A INPUT -j DROP\n-A mine -s 10.0.0.0/8 -g other\n-A mine -j ACCEPT\n-A other -p tcp -j DROP"
    )
    assert surely(rules) == ALL - TEN


def test_a_goto_from_a_base_chain_ends_at_its_policy() -> None:
    assert surely("-A INPUT -s 10.0.0.0/8 -g mine\n-A INPUT -j DROP\n-A mine -p tcp -j DROP") == TEN


def test_marks_are_carried_through_chains() -> None:
    rules = (
        "-A INPUT -s 10.0.0.0/8 -j mine\n-A INPUT -m mark --mark 0x2/0x2 -j ACCEPT\n-A INPUT -j DROP\n"
        "-A mine -j MARK --set-xmark 0x1/0xffffffff\n-A mine -s 10.1.0.0/16 -j MARK --or-mark 0x2"
    )
    assert surely(rules) == addresses("10.1.0.0/16")


def test_connection_marks_are_kept_and_restored() -> None:
    rules = (
        "-A INPUT -s 10.0.0.0/8 -j CONNMARK --set-xmark 0x7/0xffffffff\n-A INPUT -j CONNMARK --restore-mark\n"
        "-A INPUT -m mark --mark 0x7 -j ACCEPT\n-A INPUT -j DROP"
    )
    assert surely(rules) == TEN


def test_lists_of_sources_seen_before_are_filled_on_the_way() -> None:
    rules = "-A INPUT -s 10.0.0.0/8 -m recent --set --name S\n-A INPUT -m recent --rcheck --name S -j DROP"
    assert surely(rules) == ALL - TEN
    assert surely(rules.replace("--rcheck", "--rcheck --hitcount 2")) == ALL


def test_what_is_not_tracked_is_neither_new_nor_translated() -> None:
    raw = "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -s 10.0.0.0/8 -j CT --notrack\nCOMMIT\n"
    nat = "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -j DNAT --to-destination 10.20.0.10:70\nCOMMIT\n"
    ruleset = save(raw + nat + "*filter\n:INPUT DROP [0:0]\n-A INPUT -m conntrack --ctstate NEW -j ACCEPT\nCOMMIT\n")
    atoms = Atoms(4, (ruleset,))
    walk = Walk(ruleset=ruleset, atoms=atoms, goal=GOAL, own=Own())
    out = walk.through(Hook.PREROUTING, HEADER, {Marks(): atoms.everything})
    assert {header.port: atoms.addresses(all_bits(bits)) for header, bits in out.items()} == {69: TEN, 70: ALL - TEN}
    passed = [walk.through(Hook.INPUT, header, bits) for header, bits in out.items() if header.port == 69]
    assert passed == [{}]
    assert atoms.addresses(walk.dropped) == TEN


def test_tracking_cannot_be_stopped_once_it_has_begun() -> None:
    text = "*mangle\n:PREROUTING DROP [0:0]\n-A PREROUTING -j CT --notrack\n"
    text += "-A PREROUTING -m conntrack --ctstate NEW -j ACCEPT\nCOMMIT\n"
    assert judge(save(text), Hook.PREROUTING) == (ALL, AddressSet())


def test_accept_ends_one_base_chain_and_the_next_by_priority_still_decides() -> None:
    text = """table ip a {
	chain late { type filter hook input priority 10; policy accept;
		ip saddr 10.0.0.0/8 drop
	}
	chain early { type filter hook input priority -10; policy accept;
		ip saddr 10.0.0.0/8 accept
		ip saddr 11.0.0.0/8 drop
	}
}
"""
    ruleset = nft(text.replace("; policy accept;\n", ";\npolicy accept;\n").replace("{ type", "{\ntype"))
    assert [chain.name for chain in base_chains(ruleset, Hook.INPUT, 4)] == ["early", "late"]
    assert judge(ruleset) == (ALL - TEN - ELEVEN, TEN | ELEVEN)


def test_an_uninterpreted_action_keeps_the_sources_of_every_mark() -> None:
    rules = "-A INPUT -s 10.0.0.0/8 -j MARK --set-mark 1\n-A INPUT -j NFQUEUE --queue-num 1\n-A INPUT -j DROP"
    assert judge(save(rules)) == (ALL, ALL)


def test_an_uncertain_jump_guards_its_whole_chain() -> None:
    rules = "-A INPUT -m geoip --x -j mine\n-A INPUT -j DROP\n-A mine -s 10.0.0.0/8 -j DROP\n-A mine -j ACCEPT"
    passed, dropped = judge(save(rules))
    assert passed == ALL - TEN
    assert dropped == ALL


def test_loops_and_missing_chains_are_unknown_and_end() -> None:
    for rules in ("-A INPUT -j mine\n-A mine -j other\n-A other -j mine", "-A INPUT -j nowhere"):
        passed, dropped = judge(save(rules))
        assert passed == dropped == ALL


def test_a_walk_that_explodes_is_given_up_as_unknown() -> None:
    """Chains that call the next one twice take 2^n steps; the walk stops and says that it does not know."""
    chains = [Chain(table="t", name="c0", family=Family.IPV4, hook=Hook.INPUT, rules=calls("c1"), citation=PLACE)]
    chains += [
        Chain(table="t", name=f"c{i}", family=Family.IPV4, rules=calls(f"c{i + 1}"), citation=PLACE)
        for i in range(1, 14)
    ]
    chains += [Chain(table="t", name="c14", family=Family.IPV4, citation=PLACE)]
    ruleset = Ruleset(chains=tuple(chains), product="nftables", citation=PLACE)
    atoms = Atoms(4, (ruleset,))
    walk = Walk(ruleset=ruleset, atoms=atoms, goal=GOAL, own=Own(), most_steps=1000)
    out = walk.through(Hook.INPUT, HEADER, {Marks(): atoms.everything})
    assert walk.dropped == atoms.everything
    assert all_bits(out[HEADER]) == atoms.everything


def calls(name: str) -> tuple[Rule, ...]:
    jump = Rule(matches=(), action=Jump(chain=name), text="", citation=PLACE)
    return (jump, jump)


def test_decisions_keep_the_jumps_that_led_to_them() -> None:
    ruleset = save("-A INPUT -j mine\n-A mine -s 10.0.0.0/8 -j ACCEPT\n-A mine -j DROP")
    atoms = Atoms(4, (ruleset,))
    walk = Walk(ruleset=ruleset, atoms=atoms, goal=GOAL, own=Own())
    walk.through(Hook.INPUT, HEADER, {Marks(): atoms.everything})
    accepted, dropped = walk.decisions
    assert [step.rule.text for step in accepted.path if step.rule] == [
        "-A INPUT -j mine",
        "-A mine -s 10.0.0.0/8 -j ACCEPT",
    ]
    assert (accepted.passed, dropped.stopped) == (True, True)


# -------------------------------------------------------------------------------------------- properties of any rules

ADDRESSES = st.sampled_from(
    [addresses(text) for text in ("10.0.0.0/8", "10.1.0.0/16", "10.0.0.1", "11.0.0.0/8", "0.0.0.0/1")]
)
MATCHES = st.one_of(
    ADDRESSES.map(lambda found: SourceAddress(addresses=found)),
    ADDRESSES.map(lambda found: SourceAddress(addresses=~found)),
    st.builds(Mark, value=st.integers(0, 3), mask=st.integers(0, 3), negated=st.booleans()),
)
ACTIONS: st.SearchStrategy[Action] = st.one_of(
    st.just(Accept()), st.just(Drop()), st.just(Return()), st.just(Continue()),
    st.builds(Jump, chain=st.sampled_from(["a", "b"]), returns=st.booleans()),
)  # fmt: skip
EFFECTS = st.lists(st.builds(SetMark, value=st.integers(0, 3), mask=st.integers(0, 3)), max_size=1).map(tuple)
RULES = st.lists(
    st.builds(
        Rule, matches=st.lists(MATCHES, max_size=2).map(tuple), action=ACTIONS, effects=EFFECTS,
        text=st.just(""), citation=st.just(PLACE),
    ),
    max_size=6,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Rules:
    """Three chains of made-up rules: a base chain, and two that it may jump to."""

    base: list[Rule]
    a: list[Rule]
    b: list[Rule]
    accepts: bool

    def build(self) -> Ruleset:
        """Make a rule set without loops: chain a jumps to b only, b to none."""
        flat = [rule for rule in self.b if not isinstance(rule.action, Jump)]
        deeper = [replace(rule, action=Jump(chain="b")) if isinstance(rule.action, Jump) else rule for rule in self.a]
        base = Chain(
            table="t",
            name="input",
            family=Family.IPV4,
            hook=Hook.INPUT,
            rules=tuple(self.base),
            policy_accepts=self.accepts,
            citation=PLACE,
        )
        others = (
            Chain(table="t", name=name, family=Family.IPV4, rules=tuple(rules), citation=PLACE)
            for name, rules in (("a", deeper), ("b", flat))
        )
        return Ruleset(chains=(base, *others), product="nftables", citation=PLACE)

    def with_rule(self, place: int, rule: Rule) -> "Rules":
        """Put a rule into the base chain."""
        return replace(self, base=[*self.base[:place], rule, *self.base[place:]])


RULESETS = st.builds(Rules, base=RULES, a=RULES, b=RULES, accepts=st.booleans())
PLACES = st.integers(0, 6)


@given(RULESETS, PLACES, st.lists(MATCHES, max_size=2))
def test_adding_a_deny_never_lets_more_in(rules: Rules, place: int, matches: list[SourceAddress | Mark]) -> None:
    deny = Rule(matches=tuple(matches), action=Drop(), text="", citation=PLACE)
    assert judge(rules.with_rule(place, deny).build())[0] <= judge(rules.build())[0]


@given(RULESETS, st.sampled_from(["a", "b", "base"]))
def test_a_condition_that_is_not_interpreted_never_takes_an_outcome_away(rules: Rules, where: str) -> None:
    """Whatever a rule does when its unknown condition holds, and when it does not, both stay possible."""
    doubted: list[Rule] = getattr(rules, where)
    assume(doubted)
    first, *rest = doubted
    uncertain = replace(first, matches=(*first.matches, Unsupported(text="?")))
    variants: list[Rules] = []
    for changed in ([uncertain, *rest], doubted, rest):
        lists = {"base": rules.base, "a": rules.a, "b": rules.b, where: changed}
        variants.append(Rules(base=lists["base"], a=lists["a"], b=lists["b"], accepts=rules.accepts))
    unknown, holding, failing = (judge(one.build()) for one in variants)
    assert holding[0] | failing[0] <= unknown[0]
    assert holding[1] | failing[1] <= unknown[1]


@given(RULESETS)
def test_everyone_passes_or_is_dropped_and_without_doubt_never_both(rules: Rules) -> None:
    passed, dropped = judge(rules.build())
    assert passed | dropped == ALL
    assert not passed & dropped


@given(RULESETS, PLACES)
def test_an_action_that_is_not_interpreted_leaves_every_outcome_open(rules: Rules, place: int) -> None:
    anything = Rule(matches=(), action=UnsupportedAction(text="?"), text="", citation=PLACE)
    assert judge(rules.with_rule(0, anything).build()) == (ALL, ALL)
    assert judge(rules.build())[0] <= judge(rules.with_rule(place, anything).build())[0]
