import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.readers.served_archives import Opening


def tar(members: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def opened(raw: bytes, budget_bytes: int = 10_000_000, size: int = 1000) -> tuple[dict[str, bytes], list[str]]:
    opening = Opening("b", budget_bytes)
    pieces = (raw[start : start + size] for start in range(0, len(raw), size))
    found = {name: b"".join(stream) for name, stream in opening.streams(pieces)}
    return found, [str(problem) for problem in opening.problems]


MEMBERS = {"etc/asterisk/sip.conf": b"secret=FAKE" * 500, "empty": b"", "last": b"x" * 513}


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_members_of_a_tar(form: int) -> None:
    found, problems = opened(tar(MEMBERS, form))
    assert problems == []
    assert found == {f"b!{name}": content for name, content in MEMBERS.items()}


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_long_names(form: int) -> None:
    name = "/".join(["folder"] * 40) + "/ä.conf"
    assert opened(tar({name: b"x"}, form))[0] == {f"b!{name}": b"x"}


def test_links_and_folders_are_no_members() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE):
            entry = tarfile.TarInfo(f"kind{kind!r}")
            entry.type, entry.linkname = kind, "/etc/shadow"
            archive.addfile(entry)
    assert opened(out.getvalue()) == ({}, [])


def test_compressed_and_nested_once() -> None:
    inner = tar({"sip.conf": b"secret=FAKE"})
    assert opened(gzip.compress(tar(MEMBERS)))[0].keys() == {f"b!{name}" for name in MEMBERS}
    assert opened(bz2.compress(b"plain")) == ({"b": b"plain"}, [])
    assert opened(lzma.compress(b"plain")) == ({"b": b"plain"}, [])
    assert opened(gzip.compress(b"one") + gzip.compress(b"two"))[0] == {"b": b"onetwo"}
    assert opened(tar({"inner.tgz": gzip.compress(inner)}))[0] == {"b!inner.tgz!sip.conf": b"secret=FAKE"}
    assert opened(zipped({"inner.tar": inner, "dump.sql.gz": gzip.compress(b"sql")}))[0] == {
        "b!inner.tar!sip.conf": b"secret=FAKE",
        "b!dump.sql.gz": b"sql",
    }


def test_what_is_not_searched_is_said() -> None:
    deep = tar({"a.tar": tar({"b.tar": tar({"c": b"x"})})})
    assert opened(deep) == ({}, ["b!a.tar!b.tar: is an archive in an archive in an archive: not searched for secrets"])
    assert opened(b"7z\xbc\xaf\x27\x1c" + bytes(100)) == ({}, ["b: is a 7z archive: not searched for secrets"])
    found, problems = opened(gzip.compress(tar(MEMBERS))[:-30])
    assert "b!etc/asterisk/sip.conf" in found
    assert any("damaged or truncated gzip" in problem for problem in problems)
    assert "damaged tar" in opened(tar(MEMBERS)[:512] + b"y" * 12000)[1][0]
    assert "damaged zip" in opened(zipped(MEMBERS)[:-40])[1][0]


def test_an_encrypted_member_is_said() -> None:
    raw = bytearray(zipped({"a": b"x"}))
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    assert opened(bytes(raw)) == ({}, ["b!a: is encrypted inside its archive: not searched for secrets"])


def test_a_bomb_stops_at_the_budget() -> None:
    for raw in (gzip.compress(bytes(5_000_000)), zipped({"a": bytes(5_000_000)})):
        found, problems = opened(raw, budget_bytes=1_000_000)
        assert sum(map(len, found.values())) <= 1_000_000
        assert problems == ["b: unpacks to more than can be read: not searched to its end"]


def test_names_of_members_carry_no_controls() -> None:
    assert list(opened(zipped({"../../etc/x\x1b[2J\n": b"y"}))[0]) == ["b!../../etc/x?[2J?"]


def test_plain_bytes_pass_unchanged() -> None:
    assert opened(b"account.1.password = FAKE") == ({"b": b"account.1.password = FAKE"}, [])
    assert opened(b"") == ({"b": b""}, [])


ARCHIVES = st.sampled_from(
    [tar(MEMBERS), zipped(MEMBERS), gzip.compress(tar(MEMBERS)), lzma.compress(b"x"), bz2.compress(b"x")]
)


@settings(max_examples=1000)
@given(
    ARCHIVES,
    st.binary(max_size=40),
    st.integers(min_value=0, max_value=12_000),
    st.integers(min_value=1, max_value=5000),
)
def test_any_bytes_are_opened(raw: bytes, noise: bytes, at: int, size: int) -> None:
    opened(raw[:at] + noise + raw[at + len(noise) :], 100_000, size)
    opened(raw[: at % len(raw)], 100_000, size)
    opened(noise)
