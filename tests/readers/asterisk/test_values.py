from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.readers.asterisk import values


@pytest.mark.parametrize("text", ["yes", "YES", "true", "y", "t", "1", "on"])
def test_yes(text: str) -> None:
    assert values.is_true(text)
    assert not values.is_false(text)


@pytest.mark.parametrize("text", ["", "no", "2", "enabled", "yes "])
def test_everything_else_is_not_yes(text: str) -> None:
    assert not values.is_true(text)


@pytest.mark.parametrize(
    ("text", "bind"),
    [
        ("0.0.0.0:5160", (None, 5160)),
        ("[::]:8089", (None, 8089)),
        ("::", (None, None)),
        ("10.20.0.10", (ip_address("10.20.0.10"), None)),
        ("[2001:db8::1]:5061", (ip_address("2001:db8::1"), 5061)),
        ("10.20.0.10:99999", (ip_address("10.20.0.10"), None)),
        ("pbx.school.example:5060", None),
        ("", None),
    ],
)
def test_binds(text: str, bind: object) -> None:
    assert values.bind(text) == bind


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("sip:198.51.100.23:5060", "198.51.100.23"),
        ("sip:line:FAKE@voip.example;transport=tls", "voip.example"),
        ("<sips:[2001:db8::5]:5061>", "2001:db8::5"),
        ("203.0.113.20", "203.0.113.20"),
        ("", ""),
    ],
)
def test_hosts(text: str, host: str) -> None:
    assert values.host(text) == host


def test_caller_names() -> None:
    assert values.caller_name('"Main Office" <1001>') == values.caller_name("Main Office <1001>") == "Main Office"
    assert values.caller_name("<1001>") == ""


@settings(max_examples=1000)
@given(st.text(max_size=60))
def test_no_text_is_too_odd(text: str) -> None:
    values.bind(text)
    values.host(text)
    assert values.number(text) is None or values.number(text) == int(text.strip())
    assert values.port_number(text) is None or 0 < int(text.strip()) < 65536
