"""The school's network with other machines beside the PBX, IPv6, and any rules on the edge and on the PBX.

inet - edge - {switch - {pbx, desk}, voice, office}. All link addresses are known to everybody beforehand, so that no
packet is lost to the search for a neighbour, which a strict IPv6 filter would forbid.
"""

import contextlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Literal

from tests.lab.shell import LabError, run
from tests.lab.topology import EDGE_PUBLIC, OFFICE_PC, PBX, PROVIDER, REMOTE_WORKER, Topology

Tool = Literal["nft", "iptables", "ip6tables", "iptables-legacy", "ip6tables-legacy", "ipset"]

#: A second public address of the edge, for what is translated one to one.
SECOND_PUBLIC = "203.0.113.5"
PBX6, EDGE6 = "2001:db8:20::10", "2001:db8:ff::1"
PROVIDER6, STRANGER6 = "2001:db8:51::20", "2001:db8:bad::66"
NETWORKS: Mapping[str, tuple[IPv4Network | IPv6Network, ...]] = {
    "pbx": (ip_network("10.20.0.0/24"), ip_network("2001:db8:20::/64")),
    "voice": (ip_network("10.20.8.0/24"), ip_network("2001:db8:8::/64")),
    "office": (ip_network("10.20.30.0/24"), ip_network("2001:db8:30::/64")),
}
#: Where one stands to look: vantage -> namespace.
STANDS = {"internet": "inet", "office": "office", "voice": "voice", "pbx": "desk"}

_NAMESPACES = ("inet", "edge", "switch", "pbx", "desk", "voice", "office")


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One end of a cable: namespace, interface, link address, and its IP addresses with their prefix length."""

    namespace: str
    link: str
    mac: str
    addresses: tuple[str, ...] = ()
    addresses6: tuple[str, ...] = ()


_WAN = Port(
    namespace="edge",
    link="wan",
    mac="02:00:00:00:01:01",
    addresses=(f"{EDGE_PUBLIC}/24", f"{SECOND_PUBLIC}/24"),
    addresses6=(f"{EDGE6}/64",),
)
_INET = Port(
    namespace="inet",
    link="eth0",
    mac="02:00:00:00:01:02",
    addresses=("203.0.113.2/24", f"{PROVIDER}/24", f"{REMOTE_WORKER}/24"),
    addresses6=("2001:db8:ff::2/64", f"{PROVIDER6}/128", f"{STRANGER6}/128"),
)
_LAN = Port(
    namespace="edge",
    link="lan",
    mac="02:00:00:00:02:01",
    addresses=("10.20.0.1/24",),
    addresses6=("2001:db8:20::1/64",),
)
_PBX = Port(namespace="pbx", link="eth0", mac="02:00:00:00:02:02", addresses=(f"{PBX}/24",), addresses6=(f"{PBX6}/64",))
_DESK = Port(
    namespace="desk",
    link="eth0",
    mac="02:00:00:00:02:03",
    addresses=("10.20.0.101/24",),
    addresses6=("2001:db8:20::101/64",),
)
_VOICE_SIDE = Port(
    namespace="edge",
    link="voice",
    mac="02:00:00:00:03:01",
    addresses=("10.20.8.1/24",),
    addresses6=("2001:db8:8::1/64",),
)
_VOICE = Port(
    namespace="voice",
    link="eth0",
    mac="02:00:00:00:03:02",
    addresses=("10.20.8.2/24", "10.20.8.11/24"),
    addresses6=("2001:db8:8::11/64",),
)
_STAFF_SIDE = Port(
    namespace="edge",
    link="staff",
    mac="02:00:00:00:04:01",
    addresses=("10.20.30.1/24",),
    addresses6=("2001:db8:30::1/64",),
)
_OFFICE = Port(
    namespace="office",
    link="eth0",
    mac="02:00:00:00:04:02",
    addresses=(f"{OFFICE_PC}/24",),
    addresses6=("2001:db8:30::66/64",),
)
_PORTS = (_WAN, _INET, _LAN, _PBX, _DESK, _VOICE_SIDE, _VOICE, _STAFF_SIDE, _OFFICE)
_CABLES = ((_WAN, _INET), (_VOICE_SIDE, _VOICE), (_STAFF_SIDE, _OFFICE))
#: Who sends to whom on a common link.
_NEIGHBOURS = ((_INET, _WAN), (_VOICE, _VOICE_SIDE), (_OFFICE, _STAFF_SIDE), (_DESK, _PBX), (_LAN, _PBX))
_GATEWAYS = {
    "edge": ("203.0.113.2", "2001:db8:ff::2"),
    "pbx": ("10.20.0.1", "2001:db8:20::1"),
    "desk": ("10.20.0.1", "2001:db8:20::1"),
    "voice": ("10.20.8.1", "2001:db8:8::1"),
    "office": ("10.20.30.1", "2001:db8:30::1"),
    "inet": (EDGE_PUBLIC, EDGE6),
}
#: No duplicate address detection: the address is there at once. No router's advertisements either.
_SWITCHES = (
    "for file in /proc/sys/net/ipv6/conf/*/accept_dad /proc/sys/net/ipv6/conf/*/accept_ra; do echo 0 > $file; done"
)
_ROUTER = "echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Rules as text, and the tool that loads them."""

    tool: Tool
    text: str

    def load(self, net: Topology, namespace: str) -> None:
        """Load the rules into a namespace."""
        nft = self.tool == "nft"
        restore = {"iptables": "iptables-nft-restore", "ip6tables": "ip6tables-nft-restore", "ipset": "ipset"}
        program = "nft" if nft else restore.get(self.tool, f"{self.tool}-restore")
        words = ("-f", "-") if nft else ("restore",) if self.tool == "ipset" else ()
        net.run(namespace, program, *words, stdin=self.text)


def nft(text: str) -> Rules:
    """Give rules for nft."""
    return Rules(tool="nft", text=text)


def iptables(text: str) -> Rules:
    """Give rules for iptables-nft."""
    return Rules(tool="iptables", text=text)


@contextlib.contextmanager
def campus(*, ipv6: bool) -> Iterator[Topology]:
    """Build the network without any rules, and take it down at the end whatever happens in the block."""
    net = Topology(token=secrets.token_hex(3))
    try:
        _build(net, ipv6=ipv6)
        yield net
    finally:
        for name in _NAMESPACES:
            # A namespace that was never made is no failure: the build itself may have stopped half way.
            with contextlib.suppress(LabError):
                run(["ip", "netns", "delete", net.namespace(name)])


def _build(net: Topology, *, ipv6: bool) -> None:
    run(["ip", "-batch", "-"], stdin="".join(f"netns add {net.namespace(name)}\n" for name in _NAMESPACES))
    for name in _NAMESPACES:
        net.run(name, "sh", "-c", f"{_SWITCHES}; {_ROUTER if name == 'edge' else ''}")
    run(["ip", "-batch", "-"], stdin="".join(f"{line}\n" for line in _cabling(net)))
    for name in _NAMESPACES:
        net.run(name, "ip", "-batch", "-", stdin="".join(f"{line}\n" for line in _settled(name, ipv6=ipv6)))


def _cabling(net: Topology) -> Iterator[str]:
    for near, far in _CABLES:
        yield f"{_plug(net, near, 'link add')} type veth peer {_plug(net, far)}"
    yield f"link add bridge netns {net.namespace('switch')} type bridge"
    for port in (_LAN, _PBX, _DESK):
        socket = f"name to-{port.namespace} netns {net.namespace('switch')}"
        yield f"{_plug(net, port, 'link add')} type veth peer {socket}"


def _plug(net: Topology, port: Port, verb: str = "") -> str:
    return f"{verb} name {port.link} address {port.mac} netns {net.namespace(port.namespace)}"


def _settled(name: str, *, ipv6: bool) -> Iterator[str]:
    yield "link set lo up"
    if name == "switch":
        for port in (_LAN, _PBX, _DESK):
            yield f"link set to-{port.namespace} master bridge up"
        yield "link set bridge up"
        return
    for port in (port for port in _PORTS if port.namespace == name):
        yield f"link set {port.link} up"
        for address in (*port.addresses, *(port.addresses6 if ipv6 else ())):
            yield f"addr add {address} dev {port.link}"
    for near, far in ((near, far) for near, far in _NEIGHBOURS if near.namespace == name):
        for address in (*far.addresses, *(far.addresses6 if ipv6 else ())):
            yield f"neigh replace {address.partition('/')[0]} lladdr {far.mac} dev {near.link} nud permanent"
    for gateway in _GATEWAYS[name][: 2 if ipv6 else 1]:
        yield f"route add default via {gateway}"


def collect(net: Topology, out: Path, *, legacy: bool, edge_is_nft: bool) -> None:
    """Write what an admin hands in: the PBX's commands, the edge's export, and which networks there are.

    ``legacy`` says which of its two back ends the PBX's ``iptables-save`` speaks of.
    """
    saving = "-legacy-save" if legacy else "-save"
    pbx = {
        "ss": "ss -lnptu",
        "ip-addr": "ip addr",
        "ip-route": "ip route",
        "ip-6-route": "ip -6 route",
        "ip-neigh": "ip neigh",
        "iptables-save": f"iptables{saving}",
        "ip6tables-save": f"ip6tables{saving}",
        "nft-ruleset": "nft list ruleset",
        "ipset-save": "ipset save",
    }
    edge = {"ip-addr": "ip addr", "ip-route": "ip route", "ip-6-route": "ip -6 route"}
    if edge_is_nft:
        edge |= {"nft-ruleset": "nft list ruleset"}
    else:
        edge |= {"iptables-save": "iptables-save", "ip6tables-save": "ip6tables-save", "ipset-save": "ipset save"}
    for namespace, folder, commands in (("pbx", "commands", pbx), ("edge", "edge", edge)):
        (out / folder).mkdir(parents=True, exist_ok=True)
        for name, command in commands.items():
            (out / folder / f"{name}.txt").write_text(net.run(namespace, *command.split()))
    if edge_is_nft:
        (out / "edge/nft-ruleset.json").write_text(net.run("edge", "nft", "-j", "list", "ruleset"))
    networks = "".join(f"{name} = {[str(prefix) for prefix in prefixes]}\n" for name, prefixes in NETWORKS.items())
    (out / "ringfence.toml").write_text(f'[site]\nname = "Lakeside School"\n\n[networks]\n{networks}')
