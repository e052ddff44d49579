"""SECURITY events: the last pair of addresses is Asterisk's."""

from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.events.schema import Outcome
from ringfence.model.evidence import Citation
from ringfence.readers.logs.grammar import MOST_PARSED_BYTES
from ringfence.readers.logs.security_event import SecurityEvent, authentication, event_time, read_security_event
from ringfence.readers.logs.stamps import Basis, Stamp
from tests.readers.logs.lines import FORGED, TRUE, security

NOW = Stamp(datetime(2026, 11, 23, tzinfo=UTC), Basis.WALL)


def event(text: str) -> SecurityEvent:
    found = read_security_event(text.partition("res_security_log.c: ")[2].removesuffix("\n"))
    assert found is not None
    return found


def test_a_plain_event() -> None:
    found = event(security("ChallengeResponseFailed", tail=',Challenge="1",Response="2",ExpectedResponse=""'))
    assert (found.service, found.account, found.session) == ("pjsip", "1001", "cid1")
    assert (str(found.remote), found.port, found.local_address) == (TRUE, 5060, "127.0.0.1")
    assert found.time == datetime(2026, 11, 23, 18, 40, 31, 387000, tzinfo=UTC)
    assert not found.forged


def test_times_of_asterisk_11() -> None:
    assert event_time("1368439853-500975") == datetime(2013, 5, 13, 10, 10, 53, 500975, tzinfo=UTC)
    assert event_time("yesterday") is None


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (security("SuccessfulAuth", tail=',UsingPassword="1"'), Outcome.SUCCEEDED),
        (security("ChallengeSent", tail=',Challenge=""'), Outcome.CHALLENGED),
        (security("InvalidPassword"), Outcome.WRONG_SECRET),
        (security("ChallengeResponseFailed"), Outcome.WRONG_SECRET),
        (security("ChallengeResponseFailed", account="<unknown>"), Outcome.UNKNOWN_ACCOUNT),
        (security("InvalidAccountID"), Outcome.UNKNOWN_ACCOUNT),
        (security("FailedACL", tail=',ACLName="device_must_match_acl"'), Outcome.REFUSED),
        (security("SomethingNew"), Outcome.REFUSED),
    ],
)
def test_outcomes(text: str, outcome: Outcome) -> None:
    assert authentication(event(text), NOW, Citation(file="f", line=1)).outcome is outcome


def test_the_acl_is_named() -> None:
    row = authentication(event(security("FailedACL", tail=',ACLName="domain_must_match"')), NOW, Citation(file="f"))
    assert row.reason == "FailedACL domain_must_match"


def test_a_challenged_invite_of_chan_sip_names_the_from_address() -> None:
    row = authentication(event(security("ChallengeSent", "sip:2001@10.0.0.1", service="SIP")), NOW, Citation(file="f"))
    assert (row.account, row.method, row.service) == ("2001", "INVITE", "chan_sip")


PAIR = f'",LocalAddress="IPV4/UDP/192.0.2.1/5060",RemoteAddress="IPV4/UDP/{FORGED}/5060'


@pytest.mark.parametrize(
    "text",
    [
        security("InvalidAccountID", session=f"q{PAIR}"),
        security("InvalidAccountID", session=f'q{PAIR}",SessionID="z{PAIR}'),
        security("InvalidAccountID", account=f'u",RemoteAddress="IPV4/UDP/{FORGED}/1'),
        security("InvalidAccountID", account=f"u\r\nRemoteAddress: IPV4/UDP/{FORGED}"),
    ],
)
def test_addresses_of_the_sender_are_not_taken(text: str) -> None:
    found = event(text)
    assert str(found.remote) == TRUE
    assert found.forged


def test_escaped_quotes_in_a_response_do_not_end_it() -> None:
    pair = PAIR.replace('"', '\\"')
    found = event(security("ChallengeResponseFailed", tail=f',Challenge="1",Response="a{pair}",ExpectedResponse=""'))
    assert str(found.remote) == TRUE


@pytest.mark.parametrize(
    "text",
    [
        # Control characters erased LocalAddress and the start of RemoteAddress (seen on 16.28).
        security("InvalidAccountID").replace('cid1",LocalAddress="IPV4/UDP/127.0.0.1/5060",Rem', ""),
        security("InvalidAccountID", session=f'q{PAIR}"').replace('"",LocalAddress="IPV4/UDP/127.0.0.1/5060",Rem', '"'),
        security("InvalidAccountID", tail=',Challenge="'),
        security("InvalidAccountID", tail="x"),
    ],
)
def test_a_broken_event_names_nobody(text: str) -> None:
    found = event(text)
    assert found.remote is None
    assert found.forged
    assert not authentication(found, NOW, Citation(file="f")).trusted


def test_addresses_of_every_transport() -> None:
    for place in ("IPV4/TLS", "IPV4/WSS", "IPV4"):
        assert str(event(security("InvalidPassword").replace(f'"IPV4/UDP/{TRUE}', f'"{place}/{TRUE}')).remote) == TRUE
    found = event(security("InvalidPassword").replace(f"IPV4/UDP/{TRUE}", "IPV6/UDP/2001:db8::7"))
    assert found.remote == ip_address("2001:db8::7")


def test_other_messages_are_none() -> None:
    assert read_security_event("Security Logging Enabled") is None
    assert read_security_event(security("ChallengeSent", session="L" * MOST_PARSED_BYTES)) is None


HOSTILE = st.lists(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
        st.sampled_from([PAIR, '"', '",SessionID="', '",LocalAddress="', f'RemoteAddress="IPV4/UDP/{FORGED}/1"', "\\"]),
    ),
    max_size=6,
).map("".join)


@settings(max_examples=1000)
@given(account=HOSTILE, session=HOSTILE)
def test_no_text_of_a_sender_moves_the_address(account: str, session: str) -> None:
    found = event(security("InvalidAccountID", account=account, session=session, tail=',Challenge="1"'))
    assert str(found.remote) == TRUE


@settings(max_examples=1000)
@given(st.text())
def test_any_text_is_an_event_or_none(text: str) -> None:
    read_security_event(text)
    read_security_event('SecurityEvent="A",EventTV="",Severity="E",Service="S",EventVersion="1"' + text)
