from pathlib import Path

import pytest

from ringfence.cli.app import INCOMPLETE, OK, run


def test_a_bundle_is_written_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in/commands").mkdir(parents=True)
    (tmp_path / "in/commands/ss.txt").write_text("")
    target = tmp_path / "out.tar.gz"
    assert run(["collect", str(tmp_path / "in"), "-o", str(target)]) == OK
    assert "1 files and command outputs" in capsys.readouterr().err
    assert target.exists()


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "commands").mkdir()
    (tmp_path / "commands/ss.txt").write_text("")
    assert run(["collect", str(tmp_path), "-o", str(tmp_path / "none/out.tar.gz")]) == INCOMPLETE
    assert "cannot be written" in capsys.readouterr().err
