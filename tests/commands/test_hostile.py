"""Invariant.

Whatever is done to the bytes of the evidence, check answers, and every format shows the answer inertly.
"""

import random
from collections.abc import Iterator
from datetime import datetime
from importlib.resources import as_file, files

import pytest

from ringfence.cli.output import Format, rendered
from ringfence.commands import check, evidence
from ringfence.drivers.archive import ArchiveArtifacts
from ringfence.model.evidence import Digest, Problem
from tests.render.sample import forbidden

SPLINTERS = (
    b"\n",
    b"\0",
    b"\xff",
    b"'",
    b'"',
    b"[",
    b"(",
    b"\x1b[31m",
    b"9" * 40,
    b"::",
    b"/0",
    b"\xe2\x80\xae",
    b"<b>",
)


class Damaged:
    """The bundled school with some of its files changed, and some gone."""

    def __init__(self, whole: ArchiveArtifacts, changed: dict[str, bytes | None]) -> None:
        self._whole = whole
        self._changed = changed

    def names(self) -> tuple[str, ...]:
        return tuple(name for name in self._whole.names() if self._changed.get(name, b"") is not None)

    def chunks(self, name: str) -> Iterator[bytes]:
        changed = self._changed.get(name)
        if name in self._changed:
            yield changed or b""
        else:
            yield from self._whole.chunks(name)

    def modified_at(self, name: str) -> datetime | None:
        return self._whole.modified_at(name)

    def problems(self) -> tuple[Problem, ...]:
        return ()

    def digests(self) -> tuple[Digest, ...]:
        return ()


def damage(raw: bytes, chance: random.Random) -> bytes | None:
    kind = chance.random()
    if kind < 0.1:
        return None
    content = bytearray(raw[: chance.randrange(len(raw) + 1)] if kind < 0.2 else raw)
    for _ in range(chance.randrange(1, 60)):
        if not content:
            break
        at = chance.randrange(len(content))
        match chance.randrange(4):
            case 0:
                content[at] = chance.randrange(256)
            case 1:
                del content[at : at + chance.randrange(40)]
            case 2:
                content[at:at] = chance.choice(SPLINTERS)
            case _:
                other = chance.randrange(len(content))
                content[at:at] = content[other : other + chance.randrange(200)]
    return bytes(content)


@pytest.fixture(scope="module")
def school() -> Iterator[ArchiveArtifacts]:
    with as_file(files("ringfence").joinpath("demo", "school.tar.gz")) as bundle:
        yield ArchiveArtifacts(bundle)


@pytest.mark.parametrize("seed", range(24))
def test_damaged_evidence_is_answered_and_shown(
    seed: int, school: ArchiveArtifacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    names = [name for name in school.names() if not name.startswith("tftpboot/")]
    chosen = chance.sample(names, chance.randrange(1, 14))
    changed = {name: damage(b"".join(school.chunks(name)), chance) for name in chosen}
    monkeypatch.setattr(evidence, "open_source", lambda *_: Damaged(school, changed))
    report = check.check_site(check.CheckRequest(source="school"))
    for form in Format:
        assert not forbidden(rendered(report, form)), f"{form} after changes to {chosen}"
