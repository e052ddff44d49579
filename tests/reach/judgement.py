"""What the engine says of made-up packets, beside what the kernel did with them."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from ringfence.model.addresses import AddressSet
from ringfence.model.packetfilter import Family, Hook, Ruleset
from ringfence.reach import columns, filters
from ringfence.reach.atoms import Atoms
from ringfence.reach.filters import Walk, all_bits
from ringfence.reach.flow import Goal, Header, Link, Marks
from ringfence.reach.translate import Own
from tests.reach.kernel import WORLDS, Address, Arrival, Kernel, Packet, kernel
from tests.reach.rulesets import Maker
from tests.reach.school import nft, save

LANGUAGES = ("nft", "nft -j", "iptables-nft", "iptables-legacy")


@dataclass(kw_only=True)
class Trial:
    """One made-up rule set, as written and as read back, and where each packet came out."""

    seed: int
    language: str
    version: int
    text: str
    ruleset: Ruleset
    packets: list[Packet]
    arrived: dict[Packet, Arrival] = field(default_factory=dict)

    def __str__(self) -> str:
        """Name it."""
        return f"seed {self.seed} ({self.language}, IPv{self.version})"


def observe(seed: int, count: int) -> Trial:
    """Make up a rule set from a seed, load it into a kernel and send so many packets."""
    language, version = LANGUAGES[seed % len(LANGUAGES)], 4 if seed // len(LANGUAGES) % 2 else 6
    maker = Maker(seed, nft=language.startswith("nft"), version=version)
    text = maker.make().text
    with kernel(version) as box:
        ruleset = load(box, text, language, version)
        packets = maker.packets(count)
        trial = Trial(
            seed=seed, language=language, version=version, text=text, ruleset=ruleset, packets=packets,
            arrived=box.send(packets),
        )  # fmt: skip
        if disagreements(trial):
            # a busy machine may have been late
            trial.arrived |= box.receive(silence_seconds=1)
    return trial


def load(box: Kernel, text: str, language: str, version: int) -> Ruleset:
    """Load the rules into the kernel, and read what it says it has loaded."""
    if language.startswith("iptables"):
        program = language if version == 4 else language.replace("iptables", "ip6tables")
        box.inside(f"{program}-restore", stdin=text)
        return save(box.inside(f"{program}-save"), family=Family.IPV4 if version == 4 else Family.IPV6)
    box.inside("nft", "-f", "-", stdin=text)
    return nft(box.inside(*language.split(), "list", "ruleset"))


def disagreements(trial: Trial) -> dict[Packet, tuple[set[Arrival | None], Arrival | None]]:
    """Give the packets of which the engine does not say exactly what happened: what it says, and what did."""
    with painting(always=trial.seed // 2 % 2 == 0):
        said = judged(trial.ruleset, trial.packets, trial.version)
    return {
        packet: (ends, trial.arrived.get(packet))
        for packet, ends in said.items()
        if ends != {trial.arrived.get(packet)}
    }


@contextmanager
def painting(*, always: bool) -> Iterator[None]:
    """Make even the shortest chains take the way of long ones."""
    before = filters.FEWEST_COLUMNS, columns.FEWEST_PAINTED
    if always:
        filters.FEWEST_COLUMNS, columns.FEWEST_PAINTED = 0, 1
    try:
        yield
    finally:
        filters.FEWEST_COLUMNS, columns.FEWEST_PAINTED = before


def judged(ruleset: Ruleset, packets: list[Packet], version: int) -> dict[Packet, set[Arrival | None]]:
    """Give every end that the engine thinks possible for each packet; None is a drop."""
    atoms = Atoms(version, (ruleset,), [AddressSet.of(packet.source) for packet in packets])
    alike: dict[Packet, list[Packet]] = defaultdict(list)
    for packet in packets:
        alike[packet._replace(source=WORLDS[version].box)].append(packet)
    found: dict[Packet, set[Arrival | None]] = {}
    for kind, group in alike.items():
        _judge(ruleset, atoms, kind, group, found)
    return found


def _judge(
    ruleset: Ruleset, atoms: Atoms, kind: Packet, group: list[Packet], found: dict[Packet, set[Arrival | None]]
) -> None:
    """Follow packets that differ in their source only."""
    world = WORLDS[atoms.version]
    own = Own(addresses=frozenset({world.box, world.lan}), by_interface={"wan": (world.box,), "lan": (world.lan,)})
    walk = Walk(ruleset=ruleset, atoms=atoms, goal=Goal(frozenset({world.inner}), kind.port), own=own)
    atom = {packet: atoms.bits(AddressSet.of(packet.source)) for packet in group}
    start = Header(
        version=atoms.version,
        protocol=kind.protocol,
        source_port=kind.source_port,
        destination=kind.destination,
        port=kind.port,
        incoming=Link(name="wan"),
        local=kind.destination != world.inner,
    )
    ends = tuple(_ends(walk, start, atoms.everything, world.inner))
    for packet, bits in atom.items():
        found[packet] = {
            Arrival(where, header.port, _seen(packet, header)) for where, header, passing in ends if bits & passing
        }
        if walk.dropped & bits:
            found[packet].add(None)


def _ends(walk: Walk, start: Header, sources: int, inner: Address) -> Iterator[tuple[str, Header, int]]:
    """Give where sources come out, with which header, and which."""
    for header, carried in walk.through(Hook.PREROUTING, start, {Marks(): sources}).items():
        if header.destination == inner:
            leaving = replace(header, outgoing=Link(name="lan"), local=False)
            for forwarded, passed in walk.through(Hook.FORWARD, leaving, carried).items():
                for final, left in walk.through(Hook.POSTROUTING, forwarded, passed).items():
                    yield "inner", final, all_bits(left)
        else:
            for final, passed in walk.through(Hook.INPUT, replace(header, local=True), carried).items():
                yield "box", final, all_bits(passed)


def _seen(packet: Packet, header: Header) -> Address:
    seen = packet.source if header.seen_as is None else header.seen_as.example()
    assert seen is not None
    return seen
