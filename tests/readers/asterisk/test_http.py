from ipaddress import ip_address

import pytest
from hypothesis import given, settings

from ringfence.model.site import HttpSettings
from ringfence.readers.asterisk import http
from tests.readers.asterisk.material import HOSTILE, REAL, etc, evidence


def read(text: bytes | str, **others: bytes | str) -> HttpSettings:
    facts = http.read(etc(http=text, **others)).facts
    assert facts is not None
    return facts


def test_it_is_off_unless_enabled() -> None:
    assert not read("[general]\n").enabled
    facts = read("[general]\nenabled=yes\nbindaddr=127.0.0.1\nbindport=8080\n")
    assert (facts.enabled, facts.address, facts.port) == (True, ip_address("127.0.0.1"), 8080)


@pytest.mark.parametrize(("ari", "enabled"), [("", True), ("[general]\nenabled=no\n", False), ("[general]\n", True)])
def test_ari_is_on_unless_switched_off(ari: str, enabled: object) -> None:
    assert read("[general]\n", ari=ari).ari_enabled is enabled


def test_no_file_is_unknown() -> None:
    assert http.read(etc()).facts is None
    assert read("[general]\n").ari_enabled is None


def test_a_real_freepbx_14() -> None:
    facts = http.read(evidence(REAL, "etc/asterisk")).facts
    assert facts is not None
    assert (facts.enabled, facts.address, facts.port) == (True, None, 8088)
    assert (facts.ari_users, facts.ari_enabled) == (("wallboard", "freepbxuser"), False)


@settings(max_examples=1000)
@given(HOSTILE, HOSTILE)
def test_no_content_is_too_odd(content: bytes, ari: bytes) -> None:
    assert read(content, ari=ari).port > 0
