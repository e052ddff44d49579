import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.evidence import Reading
from ringfence.model.secret import Secret
from ringfence.readers.phones import yealink
from ringfence.readers.phones.yealink import PhoneConfiguration
from tests.shared_data import shared

M7 = """\
#!version:1.0.0.1
# account.1.password = FAKE-commented
account.1.enable = 1
account.1.label = Front office
Account.1.User_Name = 2101
account.1.auth_name = 2101
account.1.password = FAKE-m7-secret \t
account.2.enable = 0
account.2.password = %NULL%
account.3.label =
static.security.user_password = admin:FAKE-admin:colon
security.user_password = user:FAKE-user
ldap.password = FAKE-ldap
"""
M1 = """\
[ account ]
path = /config/voip/sipAccount1.cfg
Enable = 1
Label = Front office
UserName = 2102
AuthName = 2102a
password = FAKE-m1-secret
EncryptKey = 29749
[ AdminPassword ]
path = /config/Setting/autop.cfg
Password = FAKE-admin
[ AES_KEY ]
aes_key_16 = FAKE0123456789ab
"""
M2 = """\
[ cfg:/phone/config/voip/sipAccount0.cfg,account=2;reboot=0 ]
account.UserName = 2103
account.password = FAKE-m2-secret
[ psw:/phone/config/.htpasswd ]
admin = FAKE-admin
"""


def read(content: str | bytes, name: str = "tftpboot/001565a1b2c3.cfg") -> Reading[PhoneConfiguration]:
    raw = content.encode() if isinstance(content, str) else content
    return yealink.parse(enumerate(raw.split(b"\n"), 1), name, head=raw)


def test_the_dotted_notation() -> None:
    facts = read(M7).facts
    (account,) = facts.accounts
    assert facts.mac == "001565a1b2c3"
    assert (account.line, account.user_name, account.auth_name, account.label) == (1, "2101", "2101", "Front office")
    assert account.secret == Secret("FAKE-m7-secret")
    assert account.enabled is True
    assert account.names == ("2101",)
    assert str(account.citation) == "tftpboot/001565a1b2c3.cfg:7"
    assert facts.web_admin_password == Secret("FAKE-admin:colon")
    assert facts.web_admin_citation is not None
    assert facts.web_admin_citation.line == 11
    assert [(other.parameter, other.secret) for other in facts.other_secrets] == [
        ("security.user_password user", Secret("FAKE-user")),
        ("ldap.password", Secret("FAKE-ldap")),
    ]


def test_the_old_notation_counts_lines_by_path() -> None:
    facts = read(M1.replace("\n", "\r\n")).facts
    (account,) = facts.accounts
    assert (account.line, account.names, account.secret) == (2, ("2102a", "2102"), Secret("FAKE-m1-secret"))
    assert account.citation.line == 7
    assert facts.web_admin_password == Secret("FAKE-admin")
    assert [other.parameter for other in facts.other_secrets] == ["[ AES_KEY ] aes_key_16"]


def test_the_bracket_notation() -> None:
    facts = read(M2).facts
    (account,) = facts.accounts
    assert (account.line, account.user_name, account.secret) == (3, "2103", Secret("FAKE-m2-secret"))
    assert facts.web_admin_password == Secret("FAKE-admin")


def test_all_notations_in_one_file() -> None:
    facts = read(M7 + M1 + M2 + "[ DialNow ]\naccount.5.password = FAKE-m7-in-a-section\n").facts
    secrets = {account.line: account.secret for account in facts.accounts}
    assert secrets == {
        1: Secret("FAKE-m7-secret"),
        2: Secret("FAKE-m1-secret"),
        3: Secret("FAKE-m2-secret"),
        5: Secret("FAKE-m7-in-a-section"),
    }


def test_what_is_cleared_or_blank_is_no_secret() -> None:
    facts = read("account.1.user_name = 2101\naccount.1.password = %NULL%\naccount.2.password =\n").facts
    (account,) = facts.accounts
    assert account.secret is None


def test_a_repeated_key_counts_as_set_last() -> None:
    facts = read("account.1.password = FAKE-one\naccount.1.password = FAKE-two\n").facts
    assert [(account.secret, account.citation.line) for account in facts.accounts] == [(Secret("FAKE-two"), 2)]


def test_boot_files_name_others() -> None:
    facts = read(
        '#!version:1.0.0.1\ninclude:config <sip.cfg>\n[T46S,T23G]include:config "t4x.cfg"\noverwrite_mode = 1\n',
        "tftpboot/y000000000000.boot",
    ).facts
    assert facts.includes == ("sip.cfg", "t4x.cfg")
    assert facts.mac is None


def test_an_encrypted_file_is_unknown_and_says_so() -> None:
    vector = json.loads(shared("data/phones/vectors/vectors.json").read_text())
    assert vector
    for path in ("yealink_legacy/test.cfg", "yealink_rsa_mode/001565a1b2c3.cfg"):
        raw = Path(shared(f"data/phones/vectors/{path}")).read_bytes()
        reading = read(raw)
        assert reading.facts.encrypted
        assert reading.facts.accounts == ()
        assert "is encrypted" in reading.problems[0].message


def test_no_secret_shows() -> None:
    assert "FAKE" not in repr(read(M7 + M1 + M2))


def test_the_notation_is_known_by_content() -> None:
    assert all(yealink.looks_like_yealink(text.encode()) for text in (M7, M1, M2, "\ufeff\n#!version:1.0.0.1\n"))
    assert not yealink.looks_like_yealink(b'<?xml version="1.0"?><PHONE_CONFIG reg.1.auth.password="x"/>')
    assert not yealink.looks_like_yealink(b"# Panasonic SIP Phone Standard Format File #\nADMIN_PASS=x\n")
    assert not yealink.looks_like_yealink(b"[general]\nsecret=x\n")


def test_the_files_that_a_real_provisioner_wrote() -> None:
    found = {}
    for path in sorted(Path(shared("data/freepbx14/evidence/tftpboot")).glob("*.cfg")):
        for account in read(path.read_bytes(), path.name).facts.accounts:
            found[path.name] = (account.user_name, account.citation.line, account.secret is not None)
    assert found == {
        "001565a10101.cfg": ("1001", 19, True),
        "001565a10102.cfg": ("1002", 19, True),
        "001565a10103.cfg": ("1003", 27, True),
        "001565b20104.cfg": ("1004", 27, True),
        "001565b20105.cfg": ("1006", 27, True),
        "805ec0c30106.cfg": ("2001", 27, True),
    }


def test_lines_without_end_do_not_take_long() -> None:
    for noise in (
        " " * 60_000,
        "[" + " " * 60_000,
        "a" + " " * 60_000,
        "=" * 60_000,
        "[" * 60_000,
        "include:config" + " " * 60_000,
    ):
        read(f"{noise}\n" * 15 + "account.1.password = FAKE-last\n")


LINES = st.sampled_from(
    [*M7.splitlines(), *M1.splitlines(), *M2.splitlines(), "[", "]", "[]", "=", "\ufeff", "[ account"]
)


@settings(max_examples=1000)
@given(st.one_of(st.binary(max_size=500), st.lists(LINES, max_size=30).map(lambda lines: "\n".join(lines).encode())))
def test_any_bytes_are_read(raw: bytes) -> None:
    yealink.looks_like_yealink(raw)
    read(raw)
    yealink.parse(enumerate(raw.split(b"\n"), 1), "x.cfg")
