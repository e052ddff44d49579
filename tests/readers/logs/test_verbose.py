"""VERBOSE lines about contacts and managers."""

from datetime import UTC, datetime
from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.events.schema import Login, Registration, RegistrationAction
from ringfence.model.evidence import Citation
from ringfence.model.site import Driver
from ringfence.readers.logs.grammar import Line
from ringfence.readers.logs.stamps import Basis, Stamp
from ringfence.readers.logs.verbose import UserAgent, contact_place, read_verbose

NOW = Stamp(datetime(2026, 11, 23, tzinfo=UTC), Basis.WALL)
REGISTRAR = "res_pjsip_registrar.c"


def read(message: str, source: str = "chan_sip.c") -> Registration | Login | UserAgent | None:
    line = Line(date="", level="VERBOSE", thread="1", call="", source=source, message=message)
    return read_verbose(line, NOW, Citation(file="f", line=1))


def registration(message: str, source: str = "chan_sip.c") -> Registration:
    found = read(message, source)
    assert isinstance(found, Registration)
    return found


def test_a_registration_of_chan_sip() -> None:
    row = registration("Registered SIP '2001' at 203.0.113.77:5080")
    assert (row.account, row.driver, str(row.address), row.port) == ("2001", Driver.CHAN_SIP, "203.0.113.77", 5080)
    assert registration("Registered SIP '2001' at 203.0.113.77 port 5081").port == 5081


def test_an_unregistration_names_no_address() -> None:
    row = registration("Unregistered SIP '2001'")
    assert (row.action, row.address) == (RegistrationAction.REMOVED, None)


def test_iax2() -> None:
    row = registration("Registered IAX2 'b' (UNAUTHENTICATED) at 203.0.113.77:4569", "chan_iax2.c")
    assert (row.account, row.driver, row.port) == ("b", Driver.IAX2, 4569)


def test_a_contact_of_pjsip_shows_the_device_behind_the_nat() -> None:
    row = registration(
        "Added contact 'sip:3001@203.0.113.77:5081;x-ast-orig-host=10.9.8.7:5081' to AOR '3001' with expiration of 3600"
        " seconds",
        REGISTRAR,
    )
    assert (row.account, str(row.address), row.port, row.device_address) == (
        "3001",
        "203.0.113.77",
        5081,
        "10.9.8.7:5081",
    )


def test_a_removed_contact_says_why() -> None:
    row = registration(
        "Removed contact 'sip:3001@192.168.60.31:5062' from AOR '3001' due to remove existing", REGISTRAR
    )
    assert (row.action, row.why, str(row.address)) == (RegistrationAction.REMOVED, "remove existing", "192.168.60.31")


def test_a_manager_that_logs_on() -> None:
    found = read("HTTP Manager 'admin' logged on from 203.0.113.77", "manager.c")
    assert isinstance(found, Login)
    assert (found.service, found.user, str(found.address), found.succeeded) == ("ami", "admin", "203.0.113.77", True)


def test_the_software_of_a_phone() -> None:
    assert read('Saved useragent "friendly" for peer x" for peer 2001') == UserAgent(
        account="2001", name='friendly" for peer x'
    )


@pytest.mark.parametrize(
    ("uri", "place"),
    [
        ("sip:3001@203.0.113.77:5081", ("203.0.113.77", 5081)),
        ("sips:3001@203.0.113.77;transport=tls", ("203.0.113.77", None)),
        ("sip:203.0.113.77:5060", ("203.0.113.77", 5060)),
        ("sip:a;b=198.51.100.1@203.0.113.77", ("203.0.113.77", None)),
        ("sip:a@[2001:db8::7]:5061;ob", ("2001:db8::7", 5061)),
        ("sip:a@[2001:db8::7]", ("2001:db8::7", None)),
        ("sip:a@host.example.com", None),
        ("sip:a@203.0.113.77;x=@198.51.100.1", None),
        ("tel:+15551234", None),
    ],
)
def test_the_host_of_a_contact(uri: str, place: tuple[str, int | None] | None) -> None:
    assert contact_place(uri) == (place and (ip_address(place[0]), place[1]))


@pytest.mark.parametrize(
    ("message", "source"),
    [
        ("Registered SIP '2001' at somewhere", "chan_sip.c"),
        ("Registered SIP '2001' at 203.0.113.77:5080 or not", "chan_sip.c"),
        ("Registered SIP '2001' at 203.0.113.77:5080", "app_verbose.c"),
        ("Registered custom function 'MESSAGE'", "chan_sip.c"),
        ("Contact 2002/sip:2002@10.30.0.101:5062 is now Reachable.  RTT: 9.861 msec", "res_pjsip/pjsip_options.c"),
    ],
)
def test_near_misses(message: str, source: str) -> None:
    assert read(message, source) is None


@given(st.sampled_from(["chan_sip.c", REGISTRAR, "manager.c"]), st.text())
def test_any_message_is_read_or_none(source: str, message: str) -> None:
    read(message, source)
    read(f"Added contact 'sip:{message}' to AOR '1' with expiration of 1 seconds", source)
