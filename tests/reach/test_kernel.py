"""The judgement of the walker against that of the kernel: made-up rule sets, real packets, no disagreement."""

import os
from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from ringfence.model.addresses import AddressSet
from ringfence.model.packetfilter import Hook, Ruleset
from ringfence.reach.atoms import Atoms
from ringfence.reach.filters import Walk, all_bits
from ringfence.reach.flow import Goal, Header, Link, Marks
from ringfence.reach.translate import Own
from tests.reach.kernel import BOX, INNER, LAN, Arrival, Kernel, Packet, kernel, missing
from tests.reach.rulesets import Maker
from tests.reach.school import nft, save

RULESETS = int(os.environ.get("KERNEL_RULESETS", "24"))
PACKETS = 80
FIRST_SEED = int(os.environ.get("KERNEL_SEED", "1"))
LANGUAGES = ("nft", "nft -j", "iptables")
OWN = Own(addresses=frozenset({BOX, LAN}), by_interface={"wan": (BOX,), "lan": (LAN,)})


@pytest.fixture(scope="module", autouse=True)
def _able() -> None:
    reason = missing()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


def load(box: Kernel, text: str, language: str) -> Ruleset:
    """Load the rules into the kernel, and read what it says it has loaded."""
    if language == "iptables":
        box.inside("iptables-nft-restore", stdin=text)
        return save(box.inside("iptables-nft-save"))
    box.inside("nft", "-f", "-", stdin=text)
    return nft(box.inside(*language.split(), "list", "ruleset"))


def predict(ruleset: Ruleset, packet: Packet) -> set[Arrival | None]:
    """Give every end that the walker thinks possible for one packet; None is a drop."""
    atoms = Atoms(4, (ruleset,), (AddressSet.of(packet.source),))
    walk = Walk(ruleset=ruleset, atoms=atoms, goal=Goal(frozenset({INNER}), packet.port), own=OWN)
    here = atoms.bits(AddressSet.of(packet.source))
    start = Header(
        version=4,
        protocol="udp",
        source_port=packet.source_port,
        destination=BOX,
        port=packet.port,
        incoming=Link(name="wan"),
        local=True,
    )
    ends: set[Arrival | None] = set()
    for header, carried in walk.through(Hook.PREROUTING, start, {Marks(): here}).items():
        if header.destination == INNER:
            leaving = replace(header, outgoing=Link(name="lan"), local=False)
            for forwarded, passed in walk.through(Hook.FORWARD, leaving, carried).items():
                for final, left in walk.through(Hook.POSTROUTING, forwarded, passed).items():
                    assert all_bits(left)
                    seen = final.seen_as.example() if final.seen_as is not None else packet.source
                    assert isinstance(seen, IPv4Address)
                    ends.add(Arrival("inner", final.port, seen))
        else:
            for final in walk.through(Hook.INPUT, replace(header, local=True), carried):
                ends.add(Arrival("box", final.port, packet.source))
    if walk.dropped:
        ends.add(None)
    return ends


@pytest.mark.parametrize("number", range(RULESETS))
def test_the_walker_agrees_with_the_kernel(number: int) -> None:
    seed, language = FIRST_SEED + number, LANGUAGES[number % len(LANGUAGES)]
    maker = Maker(seed, nft=language != "iptables")
    made = maker.make()
    packets = maker.packets(PACKETS)
    with kernel() as box:
        ruleset = load(box, made.text, language)
        arrived = box.send(packets)
    predicted = {packet: predict(ruleset, packet) for packet in packets}
    wrong = {packet: (ends, arrived.get(packet)) for packet, ends in predicted.items() if ends != {arrived.get(packet)}}
    assert wrong == {}, f"seed {seed} ({language}): rerun with KERNEL_SEED={seed} KERNEL_RULESETS=1\n{made.text}"


def test_the_made_up_packets_meet_every_end() -> None:
    """A generator whose packets all end alike would prove nothing."""
    ends: set[str] = set()
    for seed in range(FIRST_SEED, FIRST_SEED + 3):
        maker = Maker(seed, nft=True)
        made = maker.make()
        packets = maker.packets(PACKETS)
        with kernel() as box:
            load(box, made.text, "nft")
            arrived = box.send(packets)
        ends |= {arrival.where for arrival in arrived.values()}
        ends |= {"nowhere"} if len(arrived) < len(packets) else set()
    assert ends == {"box", "inner", "nowhere"}
