from hypothesis import given, settings

from ringfence.model.site import Driver
from ringfence.readers.asterisk import iax
from ringfence.readers.asterisk.iax import ChanIax2
from tests.readers.asterisk.material import HOSTILE, REAL, etc, evidence


def read(text: bytes | str) -> ChanIax2:
    facts = iax.read(etc(iax=text)).facts
    assert facts is not None
    return facts


def test_accounts_trunks_and_where_it_listens() -> None:
    facts = read(
        "[general]\nbindport=4570\n[3001]\ntype=friend\nhost=dynamic\nsecret=FAKE-3001\ncontext=from-internal\n"
        "[branch]\ntype=peer\nhost=198.51.100.7\nsecret=FAKE-b\n[keyed]\ntype=user\ninkeys=office\n"
    )
    assert [(each.name, each.secret_unknown) for each in facts.accounts] == [("3001", False), ("keyed", True)]
    assert facts.accounts[0].driver is Driver.IAX2
    assert [(trunk.name, trunk.matched) for trunk in facts.trunks] == [("branch", ())]
    assert facts.settings is not None
    assert (facts.settings.binds, facts.settings.allow_guest) == ((("udp", None, 4570),), False)


def test_a_user_without_a_secret_lets_guests_in() -> None:
    settings = read("[general]\n[guest]\ntype=user\ncontext=public\n").settings
    assert settings is not None
    assert (settings.allow_guest, settings.guest_context) == (True, "public")
    assert settings.guest_citation is not None


def test_a_peer_without_a_secret_does_not() -> None:
    settings = read("[general]\n[out]\ntype=peer\nhost=198.51.100.7\n").settings
    assert settings is not None
    assert settings.allow_guest is False


def test_no_file_is_unknown_and_an_unloaded_driver_has_nothing_in_force() -> None:
    assert iax.read(etc()).facts is None
    assert (
        iax.read(etc(iax="[general]\n", modules="[modules]\nautoload=yes\nnoload=chan_iax2.so\n")).facts == ChanIax2()
    )


def test_a_real_freepbx_14() -> None:
    facts = iax.read(evidence(REAL, "etc/asterisk")).facts
    assert facts is not None
    assert (facts.accounts, facts.trunks) == ((), ())
    assert facts.settings is not None
    assert facts.settings.binds == (("udp", None, 4569),)


@settings(max_examples=1000)
@given(HOSTILE)
def test_no_content_is_too_odd(content: bytes) -> None:
    shown = repr(read(b"[9]\ntype=friend\nhost=dynamic\nsecret=FAKE-9\n" + content))
    assert b"FAKE" in content or "FAKE" not in shown
