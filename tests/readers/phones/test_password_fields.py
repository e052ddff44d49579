import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.readers.phones import password_fields
from tests.shared_data import shared

FIELDS = [
    b"account.1.password = 1006",
    b"account.password =1006\r\n",
    b"password: 1006\n",
    b'sip line1 password: "1006"',
    b'<ALL reg.1.auth.password="1006" reg.1.address="1006"/>',
    b"<P34>1006</P34>",
    b'<P34 para="Account1.AuthenticatePassword">1006</P34>',
    b'<Password_1_ ua="na">1006</Password_1_>',
    b"<authPassword>1006</authPassword>",
    b'<user_pass idx="1" perm="">1006</user_pass>',
    b"<RegisterPswd>1006</RegisterPswd>",
    b'SIP_PASS_1="1006"',
    b"P47=10.0.0.1&P34=1006&gnkey=0b82",
    b"secret=1006",
]


@pytest.mark.parametrize("content", FIELDS)
def test_the_password_field_of_each_notation(content: bytes) -> None:
    found = list(password_fields.values(content))
    assert found == [(content.index(b"1006", content.index(b"=1006") if b"=1006" in content else 0), b"1006")]


@pytest.mark.parametrize(
    "content",
    [
        b"account.1.label = 1006",
        b"account.1.user_name = 1006",
        b"<P35>1006</P35>",
        b"<authName>1006</authName>",
        b"1006",
    ],
)
def test_other_fields_are_none(content: bytes) -> None:
    assert list(password_fields.values(content)) == []


def test_the_secrets_of_all_vendors_samples_are_found() -> None:
    samples = sorted(path for path in shared("data/phones/selfmade").rglob("*") if path.is_file())
    missing = []
    for path in samples:
        content = path.read_bytes()
        values = {value for _, value in password_fields.values(content)}
        missing += [path.name] * (b"-secret" in content and not any(b"-secret" in value for value in values))
    assert len(samples) > 10
    assert missing == []


@settings(max_examples=1000)
@given(st.binary(max_size=300))
def test_any_bytes_are_searched(content: bytes) -> None:
    for offset, value in password_fields.values(content):
        assert content[offset : offset + len(value)] == value
