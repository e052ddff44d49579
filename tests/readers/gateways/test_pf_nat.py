from dataclasses import replace

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import Accept, DestinationPort, Mark, SetMark, TranslateDestination, TranslateSource
from ringfence.readers.gateways.pf_match import Conditions, On, Place
from ringfence.readers.gateways.pf_nat import (
    Passes,
    PfForward,
    PfOneToOne,
    PfOutbound,
    forward_rules,
    leaving_one_to_one_rules,
    one_to_one_rules,
    outbound_rules,
)
from ringfence.readers.gateways.pf_tables import Addresses, Ports

PLACE = Citation(file="c", line=7)
ANY = Conditions(sources={4: (Place(),)}, destinations={4: (Place(),)})
INSIDE = AddressSet.of("10.20.0.10")
FORWARD = PfForward(on=On(), conditions=ANY, target=Addresses(known=INSIDE), text="rdr", citation=PLACE)


def test_each_forward_with_pass_has_its_own_mark_and_rule() -> None:
    passes = Passes(rules=[])
    first, second = (next(forward_rules(replace(FORWARD, passes=True), passes)) for _ in range(2))
    assert [rule.effects for rule in (first, second)] == [
        (SetMark(value=1 << 16, mask=0xFFFF0000),),
        (SetMark(value=2 << 16, mask=0xFFFF0000),),
    ]
    assert [rule.matches for rule in passes.rules] == [
        (Mark(value=1 << 16, mask=0xFFFF0000),),
        (Mark(value=2 << 16, mask=0xFFFF0000),),
    ]
    assert all(isinstance(rule.action, Accept) and rule.citation == PLACE for rule in passes.rules)


def test_no_rdr_passes_nothing_and_translates_nothing() -> None:
    passes = Passes(rules=[])
    (rule,) = forward_rules(replace(FORWARD, nothing=True, passes=True), passes)
    assert isinstance(rule.action, Accept)
    assert passes.rules == []


def test_ranges_shift_and_lists_end_on_one_port() -> None:
    ranged = replace(ANY, destination_ports=Ports(known=PortSet.of((100, 102))))
    shifted = list(forward_rules(replace(FORWARD, conditions=ranged, first_port=200, shifts=True), Passes(rules=[])))
    pairs = [(rule.matches[-1], rule.action) for rule in shifted]
    assert pairs[2] == (
        DestinationPort(ports=PortSet.of(102)),
        TranslateDestination(addresses=INSIDE, ports=PortSet.of(202)),
    )
    (single,) = forward_rules(replace(FORWARD, conditions=ranged, first_port=200), Passes(rules=[]))
    assert single.action == TranslateDestination(addresses=INSIDE, ports=PortSet.of(200))


def test_a_target_that_is_not_known_may_be_anything_and_one_of_the_other_family_nothing() -> None:
    (rule,) = forward_rules(replace(FORWARD, target=Addresses(complete=False)), Passes(rules=[]))
    assert rule.action == TranslateDestination(addresses=AddressSet.all_ipv4())
    assert list(forward_rules(replace(FORWARD, target=Addresses(known=AddressSet.of("::1"))), Passes(rules=[]))) == []
    (own,) = forward_rules(replace(FORWARD, target=None), Passes(rules=[]))
    assert own.action == TranslateDestination(addresses=None, redirect=True)


ONE = PfOneToOne(
    on=On(),
    version=4,
    external=AddressSet.of("203.0.113.7"),
    internal=INSIDE,
    peers=(Place(),),
    text="b",
    citation=PLACE,
)


def test_one_to_one_works_both_ways_unless_it_is_doubtful() -> None:
    (rule,) = one_to_one_rules(ONE)
    assert rule.action == TranslateDestination(addresses=INSIDE)
    (back,) = leaving_one_to_one_rules(ONE)
    assert back.action == TranslateSource(addresses=ONE.external)
    doubtful = replace(ONE, doubtful=True)
    (rule,) = one_to_one_rules(doubtful)
    assert rule.action == TranslateDestination(addresses=AddressSet.all_ipv4())
    assert list(leaving_one_to_one_rules(doubtful)) == []
    assert [rule.action for rule in one_to_one_rules(replace(ONE, nothing=True))] == [Accept()]


def test_outbound_nat_of_the_other_family_is_nothing() -> None:
    hide = PfOutbound(on=On(), conditions=ANY, text="nat", citation=PLACE)
    assert [rule.action for rule in outbound_rules(hide)] == [TranslateSource(addresses=None)]
    assert list(outbound_rules(replace(hide, source=AddressSet.of("2001:db8::1")))) == []
    assert [rule.action for rule in outbound_rules(replace(hide, nothing=True))] == [Accept()]
