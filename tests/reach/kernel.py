"""Loads a rule set into a kernel of its own and sees which packets arrive: three network namespaces in a row.

    stranger (sends from any address) ── wan ▸ box (the rules) ▸ lan ── inner

Sockets belong to the namespace that they were made in, so one process holds them all.
"""

import contextlib
import ctypes
import os
import secrets
import shutil
import socket
import struct
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import NamedTuple

BOX, INNER, LAN = IPv4Address("203.0.113.1"), IPv4Address("10.20.0.10"), IPv4Address("10.20.0.1")
PORTS = (69, 5060, 5160, 6969)
CLONE_NEWNET = 0x40000000


class Packet(NamedTuple):
    """A UDP packet to the box."""

    source: IPv4Address
    source_port: int
    port: int


class Arrival(NamedTuple):
    """Where a packet came out (``box`` or ``inner``), on which port, and with which source address."""

    where: str
    port: int
    source: IPv4Address


def missing() -> str:
    """Say what keeps this machine from running the tests; empty when nothing does."""
    if os.geteuid() != 0:
        return "needs root for network namespaces"
    absent = [tool for tool in ("ip", "nft", "iptables-nft-restore", "iptables-nft-save") if shutil.which(tool) is None]
    if absent:
        return f"needs {', '.join(absent)}"
    probe = subprocess.run(["unshare", "-n", "nft", "list", "ruleset"], capture_output=True, check=False)
    return "" if probe.returncode == 0 else "cannot make network namespaces here"


@dataclass(slots=True)
class Kernel:
    """The three namespaces, with a raw socket to send from and sockets that listen on every port."""

    token: str
    sender: socket.socket
    listening: list[tuple[str, int, socket.socket]] = field(default_factory=list)

    def inside(self, *argv: str, stdin: str = "") -> str:
        """Run a command in the box's namespace; raises CalledProcessError, with what it said."""
        command = ["ip", "netns", "exec", f"rf-{self.token}-box", *argv]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(argv)}: {done.stderr}\n{stdin}"
        return done.stdout

    def send(self, packets: Iterable[Packet]) -> dict[Packet, Arrival]:
        """Send every packet and give where those that arrived came out."""
        numbered = dict(enumerate(packets))
        for number, packet in numbered.items():
            self.sender.sendto(datagram(packet, struct.pack("!I", number)), (str(BOX), 0))
        arrived: dict[Packet, Arrival] = {}
        for where, port, listener in self.listening:
            listener.settimeout(0.02)
            with contextlib.suppress(TimeoutError):
                while True:
                    payload, (source, _) = listener.recvfrom(64)
                    (number,) = struct.unpack("!I", payload)
                    arrived[numbered[number]] = Arrival(where=where, port=port, source=IPv4Address(source))
        return arrived


def datagram(packet: Packet, payload: bytes) -> bytes:
    """Write an IPv4 packet with a UDP datagram; the kernel fills in the checksum of IPv4, UDP goes without one."""
    udp = struct.pack("!HHHH", packet.source_port, packet.port, 8 + len(payload), 0) + payload
    size = 20 + len(udp)
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, size, 0, 0, 64, 17, 0, packet.source.packed, BOX.packed)
    return head + udp


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


def _build(token: str) -> None:
    stranger, box, inner = (f"rf-{token}-{name}" for name in ("stranger", "box", "inner"))
    for name in (stranger, box, inner):
        _ip("netns", "add", name)
        _ip("-n", name, "link", "set", "lo", "up")
    for outer, link, far in ((stranger, "wan", "192.0.2.254"), (inner, "lan", str(INNER))):
        near = str(BOX) if link == "wan" else str(LAN)
        _ip("link", "add", link, "netns", box, "type", "veth", "peer", "name", "eth0", "netns", outer)
        for where, device, own, other in ((box, link, near, far), (outer, "eth0", far, near)):
            _ip("-n", where, "addr", "add", f"{own}/32", "dev", device)
            _ip("-n", where, "link", "set", device, "up")
            _ip("-n", where, "route", "add", f"{other}/32", "dev", device)
    _ip("-n", stranger, "route", "add", "default", "via", str(BOX), "dev", "eth0", "onlink")
    _ip("-n", inner, "route", "add", "default", "via", str(LAN), "dev", "eth0", "onlink")
    _ip("-n", box, "route", "add", "default", "via", "192.0.2.254", "dev", "wan", "onlink")
    switches = (
        "for f in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 > $f; done; echo 1 > /proc/sys/net/ipv4/ip_forward"
    )
    for name in (box, inner):
        subprocess.run(["ip", "netns", "exec", name, "sh", "-c", switches], check=True)


def _ip(*argv: str) -> None:
    subprocess.run(["ip", *argv], check=True, capture_output=True)


@contextlib.contextmanager
def kernel() -> Iterator[Kernel]:
    """Build the namespaces and sockets, and take them down whatever happens inside."""
    token = secrets.token_hex(3)
    with contextlib.ExitStack() as stack:
        stack.callback(_remove, token)
        _build(token)
        with namespace(f"rf-{token}-stranger"):
            sender = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW))
        made = Kernel(token=token, sender=sender)
        for where in ("box", "inner"):
            with namespace(f"rf-{token}-{where}"):
                for port in PORTS:
                    listener = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                    listener.bind(("0.0.0.0", port))
                    made.listening.append((where, port, listener))
        yield made


def _remove(token: str) -> None:
    for name in ("stranger", "box", "inner"):
        subprocess.run(["ip", "netns", "delete", f"rf-{token}-{name}"], capture_output=True, check=False)
