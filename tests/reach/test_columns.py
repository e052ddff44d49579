from dataclasses import dataclass, replace
from ipaddress import ip_address

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import (
    Accept,
    Action,
    Chain,
    ChainKind,
    ConnectionState,
    Continue,
    CopyMark,
    DestinationAddress,
    DestinationPort,
    Drop,
    Effect,
    Family,
    Hook,
    InputInterface,
    Jump,
    Mark,
    Match,
    PacketKind,
    Protocol,
    RecordSource,
    Return,
    Rule,
    Ruleset,
    SeenBefore,
    SetMark,
    SourceAddress,
    StopTracking,
    Translated,
    TranslateDestination,
    Unsupported,
    UnsupportedAction,
)
from ringfence.reach import columns, filters
from ringfence.reach.atoms import Atoms
from ringfence.reach.columns import paint
from ringfence.reach.decisions import Decision
from ringfence.reach.filters import Walk
from ringfence.reach.flow import Goal, Header, Link, Marks
from ringfence.reach.translate import Own
from tests.reach.reference import Reference
from tests.reach.school import PBX, addresses, save

PLACE = Citation(file="x")
GOAL = Goal(addresses=frozenset({ip_address(PBX)}), port=69)
HEADER = Header(
    version=4, protocol="udp", source_port=40_000, destination=ip_address(PBX), port=69, incoming=Link(name="eth0")
)
#: Headers that differ in what rules look at: an unknown address and interface, another port, a source that is hidden.
HEADERS = [
    HEADER,
    replace(HEADER, destination=None, incoming=Link()),
    replace(HEADER, protocol="tcp", port=80),
    replace(HEADER, seen_as=addresses("10.1.0.1")),
    replace(HEADER, seen_as=addresses("10.0.0.0/7")),
]
SETS = [addresses(text) for text in ("10.0.0.0/8", "10.1.0.0/16", "10.0.0.1", "11.0.0.0/8", "0.0.0.0/1", "2001:db8::1")]
SETS += [addresses("10.0.0.1", "10.0.0.3", "10.0.0.5", "11.1.0.0/16"), AddressSet()]
SAMPLES = [
    int(ip_address(text))
    for text in ("10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3", "10.1.0.1", "11.1.2.3", "127.9.9.9", "192.0.2.1")
]
SOURCES = st.sampled_from([*SETS, *(~one for one in SETS)]).map(lambda found: SourceAddress(addresses=found))
MATCHES: st.SearchStrategy[Match] = st.one_of(
    SOURCES,
    SOURCES,
    st.sampled_from(SETS).map(lambda found: SourceAddress(addresses=found, recorded_in="S")),
    st.sampled_from([PBX, "192.0.2.1", "0.0.0.0/0"]).map(lambda text: DestinationAddress(addresses=addresses(text))),
    st.sampled_from([PortSet.of(69), ~PortSet.of(69), PortSet.of(80)]).map(lambda found: DestinationPort(ports=found)),
    st.builds(Protocol, names=st.just(frozenset({"udp"})), negated=st.booleans()),
    st.builds(InputInterface, names=st.just(frozenset({"eth0"})), negated=st.booleans()),
    st.builds(PacketKind, kinds=st.just(frozenset({"local"})), negated=st.booleans()),
    st.builds(Mark, value=st.integers(0, 3), mask=st.integers(0, 3), negated=st.booleans()),
    st.builds(
        ConnectionState, states=st.sampled_from([frozenset({"new"}), frozenset({"untracked"})]), negated=st.booleans()
    ),
    st.builds(Translated, negated=st.booleans()),
    st.builds(SeenBefore, name=st.just("S"), negated=st.booleans()),
    st.just(Unsupported(text="?")),
)
ACTIONS: st.SearchStrategy[Action] = st.one_of(
    st.just(Accept()), st.just(Drop()), st.just(Return()),
    st.just(Accept()), st.just(Drop()), st.just(Return()), st.just(Continue()),
    st.builds(Jump, chain=st.sampled_from(["a", "b"]), returns=st.booleans()),
)  # fmt: skip
RARE: st.SearchStrategy[Action] = st.one_of(
    ACTIONS, ACTIONS, st.just(UnsupportedAction(text="?")), st.just(Jump(chain="nowhere"))
)
NAT: st.SearchStrategy[Action] = st.one_of(
    ACTIONS, st.sampled_from([PBX, "192.0.2.7"]).map(lambda text: TranslateDestination(addresses=addresses(text)))
)
EFFECTS: st.SearchStrategy[tuple[Effect, ...]] = st.one_of(
    st.just(()), st.just(()), st.just(()),
    st.builds(SetMark, value=st.integers(0, 3), mask=st.integers(0, 3)).map(lambda one: (one,)),
    st.builds(SetMark, value=st.integers(0, 3), connection=st.booleans()).map(lambda one: (one,)),
    st.just((CopyMark(to_connection=False),)),
    st.just((RecordSource(name="S"),)),
    st.just((StopTracking(),)),
)  # fmt: skip


def rules(actions: st.SearchStrategy[Action], most: int) -> st.SearchStrategy[list[Rule]]:
    """Give lists of rules that do such things."""
    matches = st.lists(MATCHES, max_size=2).map(tuple)
    one = st.builds(Rule, matches=matches, action=actions, effects=EFFECTS, text=st.just(""), citation=st.just(PLACE))
    return st.lists(one, max_size=most)


@st.composite
def rulesets(draw: st.DrawFn) -> Ruleset:
    """Make two base chains, and two chains that they may jump to; chain a jumps to b only, b to none."""
    flat = [rule for rule in draw(rules(ACTIONS, 8)) if not isinstance(rule.action, Jump)]
    deeper = [
        replace(rule, action=Jump(chain="b")) if isinstance(rule.action, Jump) else rule
        for rule in draw(rules(ACTIONS, 8))
    ]
    is_nat = draw(st.booleans())
    first = Chain(
        table="t", name="first", family=Family.IPV4, hook=Hook.PREROUTING, citation=PLACE,
        kind=ChainKind.NAT if is_nat else ChainKind.FILTER, priority=draw(st.sampled_from([-100, -300])),
        rules=tuple(draw(rules(NAT if is_nat else RARE, 8))),
    )  # fmt: skip
    second = replace(
        first, name="second", priority=0, kind=ChainKind.FILTER, policy_accepts=draw(st.booleans()),
        rules=tuple(draw(rules(RARE, 12))),
    )  # fmt: skip
    others = (
        Chain(table="t", name=name, family=Family.IPV4, rules=tuple(found), citation=PLACE)
        for name, found in (("a", deeper), ("b", flat))
    )
    third = replace(second, name="third", priority=-90, kind=ChainKind.NAT, rules=tuple(draw(rules(NAT, 4))))
    return Ruleset(chains=(first, second, third, *others), product="nftables", citation=PLACE)


@dataclass(frozen=True)
class Judged:
    """What a walk found out: what passes, what is dropped, and which rules decided about what."""

    out: dict[tuple[Header, Marks], int]
    dropped: int
    decided: dict[tuple[tuple[int, ...], Header, bool, bool], int]


def walked(ruleset: Ruleset, header: Header, atoms: Atoms) -> Judged:
    walk = Walk(ruleset=ruleset, atoms=atoms, goal=GOAL, own=Own())
    found = walk.through(Hook.PREROUTING, header, {Marks(): atoms.everything})
    decided: dict[tuple[tuple[int, ...], Header, bool, bool], int] = {}
    for decision in (one for some in walk.decisions for one in some.each()):
        path = tuple(id(step.rule) if step.rule else 0 for step in decision.path)
        key = (path, decision.header, decision.passed, decision.stopped)
        decided[key] = decided.get(key, 0) | decision.sources
    out = {(after, marks): bits for after, carried in found.items() for marks, bits in carried.items() if bits}
    return Judged(out, walk.dropped, decided)


@pytest.fixture(params=[1, 3])
def _always_painted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make short chains take the way of long ones, as runs of this many rules."""
    monkeypatch.setattr(filters, "FEWEST_COLUMNS", 0)
    monkeypatch.setattr(columns, "FEWEST_PAINTED", request.param)


@pytest.mark.usefixtures("_always_painted")
@settings(max_examples=400, deadline=None)
@given(ruleset=rulesets(), header=st.sampled_from(HEADERS))
def test_all_sources_at_once_are_judged_as_each_alone(ruleset: Ruleset, header: Header) -> None:
    atoms = Atoms(4, (ruleset,), [AddressSet.of(ip_address(sample)) for sample in SAMPLES])
    judged = walked(ruleset, header, atoms)
    for sample in SAMPLES:
        atom = atoms.bits(AddressSet.of(ip_address(sample)))
        passing, dropped = Reference(ruleset=ruleset, source=sample, goal=GOAL).through(Hook.PREROUTING, header)
        assert {key for key, bits in judged.out.items() if bits & atom} == passing
        assert bool(judged.dropped & atom) is dropped


@settings(max_examples=300, deadline=None)
@given(ruleset=rulesets(), header=st.sampled_from(HEADERS), fewest=st.integers(1, 4))
def test_the_painted_way_and_the_way_rule_by_rule_tell_the_same(ruleset: Ruleset, header: Header, fewest: int) -> None:
    """The decisions are compared too: which rule took which sources, by which jumps."""
    plain = walked(ruleset, header, Atoms(4, (ruleset,)))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(filters, "FEWEST_COLUMNS", 0)
        patched.setattr(columns, "FEWEST_PAINTED", fewest)
        assert walked(ruleset, header, Atoms(4, (ruleset,))) == plain


INTERVALS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)).map(lambda one: (one[0], sum(one))), max_size=12)


@given(INTERVALS)
def test_the_first_interval_over_a_point_is_painted_there(intervals: list[tuple[int, int]]) -> None:
    lows, highs = (np.array([one[end] for one in intervals], np.int32) for end in (0, 1))
    bounds, first = paint(lows, highs, np.arange(len(intervals), dtype=np.int32), len(intervals))
    painted = {
        point: number
        for low, high, number in zip(bounds, bounds[1:], first, strict=False)
        for point in range(low, high)
        if number < len(intervals)
    }
    for point in range(81):
        over = [number for number, (low, high) in enumerate(intervals) if low <= point < high]
        assert painted.get(point) == (min(over) if over else None)


LONG = "\n".join(
    f"-A INPUT -s 10.0.{number}.0/24 -p udp -m udp --dport {69 + number % 2} -j {('DROP', 'ACCEPT')[number % 4 // 2]}"
    for number in range(200)
)


def test_a_long_chain_is_painted_and_each_decision_names_its_rule() -> None:
    ruleset = save(f"{LONG}\n-A INPUT -s 10.0.0.0/8 -j DROP\n-A INPUT -j ACCEPT")
    expected = {
        "10.0.2.9": ("-A INPUT -s 10.0.2.0/24 -p udp -m udp --dport 69 -j ACCEPT", True),
        "10.0.4.9": ("-A INPUT -s 10.0.4.0/24 -p udp -m udp --dport 69 -j DROP", False),
        "10.0.3.9": ("-A INPUT -s 10.0.0.0/8 -j DROP", False),
        "192.0.2.1": ("-A INPUT -j ACCEPT", True),
    }
    atoms = Atoms(4, (ruleset,), map(addresses, expected))
    walk = Walk(ruleset=ruleset, atoms=atoms, goal=GOAL, own=Own())
    walk.through(Hook.INPUT, HEADER, {Marks(): atoms.everything})
    assert len(walk.decisions) == 3
    for source, (text, passed) in expected.items():
        atom = atoms.bits(addresses(source))
        (decision,) = [found for some in walk.decisions if (found := some.about(atom)) is not None]
        assert isinstance(decision, Decision)
        assert decision.path[-1].rule is not None
        assert (decision.path[-1].rule.text, decision.passed) == (text, passed)
        assert source in atoms.addresses(decision.sources)


def test_sources_that_no_rule_of_a_long_chain_takes_go_on() -> None:
    many = "\n".join(f"-A INPUT -s 10.0.{number}.0/24 -j ACCEPT" for number in range(256))
    found = []
    for text in ("-A INPUT -s 10.0.0.0/16 -j ACCEPT", many):
        ruleset = save(f"{text}\n-A INPUT -s 11.0.0.0/8 -j DROP")
        atoms = Atoms(4, (ruleset,))
        walk = Walk(ruleset=ruleset, atoms=atoms, goal=GOAL, own=Own())
        out = walk.through(Hook.INPUT, HEADER, {Marks(): atoms.everything})
        found.append((atoms.addresses(out[HEADER][Marks()]), atoms.addresses(walk.dropped)))
    assert found[0] == found[1] == (~addresses("11.0.0.0/8") & AddressSet.all_ipv4(), addresses("11.0.0.0/8"))
