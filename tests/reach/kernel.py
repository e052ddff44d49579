"""Loads a rule set into a kernel of its own and sees which packets arrive: three network namespaces in a row.

    stranger (sends from any address) ── wan ▸ box (the rules) ▸ lan ── inner

Sockets belong to the namespace that they were made in, so one process holds them all. Raw sockets see a packet behind
the INPUT hook, whatever its port, so delivery to the box itself is observed like delivery to the machine behind it.
"""

import contextlib
import ctypes
import os
import secrets
import select
import shutil
import socket
import struct
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

Address = IPv4Address | IPv6Address

CLONE_NEWNET = 0x40000000
SO_RCVBUFFORCE = 33
MAGIC = 0x5246
PROTOCOLS = {"udp": 17, "tcp": 6}
SYN = 0x02
#: How long the wires must be silent before packets that have not arrived count as lost.
SILENCE_SECONDS = 0.05
TOOLS = ("ip", "nft", *(f"{ip}tables-{kind}-{verb}" for ip in ("ip", "ip6") for kind in ("nft", "legacy") for verb in ("restore", "save")))  # fmt: skip  # noqa: E501


class World(NamedTuple):
    """The addresses of one IP version: the box outside and inside, the machine behind it, the stranger's next hop.

    Strangers send from the 1,024 addresses that begin with ``first``.
    """

    box: Address
    lan: Address
    inner: Address
    stranger: Address
    first: int

    @property
    def last(self) -> int:
        """The last address that strangers send from."""
        return self.first + 1023


WORLDS = {
    4: World(
        box=ip_address("203.0.113.10"),
        lan=ip_address("10.20.0.1"),
        inner=ip_address("10.20.0.10"),
        stranger=ip_address("192.0.2.254"),
        first=int(ip_address("11.0.0.0")),
    ),
    6: World(
        box=ip_address("2001:db8:1::10"),
        lan=ip_address("fd00:20::1"),
        inner=ip_address("fd00:20::10"),
        stranger=ip_address("2001:db8:2::254"),
        first=int(ip_address("2001:db8:11::")),
    ),
}


class Packet(NamedTuple):
    """A UDP packet, or the first of a TCP connection."""

    protocol: str
    source: Address
    source_port: int
    destination: Address
    port: int


class Arrival(NamedTuple):
    """Where a packet came out (``box`` or ``inner``), on which port, and with which source address."""

    where: str
    port: int
    source: Address


def missing() -> str:
    """Say what keeps this machine from running the tests; empty when nothing does."""
    if os.geteuid() != 0:
        return "needs root for network namespaces"
    absent = [tool for tool in TOOLS if shutil.which(tool) is None]
    if absent:
        return f"needs {', '.join(absent)}"
    for command in ("nft list ruleset", "iptables-legacy-save", "ip6tables-legacy-save"):
        probe = subprocess.run(["unshare", "-n", *command.split()], capture_output=True, check=False)
        if probe.returncode != 0:
            return f"`{command}` does not work in a network namespace here"
    return ""


@dataclass(slots=True)
class Kernel:
    """The three namespaces of one IP version, with a raw socket to send from and sockets that see what arrives."""

    token: str
    sender: socket.socket
    listening: dict[int, tuple[str, socket.socket]] = field(default_factory=dict)
    _sent: dict[int, Packet] = field(default_factory=dict)

    def inside(self, *argv: str, stdin: str = "") -> str:
        """Run a command in the box's namespace; fails with what it said."""
        command = ["ip", "netns", "exec", f"rf-{self.token}-box", *argv]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(argv)}: {done.stderr}\n{stdin}"
        return done.stdout

    def send(self, packets: Iterable[Packet]) -> dict[Packet, Arrival]:
        """Send every packet and give where those that arrived came out."""
        arrived: dict[Packet, Arrival] = {}
        for packet in packets:
            number = len(self._sent)
            self._sent[number] = packet
            self.sender.sendto(on_the_wire(packet, number), (str(packet.destination), 0))
            if number % 64 == 63:
                arrived |= self.receive(silence_seconds=0)
        return arrived | self.receive(silence_seconds=SILENCE_SECONDS)

    def receive(self, silence_seconds: float) -> dict[Packet, Arrival]:
        """Give what arrives until nothing has come for so long."""
        arrived: dict[Packet, Arrival] = {}
        while ready := select.select(list(self.listening), [], [], silence_seconds)[0]:
            for descriptor in ready:
                where, listener = self.listening[descriptor]
                with contextlib.suppress(BlockingIOError):
                    while True:
                        content, origin = listener.recvfrom(2048)
                        found = self._arrival(where, listener, content, origin[0])
                        if found is not None:
                            arrived[found[0]] = found[1]
        return arrived

    def _arrival(
        self, where: str, listener: socket.socket, content: bytes, origin: str
    ) -> tuple[Packet, Arrival] | None:
        """Recognise a packet of ours by the number in its payload or, TCP, its sequence number."""
        if listener.family == socket.AF_INET:
            content = content[(content[0] & 15) * 4 :]
        if len(content) < 12:
            return None
        _, port, *_ = struct.unpack("!HHHH", content[:8])
        is_udp = listener.proto == PROTOCOLS["udp"]
        (number,) = struct.unpack("!I", content[8:12] if is_udp else content[4:8])
        packet = self._sent.get(number & 0xFFFF)
        if number >> 16 != MAGIC or packet is None or (packet.protocol == "udp") is not is_udp:
            return None
        return packet, Arrival(where=where, port=port, source=ip_address(origin))


def on_the_wire(packet: Packet, number: int) -> bytes:
    """Write the packet with its number; the kernel fills in the checksum of the IPv4 header."""
    mark = struct.pack("!I", MAGIC << 16 | number)
    ports = struct.pack("!HH", packet.source_port, packet.port)
    if packet.protocol == "udp":
        inner = ports + struct.pack("!HH", 8 + len(mark), 0) + mark
        inner = inner[:6] + struct.pack("!H", _checksum(packet, inner) or 0xFFFF) + inner[8:]
    else:
        inner = ports + mark + struct.pack("!IBBHHH", 0, 5 << 4, SYN, 64240, 0, 0)
        inner = inner[:16] + struct.pack("!H", _checksum(packet, inner)) + inner[18:]
    protocol, ends = PROTOCOLS[packet.protocol], packet.source.packed + packet.destination.packed
    if packet.source.version == 6:
        return struct.pack("!IHBB", 6 << 28, len(inner), protocol, 64) + ends + inner
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(inner), 0, 0, 64, protocol, 0) + ends + inner


def _checksum(packet: Packet, inner: bytes) -> int:
    ends = packet.source.packed + packet.destination.packed
    whole = ends + struct.pack("!IHH", len(inner), 0, PROTOCOLS[packet.protocol]) + inner
    total: int = sum(struct.unpack(f"!{len(whole) // 2}H", whole))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


@contextlib.contextmanager
def namespace(name: str) -> Iterator[None]:
    """Make sockets in another network namespace for the length of the block."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/self/ns/net", "rb") as home, open(f"/run/netns/{name}", "rb") as other:  # noqa: PTH123
        if libc.setns(other.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        try:
            yield
        finally:
            libc.setns(home.fileno(), CLONE_NEWNET)


SETTINGS = """
for f in all default; do echo 0 > /proc/sys/net/ipv4/conf/$f/rp_filter; done
for f in all default; do echo 0 > /proc/sys/net/ipv6/conf/$f/accept_dad; done
echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
"""


def _build(token: str, world: World) -> None:
    """Join the namespaces; neighbours are written down, for the rules may well drop what would find them."""
    names = {name: f"rf-{token}-{name}" for name in ("stranger", "box", "inner")}
    for name in names.values():
        _ip(f"netns add {name}")
        subprocess.run(["ip", "netns", "exec", name, "sh", "-c", SETTINGS], check=True)
    links = (("wan", "stranger", world.box, world.stranger, 1), ("lan", "inner", world.lan, world.inner, 2))
    bits = world.box.max_prefixlen
    for link, far, here, there, place in links:
        macs = (f"02:00:00:00:00:{place}0", f"02:00:00:00:00:{place}1")
        _ip(f"link add {link} address {macs[0]} netns {names['box']} type veth"
            f" peer name eth0 address {macs[1]} netns {names[far]}")  # fmt: skip
        for where, device, own, other, mac in (
            (names["box"], link, here, there, macs[1]),
            (names[far], "eth0", there, here, macs[0]),
        ):
            _ip(f"-n {where} link set {device} addrgenmode none")
            _ip(f"-n {where} link set {device} up")
            _ip(f"-n {where} addr add {own}/{bits} dev {device}{' nodad' if bits == 128 else ''}")
            _ip(f"-n {where} route add {other}/{bits} dev {device}")
            _ip(f"-n {where} neigh add {other} lladdr {mac} nud permanent dev {device}")
    for where, gateway, device in (
        ("stranger", world.box, "eth0"),
        ("inner", world.lan, "eth0"),
        ("box", world.stranger, "wan"),
    ):
        _ip(f"-n {names[where]} route add default via {gateway} dev {device} onlink")


def _ip(command: str) -> None:
    subprocess.run(["ip", *command.split()], check=True, capture_output=True)


@contextlib.contextmanager
def kernel(version: int = 4) -> Iterator[Kernel]:
    """Build the namespaces and sockets, and take them down whatever happens inside."""
    token = secrets.token_hex(3)
    family = socket.AF_INET if version == 4 else socket.AF_INET6
    with contextlib.ExitStack() as stack:
        stack.callback(_remove, token)
        _build(token, WORLDS[version])
        with namespace(f"rf-{token}-stranger"):
            sender = stack.enter_context(socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW))
        made = Kernel(token=token, sender=sender)
        for where in ("box", "inner"):
            with namespace(f"rf-{token}-{where}"):
                for protocol in PROTOCOLS.values():
                    listener = stack.enter_context(socket.socket(family, socket.SOCK_RAW, protocol))
                    listener.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 16 << 20)
                    listener.settimeout(0)
                    made.listening[listener.fileno()] = (where, listener)
        yield made


def _remove(token: str) -> None:
    for name in ("stranger", "box", "inner"):
        subprocess.run(["ip", "netns", "delete", f"rf-{token}-{name}"], capture_output=True, check=False)
