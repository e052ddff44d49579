"""ASA's and PIX's interfaces as the rest of the configuration names them (`nameif`), with levels and routes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface

from ringfence.model.evidence import Citation
from ringfence.model.site import Route
from ringfence.readers.gateways.cisco_lines import Statement
from ringfence.readers.gateways.cisco_objects import Objects


@dataclass(slots=True, kw_only=True)
class Side:
    """One named interface; ``level`` is its security level, ``addresses`` are empty where somebody else gives them."""

    name: str
    level: int
    place: Citation
    addresses: list[IPv4Interface] = field(default_factory=list)


def sides(statements: list[Statement], objects: Objects) -> dict[str, Side]:
    """Read `interface` sections, and PIX 6's `nameif ethernet0 outside security0`, `ip address outside …`."""
    found: dict[str, Side] = {}
    for statement in statements:
        words = statement.words
        if words[0] == "interface":
            side = _section(statement, objects)
            if side is not None:
                found[side.name] = side
        elif words[0] == "nameif" and len(words) > 3:
            digits = words[3].removeprefix("security")
            level = int(digits[:4]) if digits.isdecimal() else _usual(words[2])
            found[words[2]] = Side(name=words[2], level=level, place=statement.place)
        elif words[:2] == ("ip", "address") and len(words) > 4 and words[2] in found:
            _address(found[words[2]], words[3], words[4], objects)
    return found


def _section(statement: Statement, objects: Objects) -> Side | None:
    names = [below.words[1] for below in statement.below if below.words[0] == "nameif" and len(below.words) > 1]
    if not names or any(below.words == ("shutdown",) for below in statement.below):
        return None
    side = Side(name=names[-1], level=_usual(names[-1]), place=statement.place)
    for below in statement.below:
        match below.words:
            case ("security-level", level, *_) if level.isdecimal():
                side.level = int(level[:4])
            case ("ip", "address", address, mask, *_):
                _address(side, address, mask, objects)
            case _:
                continue
    return side


def _usual(name: str) -> int:
    return 100 if name == "inside" else 0


def _address(side: Side, address: str, mask: str, objects: Objects) -> None:
    try:
        side.addresses.append(IPv4Interface(f"{objects.address(address)}/{mask}"))
    except ValueError:
        return  # dhcp setroute, pppoe setroute


def routes(statements: list[Statement], objects: Objects) -> Iterator[Route]:
    """Read `route outside 0.0.0.0 0.0.0.0 203.0.113.254 1`; PIX writes `0 0` for everywhere."""
    for statement in statements:
        words = statement.words
        if words[0] != "route" or len(words) < 5:
            continue
        try:
            network = next(iter(objects.masked(words[2], words[3]).networks()))
            via: IPv4Address | None = objects.address(words[4])
        except (ValueError, StopIteration):
            continue
        yield Route(network=network, via=via, interface=words[1], citation=statement.place)
