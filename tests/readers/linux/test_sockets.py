from ipaddress import ip_address

from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.evidence import Citation
from ringfence.model.site import Driver, HttpSettings, ManagerSettings, ServiceName, SipSettings
from ringfence.readers.linux import sockets
from tests.memory import MemoryArtifacts
from tests.shared_data import shared

PLACE = Citation(file="etc/asterisk/sip.conf", line=1)
SIP = (
    SipSettings(driver=Driver.CHAN_SIP, binds=(("udp", None, 5160), ("tls", None, 5161)), citation=PLACE),
    SipSettings(driver=Driver.PJSIP, binds=(("udp", None, 5060), ("tcp", None, 5070)), citation=PLACE),
)
MANAGER = ManagerSettings(enabled=True, address=None, port=5039, citation=PLACE)
HTTP = HttpSettings(enabled=True, address=ip_address("127.0.0.1"), port=8090, citation=PLACE)


def ss(*lines: str) -> tuple[sockets.Socket, ...]:
    head = "Netid State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess\n"
    found = sockets.read(MemoryArtifacts({"commands/ss.txt": head + "\n".join(lines)})).facts
    assert found is not None
    return found


def users(process: str) -> str:
    return f'users:(("{process}",pid=1,fd=1))'


def test_the_sockets_of_a_real_freepbx_get_their_names() -> None:
    raw = shared("data/freepbx14/evidence/commands/ss.txt").read_bytes()
    reading = sockets.read(MemoryArtifacts({"commands/ss.txt": raw}))
    assert reading.problems == ()
    assert reading.facts is not None
    found = {(one.transport, one.port): one for one in sockets.name_listeners(reading.facts, SIP)}
    assert {key: one.service for key, one in found.items()} == {
        ("udp", 69): ServiceName.TFTP,
        ("udp", 4569): ServiceName.IAX2,
        ("udp", 5060): ServiceName.PJSIP,
        ("udp", 5160): ServiceName.CHAN_SIP,
        ("tcp", 22): ServiceName.SSH,
        ("tcp", 3306): ServiceName.DATABASE,
        ("tcp", 5038): ServiceName.AMI,
        ("tcp", 80): ServiceName.HTTP,
        ("tcp", 8088): ServiceName.ASTERISK_HTTP,
    }
    assert found["tcp", 22].versions == {4, 6}
    assert found["udp", 69].versions == {4}
    assert found["tcp", 3306].address == ip_address("127.0.0.1")
    assert found["tcp", 3306].citation.line == 9


def test_asterisk_is_named_by_its_configuration() -> None:
    found = ss(
        f"tcp LISTEN 0 10 0.0.0.0:5161 0.0.0.0:* {users('asterisk')}",
        f"tcp LISTEN 0 10 0.0.0.0:5070 0.0.0.0:* {users('asterisk')}",
        f"tcp LISTEN 0 10 0.0.0.0:5039 0.0.0.0:* {users('asterisk')}",
        f"tcp LISTEN 0 10 127.0.0.1:8090 0.0.0.0:* {users('asterisk')}",
        f"tcp LISTEN 0 10 0.0.0.0:2000 0.0.0.0:* {users('asterisk')}",
    )
    named = sockets.name_listeners(found, SIP, MANAGER, HTTP)
    assert [one.service for one in named] == [
        ServiceName.CHAN_SIP,
        ServiceName.PJSIP,
        ServiceName.AMI,
        ServiceName.ASTERISK_HTTP,
        ServiceName.OTHER,
    ]


def test_ephemeral_and_rtp_sockets_of_asterisk_are_no_services_but_a_configured_one_is() -> None:
    found = ss(
        f"udp UNCONN 0 0 0.0.0.0:48963 0.0.0.0:* {users('asterisk')}",
        f"udp UNCONN 0 0 0.0.0.0:12002 0.0.0.0:* {users('asterisk')}",
        f"udp UNCONN 0 0 0.0.0.0:45060 0.0.0.0:* {users('asterisk')}",
        f"udp UNCONN 0 0 0.0.0.0:50000 0.0.0.0:* {users('other')}",
    )
    high = (SipSettings(driver=Driver.PJSIP, binds=(("udp", None, 45060),), citation=PLACE),)
    assert [(one.port, one.service) for one in sockets.name_listeners(found, high)] == [
        (45060, ServiceName.PJSIP),
        (50000, ServiceName.OTHER),
    ]


def test_without_processes_the_port_names_the_service() -> None:
    found = ss(
        "udp UNCONN 0 0 0.0.0.0:69 0.0.0.0:*",
        "udp UNCONN 0 0 0.0.0.0:5160 0.0.0.0:*",
        "tcp LISTEN 0 0 *:443 *:*",
        "tcp LISTEN 0 0 [::]:84 [::]:*",
    )
    assert [one.service for one in sockets.name_listeners(found, SIP)] == [
        ServiceName.TFTP,
        ServiceName.CHAN_SIP,
        ServiceName.HTTPS,
        ServiceName.PROVISIONING,
    ]


def test_tftp_is_tftp_whoever_serves_it_and_a_stranger_on_a_known_port_is_not_taken_for_the_service() -> None:
    found = ss(
        f"udp UNCONN 0 0 0.0.0.0:69 0.0.0.0:* {users('xinetd')}",
        f"tcp LISTEN 0 0 0.0.0.0:5038 0.0.0.0:* {users('nc')}",
    )
    assert [one.service for one in sockets.name_listeners(found)] == [ServiceName.TFTP, ServiceName.OTHER]


def test_addresses_with_zones_mapped_and_in_brackets() -> None:
    found = ss(
        "udp UNCONN 0 0 127.0.0.53%lo:53 0.0.0.0:*",
        "udp UNCONN 0 0 [fe80::1]%eth0:546 [::]:*",
        "tcp LISTEN 0 0 [::ffff:127.0.0.1]:8005 *:*",
        "tcp LISTEN 0 0 :::80 :::*",
    )
    assert [str(one.address) for one in found] == ["127.0.0.53", "fe80::1", "127.0.0.1", "None"]
    assert found[3].versions == {4, 6}


def test_netstat_is_read_where_ss_is_not_there() -> None:
    text = """Active Internet connections (only servers)
Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name
tcp        0      0 0.0.0.0:22              0.0.0.0:*               LISTEN      533/sshd
tcp6       0      0 :::80                   :::*                    LISTEN      700/httpd
udp        0      0 0.0.0.0:69              0.0.0.0:*                           5368/in.tftpd
"""
    found = sockets.read(MemoryArtifacts({"commands/netstat.txt": text})).facts
    assert found is not None
    assert [(one.transport, one.port, one.process) for one in found] == [
        ("tcp", 22, "sshd"),
        ("tcp", 80, "httpd"),
        ("udp", 69, "in.tftpd"),
    ]


def test_no_output_is_unknown_and_not_nothing() -> None:
    assert sockets.read(MemoryArtifacts({})).facts is None
    reading = sockets.read(MemoryArtifacts({"commands/ss.txt": "ss: command not found\n"}))
    assert reading.facts is None
    assert len(reading.problems) == 1


def test_the_configuration_stands_in_where_the_sockets_are_unknown() -> None:
    found = sockets.listeners_from_configuration(SIP, MANAGER, HTTP, iax=PLACE, tftp=PLACE)
    assert [(one.service, one.transport, one.port) for one in found] == [
        (ServiceName.CHAN_SIP, "udp", 5160),
        (ServiceName.CHAN_SIP, "tcp", 5161),
        (ServiceName.PJSIP, "udp", 5060),
        (ServiceName.PJSIP, "tcp", 5070),
        (ServiceName.AMI, "tcp", 5039),
        (ServiceName.ASTERISK_HTTP, "tcp", 8090),
        (ServiceName.IAX2, "udp", 4569),
        (ServiceName.TFTP, "udp", 69),
    ]
    assert sockets.listeners_from_configuration() == ()


@settings(max_examples=1000)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(raw: bytes) -> None:
    for start in (b"", b"udp UNCONN 0 0 ", b"tcp 0 0 "):
        reading = sockets.read(MemoryArtifacts({"commands/ss.txt": start + raw}))
        sockets.name_listeners(reading.facts or (), SIP)
