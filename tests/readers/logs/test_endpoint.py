"""Addresses as logs write them."""

from ipaddress import ip_address

import pytest

from ringfence.readers.logs.endpoint import address, endpoint


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("203.0.113.66:5060", ("203.0.113.66", 5060)),
        ("203.0.113.66", ("203.0.113.66", None)),
        ("[2001:db8::1]:5060", ("2001:db8::1", 5060)),
        ("2001:db8::1", ("2001:db8::1", None)),
        ("[1.2.3.4]:61470", ("1.2.3.4", 61470)),
        ("::ffff:203.0.113.66", ("203.0.113.66", None)),
        ("[fe80::1%eth0]:5060", ("fe80::1", 5060)),
    ],
)
def test_forms_of_asterisk(text: str, expected: tuple[str, int | None]) -> None:
    assert endpoint(text) == (ip_address(expected[0]), expected[1])


@pytest.mark.parametrize(
    "text", ["", "pbx", "1.2.3", "1.2.3.4:99999", "1.2.3.4:5060:1", "[1.2.3.4", "1.2.3.4' - x", "٣.1.1.1:1"]
)
def test_what_only_looks_like_an_address_is_none(text: str) -> None:
    assert endpoint(text) is None


def test_an_address_alone() -> None:
    assert address("10.0.0.1") == ip_address("10.0.0.1")
    assert address("10.0.0.1:5060") is None
