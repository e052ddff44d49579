from ipaddress import ip_address

import pytest
from hypothesis import given, settings

from ringfence.model.addresses import AddressSet
from ringfence.readers.asterisk import acl, sip
from ringfence.readers.asterisk.sip import ChanSip
from tests.memory import MemoryArtifacts
from tests.readers.asterisk.material import HOSTILE, INCIDENT, REAL, etc, evidence

PHONE = "[1001]\ntype=friend\nhost=dynamic\ncontext=from-internal\nsecret=FAKE-1001\n"


def read(text: bytes | str, **others: str) -> ChanSip:
    facts = sip.read(etc(sip=text, **others)).facts
    assert facts is not None
    return facts


def binds(text: str) -> object:
    settings = read(f"[general]\n{text}").settings
    assert settings is not None
    return settings.binds


def test_an_extension() -> None:
    (account,) = read(f"[general]\ncontext=outside\n{PHONE}callerid=Main Office <1001>\ncall-limit=2\n").accounts
    assert (account.name, account.context, account.host, account.caller_name) == (
        "1001",
        "from-internal",
        "dynamic",
        "Main Office",
    )
    assert account.secret is not None
    assert account.secret.reveal() == "FAKE-1001"
    assert account.call_limit == 2
    assert account.citation.line == 3
    assert [citation.line for citation in account.secret_citations] == [7]


def test_without_a_context_the_general_one_counts() -> None:
    (account,) = read("[general]\ncontext=outside\n[1001]\ntype=friend\nhost=dynamic\n").accounts
    assert account.context == "outside"


def test_no_secret_and_a_hashed_one_are_different_things() -> None:
    text = (
        "[1]\ntype=friend\nhost=dynamic\n[2]\ntype=friend\nhost=dynamic\nmd5secret=0123456789abcdef0123456789abcdef\n"
    )
    none, hashed = read(f"{text}[3]\ntype=friend\nsecret=\n").accounts[:2]
    assert (none.secret, none.secret_unknown) == (None, False)
    assert (hashed.secret, hashed.secret_unknown) == (None, True)


def test_a_secret_with_a_semicolon_a_template_and_crlf() -> None:
    text = PHONE.replace("[1001]", "[base](!)").replace("FAKE-1001", r"FAKE\;1;x") + "[1002](base)\n"
    (account,) = read(text.replace("\n", "\r\n")).accounts
    assert account.name == "1002"
    assert account.secret is not None
    assert account.secret.reveal() == "FAKE;1"


def test_an_addition_in_the_custom_file_closes_the_account() -> None:
    custom = "[1001](+)\ndeny=0.0.0.0/0.0.0.0\npermit=10.30.0.0/24\n"
    (account,) = read(f"[general]\n{PHONE}#include custom.conf\n", custom=custom).accounts
    assert acl.allowed(account.acl) & AddressSet.all_ipv4() == AddressSet.of("10.30.0.0/24")
    assert account.acl[0].citation.file == "etc/asterisk/custom.conf"


TRUNK = "[lakeside]\ntype=peer\nhost=203.0.113.20\ncontext=from-trunk\n"


@pytest.mark.parametrize(
    ("lines", "matched"),
    [
        ("secret=FAKE-t\ninsecure=port,invite\n", ["203.0.113.20/32"]),
        ("secret=FAKE-t\ninsecure=very\n", ["203.0.113.20/32"]),
        ("secret=FAKE-t\ninsecure=port\n", []),
        ("secret=FAKE-t\n", []),
        ("", ["203.0.113.20/32"]),
    ],
)
def test_a_trunk_opens_to_its_host_where_no_password_is_asked_for(lines: str, matched: list[str]) -> None:
    facts = read(TRUNK + lines)
    assert facts.accounts == ()
    (trunk,) = facts.trunks
    assert list(map(str, trunk.matched)) == matched
    assert trunk.hosts == ("203.0.113.20",)


def test_an_extension_at_a_fixed_address_is_an_account() -> None:
    (account,) = read(PHONE.replace("dynamic", "10.30.0.9")).accounts
    assert account.host == "10.30.0.9"


def test_a_provider_that_is_only_registered_with_is_a_trunk_and_a_known_one_is_not_doubled() -> None:
    register = "[general]\nregister=line:FAKE-r@203.0.113.20/1\nregister=line:FAKE-r@198.51.100.9\n"
    assert [trunk.name for trunk in read(register + TRUNK).trunks] == ["lakeside", "198.51.100.9"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (("udp", None, 5060),)),
        ("bindport=5160\n", (("udp", None, 5160),)),
        ("udpbindaddr=0.0.0.0:5160\n;bindport=5170\n", (("udp", None, 5160),)),
        ("bindaddr=10.0.0.1:5160\nbindport=5170\n", (("udp", ip_address("10.0.0.1"), 5170),)),
        ("bindport=5160\ntlsbindaddr=[::]:5161\n", (("udp", None, 5160),)),  # TLS is not enabled
        ("bindport=5160\ntcpenable=yes\n", (("udp", None, 5160), ("tcp", None, 5160))),
        ("tlsenable=yes\ntlsbindaddr=[::]:5161\n", (("udp", None, 5060), ("tcp", None, 5161))),
        ("tcpenable=no\ntlsenable=yes\n", (("udp", None, 5060), ("tcp", None, 5061))),
    ],
)
def test_where_it_listens(text: str, expected: object) -> None:
    assert binds(text) == expected


def test_what_the_file_does_not_say_stays_unsaid() -> None:
    settings = read("[general]\n").settings
    assert settings is not None
    assert (settings.allow_guest, settings.always_auth_reject, settings.guest_context) == (None, None, "default")


def test_the_last_of_two_settings_counts() -> None:
    settings = read("[general]\nallowguest=no\ncontext=a\ncontext=b\nallowguest=yes\n").settings
    assert settings is not None
    assert (settings.allow_guest, settings.guest_context) == (True, "b")
    assert settings.guest_citation is not None
    assert settings.guest_citation.line == 5


def test_a_driver_that_is_not_loaded_has_nothing_in_force() -> None:
    assert read(PHONE, modules="[modules]\nautoload=yes\nnoload=chan_sip.so\n") == ChanSip()


def test_no_file_is_unknown() -> None:
    assert sip.read(MemoryArtifacts({})).facts is None


def test_a_real_freepbx_14() -> None:
    facts = sip.read(evidence(REAL, "etc/asterisk")).facts
    assert facts is not None
    assert [account.name for account in facts.accounts] == [str(number) for number in range(1001, 1011)]
    assert all(account.secret for account in facts.accounts)
    stranger = {account.name for account in facts.accounts if "203.0.113.66" in acl.allowed(account.acl)}
    assert stranger == {str(number) for number in range(1001, 1010)}  # only 1010 is closed
    (trunk,) = facts.trunks
    assert (trunk.name, list(map(str, trunk.matched))) == ("lakeside", ["203.0.113.20/32"])
    settings = facts.settings
    assert settings is not None  # as `sip show settings` said on the running system
    assert (settings.binds, settings.allow_guest, settings.always_auth_reject) == ((("udp", None, 5160),), True, True)
    assert (settings.guest_context, settings.external_address) == ("from-sip-external", "203.0.113.1")
    assert list(map(str, settings.local_networks)) == ["10.30.0.0/24"]


def test_a_real_incident() -> None:
    facts = sip.read(evidence(INCIDENT, "etc/asterisk")).facts
    assert facts is not None
    assert len(facts.accounts) > 10
    assert facts.settings is not None
    assert facts.settings.binds == (("udp", None, 5160),)


def test_a_freepbx_12_with_asterisk_11() -> None:
    main = "[general]\n#include sip_general_additional.conf\n#include sip_additional.conf\n"
    flat = evidence("data/asterisk", "freepbx-config")
    files = {f"etc/asterisk/{name.rpartition('/')[2]}": b"".join(flat.chunks(name)) for name in flat.names()}
    facts = sip.read(MemoryArtifacts({**files, "etc/asterisk/sip.conf": main})).facts
    assert facts is not None
    assert facts.settings is not None
    assert (facts.settings.allow_guest, facts.settings.binds) == (None, (("udp", None, 5060),))
    assert {account.context for account in facts.accounts} == {"from-internal"}


@settings(max_examples=1000)
@given(HOSTILE)
def test_no_content_is_too_odd(content: bytes) -> None:
    secret = b"[general]\n[9]\ntype=friend\nhost=dynamic\nsecret=FAKE-9\n"
    shown = repr(read(secret + content))
    assert b"FAKE" in content or "FAKE" not in shown
