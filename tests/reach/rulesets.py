"""Makes up rule sets by chance, in the languages of nft and of iptables, and packets that probe their borders."""

from dataclasses import dataclass

from tests.reach.dice import PORTS, SOURCE_PORT_BOUNDS, Dice
from tests.reach.iptables_rules import Iptables
from tests.reach.kernel import PROTOCOLS, Packet
from tests.reach.nft_rules import Nft

#: So many ports and source ports are tried with one rule set.
TRIED = 6


@dataclass
class Made:
    """A made-up rule set: its text, and the numbers of the addresses that its rules name."""

    text: str
    bounds: list[int]


class Maker:
    """Makes one rule set from a seed; ``nft`` chooses the language, ``version`` that of IP."""

    def __init__(self, seed: int, *, nft: bool, version: int = 4) -> None:
        """Take the seed."""
        self.dice = Dice(seed, version)
        family = self.dice.pick("ip" if version == 4 else "ip6", "inet")
        self.language = Nft(self.dice, family) if nft else Iptables(self.dice)

    def make(self) -> Made:
        """Write the whole rule set."""
        return Made(text=self.language.write(), bounds=self.dice.bounds)

    def packets(self, count: int) -> list[Packet]:
        """Give packets from the bounds of the rules, one below and one above, and from anywhere else.

        No two have the same source, source port and protocol: NAT would have to change one of them.
        """
        dice, world = self.dice, self.dice.world
        near = sorted({bound + step for bound in dice.bounds for step in (-1, 0, 1)}) or [world.first]
        source_ports = [port + step for port in SOURCE_PORT_BOUNDS for step in (-1, 0, 1)] + [40_000, 65_535]
        source_ports = dice.chance.sample(source_ports, TRIED)
        ports = dice.chance.sample([port + step for port in PORTS for step in (-1, 1)], TRIED - len(PORTS))
        ports += PORTS
        found: dict[tuple[str, int, int], Packet] = {}
        while len(found) < count:
            number = dice.pick(*near) if dice.often(0.8) else dice.number()
            protocol, source_port = dice.pick(*PROTOCOLS), dice.pick(*source_ports)
            to = dice.pick(world.box, world.box, world.box, world.inner, world.lan)
            found[protocol, number, source_port] = Packet(
                protocol, dice.address(number), source_port, to, dice.pick(*ports)
            )
        return list(found.values())
