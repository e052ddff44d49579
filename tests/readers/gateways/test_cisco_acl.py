import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import (
    ConnectionState,
    DestinationAddress,
    DestinationPort,
    Match,
    Protocol,
    SourceAddress,
    Unsupported,
)
from ringfence.readers.gateways import cisco_acl
from ringfence.readers.gateways.cisco_lines import Statement
from tests.readers.gateways.test_cisco_objects import ASA, objects

UDP = Protocol(names=frozenset({"udp"}))


def statement(text: str) -> Statement:
    return Statement(words=tuple(text.split()), text=text, place=Citation(file="x", line=1))


def alternatives(text: str, *, asa: bool = False) -> tuple[tuple[Match, ...], ...]:
    named = objects(ASA) if asa else objects("", wildcards=True)
    entry = cisco_acl.extended(tuple(text.split()), statement(text), named)
    assert entry is not None
    return entry.alternatives


def test_an_entry_of_ios() -> None:
    (matches,) = alternatives("10 permit udp 198.51.100.0 0.0.0.255 host 203.0.113.1 eq 5060 log")
    assert matches == (
        UDP,
        DestinationPort(ports=PortSet.of(5060)),
        SourceAddress(addresses=AddressSet.of("198.51.100.0/24")),
        DestinationAddress(addresses=AddressSet.of("203.0.113.1")),
    )


def test_an_entry_of_asa_with_groups_for_each_part() -> None:
    found = alternatives("permit object-group MIXED object PROVIDER host pbx log 6 interval 300", asa=True)
    assert len(found) == 4
    (matches,) = alternatives("permit udp any object PROVIDER object-group VOICE", asa=True)
    assert DestinationPort(ports=PortSet.of(5060, (10000, 20000))) in matches
    assert not any(isinstance(one, SourceAddress) for one in matches)


def test_what_is_known_and_what_is_not_are_alternatives() -> None:
    text = ASA.replace(" network-object host pbx\n", " network-object host pbx\n network-object object BYNAME\n")
    entry = cisco_acl.extended(
        ("permit", "ip", "object-group", "OUTER", "any"),
        statement("x"),
        objects(text.replace(" group-object OUTER\n", "")),
    )
    assert entry is not None
    known, unknown = entry.alternatives
    assert isinstance(known[0], SourceAddress)
    assert isinstance(unknown[0], Unsupported)


def test_answers_only_and_conditions_that_depend_on_time() -> None:
    (matches,) = alternatives("permit tcp any any established")
    assert ConnectionState(states=frozenset({"established"})) in matches
    (matches,) = alternatives("permit udp any any eq tftp time-range NIGHT")
    assert Unsupported(text="time-range NIGHT") in matches
    (matches,) = alternatives("permit tcp any any eq www frobnicate")
    assert Unsupported(text="frobnicate") in matches
    assert alternatives("permit ip any any inactive", asa=True) == ()
    assert alternatives("permit ip any any time-range N inactive", asa=True) == ()


def test_remarks_and_reflexive_lists_decide_nothing() -> None:
    for text in ("remark permit ip any any", "evaluate ANSWERS"):
        assert cisco_acl.extended(tuple(text.split()), statement(text), objects("")) is None


def test_standard_entries_look_at_the_source() -> None:
    for text, addresses in (
        ("permit 192.168.2.0 0.0.0.255", "192.168.2.0/24"),
        ("permit 192.0.2.7", "192.0.2.7"),
        ("permit host 192.0.2.7 log", "192.0.2.7"),
        ("permit 192.0.2.7 log", "192.0.2.7"),
    ):
        entry = cisco_acl.plain(tuple(text.split()), statement(text), objects("", wildcards=True))
        assert entry is not None
        assert entry.alternatives == ((SourceAddress(addresses=AddressSet.of(addresses)),),), text
    everybody = cisco_acl.plain(("deny", "any"), statement("x"), objects("", wildcards=True))
    assert everybody is not None
    assert everybody.alternatives == ((),)


def test_nonsense_is_refused() -> None:
    for text in ("pernit ip any any", "permit udp any", "permit udp any any eq", "permit ip 1.2.3 0.0.0.0 any", ""):
        with pytest.raises(ValueError, match=r"."):
            cisco_acl.extended(tuple(text.split()), statement(text), objects("", wildcards=True))
