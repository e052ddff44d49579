"""The machines of the site.

The PBX with its listeners, the edge, and a second edge in front of it (``edge2``: double NAT), each with interfaces,
routes and packet filter.
"""

from itertools import chain

from ringfence.model.defences import TftpSettings
from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.packetfilter import Ruleset
from ringfence.model.site import Driver, Host, Listener, ServedFile
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.asterisk.pbx import PbxConfiguration
from ringfence.readers.gateways.dialects import DIALECTS
from ringfence.readers.gateways.recognise import passed_over, read_gateway
from ringfence.readers.linux import addresses, packetfilters, sockets

PBX, EDGE, EDGE2 = "pbx", "edge", "edge2"


def read_hosts(
    artifacts: Artifacts,
    configuration: PbxConfiguration,
    served: tuple[ServedFile, ...] | None,
    tftp: TftpSettings | None = None,
) -> Reading[tuple[Host, ...]]:
    """Read the PBX, always, and the edges of which the evidence holds anything."""
    filters = packetfilters.read(artifacts)
    pbx = _host(artifacts, PBX, "commands", filters.facts.pbx)
    edges = tuple(
        _edge(artifacts, name, rules)
        for name, rules in ((EDGE, filters.facts.edge), (EDGE2, filters.facts.edge2))
        if any(file.startswith(f"{name}/") for file in artifacts.names())
    )
    bound = sockets.read(artifacts)
    pbx_host = Host(
        name=PBX,
        interfaces=pbx.facts.interfaces,
        routes=pbx.facts.routes,
        packet_filter=pbx.facts.packet_filter,
        listeners=_listeners(bound.facts, configuration, served, tftp),
    )
    problems: tuple[Problem, ...] = tuple(
        chain.from_iterable(reading.problems for reading in (filters, pbx, *edges, bound))
    )
    return Reading(facts=(pbx_host, *(edge.facts for edge in edges)), problems=problems)


def _host(artifacts: Artifacts, name: str, folder: str, packet_filter: Ruleset | None) -> Reading[Host]:
    attached = addresses.read(artifacts, folder)
    host = Host(
        name=name,
        interfaces=attached.facts.interfaces,
        routes=attached.facts.routes,
        packet_filter=packet_filter,
    )
    return Reading(facts=host, problems=attached.problems)


def _edge(artifacts: Artifacts, name: str, packet_filter: Ruleset | None) -> Reading[Host]:
    """Read an edge from the folder of its name.

    A Linux edge tells its rules itself; any other product's export is read where there are none.
    """
    linux = _host(artifacts, name, name, packet_filter)
    if packet_filter is not None:
        return Reading(facts=linux.facts, problems=(*linux.problems, *passed_over(artifacts, DIALECTS, f"{name}/")))
    gateway = read_gateway(artifacts, DIALECTS, f"{name}/")
    if gateway.facts is None:
        return Reading(facts=linux.facts, problems=(*gateway.problems, *linux.problems))
    host = Host(
        name=name,
        interfaces=linux.facts.interfaces or gateway.facts.interfaces,
        routes=linux.facts.routes or gateway.facts.routes,
        packet_filter=gateway.facts.ruleset,
        outside=gateway.facts.outside,
    )
    return Reading(facts=host, problems=(*gateway.problems, *linux.problems))


def _listeners(
    bound: tuple[sockets.Socket, ...] | None,
    configuration: PbxConfiguration,
    served: tuple[ServedFile, ...] | None,
    tftp: TftpSettings | None,
) -> tuple[Listener, ...] | None:
    """Give what listens: as the kernel said, else as the configuration asks for, else unknown (None)."""
    sip = [settings for settings in configuration.sip if settings.driver is not Driver.IAX2]
    iax = next((settings for settings in configuration.sip if settings.driver is Driver.IAX2), None)
    if bound is not None:
        port = next((port for _, _, port in iax.binds), sockets.IAX_PORT) if iax is not None else sockets.IAX_PORT
        return sockets.name_listeners(bound, sip, configuration.manager, configuration.http, port)
    asked_for = sockets.listeners_from_configuration(
        sip,
        configuration.manager,
        configuration.http,
        iax=iax.citation if iax is not None else None,
        tftp=_tftp_root(served),
        tftp_binds=tftp.binds if tftp is not None else (),
    )
    return asked_for or None


def _tftp_root(served: tuple[ServedFile, ...] | None) -> Citation | None:
    return next((file.citation for file in served or () if "tftp" in file.root), None)
