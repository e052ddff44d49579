"""The school's network in namespaces: internet - edge - {PBX, voice VLAN, office VLAN}.

Every run has namespaces of its own, named by a token, and takes them down even when it fails.
"""

import contextlib
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.lab.shell import LabError, run, start, stop

EDGE_PUBLIC = "203.0.113.1"
PBX = "10.20.0.10"
PBX_GATEWAY = "10.20.0.1"
VOICE_GATEWAY = "10.20.8.1"
OFFICE_GATEWAY = "10.20.30.1"
OFFICE_PC = "10.20.30.66"
PROVIDER = "198.51.100.20"
REMOTE_WORKER = "198.51.100.144"
INTERNAL_NETWORKS = ("10.20.0.0/24", "10.20.8.0/24", "10.20.30.0/24")

_SEGMENTS = (
    ("inet", "wan", EDGE_PUBLIC),
    ("pbx", "lan", PBX_GATEWAY),
    ("voice", "voice", VOICE_GATEWAY),
    ("office", "staff", OFFICE_GATEWAY),
)

Edge = Literal["open", "masquerading", "closed"]

_FORWARDS = f"""iifname "wan" udp dport {{ 69, 5060, 5160 }} dnat to {PBX}
		iifname "wan" tcp dport 80 dnat to {PBX}"""
_FORWARD_FOR_PROVIDER = f"""iifname "wan" ip saddr {PROVIDER} udp dport 5060 dnat to {PBX}"""
_TFTP_HELPER = """
	ct helper alg-tftp {
		type "tftp" protocol udp
		l3proto ip
	}

	chain helpers {
		type filter hook prerouting priority filter; policy accept;
		iifname "wan" udp dport 69 ct helper set "alg-tftp"
	}
"""


def edge_ruleset(edge: Edge) -> str:
    """Return the edge's nftables rules.

    ``open`` is the school's mistake: forwards that the whole world may use. ``masquerading`` also rewrites the source
    of what it forwards; it needs its TFTP helper, because the answer comes from a new port. ``closed`` forwards SIP
    for the provider only.
    """
    masquerades = edge == "masquerading"
    inbound = '\n\t\toifname "lan" ct status dnat masquerade' if masquerades else ""
    helper = _TFTP_HELPER if masquerades else ""
    return f"""
table ip nat {{
	chain pre {{
		type nat hook prerouting priority dstnat; policy accept;
		{_FORWARD_FOR_PROVIDER if edge == "closed" else _FORWARDS}
	}}

	chain post {{
		type nat hook postrouting priority srcnat; policy accept;
		oifname "wan" masquerade{inbound}
	}}
}}
table ip filter {{{helper}
	chain forward {{
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		ct status dnat accept
		iifname {{ "lan", "voice", "staff" }} accept
	}}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """The namespaces of one run."""

    token: str

    def namespace(self, name: str) -> str:
        """Return the full name of namespace ``name`` (inet, edge, pbx, voice, office)."""
        return f"rf-{self.token}-{name}"

    def inside(self, name: str, *argv: str | Path) -> list[str | Path]:
        """Return the command line that runs ``argv`` inside a namespace."""
        return ["ip", "netns", "exec", self.namespace(name), *argv]

    def run(self, name: str, *argv: str | Path, timeout_seconds: float = 60, stdin: str | None = None) -> str:
        """Run a command inside a namespace and return what it printed."""
        return run(self.inside(name, *argv), timeout_seconds=timeout_seconds, stdin=stdin)

    def shell(self, name: str, script: str, *, timeout_seconds: float = 120) -> str:
        """Run a shell script inside a namespace; the script decides what counts as failure."""
        return self.run(name, "sh", "-c", script, timeout_seconds=timeout_seconds)

    def add_addresses(self, name: str, addresses: Iterable[str]) -> None:
        """Give the one link of a namespace further addresses, in one batch."""
        batch = "".join(f"addr replace {address}/24 dev eth0\n" for address in addresses)
        self.run(name, "ip", "-batch", "-", stdin=batch)

    @contextlib.contextmanager
    def process(self, name: str, argv: Iterable[str | Path], log: Path) -> Iterator[None]:
        """Keep a process running inside a namespace for the length of the block."""
        process = start(self.inside(name, *argv), log)
        try:
            yield
        finally:
            stop(process)


def route(target: str, source: str, *, gateway: str = "") -> list[str]:
    """Return the words after ``ip`` that make ``source`` the address from which a target is reached."""
    via = ["via", gateway] if gateway else []
    return ["route", "replace", f"{target}/32", *via, "dev", "eth0", "src", source]


@contextlib.contextmanager
def topology(edge: Edge = "open") -> Iterator[Topology]:
    """Build the network around an edge of that kind, and take it down at the end whatever happens in the block."""
    net = Topology(token=secrets.token_hex(3))
    try:
        _build(net, edge)
        yield net
    finally:
        _remove(net)


def _build(net: Topology, edge: Edge) -> None:
    edge_namespace = net.namespace("edge")
    for name in ("edge", *(segment for segment, _, _ in _SEGMENTS)):
        run(["ip", "netns", "add", net.namespace(name)])
        net.run(name, "ip", "link", "set", "lo", "up")
    for name, edge_link, gateway in _SEGMENTS:
        pair = ["ip", "link", "add", edge_link, "netns", edge_namespace, "type", "veth"]
        run([*pair, "peer", "name", "eth0", "netns", net.namespace(name)])
        net.run("edge", "ip", "addr", "add", f"{gateway}/24", "dev", edge_link)
        net.run("edge", "ip", "link", "set", edge_link, "up")
        net.run(name, "ip", "link", "set", "eth0", "up")
    net.add_addresses("inet", ("203.0.113.2", "198.51.100.1", PROVIDER, REMOTE_WORKER))
    net.add_addresses("pbx", (PBX,))
    net.add_addresses("voice", ("10.20.8.2",))
    net.add_addresses("office", (OFFICE_PC,))
    gateways = {name: gateway for name, _, gateway in _SEGMENTS if name != "inet"}
    for name, gateway in gateways.items():
        net.run(name, "ip", "route", "add", "default", "via", gateway, "dev", "eth0")
    net.run("edge", "ip", "route", "add", "198.51.100.0/24", "dev", "wan")
    net.run("edge", "sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward")
    net.run("edge", "nft", "-f", "-", stdin=edge_ruleset(edge))


def _remove(net: Topology) -> None:
    for name in ("edge", *(segment for segment, _, _ in _SEGMENTS)):
        # A namespace that was never made is no failure: the build itself may have stopped half way.
        with contextlib.suppress(LabError):
            run(["ip", "netns", "delete", net.namespace(name)])
