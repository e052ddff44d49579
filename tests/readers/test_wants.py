import re

import pytest

from ringfence.readers.catalogue import WANTS
from ringfence.readers.wants import Command, Glob, Want


@pytest.mark.parametrize("want", WANTS, ids=str)
def test_every_want_is_absolute_or_a_plain_command(want: Want) -> None:
    match want:
        case Glob(pattern=pattern):
            assert pattern.startswith("/")
            assert ".." not in pattern
        case Command(name=name, argv=argv):
            assert re.fullmatch(r"[a-z0-9-]+", name)
            assert argv
            assert all(not re.search(r"[;|&$<>`]", word) for word in argv), "no shell, so no shell's words"


def test_wants_are_named_once() -> None:
    assert len(set(WANTS)) == len(WANTS)
    commands = [want.name for want in WANTS if isinstance(want, Command)]
    assert len(set(commands)) == len(commands)
