"""What rules of pfSense and OPNsense ask for beside addresses, written alike in both: protocol, TCP flags, limits."""

from ringfence.model.packetfilter import Match, RateLimited, TcpFlags
from ringfence.readers.gateways.pf_match import WITH_PORTS
from ringfence.readers.gateways.pf_xml import Node
from ringfence.readers.linux import notation

LIMITS = ("max", "max-src-nodes", "max-src-states", "max-src-conn", "max-src-conn-rate")


def protocols(text: str) -> frozenset[str] | None:
    """Read a protocol, lower case; None is any."""
    lower = text.lower()
    if lower in {"", "any"}:
        return None
    return frozenset({"tcp", "udp"}) if lower == "tcp/udp" else frozenset({notation.protocol_name(lower)})


def has_ports(protocol: str) -> bool:
    """Tell whether ports count for the protocol that a rule names; without a protocol they are ignored."""
    named = protocols(protocol)
    return named is not None and named <= WITH_PORTS


def tcp_flags(rule: Node) -> list[Match]:
    """Read the TCP flags that a rule asks for; the usual ones (S/SA) match every first packet."""
    if rule.has("tcpflags_any") and rule.value("tcpflags_any") != "0":
        return []
    mask = frozenset(rule.value("tcpflags2").lower().replace(",", " ").split())
    flags = frozenset(rule.value("tcpflags1").lower().replace(",", " ").split())
    return [TcpFlags(mask=mask, flags=flags)] if mask else []


def limits(rule: Node) -> list[Match]:
    """Read the limits on states and connections: the first packet of a stranger is below them."""
    if rule.value("type") not in {"", "pass"} or rule.value("action") not in {"", "pass"}:
        return []
    given = [f"{tag} {rule.value(tag)}" for tag in LIMITS if rule.value(tag) not in {"", "0"}]
    return [RateLimited(text=", ".join(given))] if given else []


def number(text: str, otherwise: int) -> int:
    """Read a small number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise
