from dataclasses import replace

from ringfence.checks.provisioning import (
    phone_networks,
    secrets_in_served_backups,
    secrets_in_served_files,
    tftp_reachable_from_internet,
    tftp_reachable_from_other_networks,
)
from ringfence.events.schema import Events
from ringfence.model.addresses import AddressSet
from ringfence.model.exposure import Verdict
from ringfence.model.finding import Severity
from ringfence.model.site import FileKind, NamedNetwork, Site
from tests.checks.sites import OFFICE, PROVIDER, TFTP, VOICE, clean_site, contact, exposure, fired, registration, served

LEAKING = replace(clean_site(), served_files=(served("001565aabb01.cfg", "1001"), served("001565aabb02.cfg")))
FROM_OFFICE = exposure(TFTP, "office", AddressSet.of(OFFICE))


def test_tftp_that_serves_secrets_to_the_internet_is_critical() -> None:
    (found,) = fired(tftp_reachable_from_internet, LEAKING, (exposure(TFTP),))
    assert (found.id, found.severity) == ("tftp-reachable-from-internet/udp/69", Severity.CRITICAL)
    assert "1 of 2 served files hold SIP secrets" in found.claim
    assert any("001565aabb01.cfg" in line.text for line in found.evidence)
    assert any("1001" in remedy.text for remedy in found.remedies)


def test_tftp_without_secrets_is_high_and_so_is_tftp_whose_files_are_not_known() -> None:
    (harmless,) = fired(tftp_reachable_from_internet, clean_site(), (exposure(TFTP),))
    assert harmless.severity is Severity.HIGH
    (unknown,) = fired(tftp_reachable_from_internet, replace(LEAKING, served_files=None), (exposure(TFTP),))
    assert unknown.severity is Severity.HIGH
    assert "not in the evidence" in unknown.claim


def test_tftp_that_only_friends_reach_or_nobody_is_fine() -> None:
    assert fired(tftp_reachable_from_internet, LEAKING, (exposure(TFTP, sources=AddressSet.of(PROVIDER)),)) == ()
    assert fired(tftp_reachable_from_internet, LEAKING, (exposure(TFTP, verdict=Verdict.BLOCKED),)) == ()


def test_tftp_that_some_strangers_reach_is_high_with_secrets_and_medium_without() -> None:
    some = (exposure(TFTP, sources=AddressSet.of("203.0.113.0/28")),)
    assert [found.severity for found in fired(tftp_reachable_from_internet, LEAKING, some)] == [Severity.HIGH]
    assert [found.severity for found in fired(tftp_reachable_from_internet, None, some)] == [Severity.MEDIUM]


def test_the_office_can_read_the_phones_secrets() -> None:
    (found,) = fired(tftp_reachable_from_other_networks, LEAKING, (FROM_OFFICE,))
    assert (found.subject, found.severity) == ("office:udp/69", Severity.HIGH)
    (harmless,) = fired(tftp_reachable_from_other_networks, None, (FROM_OFFICE,))
    assert harmless.severity is Severity.MEDIUM


def test_the_phones_and_the_servers_may_read_the_files() -> None:
    allowed = (exposure(TFTP, "voice", AddressSet.of(VOICE)), exposure(TFTP, "pbx", AddressSet.of("10.20.0.0/16")))
    assert fired(tftp_reachable_from_other_networks, LEAKING, allowed) == ()


def test_where_the_phones_are_not_known_it_is_a_question() -> None:
    site = replace(LEAKING, networks=(NamedNetwork(name="office", prefixes=(OFFICE,), declared=False),), contacts=None)
    (found,) = fired(tftp_reachable_from_other_networks, site, (FROM_OFFICE,), Events())
    assert found.severity is Severity.LOW
    assert "ringfence.toml" in found.claim


def test_phones_are_where_most_accounts_log_in_from_when_no_name_tells() -> None:
    networks = (
        NamedNetwork(name="net-40", prefixes=(VOICE,), declared=False),
        NamedNetwork(name="net-50", prefixes=(OFFICE,), declared=False),
    )
    site = Site(networks=networks, contacts=(contact("1001", "10.40.0.5"), contact("1002", "10.40.0.6")))
    thief = Events(registrations=(registration("1001", "10.50.0.66"), registration("1001", "203.0.113.77")))
    assert phone_networks(site, thief) == {"net-40"}
    assert phone_networks(clean_site(), Events()) == {"voice"}
    assert phone_networks(Site(), Events()) == frozenset()


def test_files_with_secrets_are_counted_once_for_each_root() -> None:
    (found,) = fired(secrets_in_served_files, LEAKING)
    assert (found.id, found.severity) == ("secrets-in-served-files/tftpboot", Severity.MEDIUM)
    assert found.claim == "1 of 2 files served from tftpboot hold the secrets of one account: 1001."
    assert found.evidence[0].text == "001565aabb01.cfg holds the secret of 1001"


def test_files_without_secrets_and_unknown_files_are_silent() -> None:
    assert fired(secrets_in_served_files) == ()
    assert fired(secrets_in_served_files, replace(clean_site(), served_files=None)) == ()


def test_a_backup_with_secrets_is_high_and_says_in_which_form() -> None:
    backup = served("old/backup.tar", "1001", "1002", kind=FileKind.BACKUP, form="base64")
    site = replace(clean_site(), served_files=(served("001565aabb01.cfg"), backup))
    (found,) = fired(secrets_in_served_backups, site)
    assert (found.subject, found.severity) == ("tftpboot", Severity.HIGH)
    assert found.evidence[0].text == "old/backup.tar holds the secret of 1001 and 1002 (as base64)"
    assert fired(secrets_in_served_files, site) == ()


def test_a_backup_without_secrets_and_a_phones_file_with_some_are_not_backups_with_secrets() -> None:
    empty = served("old/backup.tar", kind=FileKind.BACKUP)
    assert fired(secrets_in_served_backups, replace(LEAKING, served_files=(*(LEAKING.served_files or ()), empty))) == ()
