"""Sends real packets from any address to the PBX, and sees which of them its sockets got.

A packet that the PBX's filter let through is counted behind every filter (``input`` hook, priority 500). A UDP
datagram has arrived when the socket got it, or, where a program of its own holds the socket, when it passed there. A
TCP handshake has arrived when the PBX answers it with SYN and ACK, whatever becomes of the answer.
"""

import contextlib
import io
import json
import socket
import struct
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Literal, NamedTuple

from tests.lab.campus import STANDS
from tests.lab.topology import Topology
from tests.reach.kernel import namespace

Address = IPv4Address | IPv6Address
Transport = Literal["udp", "tcp"]

#: Source ports count the packets, so that each can be told wherever it comes out.
FIRST_SOURCE_PORT = 40_000
MOST_PACKETS = 20_000
_PROTOCOLS: dict[Transport, int] = {"udp": socket.IPPROTO_UDP, "tcp": socket.IPPROTO_TCP}
_SYN = 0x02

#: Loaded after the evidence was collected: no part of what is judged.
_COUNTING = """
table inet lab {
	set udp4 { type ipv4_addr . inet_service . inet_service; size 65535; flags dynamic; }
	set udp6 { type ipv6_addr . inet_service . inet_service; size 65535; flags dynamic; }
	set tcp4 { type ipv4_addr . inet_service . inet_service; size 65535; flags dynamic; }
	set tcp6 { type ipv6_addr . inet_service . inet_service; size 65535; flags dynamic; }
	set replies { type inet_service; size 65535; flags dynamic; }
	chain arrived {
		type filter hook input priority 500; policy accept;
		meta nfproto ipv4 udp sport 40000-60000 add @udp4 { ip saddr . udp sport . udp dport }
		meta nfproto ipv6 udp sport 40000-60000 add @udp6 { ip6 saddr . udp sport . udp dport }
	}
	chain answered {
		type filter hook output priority -500; policy accept;
		meta nfproto ipv4 tcp flags & (syn | ack) == syn | ack add @tcp4 { ip daddr . tcp dport . tcp sport }
		meta nfproto ipv6 tcp flags & (syn | ack) == syn | ack add @tcp6 { ip6 daddr . tcp dport . tcp sport }
		udp dport 40000-60000 add @replies { udp dport }
	}
}
"""


class Probe(NamedTuple):
    """A packet to send: where one stands, from which address, and to what."""

    vantage: str
    transport: Transport
    source: Address
    destination: Address
    port: int


class Arrival(NamedTuple):
    """A packet that reached a socket: the PBX's own port, and the source that the PBX saw."""

    port: int
    seen: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A socket of the PBX; ``address`` :: takes both IP versions, 0.0.0.0 IPv4."""

    transport: Transport
    port: int
    address: str = "::"


@dataclass(slots=True, kw_only=True)
class Post:
    """Sends probes from all vantages, and looks at what the PBX got."""

    net: Topology
    senders: dict[tuple[str, int], socket.socket] = field(default_factory=dict)
    sockets: list[tuple[Door, socket.socket]] = field(default_factory=list)
    recent: list[io.FileIO] = field(default_factory=list)

    def send(self, probes: Sequence[Probe]) -> dict[Probe, Arrival]:
        """Send every probe, and give those that arrived."""
        assert len(probes) < MOST_PACKETS
        self.net.run("pbx", "nft", "-f", "-", stdin=_COUNTING)
        numbered = dict(enumerate(probes, FIRST_SOURCE_PORT))
        source: Address | None = None
        for source_port, probe in numbered.items():
            if probe.source != source:
                self._forget()
                source = probe.source
            version = probe.source.version
            where = (str(probe.destination), 0) if version == 4 else (str(probe.destination), 0, 0, 0)
            self.senders[STANDS[probe.vantage], version].sendto(packet(probe, source_port), where)
        passed, answered = self._counted()
        got = set(self._received()) if self.sockets else passed
        assert got <= passed, "a socket got what did not pass the end of the input hook"
        return {
            numbered[source_port]: Arrival(port=port, seen=seen)
            for seen, source_port, port in sorted(got | answered, key=str)
            if source_port in numbered
        }

    def _forget(self) -> None:
        """Empty the PBX's lists of sources seen: a prediction is about the first packets of a source.

        IPv6 needs it: iptables and ip6tables share a list of one name, and the mask of whoever made it first,
        255.255.255.255, makes one source of all IPv6 addresses that begin with the same 32 bits.
        """
        for one in self.recent:
            one.write(b"/\n")

    def answered(self, sent: Sequence[Probe], wanted: set[Probe], *, seconds: float) -> set[Probe]:
        """Wait until the PBX's programs have answered all wanted UDP probes that were sent; give the answered ones."""
        until = time.monotonic() + seconds
        numbered = dict(enumerate(sent, FIRST_SOURCE_PORT))
        while True:
            found = {numbered[int(port)] for (port,) in self._set("replies") if int(port) in numbered}
            if wanted <= found or time.monotonic() > until:
                return found
            time.sleep(0.1)

    def _counted(self) -> tuple[set[tuple[Address, int, int]], set[tuple[Address, int, int]]]:
        # A packet crosses the namespaces while it is being sent; on a busy machine the last ones may lag behind.
        before, now = None, self._counts()
        while before != now:
            time.sleep(0.05)
            before, now = now, self._counts()
        return now[0] | now[1], now[2] | now[3]

    def _counts(self) -> list[set[tuple[Address, int, int]]]:
        return [
            {(ip_address(str(address)), int(source_port), int(port)) for address, source_port, port in self._set(name)}
            for name in ("udp4", "udp6", "tcp4", "tcp6")
        ]

    def _set(self, name: str) -> Iterator[list[str | int]]:
        listed = json.loads(self.net.run("pbx", "nft", "-j", "list", "set", "inet", "lab", name))
        for entry in listed["nftables"]:
            for element in entry.get("set", {}).get("elem", ()):
                value = element.get("elem", {}).get("val", element) if isinstance(element, dict) else element
                yield value["concat"] if isinstance(value, dict) else [value]

    def _received(self) -> Iterator[tuple[Address, int, int]]:
        for door, listening in self.sockets:
            if door.transport == "tcp":
                continue
            listening.setblocking(False)  # noqa: FBT003 - the socket module's own
            with contextlib.suppress(BlockingIOError):
                while True:
                    source, source_port, *_ = listening.recvfrom(64)[1]
                    seen = ip_address(source)
                    yield getattr(seen, "ipv4_mapped", None) or seen, source_port, door.port


@contextlib.contextmanager
def post(net: Topology, doors: Iterable[Door]) -> Iterator[Post]:
    """Open the doors on the PBX (none where its own programs listen), and sockets to send from at every vantage."""
    with contextlib.ExitStack() as stack:
        made = Post(net=net)
        for name in set(STANDS.values()):
            with namespace(net.namespace(name)):
                for version, family in ((4, socket.AF_INET), (6, socket.AF_INET6)):
                    sender = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
                    made.senders[name, version] = stack.enter_context(sender)
        with namespace(net.namespace("pbx")):
            # one thread's view: /proc/net is the view of the process, which stays at home
            for path in sorted(Path("/proc/thread-self/net/xt_recent").glob("*")):
                made.recent.append(stack.enter_context(path.open("wb", buffering=0)))
            for door in doors:
                made.sockets.append((door, stack.enter_context(_listen(door))))
        yield made


def _listen(door: Door) -> socket.socket:
    kind = socket.SOCK_DGRAM if door.transport == "udp" else socket.SOCK_STREAM
    listening = socket.socket(socket.AF_INET6 if ":" in door.address else socket.AF_INET, kind)
    if door.address == "::":
        listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    listening.bind((door.address, door.port))
    if door.transport == "tcp":
        listening.listen(4096)
    return listening


def packet(probe: Probe, source_port: int) -> bytes:
    """Write an IP packet with a UDP datagram or a TCP SYN; the kernel fills in the checksum of the IPv4 header."""
    segment = _udp(probe, source_port) if probe.transport == "udp" else _tcp(probe, source_port)
    source, destination, protocol = probe.source.packed, probe.destination.packed, _PROTOCOLS[probe.transport]
    if probe.source.version == 6:
        return struct.pack("!IHBB", 6 << 28, len(segment), protocol, 64) + source + destination + segment
    size = 20 + len(segment)
    return struct.pack("!BBHHHBBH", 0x45, 0, size, 0, 0, 64, protocol, 0) + source + destination + segment


def _udp(probe: Probe, source_port: int) -> bytes:
    payload = _question(probe, source_port)
    head = struct.pack("!HHHH", source_port, probe.port, 8 + len(payload), 0)
    checksum = _checksum(probe, head + payload)
    return head[:6] + struct.pack("!H", checksum) + payload


def _tcp(probe: Probe, source_port: int) -> bytes:
    head = struct.pack("!HHIIBBHHH", source_port, probe.port, source_port, 0, 5 << 4, _SYN, 64_240, 0, 0)
    return head[:16] + struct.pack("!H", _checksum(probe, head)) + head[18:]


def _checksum(probe: Probe, segment: bytes) -> int:
    """Compute the checksum over the pseudo header and the segment (RFC 768, RFC 9293, RFC 8200 section 8.1)."""
    pseudo = probe.source.packed + probe.destination.packed
    pseudo += struct.pack("!II", len(segment), _PROTOCOLS[probe.transport])
    whole = pseudo + segment + b"\0" * (len(segment) % 2)
    total = sum(struct.unpack(f"!{len(whole) // 2}H", whole))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return (~total & 0xFFFF) or 0xFFFF


def _question(probe: Probe, source_port: int) -> bytes:
    """Ask for what the program behind the port answers: a file that is not there, or SIP's options."""
    if probe.port == 69:
        return b"\0\1nosuch.cfg\0octet\0"
    shown = f"[{probe.source}]" if probe.source.version == 6 else str(probe.source)
    return (
        f"OPTIONS sip:{probe.destination} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {shown}:{source_port};branch=z9hG4bK{source_port};rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:probe@{shown}>;tag={source_port}\r\nTo: <sip:{probe.destination}>\r\n"
        f"Call-ID: {source_port}@lab\r\nCSeq: 1 OPTIONS\r\nContact: <sip:probe@{shown}:{source_port}>\r\n"
        "Content-Length: 0\r\n\r\n"
    ).encode()
