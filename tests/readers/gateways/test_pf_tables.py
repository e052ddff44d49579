import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Citation
from ringfence.readers.gateways import pf_tables
from ringfence.readers.gateways.pf_tables import Addresses, Alias, Aliases, port_range

PLACE = Citation(file="c", line=1)


def aliases(*, ports: str = "", elsewhere: str = "", **lists: str) -> Aliases:
    return Aliases(
        written={
            name: Alias(
                name=name,
                is_ports=name in ports.split(),
                entries=tuple(text.split()),
                elsewhere="it is fetched" if name in elsewhere.split() else "",
                citation=PLACE,
            )
            for name, text in lists.items()
        }
    )


def test_addresses_networks_and_ranges_are_united() -> None:
    found = aliases(a="192.0.2.1 198.51.100.0/24 203.0.113.5-203.0.113.6 2001:db8::/32").addresses("a")
    assert found == Addresses(
        known=AddressSet.of("192.0.2.1", "198.51.100.0/24", "203.0.113.5", "203.0.113.6", "2001:db8::/32")
    )


def test_nested_lists_are_followed_once_also_in_circles() -> None:
    found = aliases(a="b 192.0.2.1", b="a c", c="192.0.2.3").addresses("a")
    assert found == Addresses(known=AddressSet.of("192.0.2.1", "192.0.2.3"))


def test_host_names_and_fetched_lists_leave_a_list_incomplete() -> None:
    named = aliases(a="192.0.2.1 pbx.example.net").addresses("a")
    assert named is not None
    assert not named.complete
    assert named.known == AddressSet.of("192.0.2.1")
    assert "pbx.example.net" in named.why
    nested = aliases(elsewhere="b", a="192.0.2.1 b", b="").addresses("a")
    assert nested is not None
    assert not nested.complete


def test_of_exclusions_the_longest_prefix_decides() -> None:
    found = aliases(a="!192.0.2.128/25 192.0.2.200 192.0.2.0/24").addresses("a")
    assert found is not None
    assert found.known == AddressSet.of("192.0.2.0/25", "192.0.2.200")


def test_exclusions_from_what_is_not_known_leave_nothing_known() -> None:
    found = aliases(a="192.0.2.0/24 !pbx.example.net").addresses("a")
    assert found is not None
    assert not found.known
    assert not found.complete


def test_lists_of_ports_and_of_addresses_are_kept_apart() -> None:
    both = aliases(ports="p", p="5060 5080:5090 10000-10001", a="192.0.2.1")
    assert both.addresses("p") is None
    assert both.ports("a") is None
    assert both.addresses("gone") is None
    found = both.ports("p")
    assert found is not None
    assert found.known == PortSet.of(5060, (5080, 5090), (10000, 10001))


def test_the_first_port_is_the_first_as_written() -> None:
    nested = aliases(ports="p q", p="q 1", q="9 8")
    assert nested.first_port("p") == 9
    assert aliases(ports="p", p="").first_port("p") is None


def test_entries_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pf_tables, "MOST_WITH_EXCLUSIONS", 2)
    many = aliases(a="192.0.2.1 192.0.2.2 !192.0.2.3").addresses("a")
    assert many is not None
    assert not many.complete
    few = aliases(a="192.0.2.1 192.0.2.2")
    few.left = 1
    found = few.addresses("a")
    assert found is not None
    assert not found.complete


@pytest.mark.parametrize(
    ("text", "expected"),
    [("5060", PortSet.of(5060)), ("10-12", PortSet.of((10, 12))), ("12:10", None), ("70000", None), ("sip", None)],
)
def test_ports_as_numbers_and_ranges(text: str, expected: PortSet | None) -> None:
    assert port_range(text) == expected
