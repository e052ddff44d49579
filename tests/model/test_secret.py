import copy
import pickle

import pytest

from ringfence.model.secret import Secret

FAKE = "FAKE-s3cret-value"


@pytest.mark.parametrize("shown", [str(Secret(FAKE)), repr(Secret(FAKE)), f"{Secret(FAKE)}", f"{Secret(FAKE)!r:>40}"])
def test_no_way_of_showing_a_secret_shows_it(shown: str) -> None:
    assert FAKE not in shown
    assert "***" in shown


def test_equal_secrets_are_equal_so_that_reuse_is_found() -> None:
    assert len({Secret(FAKE), Secret(FAKE), Secret("FAKE-other")}) == 2
    assert Secret(FAKE) != FAKE


def test_reveal_gives_the_text_for_comparing() -> None:
    assert Secret(FAKE).reveal() == FAKE


def test_an_empty_secret_is_false() -> None:
    assert not Secret("")
    assert Secret("x")


@pytest.mark.parametrize("leak", [pickle.dumps, copy.copy, list, sorted])
def test_a_secret_refuses_to_be_copied_out(leak: object) -> None:
    assert callable(leak)
    with pytest.raises(TypeError, match=r"is not (written|a sequence)"):
        leak(Secret(FAKE))
