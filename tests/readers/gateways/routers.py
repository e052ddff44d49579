"""Asks the engine about a PBX behind a router whose export is given as text, with what the export says of its sides."""

from ringfence.model.exposure import Exposure
from ringfence.model.site import Host
from ringfence.readers.gateways.gateway import Gateway
from tests.reach import school

PBX, STRANGER, PROVIDER = school.PBX, school.STRANGER, school.PROVIDER


def ask(gateway: Gateway | None, port: int = 5060, *, at: str = "internet", version: int = 4) -> Exposure:
    """Predict who reaches a UDP port of a PBX without a filter of its own; the first answer of that vantage."""
    assert gateway is not None
    edge = Host(
        name="edge",
        interfaces=gateway.interfaces,
        routes=gateway.routes,
        packet_filter=gateway.ruleset,
        outside=gateway.outside,
    )
    address = f"{PBX}/24" if version == 4 else "2001:db8:20::10/64"
    pbx = school.pbx(school.nft("", name="commands/nft-ruleset.txt"), school.listener(port=port), addresses=(address,))
    return next(one for one in school.exposures(edge, pbx).values() if one.vantage == at)


def verdict(gateway: Gateway | None, port: int = 5060, *, at: str = "internet", version: int = 4) -> str:
    """Give `reachable`, `blocked` or `unknown`."""
    return ask(gateway, port, at=at, version=version).verdict.value
