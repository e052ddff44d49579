import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.readers.gateways.openwrt_uci import Document, Section, parse, words
from tests.memory import MemoryArtifacts


def document(text: str | bytes) -> Document:
    return parse(MemoryArtifacts({"x": text}), "x")


def only(text: str) -> Section:
    found = document(text)
    assert found.problems == []
    (section,) = found.sections
    return section


def test_a_section_with_options_and_lists() -> None:
    section = only("config redirect 'sip'\n\toption src wan\n\tlist proto 'tcp'\n\tlist proto \"udp\" # both\n")
    assert (section.kind, section.name, section.line) == ("redirect", "sip", 1)
    assert section.options == {"src": ("wan",), "proto": ("tcp", "udp")}
    assert section.first("src") == "wan"
    assert section.first("dest", "lan") == "lan"


def test_a_plain_option_may_hold_a_list() -> None:
    section = only("config zone\n\toption network 'wan wan6'\n")
    assert section.words("network") == ("wan", "wan6")


def test_the_last_option_counts_and_named_sections_go_on() -> None:
    assert only("config rule r\n\toption src a\n\toption src b\nconfig rule r\n\toption dest c\n").options == {
        "src": ("b",),
        "dest": ("c",),
    }


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("option name 'a b'", ["option", "name", "a b"]),
        ('option name "a \\"b\\""', ["option", "name", 'a "b"']),
        ("option name a\\ b'c'\"d\"", ["option", "name", "a bcd"]),
        ("option name ''", ["option", "name", ""]),
        ("option name a#b # note", ["option", "name", "a#b"]),
        ("  # only a note", []),
    ],
)
def test_words(line: str, expected: list[str]) -> None:
    assert words(line) == expected


def test_uci_show_says_the_same() -> None:
    section = only(
        "firewall.@redirect[0]=redirect\n"
        "firewall.@redirect[0].src='wan'\n"
        "firewall.@redirect[0].proto='tcp' 'udp'\n"
        "firewall.@redirect[0].name='it'\\''s'\n"
    )
    assert (section.kind, section.name) == ("redirect", "")
    assert section.options == {"src": ("wan",), "proto": ("tcp", "udp"), "name": ("it's",)}
    assert only("firewall.sip=redirect\nfirewall.sip.src='wan'\n").name == "sip"


def test_an_export_of_everything_keeps_packages_apart() -> None:
    found = document(
        "package network\n\nconfig rule\n\toption in 'lan'\n\toption lookup '100'\n\n"
        "config interface 'wan'\n\toption proto 'pppoe'\n\n"
        "package firewall\n\nconfig rule\n\toption src 'wan'\n\n"
        "package wireless\n\nconfig wifi-iface\n\toption key 'FAKE-key'\n"
    )
    assert [(one.package, one.kind) for one in found.sections] == [("network", "interface"), ("firewall", "rule")]


def test_passwords_are_not_kept() -> None:
    found = document(
        "config interface 'wan'\n\toption proto 'pppoe'\n\toption username 'u'\n\toption password 'FAKE-pppoe'\n"
        "config interface 'wg'\n\toption private_key 'FAKE-key'\n\tlist addresses '10.0.0.1/24'\n"
    )
    assert "FAKE" not in repr(found)
    assert found.sections[0].options == {"proto": ("pppoe",)}


def test_a_line_that_is_not_understood_damages_its_section_only() -> None:
    found = document("config zone\n\toption name 'wan\nconfig zone\n\toption name lan\n")
    assert [section.damaged for section in found.sections] == [True, False]
    assert found.problems[0].citation.line == 2
    assert document("option x y z\n").damaged


def test_a_section_is_shown_on_one_line() -> None:
    assert only("config rule r\n\toption src wan\n\tlist proto tcp\n\tlist proto udp\n").text() == (
        "config rule 'r' option src 'wan' list proto 'tcp' list proto 'udp'"
    )


@settings(max_examples=1000)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(raw: bytes) -> None:
    document(b"config rule\n" + raw)
