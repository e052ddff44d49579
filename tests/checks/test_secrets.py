from dataclasses import replace

import pytest

from ringfence.checks.secrets import secret_equals_extension, secret_missing, secret_reused, secret_weak
from ringfence.model.finding import Severity
from ringfence.model.secret import Secret
from ringfence.model.site import Driver
from tests.checks.sites import account, acl, clean_site, fired, with_account


def test_a_secret_that_is_the_extension_is_critical() -> None:
    (found,) = fired(secret_equals_extension, with_account(account("1001", "1001")))
    assert (found.id, found.severity) == ("secret-equals-extension/1001", Severity.CRITICAL)
    assert found.evidence[0].text == "the secret of 1001: ***"
    assert str(found.evidence[0].citation) == "etc/asterisk/sip_additional.conf:11"
    assert found.remedies


def test_a_secret_that_is_another_extension_is_weak_but_not_equal() -> None:
    site = with_account(account("1001", "1002"))
    assert fired(secret_equals_extension, site) == ()
    (weak,) = fired(secret_weak, site)
    assert (weak.id, weak.severity) == ("secret-weak/1001", Severity.HIGH)
    assert "8 digits or fewer" in weak.claim


def test_a_secret_that_is_the_extension_is_said_once() -> None:
    assert fired(secret_weak, with_account(account("1001", "1001"))) == ()


def test_a_secret_made_from_the_callers_name_is_weak() -> None:
    (found,) = fired(secret_weak, with_account(account("1001", "MainOffice1")))
    assert "made from" in found.claim
    assert "MainOffice1" not in str(found)


def test_a_long_random_secret_is_not_weak() -> None:
    assert fired(secret_weak, with_account(account("1001", "FAKE-q8Vn3LrT0xWb"))) == ()


def test_a_secret_of_two_extensions_is_reused() -> None:
    site = replace(clean_site(), accounts=(account("1001", "FAKE-shared-9Q"), account("1002", "FAKE-shared-9Q")))
    (found,) = fired(secret_reused, site)
    assert (found.id, found.severity) == ("secret-reused/1001", Severity.HIGH)
    assert "1001 and 1002" in found.claim
    assert "FAKE" not in str(found)


def test_secrets_that_differ_in_one_letter_are_not_reused() -> None:
    site = replace(clean_site(), accounts=(account("1001", "FAKE-shared-9Q"), account("1002", "FAKE-shared-9q")))
    assert fired(secret_reused, site) == ()


def test_one_extension_with_both_drivers_does_not_reuse_its_secret() -> None:
    both = (account("1001", "FAKE-own-7Zk"), account("1001", "FAKE-own-7Zk", Driver.PJSIP))
    assert fired(secret_reused, replace(clean_site(), accounts=both)) == ()


@pytest.mark.parametrize("secret", [None, Secret("")])
def test_an_account_without_a_password_is_critical(secret: Secret | None) -> None:
    (found,) = fired(secret_missing, with_account(replace(account("2001"), secret=secret, acl=())))
    assert (found.id, found.severity) == ("secret-missing/2001", Severity.CRITICAL)


def test_a_password_known_only_as_a_hash_is_a_password() -> None:
    hashed = replace(account("2001"), secret=None, secret_unknown=True)
    assert fired(secret_missing, with_account(hashed)) == ()


def test_an_acl_or_a_fixed_address_makes_a_missing_password_less_bad() -> None:
    (closed,) = fired(secret_missing, with_account(replace(account("1001"), secret=None)))
    assert closed.severity is Severity.HIGH
    fixed = replace(account("1001"), secret=None, host="10.40.0.9", acl=())
    (found,) = fired(secret_missing, with_account(fixed))
    assert found.severity is Severity.MEDIUM
    assert "10.40.0.9" in found.claim


def test_an_acl_that_could_not_be_read_protects_nobody() -> None:
    unread = replace(account("1001"), secret=None, acl_unread=("acl=office",))
    (found,) = fired(secret_missing, with_account(unread))
    assert found.severity is Severity.CRITICAL
    (reopened,) = fired(
        secret_missing,
        with_account(replace(account("1001"), secret=None, acl=acl("deny=0.0.0.0/0", "permit=0.0.0.0/0"))),
    )
    assert reopened.severity is Severity.CRITICAL
