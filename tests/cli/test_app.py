import importlib
import inspect
from pathlib import Path

import pytest

from ringfence.cli.app import INCOMPLETE, OK, USAGE, app, run

VERBS = ("check", "collect", "demo", "reach")


@pytest.mark.parametrize("verb", VERBS)
def test_the_list_of_verbs_says_what_each_verb_says_of_itself(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    function = getattr(importlib.import_module(f"ringfence.cli.{verb}"), verb)
    assert run(["--help"]) == OK
    listed = " ".join(capsys.readouterr().out.split())
    assert (inspect.getdoc(function) or "").splitlines()[0] in listed


def test_help_draws_no_boxes(capsys: pytest.CaptureFixture[str]) -> None:
    run(["check", "--help"])
    assert not set(capsys.readouterr().out) & set("╭─│╰")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["check"], USAGE, "SOURCE"),
        (["no-such-verb"], USAGE, "no-such-verb"),
        (["check", "none.tar.gz"], INCOMPLETE, "none.tar.gz: no such file or directory"),
        (["check", "ssh://root@pbx"], USAGE, "collect local -o"),
        (["check", "x", "--fail-on", "sometimes"], USAGE, "sometimes"),
        (["check", "x", "--tariff", "none.csv"], USAGE, "none.csv: the tariff cannot be read"),
    ],
)
def test_what_goes_wrong_is_one_clear_line(
    arguments: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert said in captured.err
    assert "Traceback" not in captured.err


def test_an_empty_directory_is_not_a_clean_site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(tmp_path)]) == INCOMPLETE
    assert "expected a bundle" in capsys.readouterr().err


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--version"])
    assert capsys.readouterr().out.strip() == app.version
