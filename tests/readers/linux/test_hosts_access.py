import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.addresses import AddressSet
from ringfence.readers.linux.hosts_access import Admitted, admitted
from tests.memory import MemoryArtifacts

PHONE, STRANGER = "10.30.0.5", "203.0.113.77"


def read(allow: str = "", deny: str = "") -> Admitted:
    files = {"etc/hosts.allow": f"{allow}\n", "etc/hosts.deny": f"{deny}\n"}
    return admitted(MemoryArtifacts(files), "in.tftpd")


def passing(found: Admitted) -> tuple[bool, bool]:
    """Tell whether the phone and the stranger may ask."""
    clients = AddressSet.everything() if found.clients is None else found.clients
    return PHONE in clients, STRANGER in clients


#: What a real in.tftpd (Debian's tftpd-hpa 5.2 with libwrap 7.6) answered to packets from both addresses.
TRIED = [
    ("", "", (True, True)),
    ("", "in.tftpd: ALL", (False, False)),
    ("in.tftpd: 10.30.0.", "in.tftpd: ALL", (True, False)),
    ("in.tftpd: 10.30.0.0/24", "ALL: ALL", (True, False)),
    ("in.tftpd: 203.0.113.77 : DENY", "", (True, False)),
    ("", "in.tftpd: ALL EXCEPT 10.30.0.5", (True, False)),
    ("", "IN.TFTPD: 203.0.113.0/255.255.255.0", (True, False)),
    ("tftpd: 10.30.0.", "in.tftpd: ALL", (False, False)),
    ("in.tftpd, sshd : 10.30.0.5", "ALL: ALL : ALLOW", (True, True)),
]


@pytest.mark.parametrize(("allow", "deny", "answered"), TRIED, ids=[f"{row[0]}|{row[1]}" for row in TRIED])
def test_the_rules_admit_whom_the_real_server_answered(allow: str, deny: str, answered: tuple[bool, bool]) -> None:
    assert passing(read(allow, deny)) == answered


def test_rules_about_other_daemons_are_no_rules() -> None:
    found = read("sshd: 10.30.0.0/24", "sshd: ALL")
    assert found == Admitted()


def test_comments_and_empty_lines_are_no_rules_and_a_backslash_joins_lines() -> None:
    found = read("# in.tftpd: ALL\n\nin.tftpd: 10.30.0.5, \\\n 10.30.0.6", "ALL: ALL")
    assert found.clients == AddressSet.of("10.30.0.5", "10.30.0.6")
    assert [str(rule.citation) for rule in found.rules] == ["etc/hosts.allow:3", "etc/hosts.deny:1"]


def test_ipv6_stands_in_brackets() -> None:
    found = read("in.tftpd: [2001:db8:1::]/48", "ALL: ALL")
    assert found.clients == AddressSet.of("2001:db8:1::/48")


@pytest.mark.parametrize("name", [".example.net", "LOCAL", "@phones", "/etc/tftp.hosts", "gw.example.net", "10.30.*"])
def test_a_name_in_a_permit_may_be_anybody(name: str) -> None:
    found = read(f"in.tftpd: {name}", "in.tftpd: ALL")
    assert passing(found) == (True, True)
    assert found.unread == (name,)


def test_a_name_in_a_denial_refuses_nobody_for_certain() -> None:
    assert passing(read("", "in.tftpd: .example.net, 203.0.113.77")) == (True, False)


def test_an_exception_that_is_not_known_keeps_both_sides_open() -> None:
    assert passing(read("", "in.tftpd: ALL EXCEPT .example.net")) == (True, True)
    assert passing(read("in.tftpd: 10.30.0.0/24 EXCEPT .example.net", "ALL: ALL")) == (True, False)


def test_exceptions_nest() -> None:
    """``a EXCEPT b EXCEPT c`` is a without (b without c)."""
    found = read("in.tftpd: 10.0.0.0/8 EXCEPT 10.30.0.0/16 EXCEPT 10.30.0.0/24", "ALL: ALL")
    assert PHONE in (found.clients or AddressSet())
    assert "10.30.1.1" not in (found.clients or AddressSet())
    assert "10.1.1.1" in (found.clients or AddressSet())


def test_a_rule_for_one_address_of_the_machine_refuses_nobody_for_certain() -> None:
    assert passing(read("", "in.tftpd@192.0.2.1: ALL")) == (True, True)


def test_a_twist_is_not_judged() -> None:
    found = read("", "in.tftpd: ALL : twist /bin/false")
    assert passing(found) == (True, True)
    assert found.unread


def test_a_command_beside_the_rule_changes_nothing() -> None:
    assert passing(read("", "in.tftpd: ALL : spawn (/bin/echo %d\\: %h | /bin/mail root) &")) == (False, False)


@settings(max_examples=1_000, deadline=None)
@given(st.text(alphabet="ALEXCPT in.tftpd:,@/[]*?0123456789.\\#\n", max_size=120) | st.binary(max_size=200))
def test_whatever_stands_in_the_files_nothing_is_raised(text: str | bytes) -> None:
    admitted(MemoryArtifacts({"etc/hosts.allow": text, "etc/hosts.deny": text}), "in.tftpd")


@settings(max_examples=1_000, deadline=None)
@given(st.lists(st.sampled_from(["in.tftpd: .unknown.example", "in.tftpd: LOCAL : ALLOW"]), max_size=3))
def test_permits_that_are_not_understood_never_shut_anybody_out(more: list[str]) -> None:
    known = read("in.tftpd: 10.30.0.0/24", "ALL: ALL").clients or AddressSet()
    wider = read("\n".join([*more, "in.tftpd: 10.30.0.0/24"]), "ALL: ALL").clients or AddressSet()
    assert known <= wider
