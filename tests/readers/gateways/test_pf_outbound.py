import pytest

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation
from ringfence.readers.gateways.pf_match import NotLoadedError, Place
from ringfence.readers.gateways.pf_outbound import external_of, target_addresses
from ringfence.readers.gateways.pf_tables import Addresses, Alias, Aliases
from ringfence.readers.gateways.pf_xml import Node

PLACE = Citation(file="c", line=1)
LISTS = Aliases(
    written={
        "known": Alias(name="known", is_ports=False, entries=("203.0.113.9",), citation=PLACE),
        "named": Alias(name="named", is_ports=False, entries=("a.example.net",), citation=PLACE),
    }
)


def becomes(**fields: str) -> AddressSet | None:
    children = [Node(tag=tag, line=1, text=text) for tag, text in fields.items()]
    return target_addresses(Node(tag="rule", line=1, children=children), LISTS)


def test_what_the_source_becomes() -> None:
    assert becomes(target="") is None
    assert becomes(target="wanip") is None
    assert becomes(target="203.0.113.5") == AddressSet.of("203.0.113.5")
    assert becomes(target="203.0.113.4", target_subnet="30") == AddressSet.of("203.0.113.4/30")
    assert becomes(target="other-subnet", targetip="203.0.113.4", targetip_subnet="30") == AddressSet.of(
        "203.0.113.4/30"
    )
    assert becomes(target="known") == AddressSet.of("203.0.113.9")
    assert becomes(target="named") == AddressSet.everything()


OWN = Place(is_own=True)


def outer(text: str, inner: str = "10.20.0.10", place: Place = OWN) -> AddressSet | None:
    return external_of(text, AddressSet.of(inner), lambda _: place)


def test_the_outer_side_is_as_wide_as_the_inner() -> None:
    assert outer("203.0.113.7") == AddressSet.of("203.0.113.7")
    assert outer("203.0.113.64", "10.20.0.0/28") == AddressSet.of("203.0.113.64/28")
    assert outer("203.0.113.64/28") == AddressSet.of("203.0.113.64/28")
    assert outer("wanip") is None
    assert outer("wanip", place=Place(addresses=Addresses(known=AddressSet.of("203.0.113.1")))) == AddressSet.of(
        "203.0.113.1"
    )
    with pytest.raises(NotLoadedError):
        outer("203.0.113.7/99")
