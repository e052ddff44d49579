import gzip
import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ringfence.drivers.directory import DirectoryArtifacts
from ringfence.model.errors import DriverError


def bundle(root: Path) -> Path:
    log = root / "var/log/asterisk"
    log.mkdir(parents=True)
    (log / "full").write_bytes(b"one\n")
    (log / "full.1.gz").write_bytes(gzip.compress(b"zero\n"))
    (root / "notes.txt").write_text("not part of the layout")
    return root


def test_files_of_the_layout_are_read_unpacked(tmp_path: Path) -> None:
    source = DirectoryArtifacts(bundle(tmp_path))
    assert source.names() == ("var/log/asterisk/full", "var/log/asterisk/full.1.gz")
    assert b"".join(source.chunks("var/log/asterisk/full.1.gz")) == b"zero\n"
    assert list(source.chunks("var/log/asterisk/none")) == []
    assert source.problems() == ()


def test_a_truncated_log_gives_what_it_holds_and_says_so(tmp_path: Path) -> None:
    bundle(tmp_path)
    packed = tmp_path / "var/log/asterisk/full.1.gz"
    packed.write_bytes(gzip.compress(os.urandom(5000))[:-20])
    source = DirectoryArtifacts(tmp_path)
    assert b"".join(source.chunks("var/log/asterisk/full.1.gz"))
    (problem,) = source.problems()
    assert str(problem) == "var/log/asterisk/full.1.gz: the gzip stream breaks off before its end"


def test_links_are_facts_and_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("FAKE private")
    root = bundle(tmp_path / "bundle")
    (root / "var/log/asterisk/link").symlink_to(outside)
    source = DirectoryArtifacts(root)
    assert "var/log/asterisk/link" not in source.names()
    assert "is a link to" in source.problems()[0].message


def test_a_file_swapped_for_a_link_after_listing_is_not_followed(tmp_path: Path) -> None:
    root = bundle(tmp_path / "bundle")
    secret = tmp_path / "secret"
    secret.write_text("FAKE private")
    source = DirectoryArtifacts(root)
    (root / "var/log/asterisk/full").unlink()
    (root / "var/log/asterisk/full").symlink_to(secret)
    assert list(source.chunks("var/log/asterisk/full")) == []
    assert source.problems()


def test_a_file_swapped_for_a_pipe_does_not_block(tmp_path: Path) -> None:
    root = bundle(tmp_path)
    source = DirectoryArtifacts(root)
    (root / "var/log/asterisk/full").unlink()
    os.mkfifo(root / "var/log/asterisk/full")
    assert list(source.chunks("var/log/asterisk/full")) == []
    assert source.problems()


def test_every_input_has_its_digest(tmp_path: Path) -> None:
    digests = {digest.file: digest for digest in DirectoryArtifacts(bundle(tmp_path)).digests()}
    assert digests["var/log/asterisk/full"].sha256 == hashlib.sha256(b"one\n").hexdigest()
    assert digests["var/log/asterisk/full"].size_bytes == 4


def test_the_time_of_change_is_utc(tmp_path: Path) -> None:
    root = bundle(tmp_path)
    os.utime(root / "var/log/asterisk/full", (1_795_460_000, 1_795_460_000))
    assert DirectoryArtifacts(root).modified_at("var/log/asterisk/full") == datetime.fromtimestamp(1_795_460_000, UTC)
    assert DirectoryArtifacts(root).modified_at("none") is None


def test_a_directory_that_cannot_be_read_is_an_error_not_an_empty_bundle(tmp_path: Path) -> None:
    with pytest.raises(DriverError, match="cannot be read"):
        DirectoryArtifacts(tmp_path / "none")
