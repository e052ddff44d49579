from hypothesis import given, settings

from ringfence.readers.asterisk import voicemail
from ringfence.readers.asterisk.voicemail import VoicemailSettings
from tests.readers.asterisk.material import HOSTILE, REAL, etc, evidence


def read(text: bytes | str) -> VoicemailSettings:
    facts = voicemail.read(etc(voicemail=text)).facts
    assert facts is not None
    return facts


def test_mailboxes_and_their_pins() -> None:
    facts = read(
        "[general]\nminpassword=6\naliasescontext=pbxaliases\ncallback=from-internal\n[zonemessages]\nx=y\n"
        "[default]\n1001 => 4821,Main Office,a@school.example\n1002 => -1002\n1003 =>\n"
        "[pbxaliases]\n1001@device=1001@default\n"
    )
    assert [(box.number, box.context, box.owner) for box in facts.mailboxes] == [
        ("1001", "default", "Main Office"),
        ("1002", "default", ""),
        ("1003", "default", ""),
    ]
    pins = [box.pin.reveal() if box.pin else None for box in facts.mailboxes]
    assert pins == ["4821", "1002", None]
    assert (facts.minimum_pin_length, facts.dial_contexts) == (6, ("from-internal",))


def test_no_file_is_unknown() -> None:
    assert voicemail.read(etc()).facts is None


def test_a_real_freepbx_14() -> None:
    facts = voicemail.read(evidence(REAL, "etc/asterisk")).facts
    assert facts is not None
    same = [box.number for box in facts.mailboxes if box.pin is not None and box.pin.reveal() == box.number]
    assert same == ["1001", "1003"]
    assert len(facts.mailboxes) == 3
    assert facts.minimum_pin_length == 0


@settings(max_examples=1000)
@given(HOSTILE)
def test_no_content_is_too_odd(content: bytes) -> None:
    read(content)
