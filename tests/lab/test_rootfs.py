"""The mirror is whatever the host's own apt sources name, in either of their formats."""

from pathlib import Path

import pytest

from tests.lab.rootfs import RECIPES, host_mirror
from tests.lab.shell import LabError


def sources(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return folder


def test_one_line_sources(tmp_path: Path) -> None:
    old = "# deb http://old.example/debian buster main\n"
    text = f"{old}deb [signed-by=/k.gpg] http://mirror.example/debian/ bookworm main\n"
    assert host_mirror(sources(tmp_path, "sources.list", text)) == "http://mirror.example/debian"


def test_deb822_sources(tmp_path: Path) -> None:
    text = "Types: deb\n# a comment\nURIs: http://mirror.example/debian\nSuites: bookworm\nComponents: main\n"
    assert host_mirror(sources(tmp_path, "sources.list.d/debian.sources", text)) == "http://mirror.example/debian"


def test_other_archives_are_not_the_mirror(tmp_path: Path) -> None:
    sources(tmp_path, "sources.list", "deb http://vendor.example/apt stable main\n")
    text = "URIs: http://mirror.example/debian-security http://mirror.example/debian\n"
    assert host_mirror(sources(tmp_path, "sources.list.d/a.sources", text)) == "http://mirror.example/debian"


def test_no_mirror_is_said(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="no Debian mirror"):
        host_mirror(sources(tmp_path, "sources.list", ""))


def test_each_recipe_has_a_tree_of_its_own() -> None:
    assert len({recipe.directory_name for recipe in RECIPES.values()}) == len(RECIPES)
