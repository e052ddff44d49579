"""Measure how long predicting all exposures takes: 20 listeners, 4 networks and the Internet, growing rule sets.

Every rule bans or allows one address of its own, which is the hardest case for exact sets of sources. The rules are
shared by the edge and the PBX.
"""

import random
import resource
import sys
import time
from ipaddress import IPv4Address, ip_interface, ip_network

from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import Family
from ringfence.model.site import Host, Interface, Listener, NamedNetwork, ServiceName, Site
from ringfence.reach.predict import predict
from ringfence.readers.linux import iptables
from tests.memory import MemoryArtifacts

SIZES = (1_000, 10_000)
PORTS = (69, 80, 443, 22, 5060, 5160, 4569, 5038, 8088, 8089, 3306, 84, 1443, 81, 83, 21, 123, 53, 2000, 9000)
NETWORKS = {"pbx": "10.20.0.0/24", "voice": "10.20.8.0/24", "office": "10.20.30.0/24", "guests": "10.20.40.0/24"}
PLACE = Citation(file="made up")


def rules(count: int, chance: random.Random, *, chain: str, before: str = "") -> str:
    """Write a rule set of ``count`` rules about single addresses and ports."""
    lines = [":INPUT ACCEPT [0:0]", ":FORWARD ACCEPT [0:0]", ":banned - [0:0]"]
    for _ in range(count):
        address = IPv4Address(chance.getrandbits(32))
        protocol, port = chance.choice(("udp", "tcp")), chance.choice(PORTS)
        where = "banned" if chance.random() < 0.5 else chain
        match = f"-p {protocol} -m {protocol} --dport {port} " if chance.random() < 0.5 else ""
        lines.append(f"-A {where} -s {address}/32 {match}-j {chance.choice(('DROP', 'ACCEPT', 'RETURN'))}")
    jump = f"-A {chain} -j banned"
    return "\n".join([before, "*filter", *lines[:3], jump, *lines[3:], "COMMIT", ""]).lstrip()


def school(count: int) -> Site:
    """Build an edge and a PBX with half of the rules each."""
    chance = random.Random(count)  # noqa: S311 - a seeded generator is what a repeatable bench wants
    forwards = [
        f"-A PREROUTING -i wan -p udp -m udp --dport {port} -j DNAT --to-destination 10.20.0.10" for port in PORTS
    ]
    nat = "\n".join(["*nat", ":PREROUTING ACCEPT [0:0]", ":POSTROUTING ACCEPT [0:0]", *forwards, "COMMIT"])
    files = {
        "edge": rules(count // 2, chance, chain="FORWARD", before=nat),
        "pbx": rules(count // 2, chance, chain="INPUT"),
    }
    read = {
        name: iptables.read(MemoryArtifacts({name: text}), name, family=Family.IPV4, sets={}).facts
        for name, text in files.items()
    }
    listeners = tuple(
        Listener(service=ServiceName.OTHER, transport="udp", address=None, port=port, citation=PLACE) for port in PORTS
    )
    inner = tuple(
        Interface(name=name, addresses=(ip_interface(network.replace(".0/", ".1/")),), citation=PLACE)
        for name, network in NETWORKS.items()
    )
    wan = Interface(name="wan", addresses=(ip_interface("203.0.113.1/24"),), citation=PLACE)
    eth0 = Interface(name="eth0", addresses=(ip_interface("10.20.0.10/24"),), citation=PLACE)
    return Site(
        hosts=(
            Host(name="pbx", interfaces=(eth0,), listeners=listeners, packet_filter=read["pbx"]),
            Host(name="edge", interfaces=(wan, *inner), packet_filter=read["edge"]),
        ),
        networks=tuple(
            NamedNetwork(name=name, prefixes=(ip_network(network),), declared=True)
            for name, network in NETWORKS.items()
        ),
    )


def main() -> int:
    """Print seconds and memory per size, and how the time grows."""
    seconds: list[float] = []
    for size in SIZES:
        started = time.perf_counter()
        site = school(size)
        loaded = time.perf_counter()
        exposures = predict(site)
        seconds.append(time.perf_counter() - loaded)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"reach: {size:,} rules, {len(PORTS)} listeners: {len(exposures)} exposures in {seconds[-1]:.2f} s "
            f"(read in {loaded - started:.2f} s), peak {peak:.0f} MiB"
        )
    print(f"reach: {SIZES[-1] // SIZES[0]} times the rules take {seconds[-1] / seconds[0]:.1f} times as long")
    return 0


if __name__ == "__main__":
    sys.exit(main())
