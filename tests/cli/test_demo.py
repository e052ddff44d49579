from pathlib import Path

import pytest

from ringfence.cli.app import OK, run


def test_the_demo_prints_its_story_and_writes_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "demo.html"
    assert run(["demo", "-o", str(target)]) == OK
    captured = capsys.readouterr()
    assert "Six extensions were used by strangers" in captured.out.replace("\n", " ")
    assert str(target) in captured.err
    assert "<script" not in target.read_text()
