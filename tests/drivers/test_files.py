import stat
from pathlib import Path

import pytest

from ringfence.drivers.files import whole_file
from ringfence.model.errors import DriverError


def test_the_file_appears_whole_and_for_its_owner_only(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    with whole_file(target) as stream:
        stream.write(b"half")
        assert not target.exists()
        stream.write(b" and half")
    assert target.read_bytes() == b"half and half"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    target.write_bytes(b"old")
    with pytest.raises(DriverError, match="No space left"):
        _fill_disk(target)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def _fill_disk(target: Path) -> None:
    with whole_file(target) as stream:
        stream.write(b"new")
        raise OSError(28, "No space left on device")


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with (
        pytest.raises(DriverError, match=r"none/report.html: cannot be written"),
        whole_file(tmp_path / "none/report.html"),
    ):
        pass
