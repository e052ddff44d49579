"""Measure how long predicting all exposures takes: 20 listeners, 4 networks and the Internet, growing rule sets.

Every rule bans or allows one address of its own, which is the hardest case for exact sets of sources: no two can be
merged. Half of the rules stand on the edge, half on the PBX. The same question, for the Internet alone, is then put to
binary decision diagrams (`bench/reach_bdd.py`), and the answers are compared.
"""

import gc
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_interface, ip_network
from itertools import pairwise
from pathlib import Path

from ringfence.model.evidence import Citation
from ringfence.model.exposure import Exposure
from ringfence.model.packetfilter import Family
from ringfence.model.site import Host, Interface, Listener, NamedNetwork, ServiceName, Site
from ringfence.reach.predict import predict
from ringfence.reach.vantages import vantages
from ringfence.readers.linux import iptables
from tests.memory import MemoryArtifacts

SIZES = (1_000, 10_000, 100_000)
#: What the diagrams are made with, and the sizes that are put to them; in Python, more take minutes and gigabytes.
DIAGRAMS = {"dd.autoref": (1_000, 10_000), "dd.cudd": SIZES}
#: What the answer may cost at a size: seconds, and the memory of the whole process in MiB.
LIMITS = {10_000: (0.5, 300), 100_000: (3.0, 300)}
REPEATS = 3
PORTS = (69, 80, 443, 22, 5060, 5160, 4569, 5038, 8088, 8089, 3306, 84, 1443, 81, 83, 21, 123, 53, 2000, 9000)
NETWORKS = {"pbx": "10.20.0.0/24", "voice": "10.20.8.0/24", "office": "10.20.30.0/24", "guests": "10.20.40.0/24"}
PLACE = Citation(file="made up")


@dataclass(frozen=True)
class Line:
    """One rule about one address, and about a port or any."""

    source: int
    protocol: str | None
    port: int | None
    action: str

    def write(self, chain: str) -> str:
        """Write it for iptables-restore."""
        match = f"-p {self.protocol} -m {self.protocol} --dport {self.port} " if self.protocol else ""
        return f"-A {chain} -s {IPv4Address(self.source)}/32 {match}-j {self.action}"


@dataclass(frozen=True)
class Rules:
    """The rules of one box: those of a hook's chain, which begins with a jump to the others."""

    hook: str
    chain: list[Line]
    banned: list[Line]

    def write(self, before: str = "") -> str:
        """Write them for iptables-restore."""
        heads = [":INPUT ACCEPT [0:0]", ":FORWARD ACCEPT [0:0]", ":banned - [0:0]"]
        lines = [line.write("banned") for line in self.banned] + [line.write(self.hook) for line in self.chain]
        return "\n".join([before, "*filter", *heads, f"-A {self.hook} -j banned", *lines, "COMMIT", ""]).lstrip()


def made_up(count: int, chance: random.Random, hook: str) -> Rules:
    """Make up rules about single addresses, every second one for one port."""
    rules = Rules(hook=hook, chain=[], banned=[])
    for _ in range(count):
        protocol, port = chance.choice(("udp", "tcp")), chance.choice(PORTS)
        source, everything = chance.getrandbits(32), chance.random() < 0.5
        action = chance.choice(("DROP", "ACCEPT", "RETURN"))
        line = Line(source, None, None, action) if everything else Line(source, protocol, port, action)
        (rules.banned if chance.random() < 0.5 else rules.chain).append(line)
    return rules


def both(count: int) -> dict[str, Rules]:
    """Make up the rules of the edge and of the PBX, half of them each."""
    chance = random.Random(count)  # noqa: S311 - a seeded generator is what a repeatable bench wants
    return {"edge": made_up(count // 2, chance, "FORWARD"), "pbx": made_up(count // 2, chance, "INPUT")}


def school(rules: dict[str, Rules]) -> Site:
    """Build an edge that forwards everything, and a PBX with its listeners."""
    forwards = [
        f"-A PREROUTING -i wan -p udp -m udp --dport {port} -j DNAT --to-destination 10.20.0.10" for port in PORTS
    ]
    nat = "\n".join(["*nat", ":PREROUTING ACCEPT [0:0]", ":POSTROUTING ACCEPT [0:0]", *forwards, "COMMIT"])
    files = {"edge": rules["edge"].write(nat), "pbx": rules["pbx"].write()}
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


def timed(site: Site) -> tuple[float, tuple[Exposure, ...]]:
    """Predict a few times; give the seconds of the quickest, for others share the machine."""
    best = float("inf")
    found: tuple[Exposure, ...] = ()
    for _ in range(REPEATS):
        found = ()
        gc.collect()
        started = time.perf_counter()
        found = predict(site)
        best = min(best, time.perf_counter() - started)
    return best, found


def counted(exposures: tuple[Exposure, ...]) -> dict[int, int]:
    """Count who reaches each port from the Internet."""
    return {one.listener.port: one.sources.count for one in exposures if one.vantage == "internet"}


def with_diagrams(python: Path, module: str, rules: dict[str, Rules]) -> dict[str, object] | None:
    """Ask the diagrams the same; give what they print, None where this module of dd cannot be loaded."""
    asked = {
        "boxes": [
            {
                name: [(line.source, line.protocol, line.port, line.action) for line in lines]
                for name, lines in (("chain", box.chain), ("banned", box.banned))
            }
            for box in rules.values()
        ],
        "sources": vantages(school(rules))[0].sources.ipv4,
        "ports": PORTS,
    }
    script = Path(__file__).with_name("reach_bdd.py")
    done = subprocess.run(
        [python, script, module], input=json.dumps(asked), capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(done.stderr, end="")
        return None
    found: dict[str, object] = json.loads(done.stdout)
    return found


def compare(folder: str, seconds: dict[int, float], counts: dict[int, dict[int, int]]) -> bool:
    """Print what the diagrams take beside what the engine took; False where their answers differ."""
    print(
        "reach: the Internet alone, without proofs, with binary decision diagrams (dd 0.6.0; autoref: Python, cudd: C)"
    )
    try:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin/python"
        install = "-m pip --disable-pip-version-check install --quiet dd==0.6.0"
        subprocess.run([python, *install.split()], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        print("reach: skipped, for dd cannot be installed here")
        return True
    agreed = True
    for module, size in ((module, size) for module, sizes in DIAGRAMS.items() for size in sizes):
        answer = with_diagrams(python, module, both(size))
        if answer is None:
            print(f"reach: {module} cannot be loaded here, or failed")
            continue
        same = answer["counts"] == {str(port): count for port, count in counts[size].items()}
        agreed &= same
        spent = float(str(answer["seconds"]))
        print(
            f"reach: {module}: {size:,} rules: {spent:.2f} s, {spent / seconds[size]:.1f} times as long as the engine; "
            f"{'the same answers' if same else 'OTHER ANSWERS'}"
        )
    return agreed


def main() -> int:
    """Print seconds and memory per size, how the time grows, and the comparison."""
    seconds: dict[int, float] = {}
    counts: dict[int, dict[int, int]] = {}
    kept = True
    for size in SIZES:
        started = time.perf_counter()
        site = school(both(size))
        loaded = time.perf_counter() - started
        seconds[size], exposures = timed(site)
        counts[size] = counted(exposures)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        most_seconds, most_mebibytes = LIMITS.get(size, (float("inf"), float("inf")))
        within = seconds[size] < most_seconds and peak < most_mebibytes
        kept &= within
        print(
            f"reach: {size:,} rules, {len(PORTS)} listeners: {len(exposures)} exposures in {seconds[size]:.2f} s "
            f"(read in {loaded:.2f} s), peak {peak:.0f} MiB{'' if within else ': TOO MUCH'}"
        )
    for fewer, more in pairwise(SIZES):
        print(f"reach: {more // fewer} times the rules take {seconds[more] / seconds[fewer]:.1f} times as long")
    with tempfile.TemporaryDirectory() as folder:
        return 0 if compare(folder, seconds, counts) and kept else 1


if __name__ == "__main__":
    sys.exit(main())
