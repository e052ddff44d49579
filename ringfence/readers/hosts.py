"""The machines of the site.

The PBX with its listeners, and the edge, each with interfaces, routes and packet filter.
"""

from itertools import chain

from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.packetfilter import Ruleset
from ringfence.model.site import Driver, Host, Listener, ServedFile
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.asterisk.pbx import PbxConfiguration
from ringfence.readers.gateways.dialects import DIALECTS
from ringfence.readers.gateways.gateway import Gateway
from ringfence.readers.gateways.recognise import read_gateway
from ringfence.readers.linux import addresses, packetfilters, sockets

PBX, EDGE = "pbx", "edge"


def read_hosts(
    artifacts: Artifacts, configuration: PbxConfiguration, served: tuple[ServedFile, ...] | None
) -> Reading[tuple[Host, ...]]:
    """Read the PBX, always, and the edge where the evidence holds anything of it."""
    filters = packetfilters.read(artifacts)
    pbx = _host(artifacts, PBX, "commands", filters.facts.pbx)
    # A Linux edge tells its rules itself; any other product's export is read where there are none.
    gateway = read_gateway(artifacts, DIALECTS) if filters.facts.edge is None else Reading(facts=None)
    edge = _edge(artifacts, filters.facts.edge, gateway.facts)
    bound = sockets.read(artifacts)
    pbx_host = Host(
        name=PBX,
        interfaces=pbx.facts.interfaces,
        routes=pbx.facts.routes,
        packet_filter=pbx.facts.packet_filter,
        listeners=_listeners(bound.facts, configuration, served),
    )
    hosts = (pbx_host, edge.facts) if any(name.startswith("edge/") for name in artifacts.names()) else (pbx_host,)
    problems: tuple[Problem, ...] = tuple(
        chain.from_iterable(reading.problems for reading in (filters, pbx, gateway, edge, bound))
    )
    return Reading(facts=hosts, problems=problems)


def _host(artifacts: Artifacts, name: str, folder: str, packet_filter: Ruleset | None) -> Reading[Host]:
    attached = addresses.read(artifacts, folder)
    host = Host(
        name=name,
        interfaces=attached.facts.interfaces,
        routes=attached.facts.routes,
        packet_filter=packet_filter,
    )
    return Reading(facts=host, problems=attached.problems)


def _edge(artifacts: Artifacts, packet_filter: Ruleset | None, gateway: Gateway | None) -> Reading[Host]:
    linux = _host(artifacts, EDGE, "edge", packet_filter)
    if gateway is None:
        return linux
    host = Host(
        name=EDGE,
        interfaces=linux.facts.interfaces or gateway.interfaces,
        routes=linux.facts.routes or gateway.routes,
        packet_filter=gateway.ruleset,
        outside=gateway.outside,
    )
    return Reading(facts=host, problems=linux.problems)


def _listeners(
    bound: tuple[sockets.Socket, ...] | None,
    configuration: PbxConfiguration,
    served: tuple[ServedFile, ...] | None,
) -> tuple[Listener, ...] | None:
    """Give what listens: as the kernel said, else as the configuration asks for, else unknown (None)."""
    sip = [settings for settings in configuration.sip if settings.driver is not Driver.IAX2]
    iax = next((settings for settings in configuration.sip if settings.driver is Driver.IAX2), None)
    if bound is not None:
        port = next((port for _, _, port in iax.binds), sockets.IAX_PORT) if iax is not None else sockets.IAX_PORT
        return sockets.name_listeners(bound, sip, configuration.manager, configuration.http, port)
    asked_for = sockets.listeners_from_configuration(
        sip, configuration.manager, configuration.http, iax.citation if iax is not None else None, _tftp_root(served)
    )
    return asked_for or None


def _tftp_root(served: tuple[ServedFile, ...] | None) -> Citation | None:
    return next((file.citation for file in served or () if "tftp" in file.root), None)
