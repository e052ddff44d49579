import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.readers.asterisk import configuration, peers
from tests.readers.asterisk.material import HOSTILE, etc


@pytest.mark.parametrize(
    ("line", "host"),
    [
        ("lincolnk12:FAKE!kLake55Q@203.0.113.20/5551230100", "203.0.113.20"),
        ("tls://line4711@voip.example:FAKE-secret@sip.voip.example:5061~3600", "sip.voip.example"),
        ("lakeside?line4711:FA@KE/x@203.0.113.20", "203.0.113.20"),
        ("line4711:FAKE@[2001:db8::20]:5060/1", "2001:db8::20"),
        ("line4711:FAKE-no-host", ""),
        ("", ""),
    ],
)
def test_the_host_of_a_register_line_is_never_part_of_a_password(line: str, host: str) -> None:
    assert peers.register_host(line) == host


def test_sections_of_one_name_add_up_and_templates_are_no_peers() -> None:
    text = (
        "[t](!)\ntype=friend\n[general]\n[1001](t)\nsecret=FAKE-1\n[1001]\ntype=friend\nsecret=FAKE-2\n[junk]\nhost=x\n"
    )
    (peer,) = peers.peers(configuration.load(etc(sip=text), "etc/asterisk/sip.conf").facts)
    secret, unknown, citations = peers.secret(peer)
    assert secret is not None
    assert (secret.reveal(), unknown) == ("FAKE-2", False)
    assert [citation.line for citation in citations] == [5, 8]


@settings(max_examples=1000)
@given(st.text(max_size=60), HOSTILE)
def test_no_line_is_too_odd(line: str, content: bytes) -> None:
    peers.register_host(line)
    for peer in peers.peers(configuration.load(etc(sip=content), "etc/asterisk/sip.conf").facts):
        peers.secret(peer)
