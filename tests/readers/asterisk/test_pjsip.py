from ipaddress import ip_address

import pytest
from hypothesis import given, settings

from ringfence.model.addresses import AddressSet
from ringfence.readers.asterisk import acl, pjsip
from ringfence.readers.asterisk.pjsip import Pjsip
from tests.memory import MemoryArtifacts
from tests.readers.asterisk.material import HOSTILE, INCIDENT, REAL, etc, evidence

TRANSPORT = "[0.0.0.0-udp]\ntype=transport\nprotocol=udp\nbind=0.0.0.0:5060\nlocal_net=10.30.0.0/24\n"
PHONE = """[2001]
type=endpoint
aors=2001
auth=2001-auth
context=from-internal
callerid=Principal <2001>
[2001-auth]
type=auth
auth_type=userpass
password=FAKE-2001
username=2001u
[2001]
type=aor
max_contacts=1
remove_existing=yes
"""
GATEWAY = "[gw]\ntype=endpoint\naors=gw\ncontext=from-pstn\n[gw]\ntype=aor\ncontact=sip:198.51.100.23:5060\n"


def read(text: bytes | str, **others: str) -> Pjsip:
    facts = pjsip.read(etc(pjsip=text, **others)).facts
    assert facts is not None
    return facts


def test_an_endpoint_is_joined_with_its_auth_and_its_aor() -> None:
    (account,) = read(PHONE).accounts
    assert (account.name, account.username, account.context, account.caller_name) == (
        "2001",
        "2001u",
        "from-internal",
        "Principal",
    )
    assert (account.max_contacts, account.remove_existing) == (1, True)
    assert account.secret is not None
    assert account.secret.reveal() == "FAKE-2001"
    assert [citation.line for citation in account.secret_citations] == [10]
    assert account.citation.line == 1


@pytest.mark.parametrize(
    ("old", "new", "secret", "unknown"),
    [
        ("auth=2001-auth\n", "", None, False),  # FreePBX 17 with an empty secret: nobody is asked for a password
        ("password=FAKE-2001", "password=", "", False),
        ("password=FAKE-2001", "md5_cred=0123456789abcdef0123456789abcdef", None, True),
        ("auth=2001-auth\n", "auth=gone\n", None, True),
        ("auth_type=userpass\n", "", "FAKE-2001", False),
    ],
)
def test_no_password_an_empty_one_and_an_unknown_one_differ(
    old: str, new: str, secret: str | None, unknown: object
) -> None:
    (account,) = read(PHONE.replace(old, new)).accounts
    assert (account.secret.reveal() if account.secret is not None else None) == secret
    assert account.secret_unknown is unknown


def test_an_empty_or_missing_auth_is_told() -> None:
    assert any("empty" in each.message for each in pjsip.read(etc(pjsip=PHONE.replace("FAKE-2001", ""))).problems)
    assert any(
        "gone" in each.message for each in pjsip.read(etc(pjsip=PHONE.replace("auth=2001-auth", "auth=gone"))).problems
    )


def test_a_fixed_contact_makes_a_trunk() -> None:
    facts = read(f"{GATEWAY}[gw]\ntype=identify\nendpoint=gw\nmatch=198.51.100.23,gw.example\nmatch=192.0.2.0/24\n")
    assert facts.accounts == ()
    (trunk,) = facts.trunks
    assert trunk.hosts == ("198.51.100.23", "gw.example")
    assert list(map(str, trunk.matched)) == ["198.51.100.23/32", "192.0.2.0/24"]
    assert trunk.by_name


@pytest.mark.parametrize("lines", ["identify_by=ip\n", "auth=gw-auth\n"])
def test_a_trunk_is_not_open_to_its_name_where_it_asks_for_more(lines: str) -> None:
    (trunk,) = read(GATEWAY.replace("context=from-pstn\n", f"context=from-pstn\n{lines}")).trunks
    assert not trunk.by_name


def test_a_match_of_an_extension_does_not_make_it_a_trunk() -> None:
    facts = read(f"{PHONE}[2001-identify]\ntype=identify\nendpoint=2001\nmatch=10.30.0.0/24\n")
    assert [account.name for account in facts.accounts] == ["2001"]
    assert facts.trunks == ()


def test_a_line_that_is_only_registered_is_a_trunk() -> None:
    registration = "[prov]\ntype=registration\nserver_uri=sip:203.0.113.20\nclient_uri=sip:l@203.0.113.20\n"
    assert [(each.name, each.hosts) for each in read(registration).trunks] == [("prov", ("203.0.113.20",))]
    with_endpoint = f"{registration}[prov]\ntype=endpoint\ncontext=from-pstn\n"
    assert [(each.name, each.hosts) for each in read(with_endpoint).trunks] == [("prov", ("203.0.113.20",))]


def test_an_access_list_in_the_custom_file_and_one_for_all_callers() -> None:
    custom = "[2001](+)\ndeny=0.0.0.0/0\npermit=10.0.0.0/8\n"
    everyone = "[lan]\ntype=acl\ndeny=0.0.0.0/0\npermit=10.30.0.0/24\npermit=192.168.0.0/16\n"
    facts = read(f"{TRANSPORT}{PHONE}{everyone}#include custom.conf\n", custom=custom)
    (account,) = facts.accounts
    assert acl.allowed(account.acl) & AddressSet.all_ipv4() == AddressSet.of("10.30.0.0/24")
    assert facts.settings is not None
    assert "203.0.113.66" not in acl.allowed(facts.settings.acl)


def test_the_anonymous_endpoint_lets_guests_in_unless_it_asks_for_a_password() -> None:
    guest = "[anonymous]\ntype=endpoint\ncontext=from-sip-external\n"
    facts = read(guest)
    assert facts.accounts == ()
    assert facts.settings is not None
    assert (facts.settings.allow_guest, facts.settings.guest_context) == (True, "from-sip-external")
    asked = read(f"{guest}auth=x\n").settings
    assert asked is not None
    assert asked.allow_guest is False


def test_no_anonymous_endpoint_is_known_only_where_every_file_was_read() -> None:
    whole, part = read(PHONE).settings, read(f"{PHONE}#include pjsip_custom.conf\n").settings
    assert whole is not None
    assert part is not None
    assert (whole.allow_guest, part.allow_guest) == (False, None)


def test_transports() -> None:
    more = "[t]\ntype=transport\nprotocol=tls\nbind=[::]\n[w]\ntype=transport\nprotocol=wss\nbind=0.0.0.0\n"
    only = "[i]\ntype=transport\nprotocol=tcp\nbind=10.30.0.10\nexternal_signaling_address=203.0.113.1\n"
    settings = read(TRANSPORT + more + only).settings
    assert settings is not None
    assert settings.binds == (("udp", None, 5060), ("tcp", None, 5061), ("tcp", ip_address("10.30.0.10"), 5060))
    assert list(map(str, settings.local_networks)) == ["10.30.0.0/24"]
    assert settings.external_address == "203.0.113.1"


def test_no_file_is_unknown_and_an_unloaded_driver_has_nothing_in_force() -> None:
    assert pjsip.read(MemoryArtifacts({})).facts is None
    assert read(PHONE, modules="[modules]\nautoload=yes\nnoload=res_pjsip.so\n") == Pjsip()


def test_a_real_freepbx_14() -> None:
    facts = pjsip.read(evidence(REAL, "etc/asterisk")).facts
    assert facts is not None
    assert [account.name for account in facts.accounts] == [str(number) for number in range(2001, 2011)]
    assert all(account.secret for account in facts.accounts)
    assert {account.name for account in facts.accounts if account.max_contacts == 3} == {"2010"}
    (trunk,) = facts.trunks
    assert (trunk.name, trunk.hosts, list(map(str, trunk.matched))) == (
        "sipgw",
        ("198.51.100.23",),
        ["198.51.100.23/32"],
    )
    assert facts.settings is not None
    assert (facts.settings.binds, facts.settings.allow_guest) == ((("udp", None, 5060),), False)


def test_a_real_incident() -> None:
    facts = pjsip.read(evidence(INCIDENT, "etc/asterisk")).facts
    assert facts is not None
    assert len(facts.accounts) > 10
    assert {account.remove_existing for account in facts.accounts} == {False}


@settings(max_examples=1000)
@given(HOSTILE)
def test_no_content_is_too_odd(content: bytes) -> None:
    assert b"FAKE" in content or "FAKE" not in repr(read(PHONE.encode() + content))
