import gzip
from pathlib import Path

import pytest

from ringfence.drivers.beside import BesideArtifacts
from ringfence.drivers.directory import DirectoryArtifacts
from ringfence.model.errors import UsageError


def source(root: Path) -> DirectoryArtifacts:
    (root / "bundle/edge").mkdir(parents=True)
    (root / "bundle/edge/rules.txt").write_text("old")
    (root / "bundle/edge/ip-addr.txt").write_text("1: lo")
    return DirectoryArtifacts(root / "bundle")


def test_files_beside_the_evidence_are_read_and_come_first(tmp_path: Path) -> None:
    export = tmp_path / "rules.txt"
    export.write_text("new")
    both = BesideArtifacts(source(tmp_path), (export,), "edge")
    assert both.names() == ("edge/ip-addr.txt", "edge/rules.txt")
    assert b"".join(both.chunks("edge/rules.txt")) == b"new"
    assert b"".join(both.chunks("edge/ip-addr.txt")) == b"1: lo"
    assert both.modified_at("edge/rules.txt") is not None
    assert len(both.digests()) == 3
    assert both.problems() == ()


def test_a_file_that_is_not_there_is_a_mistake_of_the_user(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none.txt: no such file"):
        BesideArtifacts(source(tmp_path), (tmp_path / "none.txt",), "edge")


def test_a_file_that_breaks_off_is_said(tmp_path: Path) -> None:
    export = tmp_path / "rules.gz"
    export.write_bytes(gzip.compress(b"rules" * 9000)[:-9])
    both = BesideArtifacts(source(tmp_path), (export,), "edge")
    list(both.chunks("edge/rules.gz"))
    assert "breaks off" in both.problems()[0].message
