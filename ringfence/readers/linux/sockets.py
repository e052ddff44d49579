"""Reads which programs listen, from `ss -lnptu` or `netstat -lnptu`, and names the services behind the sockets."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address

from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.site import (
    Address,
    Driver,
    HttpSettings,
    Listener,
    ManagerSettings,
    ServiceName,
    SipSettings,
)
from ringfence.readers.artifacts import Artifacts, decoded, lines
from ringfence.readers.wants import Command, Want

WANTS: tuple[Want, ...] = (
    Command(name="ss", argv=("ss", "-lnptu")),
    Command(name="netstat", argv=("netstat", "-lnptu")),
)
SOURCES = ("commands/ss.txt", "commands/netstat.txt")

#: The first port that Linux hands out by itself (net.ipv4.ip_local_port_range).
FIRST_EPHEMERAL = 32_768
#: Asterisk's default for media (rtp.conf); a socket there is a call, not a service.
RTP_PORTS = range(10_000, 20_001)
IAX_PORT = 4569

PROGRAMS = {
    "in.tftpd": ServiceName.TFTP,
    "tftpd": ServiceName.TFTP,
    "atftpd": ServiceName.TFTP,
    "sshd": ServiceName.SSH,
    "dropbear": ServiceName.SSH,
    "mysqld": ServiceName.DATABASE,
    "mariadbd": ServiceName.DATABASE,
    "postgres": ServiceName.DATABASE,
    "mongod": ServiceName.DATABASE,
    "redis-server": ServiceName.DATABASE,
}
WEB_SERVERS = frozenset({"httpd", "apache2", "nginx", "lighttpd"})
#: FreePBX's own ports for phone provisioning over HTTP and HTTPS (fpbx:firewall, Services.class.php).
PROVISIONING_PORTS = frozenset({84, 1443})
PORTS = {
    ("udp", 69): ServiceName.TFTP,
    ("tcp", 22): ServiceName.SSH,
    ("tcp", 80): ServiceName.HTTP,
    ("tcp", 443): ServiceName.HTTPS,
    ("tcp", 84): ServiceName.PROVISIONING,
    ("tcp", 1443): ServiceName.PROVISIONING,
    ("tcp", 3306): ServiceName.DATABASE,
    ("tcp", 5432): ServiceName.DATABASE,
    ("tcp", 27017): ServiceName.DATABASE,
    ("tcp", 5038): ServiceName.AMI,
    ("tcp", 5039): ServiceName.AMI,
    ("tcp", 8088): ServiceName.ASTERISK_HTTP,
    ("tcp", 8089): ServiceName.ASTERISK_HTTP,
    ("udp", IAX_PORT): ServiceName.IAX2,
}
SIP_PORTS = frozenset({5060, 5061, 5160, 5161})
DRIVERS = {Driver.CHAN_SIP: ServiceName.CHAN_SIP, Driver.PJSIP: ServiceName.PJSIP}

#: udp   UNCONN 0      0            0.0.0.0:69         0.0.0.0:*    users:(("in.tftpd",pid=5368,fd=4))
_SS = re.compile(r"^(?P<transport>udp|tcp)\s+(?P<state>UNCONN|LISTEN)\s+\d+\s+\d+\s+(?P<local>\S+)\s+\S+(?P<rest>.*)$")
#: tcp6  0  0 :::80   :::*   LISTEN   533/httpd
_NETSTAT = re.compile(r"^(?P<transport>udp|tcp)6?\s+\d+\s+\d+\s+(?P<local>\S+)\s+\S+\s*(?:LISTEN)?\s*(?P<rest>.*)$")
_SS_PROCESS = re.compile(r'users:\(\("(?P<process>[^"]*)"')
_NETSTAT_PROCESS = re.compile(r"^\d+/(?P<process>[^\s:]+)")
_LOCAL = re.compile(r"^\[?(?P<address>[0-9a-fA-F:.*]*?)\]?(?:%[^\s:\]]+\]?)?:(?P<port>\d+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """A bound socket; ``address`` None is every address of the IP versions in ``versions``."""

    transport: str
    address: Address | None
    port: int
    process: str
    versions: frozenset[int]
    citation: Citation


def read(artifacts: Artifacts) -> Reading[tuple[Socket, ...] | None]:
    """Read the sockets; None when neither command's output is in the evidence."""
    names = set(artifacts.names())
    source = next((name for name in SOURCES if name in names), None)
    if source is None:
        return Reading(facts=None)
    problems: list[Problem] = []
    found: list[Socket] = []
    for number, raw in lines(artifacts, source):
        line = decoded(raw).strip()
        place = Citation(file=source, line=number)
        if not line.startswith(("udp", "tcp")):
            continue
        socket = _socket(line, place)
        if socket is not None:
            found.append(socket)
        elif " ESTAB " not in line and "ESTABLISHED" not in line:
            problems.append(Problem(citation=place, message="not a socket that is understood; it was left out"))
    if not found:
        message = "no listening socket was read; which services run is unknown"
        return Reading(facts=None, problems=(*problems, Problem(citation=Citation(file=source), message=message)))
    return Reading(facts=tuple(found), problems=tuple(problems))


def _socket(line: str, place: Citation) -> Socket | None:
    found = _SS.match(line)
    process = _SS_PROCESS.search(found["rest"]) if found else None
    if not found:
        found = _NETSTAT.match(line)
        process = _NETSTAT_PROCESS.match(found["rest"].strip()) if found else None
    if not found:
        return None
    local = _LOCAL.match(found["local"])
    if not local or int(local["port"]) > 65535:
        return None
    versions, address = _bound(local["address"])
    if not versions:
        return None
    return Socket(
        transport=found["transport"],
        address=address,
        port=int(local["port"]),
        process=process["process"] if process else "",
        versions=versions,
        citation=place,
    )


def _bound(text: str) -> tuple[frozenset[int], Address | None]:
    """Read what a socket is bound to: `*` and `::` alone take both IP versions, `0.0.0.0` takes IPv4."""
    if text in {"*", "::", ""}:
        return frozenset({4, 6}), None
    try:
        address = ip_address(text)
    except ValueError:
        return frozenset(), None
    if address.version == 6 and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return frozenset({address.version}), None if address.is_unspecified else address


def name_listeners(
    sockets: Iterable[Socket],
    sip: Sequence[SipSettings] = (),
    manager: ManagerSettings | None = None,
    http: HttpSettings | None = None,
    iax_port: int | None = IAX_PORT,
) -> tuple[Listener, ...]:
    """Name the service behind every socket, Asterisk's by its configuration.

    Left out: sockets of Asterisk that stand in no configuration and have an ephemeral or an RTP port. Two sockets of
    one program on one port, for IPv4 and IPv6, are one listener.
    """
    found: dict[tuple[str, int, str, Address | None], Listener] = {}
    for socket in sockets:
        service = _service(socket, sip, manager, http, iax_port)
        if service is None:
            continue
        key = (socket.transport, socket.port, socket.process, socket.address)
        known = found.get(key)
        if known is not None:
            found[key] = replace(known, versions=known.versions | socket.versions)
            continue
        found[key] = Listener(
            service=service,
            transport=socket.transport,
            address=socket.address,
            port=socket.port,
            process=socket.process,
            versions=socket.versions,
            citation=socket.citation,
        )
    return tuple(found.values())


def _service(
    socket: Socket,
    sip: Sequence[SipSettings],
    manager: ManagerSettings | None,
    http: HttpSettings | None,
    iax_port: int | None,
) -> ServiceName | None:
    if socket.process == "asterisk" or (not socket.process and socket.port in SIP_PORTS):
        return _asterisk(socket, sip, manager, http, iax_port)
    if socket.process in WEB_SERVERS:
        if socket.port in PROVISIONING_PORTS:
            return ServiceName.PROVISIONING
        return ServiceName.HTTPS if socket.port == 443 else ServiceName.HTTP
    if socket.process in PROGRAMS:
        return PROGRAMS[socket.process]
    known = PORTS.get((socket.transport, socket.port))
    # another program on a well-known TCP port is what it is; only TFTP is also served by inetd, xinetd, dnsmasq …
    return known if known is not None and (not socket.process or known == ServiceName.TFTP) else ServiceName.OTHER


def _asterisk(
    socket: Socket,
    sip: Sequence[SipSettings],
    manager: ManagerSettings | None,
    http: HttpSettings | None,
    iax_port: int | None,
) -> ServiceName | None:
    for settings in sip:
        for transport, address, port in settings.binds:
            if port == socket.port and _carried_by(transport) == socket.transport and address in {None, socket.address}:
                return DRIVERS.get(settings.driver, ServiceName.OTHER)
    if socket.transport == "tcp" and manager is not None and socket.port == manager.port:
        return ServiceName.AMI
    if socket.transport == "tcp" and http is not None and socket.port == http.port:
        return ServiceName.ASTERISK_HTTP
    if socket.transport == "udp" and socket.port == iax_port:
        return ServiceName.IAX2
    if socket.port in SIP_PORTS:
        return _likely_driver(sip)
    known = PORTS.get((socket.transport, socket.port))
    if known is not None:
        return known
    if socket.transport == "udp" and (socket.port >= FIRST_EPHEMERAL or socket.port in RTP_PORTS):
        return None
    return ServiceName.OTHER


def _carried_by(transport: str) -> str:
    """Give what a SIP transport runs on: ``tls``, ``ws`` and ``wss`` are TCP."""
    return "udp" if transport == "udp" else "tcp"


def _likely_driver(sip: Sequence[SipSettings]) -> ServiceName:
    """Name the driver of a SIP port that no bind line mentions: the only one configured, else the one without binds."""
    unbound = [settings.driver for settings in sip if not settings.binds]
    drivers = unbound or [settings.driver for settings in sip]
    return DRIVERS.get(drivers[0], ServiceName.PJSIP) if len(set(drivers)) == 1 else ServiceName.PJSIP


def listeners_from_configuration(  # noqa: PLR0913 - one parameter for each part of the configuration
    sip: Sequence[SipSettings] = (),
    manager: ManagerSettings | None = None,
    http: HttpSettings | None = None,
    *,
    iax: Citation | None = None,
    tftp: Citation | None = None,
    tftp_binds: Sequence[tuple[Address | None, int]] = (),
) -> tuple[Listener, ...]:
    """Give the listeners that the configuration asks for, where the sockets themselves are not in the evidence.

    ``iax`` and ``tftp`` are the places that show that IAX2 is configured and that files are served over TFTP;
    ``tftp_binds`` say where, udp/69 of every address unless told otherwise.
    """
    found = [
        Listener(
            service=DRIVERS.get(settings.driver, ServiceName.OTHER),
            transport=_carried_by(transport),
            address=None if address is None or address.is_unspecified else address,
            port=port,
            citation=settings.citation,
        )
        for settings in sip
        for transport, address, port in settings.binds
    ]
    if manager is not None and manager.enabled:
        found.append(_configured(ServiceName.AMI, manager.address, manager.port, manager.citation))
    if http is not None and http.enabled:
        found.append(_configured(ServiceName.ASTERISK_HTTP, http.address, http.port, http.citation))
    if iax is not None:
        found.append(_configured(ServiceName.IAX2, None, IAX_PORT, iax, transport="udp"))
    if tftp is not None:
        binds = tftp_binds or ((None, 69),)
        found += [_configured(ServiceName.TFTP, address, port, tftp, transport="udp") for address, port in binds]
    return tuple(dict.fromkeys(found))


def _configured(
    service: ServiceName, address: Address | None, port: int, place: Citation, *, transport: str = "tcp"
) -> Listener:
    bound = None if address is None or address.is_unspecified else address
    return Listener(service=service, transport=transport, address=bound, port=port, citation=place)
