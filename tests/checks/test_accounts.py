from dataclasses import replace

import pytest

from ringfence.checks.accounts import (
    acl_looks_closed_but_is_open,
    no_call_limit,
    registered_from_outside,
    several_contacts_allowed,
)
from ringfence.events.schema import Events, RegistrationAction
from ringfence.model.finding import Severity
from ringfence.model.site import Driver, RemoteWorker
from tests.checks.sites import (
    PROVIDER,
    REMOTE,
    account,
    acl,
    clean_site,
    contact,
    fired,
    registration,
    with_account,
)

STRANGER = "203.0.113.77"


@pytest.mark.parametrize(
    "lines",
    [
        ("deny=0.0.0.0/0", "permit=0.0.0.0/0"),
        ("deny=0.0.0.0/0", "permit=0.0.0.0/0", "permit=10.40.0.0/16"),
        ("deny=0.0.0.0/0", "permit=10.40.0.0/16", "permit=0.0.0.0/0"),
    ],
)
def test_an_acl_that_permits_everybody_after_denying_everybody_is_open(lines: tuple[str, ...]) -> None:
    (found,) = fired(acl_looks_closed_but_is_open, with_account(replace(account("1001"), acl=acl(*lines))))
    assert (found.id, found.severity) == ("acl-looks-closed-but-is-open/chan_sip", Severity.MEDIUM)
    assert found.evidence[0].text == "[1001] deny=0.0.0.0/0.0.0.0"
    assert len(found.evidence) == len(lines)


@pytest.mark.parametrize(
    "lines",
    [
        ("deny=0.0.0.0/0", "permit=10.40.0.0/16"),
        ("permit=0.0.0.0/0", "deny=0.0.0.0/0"),
        ("permit=0.0.0.0/0",),
        (),
    ],
)
def test_a_closed_acl_and_one_that_does_not_look_closed_are_not(lines: tuple[str, ...]) -> None:
    assert fired(acl_looks_closed_but_is_open, with_account(replace(account("1001"), acl=acl(*lines)))) == ()


def test_all_accounts_of_a_driver_are_one_finding() -> None:
    fooled = acl("deny=0.0.0.0/0", "permit=0.0.0.0/0")
    site = replace(clean_site(), accounts=tuple(replace(account(str(1000 + n)), acl=fooled) for n in range(130)))
    (found,) = fired(acl_looks_closed_but_is_open, site)
    assert "130 chan_sip accounts" in found.claim


def test_more_than_one_contact_is_named_and_one_is_fine() -> None:
    several = replace(account("2001", driver=Driver.PJSIP), max_contacts=2)
    (found,) = fired(several_contacts_allowed, with_account(several))
    assert (found.id, found.severity) == ("several-contacts-allowed/pjsip", Severity.LOW)
    assert "2001" in found.claim
    assert fired(several_contacts_allowed, with_account(replace(several, max_contacts=1))) == ()
    assert fired(several_contacts_allowed, with_account(replace(several, max_contacts=None))) == ()


def test_no_limit_is_found_and_an_unknown_limit_is_not_taken_for_none() -> None:
    (found,) = fired(no_call_limit, with_account(replace(account("1001"), call_limit=0)))
    assert "1001" in found.claim
    assert fired(no_call_limit, with_account(replace(account("1001"), call_limit=None))) == ()
    assert fired(no_call_limit, with_account(replace(account("1001"), call_limit=2))) == ()


def test_a_live_contact_from_outside_is_a_question() -> None:
    site = replace(clean_site(), contacts=(contact("1001", STRANGER, "friendly\x1b[2J-scanner"),))
    (found,) = fired(registered_from_outside, site)
    assert (found.id, found.severity) == ("registered-from-outside/1001", Severity.MEDIUM)
    assert "Is this a remote worker?".lower() in found.claim.lower()
    assert "is registered now" in found.claim
    assert r"friendly\x1b[2J-scanner" in found.evidence[0].text


def test_a_past_registration_from_outside_is_one_too() -> None:
    events = Events(registrations=(registration("1001", STRANGER), registration("1001", "203.0.113.78")))
    (found,) = fired(registered_from_outside, events=events)
    assert "was registered" in found.claim
    assert "203.0.113.77 and 203.0.113.78" in found.claim
    assert str(found.evidence[0].citation) == "var/log/asterisk/full:40"


@pytest.mark.parametrize("address", ["10.40.0.5", "10.9.9.9", str(PROVIDER)])
def test_inside_addresses_and_the_provider_raise_no_question(address: str) -> None:
    assert fired(registered_from_outside, replace(clean_site(), contacts=(contact("1001", address),))) == ()


def test_a_declared_remote_place_is_no_question_for_its_own_account_only() -> None:
    assert fired(registered_from_outside, replace(clean_site(), contacts=(contact("2005", str(REMOTE)),))) == ()
    (found,) = fired(registered_from_outside, replace(clean_site(), contacts=(contact("1001", str(REMOTE)),)))
    assert found.subject == "1001"


def test_a_removal_and_a_trunk_are_no_registration_of_a_person() -> None:
    removed = Events(registrations=(registration("1001", STRANGER, RegistrationAction.REMOVED),))
    assert fired(registered_from_outside, events=removed) == ()
    assert fired(registered_from_outside, replace(clean_site(), contacts=(contact("itsp", STRANGER),))) == ()


def test_a_remote_place_declared_by_name_makes_it_a_smaller_question() -> None:
    named = RemoteWorker(name="home", hostname="home.example.net", accounts=("1001",))
    site = replace(clean_site(), remotes=(named,), contacts=(contact("1001", STRANGER),))
    (found,) = fired(registered_from_outside, site, events=Events())
    assert found.severity is Severity.LOW
    assert "declared by name" in found.claim
