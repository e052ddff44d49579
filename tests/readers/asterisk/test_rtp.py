from hypothesis import given, settings

from ringfence.readers.asterisk import rtp
from tests.readers.asterisk.material import HOSTILE, REAL, etc, evidence


def test_the_range_and_its_defaults() -> None:
    said = rtp.read(etc(rtp="[general]\nrtpstart=10000\nrtpend=20000\nstrictrtp=no\n")).facts
    silent = rtp.read(etc(rtp="")).facts
    assert said is not None
    assert silent is not None
    assert (said.first_port, said.last_port, said.strict) == (10000, 20000, False)
    assert (silent.first_port, silent.last_port, silent.strict) == (5000, 31000, True)


def test_no_file_is_unknown() -> None:
    assert rtp.read(etc()).facts is None


def test_a_real_freepbx_14() -> None:
    facts = rtp.read(evidence(REAL, "etc/asterisk")).facts
    assert facts is not None
    assert (facts.first_port, facts.last_port, facts.strict) == (10000, 20000, True)


@settings(max_examples=1000)
@given(HOSTILE)
def test_no_content_is_too_odd(content: bytes) -> None:
    assert rtp.read(etc(rtp=content)).facts is not None
