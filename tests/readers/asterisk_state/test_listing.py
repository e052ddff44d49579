from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.evidence import Citation
from ringfence.readers.asterisk_state.listing import Listing, address_of, port_of, reached_by, shown


@pytest.mark.parametrize(
    ("uri", "address", "port"),
    [
        ("sip:2001@10.30.0.106:5060", "10.30.0.106", 5060),
        ("sip:2001@10.30.0.106", "10.30.0.106", None),
        ("sip:198.51.100.23:5060", "198.51.100.23", 5060),
        ("sips:2001@10.30.0.106:5061;transport=TLS;x-ast-orig-host=192.168.1.5", "10.30.0.106", 5061),
        ("sip:2001@[2001:db8::1]:5060", "2001:db8::1", 5060),
        ("sip:2001@[::ffff:203.0.113.9]:5060", "203.0.113.9", 5060),
        ("sip:10.20.8.11;x=1@203.0.113.9", "203.0.113.9", None),
        ("sip:a@203.0.113.9;x=@10.20.8.11", "203.0.113.9", None),
        ("sip:2001@10.30.0.106:99999", "10.30.0.106", None),
    ],
)
def test_the_host_of_a_uri(uri: str, address: str, port: int | None) -> None:
    assert reached_by(uri) == (ip_address(address), port)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "sip:",
        "sip:2001@phone.example.net",
        "sip:a@b@10.0.0.1",
        "tel:10.0.0.1",
        "sip:2001@10.0.0",
        "sip:2001@10.0.0.1x",
    ],
)
def test_what_is_no_address_is_none(uri: str) -> None:
    assert reached_by(uri) is None


def test_ports() -> None:
    assert [port_of(text) for text in ("5060", "0", "65536", "", None, "5o60", "\u0665")] == [
        5060,
        None,
        None,
        None,
        None,
        None,
        None,
    ]


def test_addresses() -> None:
    assert address_of("[2001:db8::1]") == ip_address("2001:db8::1")
    assert address_of("(Unspecified)") is None


def test_a_strangers_text_is_short_and_plain() -> None:
    assert shown("a\x1b[2Jb") == "a?[2Jb"
    assert shown("x" * 500) == "x" * 80 + "…"


def test_problems_are_bounded() -> None:
    listing = Listing()
    for _ in range(5000):
        listing.note(Citation(file="x"), "y")
    assert len(listing.problems) == 1000


@settings(max_examples=1000)
@given(st.text(max_size=100))
def test_any_text_is_read(text: str) -> None:
    reached_by(text)
    reached_by(f"sip:{text}@10.0.0.1")
    shown(text)
