import pytest
from hypothesis import given, settings

from ringfence.readers.asterisk.modules import is_loaded
from tests.readers.asterisk.material import HOSTILE, etc


@pytest.mark.parametrize(
    ("text", "loaded"),
    [
        ("[modules]\nautoload=yes\n", None),
        ("[modules]\nautoload=yes\nnoload => chan_sip.so\n", False),
        ("[modules]\nautoload=yes\nnoload = chan_sip\n", False),
        ("[modules]\nautoload=yes\n;noload = chan_sip.so\n", None),
        ("[modules]\nautoload=no\n", False),
        ("[modules]\nautoload=no\nload => chan_sip.so\n", True),
        ("", None),
    ],
)
def test_what_is_loaded(text: str, loaded: object) -> None:
    assert is_loaded(etc(modules=text), "chan_sip.so") is loaded


def test_no_file_is_unknown() -> None:
    assert is_loaded(etc(), "chan_sip.so") is None


@settings(max_examples=1000)
@given(HOSTILE)
def test_no_content_is_too_odd(content: bytes) -> None:
    assert is_loaded(etc(modules=content), "chan_sip.so") in {None, True, False}
