import base64
import hashlib
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.evidence import Citation
from ringfence.model.secret import Secret
from ringfence.model.site import Account, Driver
from ringfence.readers.secret_search import Needles

LONG = "FAKE-0d33abadb96b8b85abf58dd37"
ODD = "FAKE&<7!k/Lake\"5'Q+ä"


def account(name: str, secret: str | None, driver: Driver = Driver.CHAN_SIP) -> Account:
    return Account(
        name=name, driver=driver, secret=None if secret is None else Secret(secret), citation=Citation(file="sip.conf")
    )


def forms(content: bytes, *secrets: str) -> list[tuple[str, str]]:
    needles = Needles(account(f"200{number}", secret) for number, secret in enumerate(secrets))
    return [(hit.account.name, hit.form) for hit in needles.find(content)]


@pytest.mark.parametrize("before", [b"", b"a", b"ab", b"abc", b"abcd"])
def test_base64_in_every_alignment(before: bytes) -> None:
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        assert ("2000", "base64") in forms(b"x = " + encode(before + ODD.encode() + b"after") + b"\n", ODD)


def test_base64_across_line_breaks() -> None:
    wrapped = base64.encodebytes(b"#" * 40 + LONG.encode() + b"#" * 40)
    assert LONG.encode() not in base64.b64decode(wrapped.splitlines()[0])
    needles = Needles([account("2000", LONG)])
    assert [(line, hit.form) for line, hit in needles.find_in_stream([b"one\n", wrapped])] == [(2, "base64")]
    assert [hit.form for hit in needles.find(wrapped.replace(b"\n", b"\r\n"))] == ["base64"]


def test_raw_hex_url_and_escaped() -> None:
    assert forms(f"secret={LONG}".encode(), LONG) == [("2000", "raw")]
    assert forms(LONG.encode().hex().encode(), LONG) == [("2000", "hex")]
    assert forms(LONG.encode().hex().upper().encode(), LONG) == [("2000", "hex")]
    assert ("2000", "url") in forms(f"a={quote(ODD, safe='')}&b".encode(), ODD)
    assert ("2000", "escaped") in forms(b"<pass>FAKE&amp;&lt;7!k/Lake&quot;5&apos;Q+\xc3\xa4</pass>", ODD)
    assert ("2000", "escaped") in forms("('2000','FAKE&<7!k/Lake\\\"5\\'Q+ä')".encode(), ODD)


def test_the_hash_that_opens_the_account_is_found() -> None:
    ha1 = hashlib.md5(f"2000:asterisk:{LONG}".encode(), usedforsecurity=False).hexdigest()
    assert forms(f"md5secret={ha1}".encode(), LONG) == [("2000", "ha1")]
    short = hashlib.md5(b"2000:asterisk:2000", usedforsecurity=False).hexdigest()
    assert forms(f"md5_cred={short}".encode(), "2000") == [("2000", "ha1")]


def test_a_short_secret_is_not_searched_by_value() -> None:
    assert forms(b"password = 2000\npassword = abcde", "2000", "abcde") == []


def test_a_secret_of_several_accounts_belongs_to_all() -> None:
    assert forms(LONG.encode(), LONG, LONG) == [("2000", "raw"), ("2001", "raw")]


def test_a_word_counts_only_as_a_value() -> None:
    for content in (
        b"account.1.password = password\n",
        b"<P34>password</P34>",
        b"x\npassword\n",
        b"('1','password',2)",
    ):
        assert forms(content, "password") == [("2000", "raw")]
    for content in (
        b"account.1.password = FAKE-other\n",
        b'{"password": "FAKE-other"}',
        b"<password>x</password>",
        b"the passwords are kept",
        b"# set password here",
    ):
        assert forms(content, "password") == []


def test_a_number_counts_only_as_a_value() -> None:
    assert forms(b"account.1.password = 123456\n", "123456") == [("2000", "raw")]
    assert forms(b"uptime 123456 seconds, serial 0012345678", "123456") == []


def test_a_short_mixed_secret_stands_alone() -> None:
    assert forms(b"secret=school123;", "school123") == [("2000", "raw")]
    assert forms(b"myschool123x", "school123") == []


def test_an_account_without_a_secret_is_never_found() -> None:
    assert list(Needles([account("2000", None), account("2001", "")]).find_in_stream([b"anything"])) == []


def chunks(content: bytes, size: int) -> Iterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


@pytest.mark.parametrize("size", [1 << 16, 100_003, 1 << 20, 1 << 22])
def test_borders_of_pieces_hide_nothing_and_lines_are_right(size: int) -> None:
    """Secrets stand around each border at which the search may cut."""
    lines = [b"y" * 99] * 32_000
    for number in range(0, 32_000, 7):
        lines[number] = b"x" * (number % 67) + b" " + LONG.encode()
    content = b"\n".join(lines)
    hits = [line for line, _ in Needles([account("2000", LONG)]).find_in_stream(chunks(content, size))]
    assert hits == [number + 1 for number in range(0, 32_000, 7)]


@settings(max_examples=1000)
@given(
    st.binary(max_size=200),
    st.text(alphabet=st.characters(exclude_categories=[]), min_size=12, max_size=20),
    st.binary(max_size=100),
)
def test_a_long_secret_is_found_in_any_bytes(before: bytes, secret: str, after: bytes) -> None:
    raw = secret.encode("utf-8", "surrogatepass")
    needles = Needles([account("2000", secret)])
    for form, content in (
        ("raw", before + raw + after),
        ("hex", before + raw.hex().encode() + after),
        ("base64", b"=" + base64.b64encode(before + raw + after)),
    ):
        assert form in {hit.form for hit in needles.find(content)}
