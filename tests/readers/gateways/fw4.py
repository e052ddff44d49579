"""The shared pairs of OpenWrt's firewall4: a configuration, and the nftables rules that firewall4 made of it.

Compares what two rule sets do with packets at the bounds of all conditions, hook by hook.
"""

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import islice
from typing import Any, TypeVar

from ringfence.model.addresses import MAX_PORT, AddressSet
from ringfence.model.evidence import Reading
from ringfence.model.packetfilter import (
    DestinationAddress,
    DestinationPort,
    Hook,
    InputInterface,
    OutputInterface,
    Rule,
    Ruleset,
    SourcePort,
    TranslateDestination,
)
from ringfence.model.site import Address
from ringfence.reach.atoms import Atoms
from ringfence.reach.filters import Walk, all_bits
from ringfence.reach.flow import Goal, Header, Link, Marks
from ringfence.reach.translate import Own
from ringfence.readers.gateways import openwrt
from ringfence.readers.gateways.gateway import Gateway
from ringfence.readers.linux import nftables
from tests.memory import MemoryArtifacts
from tests.shared_data import SHARED, shared

Item = TypeVar("Item")
FOLDER = "data/firewalls/openwrt"
HOOKS = (Hook.PREROUTING, Hook.INPUT, Hook.FORWARD, Hook.POSTROUTING)
OWN = Own(
    addresses=frozenset(map(ip_address, ("10.0.0.1", "10.11.12.194", "2001:db8:54:321::2"))),
    by_interface={
        "br-lan": (ip_address("10.0.0.1"),),
        "pppoe-wan": (ip_address("10.11.12.194"), ip_address("2001:db8:54:321::2")),
    },
)


def names() -> list[str]:
    """Give the names of all pairs; none where the shared data is not there."""
    return sorted(path.name for path in (SHARED / FOLDER).glob("fw4_*"))


def uci(configuration: Mapping[str, Any]) -> str:
    """Write a configuration of the tests' JSON as `/etc/config/firewall` has it."""
    found: list[str] = []
    for kind, sections in configuration.items():
        for section in sections if isinstance(sections, list) else [sections]:
            found.append(f"config {kind}")
            for key, value in section.items():
                if isinstance(value, list):
                    found += [f"\tlist {key} '{one}'" for one in value]
                elif not key.startswith("."):
                    found.append(f"\toption {key} '{value}'")
    return "\n".join(found) + "\n"


def pair(name: str) -> tuple[Reading[Gateway | None], Reading[Ruleset]]:
    """Read one pair from both sides."""
    folder = shared(FOLDER)
    text = (folder / name).read_text()
    written = re.search(r"-- File uci/firewall\.json --\n(.*?)-- End --", text, re.DOTALL)
    source = written[1] if written else (folder / "firewall.json").read_text()
    configuration = json.loads(re.sub(r",(\s*[}\]])", r"\1", source))  # one of them has a comma too many
    (printed,) = re.findall(r"-- Expect stdout --\n(.*?)-- End --", text, re.DOTALL)
    files: dict[str, bytes | str] = {
        "edge/firewall": uci(configuration),
        "edge/network.interface.json": (folder / "network.interface~dump.json").read_bytes(),
    }
    mine = openwrt.read(MemoryArtifacts(files), "edge/firewall")
    return mine, nftables.read(MemoryArtifacts({"x": _listed(printed)}), "x")


def _listed(printed: str) -> str:
    """Bring what firewall4 prints into the form in which `nft list ruleset` shows it."""
    left_out = ("flush ", "delete ", "define ", "include ", "meta l4proto { tcp, udp } flow offload")
    lines = [line for line in printed.splitlines() if not line.strip().startswith(left_out)]
    return "\n".join(line for line in lines if line.strip() != "table inet fw4") + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What conditions tell apart: interfaces, ports and addresses at their bounds and just outside."""

    links: Sequence[str] = ()
    ports: Sequence[int] = ()
    source_ports: Sequence[int] = ()
    addresses: Sequence[Address] = ()


def _values(rulesets: Sequence[Ruleset]) -> Values:
    found = _values_of([rule for ruleset in rulesets for chain in ruleset.chains for rule in chain.rules])
    return Values(
        links=(*found.links, "other0"),
        ports=(*found.ports, 1, 69, 5060),
        source_ports=(*found.source_ports, 40000),
        addresses=(*found.addresses, ip_address("10.9.9.9"), ip_address("2001:db8:77::1")),
    )


def _values_of(rules: Sequence[Rule]) -> Values:
    links: set[str] = set()
    ports: dict[type[object], set[int]] = {DestinationPort: set(), SourcePort: set()}
    addresses: set[Address] = set()
    for match in (match for rule in rules for match in rule.matches):
        if isinstance(match, InputInterface | OutputInterface):
            links |= {name.replace("*", "7") for name in match.names}
        elif isinstance(match, DestinationPort | SourcePort):
            for low, high in match.ports.intervals:
                ports[type(match)] |= {max(low - 1, 0), low, high, min(high + 1, MAX_PORT)}
        elif isinstance(match, DestinationAddress):
            addresses |= _bounds(match.addresses)
    for action in (rule.action for rule in rules):
        if isinstance(action, TranslateDestination) and action.addresses is not None:
            addresses |= _bounds(action.addresses)
    return Values(
        links=sorted(links),
        ports=sorted(ports[DestinationPort]),
        source_ports=sorted(ports[SourcePort]),
        addresses=sorted(addresses, key=lambda address: (address.version, int(address))),
    )


def _bounds(addresses: AddressSet) -> set[Address]:
    found: set[Address] = set()
    for network in islice(addresses.networks(), 20):
        kind, highest = type(network.network_address), 2**network.max_prefixlen - 1
        low, high = int(network.network_address), int(network.broadcast_address)
        found |= {kind(max(low - 1, 0)), kind(low), kind(high), kind(min(high + 1, highest))}
    return found


def differences(
    first: Ruleset, second: Ruleset, *, packets: int, versions: Sequence[int] = (4, 6), protocols: Sequence[str]
) -> Iterator[tuple[Hook, Header]]:
    """Give the packets that the two treat differently: pass, stop, translate or leave open, for any source."""
    chance = random.Random(20261124)
    values = _values((first, second))
    atoms = {version: Atoms(version, [first, second]) for version in versions}
    rules = [rule for ruleset in (first, second) for chain in ruleset.chains for rule in chain.rules]
    for _ in range(packets):
        hook = chance.choice(HOOKS)
        aimed = _values_of([chance.choice(rules)])
        header = _packet(chance, values, aimed, hook, tuple(versions), tuple(protocols))
        pool = [one for one in values.addresses if one.version == header.version]
        goal = Goal(addresses=frozenset({chance.choice(pool)}), port=chance.choice(values.ports))
        marks = Marks(chance.choice((0, 0, 1, 0x20, 0xFF)), 0)
        one, other = (_outcome(each, atoms[header.version], goal, hook, header, marks) for each in (first, second))
        if one != other:
            yield hook, header


def _packet(  # noqa: PLR0913, PLR0917 - one packet
    chance: random.Random,
    values: Values,
    aimed: Values,
    hook: Hook,
    versions: tuple[int, ...],
    protocols: tuple[str, ...],
) -> Header:
    """Make a packet: mostly one that a certain rule is about, as far as it says."""

    def pick(few: Sequence[Item], many: Sequence[Item]) -> Item:
        return chance.choice(few if few and chance.random() < 0.7 else many)

    version = chance.choice(versions)
    near = [one for one in aimed.addresses if one.version == version]
    return Header(
        version=version,
        protocol=chance.choice(protocols),
        source_port=pick(aimed.source_ports, values.source_ports),
        destination=pick(near, [one for one in values.addresses if one.version == version]),
        port=pick(aimed.ports, values.ports),
        incoming=Link(name=chance.choice(values.links)),
        outgoing=Link(name=chance.choice(values.links) if hook in {Hook.FORWARD, Hook.POSTROUTING} else ""),
        local=hook == Hook.INPUT,
        translated=hook in {Hook.INPUT, Hook.FORWARD} and chance.random() < 0.3,
    )


def _outcome(  # noqa: PLR0913, PLR0917 - one packet, one rule set
    ruleset: Ruleset, atoms: Atoms, goal: Goal, hook: Hook, header: Header, marks: Marks
) -> tuple[frozenset[tuple[Header, int]], int]:
    walk = Walk(ruleset=ruleset, atoms=atoms, goal=goal, own=OWN)
    passed = walk.through(hook, header, {marks: atoms.everything})
    held = frozenset((after, all_bits(sources)) for after, sources in passed.items() if all_bits(sources))
    return held, walk.dropped
