"""Asks the engine about a PBX behind an edge whose export is given as text: who reaches which port."""

from collections.abc import Callable

from ringfence.model.evidence import Reading
from ringfence.model.exposure import Exposure, Verdict
from ringfence.model.site import Host
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.gateways.gateway import Gateway
from tests.memory import MemoryArtifacts
from tests.reach import school

FILE = "edge/export.txt"
Read = Callable[[Artifacts, str], Reading[Gateway | None]]
OPENNESS = (Verdict.REACHABLE, Verdict.UNKNOWN, Verdict.BLOCKED)


def reading(read: Read, text: str | bytes) -> Reading[Gateway | None]:
    """Read one export."""
    return read(MemoryArtifacts({FILE: text}), FILE)


def gateway(read: Read, text: str | bytes) -> Gateway:
    """Read one export that must be one."""
    found = reading(read, text).facts
    assert found is not None
    return found


def exposure(read: Read, text: str | bytes, service: str, *, at: str = "internet", pbx: str = school.PBX) -> Exposure:
    """Predict who reaches `udp/5060` of a PBX without a firewall; of several outside addresses the most open one."""
    found = gateway(read, text)
    transport, _, port = service.partition("/")
    edge = Host(name="edge", interfaces=found.interfaces, routes=found.routes, packet_filter=found.ruleset)
    listener = school.listener(port=int(port), transport=transport)
    exposures = school.exposures(edge, school.pbx(school.save(""), listener, addresses=(f"{pbx}/24",)))
    mine = [one for one in exposures.values() if one.vantage == at]
    return min(mine, key=lambda one: OPENNESS.index(one.verdict))


def verdict(read: Read, text: str | bytes, service: str, *, at: str = "internet", pbx: str = school.PBX) -> str:
    """Give `reachable`, `blocked` or `unknown`."""
    return exposure(read, text, service, at=at, pbx=pbx).verdict.value
