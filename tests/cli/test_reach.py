import json
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from ringfence.cli.app import INCOMPLETE, OK, USAGE, run


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    with as_file(files("ringfence").joinpath("demo", "school.tar.gz")) as packed:
        target = tmp_path / "evidence.tar.gz"
        target.write_bytes(packed.read_bytes())
    return str(target)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ([], "FROM THE SITE'S OWN NETWORKS"),
        (["--from", "192.0.2.66", "--to", "tftp"], "Yes: 192.0.2.66 reaches TFTP"),
        (["--sources", "tftp"], "from the Internet: all of the Internet"),
        (["--needed"], "WHAT TO WRITE AT THE EDGE"),
        (["--dead"], "Ringfence reach:"),
    ],
)
def test_each_question_is_answered_with_exit_code_0(
    question: list[str], said: str, bundle: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["reach", bundle, *question]) == OK
    out = capsys.readouterr().out
    assert said in out
    assert all(len(line) <= 80 for line in out.splitlines())
    assert "\x1b" not in out


def test_a_source_compared_with_itself_changes_nothing(bundle: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reach", bundle, "--diff", bundle, "-q"]) == OK
    assert "Nothing opens or closes" in capsys.readouterr().out


def test_json_is_the_promised_object(bundle: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reach", bundle, "-f", "json", "-q"]) == OK
    assert json.loads(capsys.readouterr().out)["schema"] == "ringfence.reach/1"


def test_an_answer_file_is_announced_unless_quiet(
    bundle: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "answer.txt"
    assert run(["reach", bundle, "-o", str(target)]) == OK
    captured = capsys.readouterr()
    assert captured.out == ""
    assert str(target) in captured.err
    assert run(["reach", bundle, "-q", "-o", str(target)]) == OK
    assert capsys.readouterr().err == ""
    assert target.read_text().startswith("Ringfence reach:")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        (["--to", "5061/udp"], "5061/udp: the PBX has no such listener; it has"),
        (["--from", "nowhere"], "nowhere: neither an address nor a network"),
        (["--needed", "--dead"], "ask one at a time"),
        (["--edge", "none.txt"], "none.txt: no such file"),
    ],
)
def test_a_question_that_makes_no_sense_is_exit_code_2(
    question: list[str], said: str, bundle: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["reach", bundle, *question]) == USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err


def test_what_could_not_be_completed_is_exit_code_3_and_says_what(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "commands").mkdir()
    (tmp_path / "commands/ip-addr.txt").write_text("")
    assert run(["reach", str(tmp_path)]) == INCOMPLETE
    captured = capsys.readouterr()
    assert "INCOMPLETE" in captured.out
    assert "commands/ss.txt" in captured.err
    assert run(["reach", str(tmp_path / "none")]) == INCOMPLETE
