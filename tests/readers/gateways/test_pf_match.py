from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import (
    DestinationAddress,
    DestinationPort,
    InputInterface,
    IpVersion,
    OutputInterface,
    PacketKind,
    Protocol,
    SourceAddress,
    Unsupported,
)
from ringfence.readers.gateways.pf_match import ALWAYS, NEVER, Conditions, On, Place, alternatives, combined
from ringfence.readers.gateways.pf_tables import Addresses, Ports

HERE = AddressSet.of("192.0.2.0/24")


ANY = Place()


def ask(source: Place = ANY, to: Place = ANY, version: int = 4, **more: object) -> tuple[tuple[object, ...], ...]:
    conditions = Conditions(sources={version: (source,)}, destinations={version: (to,)}, **more)  # type: ignore[arg-type]
    return alternatives(conditions, version, after_nat=False)


def test_any_asks_for_the_family_only() -> None:
    assert ask() == ((IpVersion(version=4),),)


def test_a_known_set_is_one_alternative_and_an_incomplete_one_two() -> None:
    assert ask(Place(addresses=Addresses(known=HERE))) == ((IpVersion(version=4), SourceAddress(addresses=HERE)),)
    partly = Place(addresses=Addresses(known=HERE, complete=False, why="names"))
    assert ask(partly) == (
        (IpVersion(version=4), SourceAddress(addresses=HERE)),
        (IpVersion(version=4), Unsupported(text="names")),
    )


def test_a_negated_incomplete_set_surely_leaves_its_known_part_out() -> None:
    partly = Place(addresses=Addresses(known=HERE, complete=False, why="names"), negated=True)
    ((_, left, doubt),) = ask(to=partly)
    assert isinstance(left, DestinationAddress)
    assert not left.addresses & HERE
    assert doubt == Unsupported(text="names")


def test_an_empty_set_never_matches_and_its_negation_always() -> None:
    empty = Addresses()
    assert ask(Place(addresses=empty)) == NEVER
    assert ask(Place(addresses=empty, negated=True)) == ((IpVersion(version=4),),)
    assert ask(Place(addresses=Addresses(known=HERE)), version=6) == NEVER


def test_the_firewalls_own_unknown_address_is_known_by_where_the_packet_goes() -> None:
    own = Place(is_own=True, text="wanip")
    assert ask(to=own)[0][1] == PacketKind(kinds=frozenset({"local"}))
    assert ask(own) == NEVER
    conditions = Conditions(sources={4: (own,)}, destinations={4: (Place(),)})
    assert alternatives(conditions, 4, after_nat=True)[0][1] == Unsupported(text="from wanip")


def test_ports_and_protocols() -> None:
    ports = Ports(known=PortSet.of(5060), complete=False, why="fetched")
    found = ask(protocols=frozenset({"udp"}), destination_ports=ports)
    assert [one[-1] for one in found] == [DestinationPort(ports=PortSet.of(5060)), Unsupported(text="fetched")]
    assert Protocol(names=frozenset({"ipv6-icmp"})) in ask(version=6, protocols=frozenset({"icmp"}))[0]


def test_too_many_combinations_are_unknown() -> None:
    many = tuple((Unsupported(text=str(number)),) for number in range(9))
    assert combined(many, ALWAYS) == many
    assert len(combined(many, many)) == 1


def test_interfaces_by_direction() -> None:
    on = On(names=frozenset({"wan"}), negated=True)
    assert on.matches(outward=False) == (InputInterface(names=frozenset({"wan"}), negated=True),)
    assert on.matches(outward=True) == (OutputInterface(names=frozenset({"wan"}), negated=True),)
    assert On().matches(outward=False) == ()
