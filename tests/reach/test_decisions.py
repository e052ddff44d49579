from ipaddress import ip_address

from ringfence.model.packetfilter import Hook
from ringfence.reach.atoms import Atoms
from ringfence.reach.decisions import Decision, Decisions
from ringfence.reach.filters import Walk
from ringfence.reach.flow import Goal, Header, Link, Marks
from ringfence.reach.translate import Own
from tests.reach.school import PBX, addresses, save

HEADER = Header(version=4, protocol="udp", source_port=1, destination=ip_address(PBX), port=69, incoming=Link(name="x"))
#: Rules about the same network as an earlier one take nothing.
RULES = [f"-A mine -s 10.{number // 2}.0.0/16 -j DROP" for number in range(100)]
TAKING = range(0, 100, 2)


def decided() -> tuple[list[Decision | Decisions], Atoms]:
    ruleset = save("\n".join(["-A INPUT -j mine", *RULES]))
    atoms = Atoms(4, (ruleset,))
    walk = Walk(ruleset=ruleset, atoms=atoms, goal=Goal(frozenset({ip_address(PBX)}), 69), own=Own())
    walk.through(Hook.INPUT, HEADER, {Marks(): atoms.everything})
    return walk.decisions, atoms


def test_many_decisions_are_told_apart_when_asked_for() -> None:
    (many, policy), _ = decided()
    assert isinstance(many, Decisions)
    assert isinstance(policy, Decision)
    each = list(many.each())
    texts = [tuple(step.rule.text for step in one.path if step.rule) for one in each]
    assert texts == [("-A INPUT -j mine", text) for number, text in enumerate(RULES) if number in TAKING]
    shares = [one.sources for one in each]
    union = 0
    for share in shares:
        assert not union & share
        union |= share
    assert union == many.sources


def test_one_atom_leads_to_the_rule_that_took_it() -> None:
    (many, policy), atoms = decided()
    atom = atoms.bits(addresses("10.2.0.0/16"))
    found = many.about(atom)
    assert found is not None
    assert found.path[-1].rule is not None
    assert found.path[-1].rule.text == "-A mine -s 10.2.0.0/16 -j DROP"
    assert policy.about(atom) is None
    rest = atoms.bits(addresses("11.0.0.0/8"))
    assert many.about(rest & -rest) is None
