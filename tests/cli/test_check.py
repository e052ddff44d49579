import json
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from ringfence.cli.app import FINDINGS, INCOMPLETE, OK, run


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    with as_file(files("ringfence").joinpath("demo", "school.tar.gz")) as packed:
        target = tmp_path / "evidence.tar.gz"
        target.write_bytes(packed.read_bytes())
    return str(target)


def test_the_verdict_comes_first_and_findings_set_the_exit_code(
    bundle: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", bundle, "--quiet"]) == FINDINGS
    out = capsys.readouterr().out
    assert "Six extensions were used by strangers" in " ".join(out.split()[:40])
    assert all(len(line) <= 80 for line in out.splitlines())
    assert "\x1b" not in out


def test_json_is_the_promised_object(bundle: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", bundle, "-f", "json", "-q", "--fail-on", "never"]) == OK
    report = json.loads(capsys.readouterr().out)
    assert report["schema"] == "ringfence.check/1"
    assert {"site", "exposures", "findings", "incidents", "unknowns", "coverage"} <= set(report)


def test_a_report_file_is_announced_with_the_verdict(
    bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "report.html"
    assert run(["check", bundle, "-f", "html", "-o", str(target)]) == FINDINGS
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Six extensions" in captured.err
    assert str(target) in captured.err
    assert target.read_text().startswith("<!DOCTYPE html>")


def test_an_answer_that_could_not_be_completed_is_exit_code_3(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "commands").mkdir()
    (tmp_path / "commands/ss.txt").write_text("")
    assert run(["check", str(tmp_path), "-q"]) == INCOMPLETE
    assert capsys.readouterr().out
