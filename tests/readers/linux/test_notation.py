import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.readers.linux import notation


def test_addresses_are_networks_ranges_and_netmasks() -> None:
    assert notation.addresses("10.0.0.0/255.0.0.0") == AddressSet.of("10.0.0.0/8")
    assert notation.addresses("10.0.0.5-10.0.0.6") == AddressSet.of("10.0.0.5", "10.0.0.6")
    assert notation.addresses("[2001:db8::1]-2001:db8::1".replace("[", "").replace("]", "")) == AddressSet.of(
        "2001:db8::1"
    )


@pytest.mark.parametrize("text", ["10.0.0.0/0.0.0.255", "10.0.0.0/255.0.255.0", "sip.example.com", "", "10.0.0.0/33"])
def test_what_is_no_run_of_addresses_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        notation.addresses(text)


def test_ports_are_numbers_names_open_ranges_and_lists() -> None:
    assert notation.ports("69") == PortSet.of(69)
    assert notation.ports("sip,10000:20000") == PortSet.of(5060, (10000, 20000))
    assert notation.ports(":1023") == PortSet.of((0, 1023))
    assert notation.ports("65535:") == PortSet.of(65535)
    assert notation.ports("5060-5070", "-") == PortSet.of((5060, 5070))


@pytest.mark.parametrize("text", ["65536", "-1", "x", "5060:sip-nonsense"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        notation.ports(text)


def test_marks_have_a_mask_of_all_bits_unless_one_is_given() -> None:
    assert notation.masked("0x2/0x2") == (2, 2)
    assert notation.masked("16") == (16, 0xFFFFFFFF)


def test_a_rule_is_shown_on_one_bounded_line() -> None:
    assert notation.shortened("-A  INPUT\n -j DROP") == "-A INPUT -j DROP"
    assert len(notation.shortened("x" * 10_000)) == notation.MAX_RULE_CHARACTERS
