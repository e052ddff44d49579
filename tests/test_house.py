"""The rules of the house, proved: rings, mirrored tests, documented checks and verbs, the wheel, no secret shown."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from docs import generate
from ringfence.checks.check import SECTIONS, Check
from ringfence.checks.registry import ALL
from ringfence.cli.app import app
from tests.distributions import importable, runtime_closure
from tests.shared_data import ROOT, shared

PACKAGE = ROOT / "ringfence"
SOURCES = sorted(PACKAGE.rglob("*.py"))
MODULES = [path for path in SOURCES if path.name not in {"__init__.py", "__main__.py"}]
HANDWRITTEN = [
    *SOURCES,
    *sorted((ROOT / "tests").rglob("*.py")),
    *sorted((ROOT / "bench").rglob("*.py")),
    *sorted((ROOT / "docs").glob("*.py")),
]
PURE_RINGS = {
    "checks",
    "events",
    "incidents",
    "model",
    "probes",
    "provisioning",
    "reach",
    "readers",
    "remedies",
    "wire",
}
#: The most lines that one module may have; about 300 is the aim.
MOST_LINES = 400


def named(path: Path) -> str:
    """Give the path that a failing test shows."""
    return str(path.relative_to(ROOT))


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run this Python on the repository and keep what it prints."""
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_rings_import_downward_only() -> None:
    result = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as main; main()",
            "--no-logo",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_contracts_cover_every_pure_ring() -> None:
    """A ring that is added later must not stand outside the contract by being forgotten."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    pure = next(contract for contract in contracts if contract["id"] == "pure")
    present = {
        f"ringfence.{path.parent.name}" for path in PACKAGE.glob("*/__init__.py") if path.parent.name in PURE_RINGS
    }
    assert set(pure["source_modules"]) == present


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_each_module_has_its_mirrored_test(module: Path) -> None:
    place = module.relative_to(PACKAGE)
    assert (ROOT / "tests" / place.parent / f"test_{place.name}").is_file()


@pytest.mark.parametrize("module", SOURCES, ids=named)
def test_no_module_is_too_long_to_answer_one_question(module: Path) -> None:
    assert len(module.read_text().splitlines()) <= MOST_LINES


FORBIDDEN_NAME = re.compile(r"(Manager|Helper|Util|Utils|Handler|Base|Impl|Data|Info)$")


@pytest.mark.parametrize("module", SOURCES, ids=named)
def test_no_name_explains_nothing(module: Path) -> None:
    names = [node.name for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.ClassDef)]
    assert [name for name in names if FORBIDDEN_NAME.search(name)] == []


# The words are put together here so that this file does not find itself.
UNFINISHED = re.compile(
    "|".join(
        [
            "TO" + "DO",
            "FIX" + "ME",
            r"\bX" + r"XX\b",
            "raise NotImplemented" + "Error",
            r"#\s*no" + r"qa(?!:)",
            r"#\s*type:\s*ig" + r"nore(?!\[)",
        ]
    )
)


@pytest.mark.parametrize("path", HANDWRITTEN, ids=named)
def test_nothing_is_left_unfinished_or_silenced_without_saying_what(path: Path) -> None:
    marked = [line for line in path.read_text().splitlines() if UNFINISHED.search(line)]
    assert marked == []


def test_each_check_has_its_page_and_no_page_is_stale() -> None:
    written = {path.name: path.read_text() for path in sorted((ROOT / "docs" / "checks").glob("*.md"))}
    assert written == generate.pages(ALL), "run: make pages"


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.name)
def test_each_page_says_how_it_is_exploited_how_to_fix_it_and_when_it_is_acceptable(check: Check) -> None:
    assert re.findall(r"^## (.+)$", check.page, re.MULTILINE) == list(SECTIONS)


def verbs() -> list[str]:
    """Give the verbs of the program, without its flags."""
    return [name for name in app if not name.startswith("-")]


def test_each_verb_is_documented() -> None:
    text = (ROOT / "docs" / "commands.md").read_text()
    assert sorted(re.findall(r"^## `([a-z-]+)`", text, re.MULTILINE)) == sorted(verbs())
    assert [verb for verb in verbs() if f"Usage: ringfence {verb}" not in text] == []


@pytest.mark.parametrize("document", ["docs/commands.md", "docs/bundle-layout.md"])
def test_what_the_docs_take_from_the_program_is_the_program_s_own(document: str) -> None:
    result = run("-m", "cogapp", "-P", "--check", "--diff", "-I", "docs", document)
    assert result.returncode == 0, f"run: make pages\n{result.stdout}{result.stderr}"


def test_each_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    rows = re.findall(r"^\| ([A-Za-z0-9-]+) \|", (ROOT / "docs" / "dependencies.md").read_text(), re.MULTILINE)
    assert {re.split(r"[<>=]", requirement)[0] for requirement in wanted} <= set(rows)


def test_each_dependency_is_pinned_with_its_hash_and_no_index_is_named() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for name, wanted in (
        ("build", project["build-system"]["requires"]),
        ("runtime", project["project"]["dependencies"]),
        ("dev", project["project"]["optional-dependencies"]["dev"]),
    ):
        text = (ROOT / "constraints" / f"{name}.txt").read_text()
        pinned = dict(re.findall(r"^([a-z0-9-]+)==\S+ \\\n    --hash=(sha256):", text, re.MULTILINE))
        assert {re.split(r"[<>=]", requirement)[0] for requirement in wanted} <= set(pinned)
        assert "://" not in text


IMPORT_ALL = """
import importlib, importlib.abc, pkgutil, sys
wheel, *allowed = sys.argv[1:]
class OnlyRuntime(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top == "ringfence" or top in sys.stdlib_module_names or top in allowed:
            return None
        if top.startswith("_sysconfigdata"):  # a part of the standard library whose name differs from build to build
            return None
        raise ModuleNotFoundError(f"{name} is not a runtime dependency", name=name)
sys.path.insert(0, wheel)
sys.meta_path.insert(0, OnlyRuntime())
import ringfence
assert ringfence.__file__.startswith(wheel), ringfence.__file__
for module in pkgutil.walk_packages(ringfence.__path__, "ringfence."):
    if module.name != "ringfence.__main__":
        importlib.import_module(module.name)
print("all imported")
"""


def test_the_wheel_imports_without_extras(tmp_path: Path) -> None:
    built = run("-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path))
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    missing = [named(path) for path in SOURCES if not (unpacked / path.relative_to(ROOT)).is_file()]
    assert missing == []
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    allowed = importable(runtime_closure(*(re.split(r"[<>=]", dependency)[0] for dependency in dependencies)))
    imported = subprocess.run(
        [sys.executable, "-I", "-c", IMPORT_ALL, str(unpacked), *allowed],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert imported.stdout == "all imported\n", imported.stderr


SECRET_LINE = re.compile(r"^(?:secret|password|AMPMGRPASS|AMPDBPASS)\s*=>?\s*(\S+)", re.MULTILINE)


def secrets_of(evidence: Path) -> set[str]:
    """Find clear-text secrets the naive way, so that a fault of our readers cannot hide one from this test."""
    texts = [path.read_text(errors="replace") for path in sorted((evidence / "etc").rglob("*.conf"))]
    found = {match[1].strip('"') for text in texts for match in SECRET_LINE.finditer(text)}
    return {secret for secret in found if len(secret) >= 6 and not secret.isdecimal()}  # shorter ones turn up by chance


@pytest.mark.parametrize("form", ["terminal", "json", "markdown", "html"])
def test_no_secret_is_in_any_rendered_output(form: str, tmp_path: Path) -> None:
    evidence = shared("data/freepbx14/evidence")
    secrets = secrets_of(evidence)
    assert len(secrets) > 5
    output = tmp_path / "report"
    result = run("-m", "ringfence", "check", str(evidence), "--format", form, "--output", str(output))
    assert result.returncode == 1, result.stderr
    shown = output.read_text() + result.stdout + result.stderr
    assert len(shown) > 1000
    assert sorted(secret for secret in secrets if secret in shown) == []
