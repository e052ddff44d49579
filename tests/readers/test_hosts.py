from ipaddress import ip_address

from ringfence.model.defences import TftpSettings
from ringfence.model.evidence import Citation
from ringfence.model.site import Driver, FileKind, Host, ManagerSettings, ServedFile, ServiceName, SipSettings
from ringfence.readers.asterisk.pbx import PbxConfiguration
from ringfence.readers.hosts import read_hosts
from tests.memory import MemoryArtifacts

HERE = Citation(file="etc/asterisk/sip.conf", line=4)
CONFIGURATION = PbxConfiguration(
    sip=(
        SipSettings(driver=Driver.CHAN_SIP, binds=(("udp", None, 5160),), citation=HERE),
        SipSettings(driver=Driver.IAX2, binds=(("udp", None, 4569),), citation=HERE),
    ),
    manager=ManagerSettings(enabled=True, address=None, port=5038, citation=HERE),
)
SERVED = (ServedFile(name="x.cfg", root="tftpboot/", kind=FileKind.PHONE, size_bytes=1, citation=HERE),)
SS = """Netid State  Recv-Q Send-Q Local Address:Port  Peer Address:PortProcess
udp   UNCONN 0      0            0.0.0.0:5160       0.0.0.0:*    users:(("asterisk",pid=10722,fd=24))
udp   UNCONN 0      0            0.0.0.0:4569       0.0.0.0:*    users:(("asterisk",pid=10722,fd=23))
udp   UNCONN 0      0         10.20.0.10:69         0.0.0.0:*    users:(("in.tftpd",pid=10736,fd=4))
"""


def read(files: dict[str, str], *, configured: bool = True) -> dict[str, Host]:
    configuration = CONFIGURATION if configured else PbxConfiguration()
    hosts = read_hosts(MemoryArtifacts(files), configuration, SERVED if configured else None).facts
    return {host.name: host for host in hosts}


def services(host: Host) -> set[tuple[ServiceName, int]]:
    return {(listener.service, listener.port) for listener in host.listeners or ()}


def test_the_kernel_says_what_listens_and_the_configuration_what_it_is() -> None:
    pbx = read({"commands/ss.txt": SS})["pbx"]
    assert services(pbx) == {(ServiceName.CHAN_SIP, 5160), (ServiceName.IAX2, 4569), (ServiceName.TFTP, 69)}


def test_without_the_kernels_word_the_configuration_is_asked() -> None:
    pbx = read({})["pbx"]
    assert services(pbx) == {
        (ServiceName.CHAN_SIP, 5160),
        (ServiceName.IAX2, 4569),
        (ServiceName.AMI, 5038),
        (ServiceName.TFTP, 69),
    }


def test_the_tftp_server_says_where_it_listens() -> None:
    settings = TftpSettings(binds=((ip_address("10.20.0.10"), 69),))
    hosts = read_hosts(MemoryArtifacts({}), CONFIGURATION, SERVED, settings).facts
    (tftp,) = (one for one in hosts[0].listeners or () if one.service is ServiceName.TFTP)
    assert (tftp.address, tftp.port) == (ip_address("10.20.0.10"), 69)


def test_without_either_what_listens_is_unknown_not_nothing() -> None:
    pbx = read({}, configured=False)["pbx"]
    assert pbx.listeners is None
    assert pbx.packet_filter is None


def test_an_edge_exists_only_where_the_evidence_has_one() -> None:
    assert set(read({"commands/ss.txt": SS})) == {"pbx"}
    edge = read({"edge/nft-ruleset.txt": "table ip filter {\n}\n"})["edge"]
    assert edge.packet_filter is not None
