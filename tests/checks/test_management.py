from dataclasses import replace

import pytest

from ringfence.checks.management import (
    ami_listens_everywhere,
    ami_secret_weak,
    ami_user_without_acl,
    ari_listens_everywhere,
)
from ringfence.model.finding import Severity
from ringfence.model.secret import Secret
from ringfence.model.site import AclEntry, ManagerSettings, Site
from tests.checks.sites import CLOSED, acl, clean_site, fired, http, manager, manager_user

OPEN = acl("deny=0.0.0.0/0", "permit=0.0.0.0/0")


def site(settings: ManagerSettings) -> Site:
    return replace(clean_site(), manager=settings)


@pytest.mark.parametrize("entries", [(), OPEN])
def test_a_manager_user_that_logs_in_from_anywhere(entries: tuple[AclEntry, ...]) -> None:
    (found,) = fired(ami_user_without_acl, site(manager(manager_user(entries=entries), address=None)))
    assert (found.id, found.severity) == ("ami-user-without-acl/admin", Severity.HIGH)
    assert "originate" in found.claim
    assert found.evidence


def test_one_that_may_only_read_is_less_bad() -> None:
    (found,) = fired(ami_user_without_acl, site(manager(manager_user(entries=(), write=""), address=None)))
    assert found.severity is Severity.MEDIUM


def test_an_acl_a_loopback_address_or_a_stopped_interface_protects_it() -> None:
    assert fired(ami_user_without_acl, site(manager(manager_user(entries=CLOSED), address=None))) == ()
    assert fired(ami_user_without_acl, site(manager(manager_user(entries=()), address="127.0.0.1"))) == ()
    assert fired(ami_user_without_acl, site(manager(manager_user(entries=()), address=None, enabled=False))) == ()


@pytest.mark.parametrize(
    ("name", "secret"), [("admin", "amp111"), ("admin", "admin"), ("firewall", "fpbxfirewall*secret"), ("cdr", "cdr1")]
)
def test_a_known_or_weak_password_of_a_user_from_other_machines(name: str, secret: str) -> None:
    user = manager_user(name, entries=CLOSED, secret=Secret(secret))
    (found,) = fired(ami_secret_weak, site(manager(user, address=None)))
    assert (found.subject, found.severity) == (name, Severity.HIGH)
    assert secret == name or secret not in str(found)


def test_a_strong_password_or_a_user_of_this_machine_only_is_fine() -> None:
    assert fired(ami_secret_weak, site(manager(manager_user(entries=CLOSED), address=None))) == ()
    local = manager_user("firewall", secret=Secret("fpbxfirewall*secret"))
    assert fired(ami_secret_weak, site(manager(local, address=None))) == ()


@pytest.mark.parametrize("address", [None, "0.0.0.0", "::"])
def test_ami_on_every_address_is_medium_or_low_behind_a_second_wall(address: str | None) -> None:
    (found,) = fired(ami_listens_everywhere, site(manager(manager_user(entries=CLOSED), address=address)))
    assert (found.id, found.severity) == ("ami-listens-everywhere/tcp/5038", Severity.MEDIUM)
    (walled,) = fired(ami_listens_everywhere, site(manager(manager_user(), address=address)))
    assert walled.severity is Severity.LOW
    assert "from this machine only" in walled.claim


def test_ami_on_loopback_or_off_is_fine() -> None:
    assert fired(ami_listens_everywhere, site(manager(manager_user(), address="127.0.0.1"))) == ()
    assert fired(ami_listens_everywhere, site(manager(manager_user(), address=None, enabled=False))) == ()


def test_asterisks_web_server_on_every_address_is_medium_or_low_without_ari() -> None:
    (found,) = fired(ari_listens_everywhere, replace(clean_site(), http=http("::")))
    assert (found.id, found.severity) == ("ari-listens-everywhere/tcp/8088", Severity.MEDIUM)
    (off,) = fired(ari_listens_everywhere, replace(clean_site(), http=http("::", ari=False)))
    assert off.severity is Severity.LOW


def test_asterisks_web_server_on_loopback_or_off_is_fine() -> None:
    assert fired(ari_listens_everywhere, replace(clean_site(), http=http("127.0.0.1"))) == ()
    assert fired(ari_listens_everywhere, replace(clean_site(), http=replace(http("::"), enabled=False))) == ()
    assert fired(ari_listens_everywhere, replace(clean_site(), http=None)) == ()
