from pathlib import Path

import pytest

from ringfence.drivers.archive import ArchiveArtifacts
from ringfence.drivers.directory import DirectoryArtifacts
from ringfence.drivers.local import LocalArtifacts
from ringfence.drivers.sources import open_source
from ringfence.model.errors import DriverError, UsageError
from tests.drivers.test_archive import as_tar


def test_each_kind_of_source_is_opened(tmp_path: Path) -> None:
    (tmp_path / "bundle/commands").mkdir(parents=True)
    (tmp_path / "bundle/commands/ss.txt").write_text("")
    (tmp_path / "evidence.tar").write_bytes(as_tar("w"))
    assert isinstance(open_source(str(tmp_path / "bundle"), ()), DirectoryArtifacts)
    assert isinstance(open_source(str(tmp_path / "evidence.tar"), ()), ArchiveArtifacts)
    assert isinstance(open_source("local", ()), LocalArtifacts)


def test_what_cannot_be_opened_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DriverError, match="no such file or directory"):
        open_source(str(tmp_path / "none"), ())
    with pytest.raises(DriverError, match="expected a bundle with etc/asterisk"):
        open_source(str(tmp_path), ())
    with pytest.raises(UsageError, match="collect local -o"):
        open_source("ssh://root@pbx", ())
