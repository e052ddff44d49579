from ipaddress import ip_address

from hypothesis import given, settings

from ringfence.model.site import ManagerSettings
from ringfence.readers.asterisk import acl, manager
from tests.readers.asterisk.material import HOSTILE, INCIDENT, REAL, etc, evidence


def read(text: bytes | str, **others: str) -> ManagerSettings:
    facts = manager.read(etc(manager=text, **others)).facts
    assert facts is not None
    return facts


def test_it_is_off_unless_enabled() -> None:
    assert not read("").enabled
    assert not read("[general]\n;enabled=yes\n").enabled
    assert read("[general]\nenabled = yes\n").enabled


def test_where_it_listens() -> None:
    facts = read("[general]\nenabled=yes\nport=5039\nbindaddr=127.0.0.1\n")
    assert (facts.address, facts.port) == (ip_address("127.0.0.1"), 5039)
    assert (read("[general]\n").address, read("[general]\n").port) == (None, 5038)


def test_users_from_included_files() -> None:
    more = "[wall]\nsecret=FAKE-w\nread=all\nwrite=Call, originate\n"
    (admin, wall) = read("[general]\n[admin]\nsecret=FAKE-a\n#include more.conf\n", more=more).users
    assert (admin.name, admin.write) == ("admin", ())
    assert (wall.name, wall.write, wall.acl) == ("wall", ("call", "originate"), ())
    assert wall.citation.file == "etc/asterisk/more.conf"


def test_a_list_that_is_not_understood_is_told() -> None:
    reading = manager.read(etc(manager="[general]\n[a]\nsecret=FAKE\npermit=pbx.example\n"))
    assert "pbx.example" in reading.problems[0].message


def test_no_file_is_unknown() -> None:
    assert manager.read(etc()).facts is None


def test_a_real_freepbx_14() -> None:
    facts = manager.read(evidence(REAL, "etc/asterisk")).facts
    assert facts is not None
    assert (facts.enabled, facts.address, facts.port) == (True, None, 5038)
    assert [user.name for user in facts.users] == ["admin", "firewall", "reports"]
    reports = facts.users[2]
    assert "10.30.0.77" in acl.allowed(reports.acl)
    assert "203.0.113.66" not in acl.allowed(reports.acl)
    assert "originate" in reports.write


def test_a_real_incident_has_it_off() -> None:
    facts = manager.read(evidence(INCIDENT, "etc/asterisk")).facts
    assert facts is not None
    assert not facts.enabled


@settings(max_examples=1000)
@given(HOSTILE)
def test_no_content_is_too_odd(content: bytes) -> None:
    shown = repr(read(b"[admin]\nsecret=FAKE-9\n" + content))
    assert b"FAKE" in content or "FAKE" not in shown
