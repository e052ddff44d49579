import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from ringfence.drivers.archive import ArchiveArtifacts
from ringfence.model.errors import DriverError

FILES = {"etc/asterisk/sip.conf": b"[general]\n", "var/log/asterisk/full": b"line\n" * 100_000}


def as_tar(mode: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]  # modes are parametrised
        for name, raw in FILES.items():
            info = tarfile.TarInfo(f"school/{name}")
            info.size = len(raw)
            info.mtime = 1_795_460_000
            archive.addfile(info, io.BytesIO(raw))
    return buffer.getvalue()


def as_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in FILES.items():
            archive.writestr(f"school/{name}", raw)
    return buffer.getvalue()


FORMATS: dict[str, Callable[[], bytes]] = {
    "tar": lambda: as_tar("w"),
    "tar.gz": lambda: as_tar("w:gz"),
    "tar.xz": lambda: as_tar("w:xz"),
    "tar.zst": lambda: zstandard.ZstdCompressor().compress(as_tar("w")),
    "zip": as_zip,
}


@pytest.mark.parametrize("kind", FORMATS)
def test_each_format_gives_the_same_files(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "evidence.bin"  # told apart by bytes, so the name may say anything
    path.write_bytes(FORMATS[kind]())
    source = ArchiveArtifacts(path)
    assert {name: b"".join(source.chunks(name)) for name in source.names()} == FILES
    assert source.problems() == ()
    assert source.modified_at("etc/asterisk/sip.conf") is not None
    assert [digest.file for digest in source.digests()] == ["evidence.bin"]


def test_two_members_can_be_read_in_turns(tmp_path: Path) -> None:
    path = tmp_path / "e.tar"
    path.write_bytes(as_tar("w"))
    source = ArchiveArtifacts(path)
    log = source.chunks("var/log/asterisk/full")
    first = next(log)
    assert b"".join(source.chunks("etc/asterisk/sip.conf")) == FILES["etc/asterisk/sip.conf"]
    assert first + b"".join(log) == FILES["var/log/asterisk/full"]


@pytest.mark.parametrize("kind", ["tar.gz", "tar.zst"])
def test_an_archive_that_breaks_off_gives_what_it_holds_and_says_so(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "e"
    path.write_bytes(FORMATS[kind]()[:-40])
    source = ArchiveArtifacts(path)
    assert "etc/asterisk/sip.conf" in source.names()
    assert any("break" in str(problem) for problem in source.problems())


def test_members_that_escape_are_named_and_not_read(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name in ("../../root/.ssh/authorized_keys", "etc/asterisk/sip.conf"):
            info = tarfile.TarInfo(name)
            info.size = 4
            archive.addfile(info, io.BytesIO(b"FAKE"))
        link = tarfile.TarInfo("etc/asterisk/evil")
        link.type = tarfile.SYMTYPE
        link.linkname = "/etc/shadow"
        archive.addfile(link)
        device = tarfile.TarInfo("etc/asterisk/zero")
        device.type = tarfile.CHRTYPE
        archive.addfile(device)
    path = tmp_path / "e.tar"
    path.write_bytes(buffer.getvalue())
    source = ArchiveArtifacts(path)
    assert source.names() == ("etc/asterisk/sip.conf",)
    said = " ".join(map(str, source.problems()))
    assert "leaves the archive" in said
    assert "link" in said
    assert "device" in said
    assert sorted(tmp_path.iterdir()) == [path], "nothing was written beside the archive"


@pytest.mark.parametrize("raw", [b"", b"hello", b"\x1f\x8bnot gzip", b"PK\x03\x04", b"\0" * 2048])
def test_what_is_no_archive_is_an_error_that_says_so(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "e"
    path.write_bytes(raw)
    try:
        assert ArchiveArtifacts(path).names() == ()
    except DriverError as error:
        assert str(path) in str(error)  # noqa: PT017 - an empty list is as good an answer as an error
