"""Puts a gateway before the phone system of the tests and asks who reaches it."""

from collections.abc import Callable, Mapping
from ipaddress import ip_address

from ringfence.model.evidence import Reading
from ringfence.model.exposure import Exposure, Verdict
from ringfence.model.site import Host, Interface, Listener, ServiceName
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.gateways import edgeos, vyos
from ringfence.readers.gateways.gateway import Gateway
from ringfence.readers.gateways.vyatta_text import read as read_text
from ringfence.readers.gateways.vyatta_tree import Export
from tests.memory import MemoryArtifacts
from tests.reach.school import PROVIDER, STRANGER, exposures, interface, listener, pbx, save

NAME = "edge/config"
READERS: Mapping[str, Callable[[Artifacts, str], Reading[Gateway | None]]] = {"vyos": vyos.read, "edgeos": edgeos.read}
TFTP = listener()
SIP = listener(ServiceName.PJSIP, 5060)
WEB = listener(ServiceName.HTTP, 80, transport="tcp")

#: An edge with one network outside and three inside, as VyOS writes it.
INTERFACES = """interfaces {
    ethernet eth0 {
        address 203.0.113.1/24
    }
    ethernet eth1 {
        address 10.20.0.1/24
        vif 8 {
            address 10.20.8.1/24
        }
        vif 30 {
            address 10.20.30.1/24
        }
    }
    loopback lo {
    }
}
protocols {
    static {
        route 0.0.0.0/0 {
            next-hop 203.0.113.254 {
            }
        }
    }
}
"""

#: A forward of TFTP and SIP to the phone system, in the words of VyOS 1.4.
FORWARD = """nat {
    destination {
        rule 10 {
            destination {
                port "69,5060"
            }
            inbound-interface {
                name "eth0"
            }
            protocol "udp"
            translation {
                address "10.20.0.10"
            }
        }
    }
}
"""

#: The same in the words of EdgeOS, through its firewall.
EDGEOS_NAT = """service {
    nat {
        rule 10 {
            description PBX
            destination {
                port 69,5060
            }
            inbound-interface eth0
            inside-address {
                address 10.20.0.10
            }
            protocol udp
            type destination
        }
    }
}
"""

#: The same in the words of EdgeOS, past its firewall.
PORT_FORWARD = """port-forward {
    auto-firewall enable
    hairpin-nat enable
    lan-interface eth1
    rule 1 {
        description TFTP
        forward-to {
            address 10.20.0.10
            port 69
        }
        original-port 69
        protocol udp
    }
    wan-interface eth0
}
"""


def rule_set(name: str, *rules: str, default: str = "drop", word: str = "name") -> str:
    """Give a rule set of the older kind; each rule is its lines with semicolons between."""
    body = "".join(
        f"        rule {10 * number} {{\n{_lines(text)}        }}\n" for number, text in enumerate(rules, start=1)
    )
    return f"    {word} {name} {{\n        default-action {default}\n{body}    }}\n"


def _lines(text: str) -> str:
    """Write `source address 192.0.2.1; action accept` as nested blocks."""
    lines = []
    for statement in text.split(";"):
        *path, word, value = statement.split() if len(statement.split()) > 1 else [*statement.split(), ""]
        lines += [f"{one} {{" for one in path] + [f"{word} {value}".strip()] + ["}"] * len(path)
    return "".join(f"            {line}\n" for line in lines)


def on_interface(firewall: str, *, direction: str = "in", name: str = "WAN_IN") -> str:
    """Give the whole configuration with a rule set on eth0."""
    attached = (
        f"        firewall {{\n            {direction} {{\n                name {name}\n            }}\n        }}\n"
    )
    where = "        address 203.0.113.1/24\n"
    return f"firewall {{\n{firewall}}}\n{INTERFACES.replace(where, where + attached)}"


def block(path: str, *lines: str) -> str:
    """Write lines inside nested blocks: `nat destination rule/10` is a block in a block in a block."""
    names = [name.replace("/", " ") for name in path.split()]
    opened = "".join(f"{'    ' * depth}{name} {{\n" for depth, name in enumerate(names))
    inside = "".join(f"{'    ' * len(names)}{line}\n" for line in lines)
    closed = "".join(f"{'    ' * depth}}}\n" for depth in reversed(range(len(names))))
    return opened + inside + closed


def tree(text: str) -> Export:
    """Read a configuration as a tree."""
    return read_text(MemoryArtifacts({NAME: text}), NAME)


def gateway(text: str | bytes, *, product: str = "vyos") -> Gateway:
    """Read a configuration."""
    found = READERS[product](MemoryArtifacts({NAME: text}), NAME).facts
    assert found is not None
    return found


def problems(text: str | bytes, *, product: str = "vyos") -> tuple[str, ...]:
    """Give the problems of a configuration as texts."""
    return tuple(str(problem) for problem in READERS[product](MemoryArtifacts({NAME: text}), NAME).problems)


def asked(found: Gateway, *listeners: Listener, more: tuple[Interface, ...] = ()) -> dict[str, Exposure]:
    """Predict all exposures of the phone system behind a gateway."""
    own = [one for one in found.interfaces if one.addresses] or list(more)
    edge = Host(name="edge", interfaces=tuple(own), routes=found.routes, packet_filter=found.ruleset)
    return exposures(edge, pbx(save(""), *(listeners or (TFTP, SIP, WEB))))


def door(text: str, *, product: str = "vyos", of: Listener = TFTP) -> Exposure:
    """Predict one exposure to the Internet."""
    found = asked(gateway(text, product=product), of)
    return next(one for name, one in found.items() if name.startswith("internet/"))


def tftp(text: str, *, product: str = "vyos") -> Verdict:
    """Tell whether strangers reach TFTP."""
    return door(text, product=product).verdict


def admits(one: Exposure, address: str) -> bool:
    """Tell whether an address is among those that get in."""
    return ip_address(address) in one.sources


__all__ = ["PROVIDER", "STRANGER", "interface"]
