"""Start-up is quick because it imports little: the standard library, cyclopts and rich."""

import subprocess
import sys

from tests.distributions import importable, runtime_closure
from tests.shared_data import ROOT

IMPORTED = """
import sys
before = set(sys.modules)
import ringfence.cli.app
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before}))
"""


def imported_by(code: str) -> set[str]:
    """Run code in a new Python and give the words that it prints."""
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(result.stdout.split())


def test_start_up_imports_only_the_standard_library_cyclopts_and_rich() -> None:
    allowed = {"ringfence", *sys.stdlib_module_names, *importable(runtime_closure("cyclopts", "rich"))}
    assert imported_by(IMPORTED) - allowed == set()


def test_start_up_does_not_import_the_verbs_themselves() -> None:
    loaded = imported_by(IMPORTED.replace('.partition(".")[0]', ""))
    heavy = ("ringfence.commands", "ringfence.readers", "ringfence.checks", "ringfence.incidents", "ringfence.render")
    assert [name for name in sorted(loaded) if name.startswith(heavy)] == []


def test_help_and_version_answer_without_any_site() -> None:
    for flag in ("--help", "--version"):
        result = subprocess.run(
            [sys.executable, "-m", "ringfence", flag], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr
        assert result.stdout.strip()
        assert result.stderr == ""
