"""NOTICE and WARNING lines: who tried what, from where."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.events.schema import Outcome
from ringfence.model.evidence import Citation
from ringfence.readers.logs.grammar import Line, read_line
from ringfence.readers.logs.notice import Notice, read_notice
from ringfence.readers.logs.stamps import Basis, Stamp
from tests.readers.logs.lines import FORGED, TRUE, extension_not_found, registration_failed, request_failed
from tests.readers.logs.lines import line as written

NOW = Stamp(datetime(2026, 11, 23, tzinfo=UTC), Basis.WALL)


def notice(text: str) -> Notice | None:
    line = read_line(text.removesuffix("\n").encode())
    assert line is not None
    return read_notice(line, NOW, Citation(file="f", line=1))


WRONG, UNKNOWN, REFUSED = Outcome.WRONG_SECRET, Outcome.UNKNOWN_ACCOUNT, Outcome.REFUSED
SESSION, REGISTRAR = "res_pjsip_session.c", "res_pjsip_registrar.c"
NOT_FOUND = "rejected because extension not found in context 'd'."
ACL = "Rejecting '203.0.113.66' due to a failure to pass ACL '(BASELINE)'"


@pytest.mark.parametrize(
    ("text", "service", "account", "outcome", "method"),
    [
        (registration_failed('"1005" <sip:1005@10.30.0.10:5160>'), "chan_sip", "1005", WRONG, "REGISTER"),
        (registration_failed("<sip:301@x>", TRUE), "chan_sip", "301", WRONG, "REGISTER"),
        (
            registration_failed('"100"sip:100@1.2.3.4', reason="No matching peer found"),
            "chan_sip",
            "100",
            UNKNOWN,
            "REGISTER",
        ),
        (registration_failed("<sip:1@x>", reason="ACL error (permit/deny)"), "chan_sip", "1", REFUSED, "REGISTER"),
        (registration_failed("<sip:1@x>", reason="Username/auth name mismatch"), "chan_sip", "1", WRONG, "REGISTER"),
        (extension_not_found("0+441772285407"), "chan_sip", "", REFUSED, "INVITE"),
        (extension_not_found(""), "chan_sip", "", REFUSED, "INVITE"),
        (request_failed('"1000" <sip:1000@10.0.0.1>', "276666022"), "pjsip", "1000", UNKNOWN, "REGISTER"),
        (
            request_failed("<sip:'or''='@4.5.6.7>", "U..", "Failed to authenticate"),
            "pjsip",
            "'or''='",
            WRONG,
            "REGISTER",
        ),
        (
            request_failed("<sip:a@b>", "c", "No matching endpoint found after 5 tries in 2.500 ms"),
            "pjsip",
            "a",
            UNKNOWN,
            "REGISTER",
        ),
        (
            request_failed("<sip:a@b>", "c").replace("Request 'REGISTER' from", "Request from"),
            "pjsip",
            "a",
            UNKNOWN,
            "",
        ),
        (
            written(
                f"Call from 'anonymous' (TCP:[{TRUE}]:61470) to extension '90' {NOT_FOUND}",
                SESSION,
            ),
            "pjsip",
            "anonymous",
            REFUSED,
            "INVITE",
        ),
        (
            written(
                f" anonymous: Call (UDP:{TRUE}:65049) to extension '00' {NOT_FOUND}",
                SESSION,
            ),
            "pjsip",
            "anonymous",
            REFUSED,
            "INVITE",
        ),
        (
            written(
                f"Registration attempt from endpoint '3001' ({TRUE}:5060) to AOR '3001' will exceed max contacts of 1",
                REGISTRAR,
                "WARNING",
            ),
            "pjsip",
            "3001",
            REFUSED,
            "REGISTER",
        ),
        (
            written(f"AOR 'x' not found for endpoint 'y' ({TRUE}:5060)", REGISTRAR, "WARNING"),
            "pjsip",
            "y",
            REFUSED,
            "REGISTER",
        ),
        (written(f"SIP Peer ACL: {ACL}", "acl.c"), "chan_sip", "", REFUSED, ""),
        (written(f"SIP ACL: {ACL}", "acl.c"), "pjsip", "", REFUSED, ""),
        (written(f"Manager User ACL: {ACL}", "acl.c"), "ami", "", REFUSED, ""),
        (
            written(f"{TRUE} tried to authenticate with nonexistent user 'root'", "manager.c"),
            "ami",
            "root",
            UNKNOWN,
            "",
        ),
        (written(f"{TRUE} failed to authenticate as 'admin'", "manager.c"), "ami", "admin", WRONG, ""),
        (written(f"{TRUE} failed to pass IP ACL as 'admin'", "manager.c"), "ami", "admin", REFUSED, ""),
        (
            written(f"Host {TRUE} failed MD5 authentication for 'b' (e7df != 53ac)", "chan_iax2.c"),
            "iax2",
            "b",
            WRONG,
            "",
        ),
        (written(f"Host {TRUE} failed to authenticate as 'b'", "chan_iax2.c"), "iax2", "b", WRONG, ""),
        (written(f"No registration for peer 'b' (from {TRUE})", "chan_iax2.c"), "iax2", "b", UNKNOWN, ""),
        (
            written(f"Rejected connect attempt from {TRUE}:4569, who was trying to reach 's@d'", "chan_iax2.c"),
            "iax2",
            "",
            REFUSED,
            "NEW",
        ),
        (
            written(f'"Rejecting unknown SIP connection from {TRUE}"', "Ext. s", "WARNING"),
            "chan_sip",
            "",
            REFUSED,
            "INVITE",
        ),
        (
            written(f'"Rejecting unknown SIP connection from {TRUE}:52126"', "Ext. s", "WARNING"),
            "chan_sip",
            "",
            REFUSED,
            "INVITE",
        ),
    ],
)
def test_every_template(text: str, service: str, account: str, outcome: Outcome, method: str) -> None:
    found = notice(text)
    assert found is not None
    row = found.row
    assert (row.service, row.account, row.outcome, row.method) == (service, account, outcome, method)
    assert str(row.address) == TRUE
    assert row.trusted
    assert not row.via_security
    assert not found.forged


def test_a_failed_invite_names_no_address() -> None:
    text = written('Failed to authenticate device "1010"<sip:1010@203.0.113.1>;tag=3130 for INVITE, code = -7')
    found = notice(text)
    assert found is not None
    assert (found.row.account, found.row.address, found.row.method) == ("1010", None, "INVITE")


@pytest.mark.parametrize(
    "text",
    [
        written("Peer '1002' is now Reachable. (1ms / 2000ms)"),
        written("   -- Registration for 'x@203.0.113.20' timed out, trying again (Attempt #2)"),
        written("Call from peer '1001' rejected due to usage limit of 3"),
        written(f"Registration from '<sip:1@x>' failed for '{TRUE}' - Wrong password", "app_verbose.c"),
        written(f'"Rejecting unknown SIP connection from {TRUE}', "Ext. s", "WARNING"),
        written(f"Friendly Scanner from {TRUE}", "Ext. s", "WARNING"),
    ],
)
def test_near_misses(text: str) -> None:
    assert notice(text) is None


def test_chan_sip_puts_the_address_last() -> None:
    found = notice(registration_failed(f"\"x' failed for '{FORGED}' - Wrong password\" <sip:2001@h>"))
    assert found is not None
    assert str(found.row.address) == TRUE
    assert not found.row.trusted
    assert found.forged


def test_pjsip_names_the_address_between_two_texts_of_the_sender() -> None:
    for sender, call_id in (
        ("<sip:a@evil>", f"x) ' failed for '{FORGED}:5060' (callid: y"),
        (f"\"x' failed for '{FORGED}:5060' (callid: y) - No matching endpoint found\" <sip:a@evil>", "z"),
    ):
        found = notice(request_failed(sender, call_id))
        assert found is not None
        assert str(found.row.address) == TRUE
        assert not found.row.trusted


def test_a_from_header_that_is_not_whole_names_nobody() -> None:
    # A control character in the display name erased its closing quote, and with it the true address.
    found = notice(
        written(
            f"Request 'REGISTER' from '\"x' failed for '{FORGED}:5060' (callid: y) - No matching endpoint found",
            "res_pjsip/pjsip_distributor.c",
        )
    )
    assert found is not None
    assert found.row.address is None
    assert not found.row.trusted


def test_an_erased_tail_leaves_the_address_before_it_but_no_trust() -> None:
    found = notice(request_failed("<sip:a@evil>", "").partition(") - No m")[0] + "atching endpoint found")
    assert found is not None
    assert (str(found.row.address), found.row.trusted) == (TRUE, False)
    assert found.forged


PIECES = [
    f"' failed for '{FORGED}:5060' (callid: y) - No matching endpoint found",
    f"' failed for '{FORGED}' - Wrong password",
    f"({FORGED}:1) to extension '",
    '"',
    "'",
    "\\",
    "<sip:a@b>",
    ") - ",
    f"(from {FORGED})",
]
HOSTILE = st.lists(
    st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), st.sampled_from(PIECES)), max_size=5
).map("".join)


@settings(max_examples=1000)
@given(text=HOSTILE)
def test_no_text_of_a_sender_is_taken_for_an_address(text: str) -> None:
    quoted = text.replace("\\", "").replace('"', '\\"')
    for made in (
        registration_failed(text),
        extension_not_found(text),
        request_failed("<sip:a@evil>", text),
        request_failed(f'"{quoted}" <sip:a@evil>', "c"),
        request_failed(f'"{quoted}" <sip:a@evil>', text),
        written(f"No registration for peer '{text}' (from {TRUE})", "chan_iax2.c"),
        written(f"{TRUE} failed to authenticate as '{text}'", "manager.c"),
    ):
        head, _, message = made.removesuffix("\n").partition(".c: ")
        line = Line(
            date="", level="NOTICE", thread="1", call="", source=head.rpartition(" ")[2] + ".c", message=message
        )
        found = read_notice(line, NOW, Citation(file="f"))
        assert found is None or str(found.row.address) in (TRUE, "None")


@settings(max_examples=1000)
@given(
    st.sampled_from(["chan_sip.c", "res_pjsip/pjsip_distributor.c", "manager.c", "chan_iax2.c", "Ext. s", SESSION]),
    st.text(),
)
def test_any_message_is_read_or_none(source: str, message: str) -> None:
    read_notice(
        Line(date="", level="NOTICE", thread="1", call="", source=source, message=message), NOW, Citation(file="f")
    )
