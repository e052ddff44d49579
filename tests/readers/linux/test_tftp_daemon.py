from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.addresses import AddressSet
from ringfence.model.defences import TftpSettings
from ringfence.model.evidence import Reading
from ringfence.readers.linux import tftp_daemon
from tests.memory import MemoryArtifacts

DEBIAN = """# /etc/default/tftpd-hpa

TFTP_USERNAME="tftp"
TFTP_DIRECTORY="/tftpboot"
TFTP_ADDRESS=":69"
TFTP_OPTIONS="--secure"
"""
XINETD = """# default: off
service tftp
{
	socket_type		= dgram
	protocol		= udp
	wait			= yes
	user			= root
	server			= /usr/sbin/in.tftpd
	server_args		= -s /tftpboot
	disable			= no
	only_from		= 10.30.0.0/24
	only_from		+= 192.168.60.0
	per_source		= 11
}
"""


def read(**files: str) -> Reading[TftpSettings | None]:
    names = {"debian": "etc/default/tftpd-hpa", "xinetd": "etc/xinetd.d/tftp", "deny": "etc/hosts.deny"}
    return tftp_daemon.read(MemoryArtifacts({names[name]: text for name, text in files.items()}))


def facts(**files: str) -> TftpSettings:
    found = read(**files)
    assert found.facts is not None
    return found.facts


def test_without_any_of_its_files_nothing_is_known() -> None:
    assert tftp_daemon.read(MemoryArtifacts({"etc/passwd": "x"})).facts is None


def test_debian_as_it_is_installed_limits_nothing() -> None:
    assert facts(debian=DEBIAN) == TftpSettings(binds=((None, 69),))


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        (":69", None, 69),
        ("0.0.0.0:69", None, 69),
        ("[::]:69", None, 69),
        ("10.30.0.10:69", "10.30.0.10", 69),
        ("10.30.0.10", "10.30.0.10", 69),
        ("[2001:db8::5]:1069", "2001:db8::5", 1069),
        ("2001:db8::5", "2001:db8::5", 69),
    ],
)
def test_the_address_says_where_it_listens(text: str, address: str | None, port: int) -> None:
    found = facts(debian=DEBIAN.replace(":69", text))
    assert found.binds == ((None if address is None else ip_address(address), port),)


@pytest.mark.parametrize("text", ["pbx.example.net:69", "10.30.0.10:tftp", ":0", "x"])
def test_an_address_that_is_none_is_a_problem_with_its_line(text: str) -> None:
    found = read(debian=DEBIAN.replace(":69", text))
    assert found.facts is not None
    assert found.facts.binds == ()
    assert [str(problem.citation) for problem in found.problems] == ["etc/default/tftpd-hpa:5"]


def test_the_last_assignment_counts_and_a_commented_one_does_not() -> None:
    text = 'TFTP_ADDRESS="127.0.0.1:69"\nTFTP_ADDRESS=":69" # all\n#TFTP_ADDRESS="10.0.0.1:69"\n'
    assert facts(debian=text).binds == ((None, 69),)


@pytest.mark.parametrize("options", ["--secure --create", "-s -c", "-lcs"])
def test_uploads_are_seen(options: str) -> None:
    assert facts(debian=DEBIAN.replace("--secure", options)).uploads


@pytest.mark.parametrize("options", ["--secure", "-s --user tftp-c", "--verbose"])
def test_other_options_are_no_uploads(options: str) -> None:
    assert not facts(debian=DEBIAN.replace("--secure", options)).uploads


def test_only_from_is_kept_as_words_with_its_lines_and_limits_nobody() -> None:
    found = facts(xinetd=XINETD)
    assert found.only_from == "10.30.0.0/24 192.168.60.0"
    assert found.admitted is None
    assert [str(rule.citation) for rule in found.rules] == ["etc/xinetd.d/tftp:11", "etc/xinetd.d/tftp:12"]


def test_a_disabled_service_says_nothing_and_neither_does_another_one() -> None:
    assert facts(xinetd=XINETD.replace("disable\t\t\t= no", "disable = yes")) == TftpSettings()
    assert facts(xinetd=XINETD.replace("in.tftpd", "rsyncd")) == TftpSettings()


def test_a_bind_of_xinetd_is_where_it_listens() -> None:
    assert facts(xinetd=XINETD.replace("per_source\t\t= 11", "bind = 10.30.0.10")).binds == (
        (ip_address("10.30.0.10"), 69),
    )


def test_tcp_wrappers_limit_the_server_itself() -> None:
    found = facts(debian=DEBIAN, deny="in.tftpd: ALL EXCEPT 10.30.0.0/24\n")
    assert found.admitted == AddressSet.of("10.30.0.0/24")


def test_a_name_in_a_rule_is_told_as_a_problem() -> None:
    found = read(debian=DEBIAN, deny="in.tftpd: ALL EXCEPT .example.net\n")
    assert [problem.citation.file for problem in found.problems] == ["etc/hosts.deny"]


@settings(max_examples=1_000, deadline=None)
@given(st.binary(max_size=300) | st.lists(st.sampled_from([*XINETD.splitlines(), *DEBIAN.splitlines()])).map("\n".join))
def test_whatever_stands_in_the_files_nothing_is_raised(text: str | bytes) -> None:
    for name in ("etc/default/tftpd-hpa", "etc/xinetd.d/tftp", "etc/hosts.allow"):
        tftp_daemon.read(MemoryArtifacts({name: text}))
