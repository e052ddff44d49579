import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.addresses import AddressSet
from ringfence.readers.asterisk import acl, configuration
from tests.readers.asterisk.material import HOSTILE, etc

STRANGER, LAN = "203.0.113.66", "10.30.0.5"


def effective(lines: str, acl_file: str | None = None) -> acl.Acl:
    artifacts = etc(sip=f"[1001]\n{lines}", **({} if acl_file is None else {"acl": acl_file}))
    (section,) = configuration.load(artifacts, "etc/asterisk/sip.conf").facts
    return acl.effective(section, acl.read(artifacts).facts)


def inside(lines: str, acl_file: str | None = None) -> AddressSet:
    return acl.allowed(effective(lines, acl_file).entries)


@pytest.mark.parametrize(
    ("lines", "stranger", "lan"),
    [
        ("", True, True),
        ("deny=0.0.0.0/0.0.0.0\npermit=0.0.0.0/0.0.0.0\n", True, True),  # FreePBX's default is open
        ("deny=0.0.0.0/0.0.0.0\npermit=0.0.0.0/0.0.0.0\npermit=10.30.0.0/24\n", True, True),  # and stays so
        ("deny=0.0.0.0/0.0.0.0\npermit=10.30.0.0/255.255.255.0\n", False, True),
        ("permit=10.30.0.0/24\ndeny=0.0.0.0/0.0.0.0\n", False, False),  # the last match wins
        ("deny=0.0.0.0/0\npermit=10.30.0.0/24,192.168.0.0/16\n", False, True),
        ("deny=!10.30.0.0/24\n", True, True),
        ("deny=0.0.0.0/0\ndeny=!10.30.0.0/24\n", False, True),
        (";deny=0.0.0.0/0\n", True, True),
        ("deny=0.0.0.0/0 ;permit=0.0.0.0/0\npermit=10.30.0.5\n", False, True),
        ("contactdeny=0.0.0.0/0\n", True, True),  # says where a contact may point, not who may call
    ],
)
def test_the_last_match_wins(lines: str, stranger: object, lan: object) -> None:
    assert ((STRANGER in inside(lines)), (LAN in inside(lines))) == (stranger, lan)


def test_an_ipv4_list_leaves_ipv6_open() -> None:
    assert "2001:db8::66" in inside("deny=0.0.0.0/0.0.0.0\n")


def test_host_bits_are_dropped() -> None:
    (entry,) = effective("permit=127.0.0.1/255.255.255.0\n").entries
    assert str(entry.network) == "127.0.0.0/24"
    assert entry.citation.line == 2


@pytest.mark.parametrize(
    "text", ["phones.example", "10.0.0.0/33", "10.0.0.0/255.0.255.0", "10.0.0.0/0.0.0.255", "", "1.2.3.4/::"]
)
def test_what_is_no_network_is_named(text: str) -> None:
    found = effective(f"deny=0.0.0.0/0\npermit={text}\n")
    assert len(found.entries) == 1
    assert found.unread == (f"permit={text}",)


def test_after_a_fault_the_rest_of_the_line_does_not_count() -> None:
    assert [str(entry.network) for entry in effective("permit=10.0.0.0/8,oops,192.168.0.0/16\n").entries] == [
        "10.0.0.0/8"
    ]


OFFICE = "[office]\ndeny=0.0.0.0/0\npermit=10.30.0.0/24\n"


@pytest.mark.parametrize("own", ["", "deny=0.0.0.0/0\npermit=0.0.0.0/0\n", "deny=0.0.0.0/0\npermit=10.0.0.0/8\n"])
def test_a_named_list_must_let_in_as_well(own: str) -> None:
    assert LAN in inside(f"{own}acl=office\n", OFFICE)
    assert STRANGER not in inside(f"{own}acl=office\n", OFFICE)


def test_two_lists_that_exclude_each_other_let_nobody_in() -> None:
    addresses = inside("deny=0.0.0.0/0\npermit=192.168.0.0/16\nacl=office\n", OFFICE)
    assert not addresses.ipv4


def test_a_named_list_that_is_not_there_is_unread_and_not_closed() -> None:
    assert effective("acl=office\n", "").unread == ("acl=office",)
    assert effective("acl=office\n").unread == ("acl=office",)


def test_no_file_is_unknown() -> None:
    assert acl.read(etc()).facts is None
    found = acl.read(etc(acl=OFFICE)).facts
    assert found is not None
    assert found.find("OFFICE") is not None


@settings(max_examples=1000)
@given(st.text(max_size=40) | st.sampled_from(["10.0.0.0/8", "::/0", "0.0.0.0/0.0.0.0", "fe80::1%x/64"]))
def test_no_network_is_too_odd(text: str) -> None:
    network = acl.parse_network(text)
    assert network is None or acl.parse_network(str(network)) == network


@settings(max_examples=1000)
@given(HOSTILE)
def test_no_content_is_too_odd(content: bytes) -> None:
    assert acl.read(etc(acl=content)).facts is not None
