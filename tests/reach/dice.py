"""Chance for made-up rule sets: addresses, ports and marks, each bound remembered so that packets can probe it."""

import random
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import TypeVar

from tests.reach.kernel import WORLDS, Address

Thing = TypeVar("Thing")

#: Ports that rules speak of.
PORTS = (69, 5060, 5160, 6969)
SOURCE_PORT_BOUNDS = (53, 1024, 30_000)


class Dice:
    """Throws from one seed; ``bounds`` are the numbers of all source addresses that were named."""

    def __init__(self, seed: int, version: int) -> None:
        """Take the seed and the IP version."""
        self.chance = random.Random(seed)
        self.version = version
        self.world = WORLDS[version]
        self.bits = 32 if version == 4 else 128
        self.bounds: list[int] = []

    def often(self, probability: float) -> bool:
        """Throw for something that is true this often."""
        return self.chance.random() < probability

    def pick(self, *things: Thing) -> Thing:
        """Choose one."""
        return self.chance.choice(things)

    def some(self, things: Sequence[Thing], most: int) -> list[Thing]:
        """Choose at least one and at most so many, in their order."""
        chosen = self.chance.sample(range(len(things)), self.chance.randint(1, min(most, len(things))))
        return [things[place] for place in sorted(chosen)]

    def number(self) -> int:
        """Choose a source address."""
        return self.chance.randint(self.world.first, self.world.last)

    def address(self, number: int) -> Address:
        """Write an address."""
        return IPv4Address(number) if self.version == 4 else IPv6Address(number)

    def prefix(self) -> str:
        """Choose a network of sources: ``11.0.1.0/24``."""
        host = self.pick(10, 8, 6, 2, 0, 0)
        low = self.number() >> host << host
        self.bounds += [low, low + 2**host - 1]
        return f"{self.address(low)}/{self.bits - host}"

    def interval(self) -> str:
        """Choose a range of sources: ``11.0.0.7-11.0.2.1``."""
        low, high = sorted((self.number(), self.number()))
        self.bounds += [low, high]
        return f"{self.address(low)}-{self.address(high)}"

    def apart(self, most: int) -> list[str]:
        """Choose ranges that neither touch nor overlap, as nft wants them in one set."""
        numbers = sorted(self.chance.sample(range(self.world.first, self.world.last), 2 * self.chance.randint(1, most)))
        found: list[tuple[int, int]] = []
        for low, high in zip(numbers[::2], numbers[1::2], strict=True):
            if not found or low > found[-1][1] + 1:
                found.append((low, high))
        self.bounds += [number for pair in found for number in pair]
        return [f"{self.address(low)}-{self.address(high)}" for low, high in found]

    def own(self) -> Address:
        """Choose an address that packets are sent to."""
        return self.pick(self.world.box, self.world.inner, self.world.lan)

    def ports(self, most: int = 3) -> list[int]:
        """Choose ports."""
        return self.some(PORTS, most)

    def port(self) -> int:
        """Choose a port."""
        return self.pick(*PORTS)
