"""Makes up rule sets by chance, in the languages of nft and of iptables, and packets that probe their borders."""

import random
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from tests.reach.kernel import BOX, INNER, LAN, PORTS, Packet

SOURCE_PORTS = (53, 1024, 30_000, 40_000)
FIRST, LAST = int(IPv4Address("11.0.0.0")), int(IPv4Address("11.0.3.255"))
#: Chains by what may jump to what, so that there are no loops.
BELOW = {"input": ("a", "b"), "forward": ("a", "b"), "a": ("b", "c"), "b": ("c",), "c": ()}


@dataclass
class Made:
    """A made-up rule set: its text, and the bounds that its rules name."""

    text: str
    bounds: list[int] = field(default_factory=list)


class Maker:
    """Makes one rule set from a seed; ``nft`` chooses the language."""

    def __init__(self, seed: int, *, nft: bool) -> None:
        """Take the seed."""
        self.chance = random.Random(seed)
        self.nft = nft
        self.bounds: list[int] = []

    def make(self) -> Made:
        """Write the whole rule set."""
        self.sets = [self._ranges() for _ in range(2)] if self.nft else []
        chains = {name: [self._filter_rule(name) for _ in range(self.chance.randint(1, 6))] for name in BELOW}
        before = [self._forward() for _ in range(self.chance.randint(1, 6))]
        after = [self._hide() for _ in range(self.chance.randint(0, 2))]
        policies = {name: self.chance.choice(("accept", "drop", "accept")) for name in ("input", "forward")}
        write = self._nft_text if self.nft else self._iptables_text
        return Made(text=write(chains, before, after, policies), bounds=self.bounds)

    def packets(self, count: int) -> list[Packet]:
        """Give packets from the bounds of the rules, one below and one above, and from anywhere else."""
        found: dict[Packet, None] = {}
        near = [bound + step for bound in self.bounds for step in (-1, 0, 1)] or [FIRST]
        while len(found) < count:
            number = (
                self.chance.choice(near) if self.chance.random() < 0.8 else self.chance.randint(FIRST - 5, LAST + 5)
            )
            source = IPv4Address(number)
            found[Packet(source, self.chance.choice(SOURCE_PORTS), self.chance.choice(PORTS))] = None
        return list(found)

    def _ranges(self) -> list[tuple[int, int]]:
        """Give ranges that do not touch, as nft refuses those that overlap in one set."""
        numbers = sorted(self.chance.sample(range(FIRST, LAST), 2 * self.chance.randint(1, 3)))
        pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
        self.bounds += numbers
        return [pair for place, pair in enumerate(pairs) if place == 0 or pair[0] > pairs[place - 1][1] + 1]

    def _addresses(self) -> str:
        if self.chance.random() < 0.5:
            length = self.chance.choice((22, 24, 26, 30, 32))
            low = self.chance.randint(FIRST, LAST) >> (32 - length) << (32 - length)
            self.bounds += [low, low + 2 ** (32 - length) - 1]
            return f"{IPv4Address(low)}/{length}"
        low, high = sorted(self.chance.randint(FIRST, LAST) for _ in range(2))
        self.bounds += [low, high]
        return f"{IPv4Address(low)}-{IPv4Address(high)}"

    def _match(self, *, filtering: bool = True) -> str:
        negation = self.chance.random() < 0.3
        kinds = [
            "source",
            "source",
            "source",
            "port",
            "sport",
            *(["mark", "mark", "ct", "orig", "iif"] if filtering else []),
        ]
        if self.nft and self.sets:
            kinds.append("set")
        kind = self.chance.choice(kinds)
        ports = sorted(self.chance.sample(PORTS, self.chance.randint(1, 2)))
        write = self._nft_match if self.nft else self._iptables_match
        return write(kind, ports, negated=negation)

    def _nft_match(self, kind: str, ports: list[int], *, negated: bool) -> str:
        sign = "!= " if negated else ""
        mark = self.chance.randint(0, 3)
        return {
            "source": f"ip saddr {sign}{self._addresses()}",
            "set": f"ip saddr {sign}@s{self.chance.randint(0, 1)}",
            "port": f"udp dport {sign}{{ {', '.join(map(str, ports))} }}",
            "sport": f"udp sport {sign}{self.chance.choice(('53', '1024-30000', '30000-65535'))}",
            "mark": f"meta mark & 0x3 {'!=' if negated else '=='} {mark}",
            "ct": self.chance.choice(("ct status dnat", "ct state new", "ct state established,related")),
            "orig": f"meta l4proto udp ct original proto-dst {sign}{self.chance.choice(PORTS)}",
            "iif": f'iifname {sign}"{self.chance.choice(("wan", "lan", "w*"))}"',
        }[kind]

    def _iptables_match(self, kind: str, ports: list[int], *, negated: bool) -> str:
        sign = "! " if negated else ""
        source = self._addresses()
        state = self.chance.choice(("NEW", "DNAT", "RELATED,ESTABLISHED", "DNAT,ESTABLISHED"))
        ranged = f"-m iprange {sign}--src-range {source}" if "-" in source else f"{sign}-s {source}"
        return {
            "source": ranged,
            "port": f"-p udp -m multiport {sign}--dports {','.join(map(str, ports))}",
            "sport": f"-p udp -m udp {sign}--sport {self.chance.choice(('53', '1024:30000', '30000:65535'))}",
            "mark": f"-m mark {sign}--mark {self.chance.randint(0, 3)}/0x3",
            "ct": f"-m conntrack {sign}--ctstate {state}",
            "orig": f"-m conntrack {sign}--ctorigdstport {self.chance.choice(PORTS)}",
            "iif": f"{sign}-i {self.chance.choice(('wan', 'lan', 'w+'))}",
        }[kind]

    def _filter_rule(self, chain: str) -> str:
        matches = self._distinct([self._match() for _ in range(self.chance.choice((0, 1, 1, 1, 2)))])
        targets = ["accept", "drop", "accept", "drop", "return", "mark", "mark", "mark"]
        targets += [f"{verb} {name}" for name in BELOW[chain] for verb in ("jump", "goto", "jump")]
        target = self.chance.choice(targets)
        number = self.chance.randint(0, 3)
        if self.nft:
            operation = self.chance.choice((f"meta mark | {number}", f"meta mark ^ {number}", str(number)))
            action = f"meta mark set {operation}" if target == "mark" else target
        elif target == "mark":
            action = f"-j MARK --set-xmark {number}/{self.chance.choice(('0x3', '0xffffffff', '0x1'))}"
        else:
            verb, _, name = target.partition(" ")
            action = f"-{'g' if verb == 'goto' else 'j'} {name or verb.upper()}"
        return " ".join([*matches, action])

    def _distinct(self, matches: list[str]) -> list[str]:
        """Leave out a second condition of the same kind where iptables allows one only."""
        if self.nft:
            return matches
        found: dict[str, str] = {}
        for match in matches:
            words = [word for word in match.split() if word.startswith("-")]
            if not any(word in " ".join(found) for word in words if word != "-m"):
                found[" ".join(words)] = match
        protocols = [match for match in found.values() if match.startswith("-p")]
        return [match for match in found.values() if match not in protocols[1:]]

    def _forward(self) -> str:
        port, other = self.chance.choice(PORTS), self.chance.choice(PORTS)
        guard = self._match(filtering=False) if self.chance.random() < 0.4 else ""
        if self.nft:
            guard = "" if "dport" in guard else guard
            kinds = (
                f"dnat to {INNER}",
                f"dnat to {BOX}",
                f"dnat to {INNER}:{other}",
                f"redirect to :{other}",
                "accept",
            )
            return f"{guard} udp dport {port} {self.chance.choice(kinds)}"
        guard = "" if "-p" in guard else guard
        kinds = (
            f"DNAT --to-destination {INNER}",
            f"DNAT --to-destination {BOX}",
            f"DNAT --to-destination {INNER}:{other}",
            f"REDIRECT --to-ports {other}",
            "ACCEPT",
        )
        return f"{guard} -p udp -m udp --dport {port} -j {self.chance.choice(kinds)}"

    def _hide(self) -> str:
        if self.nft:
            return self.chance.choice((f"ip saddr {self._addresses()} ", "")) + self.chance.choice(
                ('oifname "lan" masquerade', f'oifname "lan" snat to {LAN}')
            )
        source = self._addresses()
        guard = "" if "-" in source else f"-s {source} "
        return guard + self.chance.choice(("-o lan -j MASQUERADE", f"-o lan -j SNAT --to-source {LAN}"))

    def _nft_text(
        self, chains: dict[str, list[str]], before: list[str], after: list[str], policies: dict[str, str]
    ) -> str:
        lines = ["table ip t {"]
        for place, ranges in enumerate(self.sets):
            members = ", ".join(f"{IPv4Address(low)}-{IPv4Address(high)}" for low, high in ranges)
            lines.append(f"set s{place} {{ type ipv4_addr; flags interval; elements = {{ {members} }}; }}")
        for name in reversed(BELOW):
            hook = f"type filter hook {name} priority 0; policy {policies[name]};" if name in policies else ""
            lines += [f"chain {name} {{", hook, *chains[name], "}"]
        lines += ["chain pre {", "type nat hook prerouting priority dstnat;", *before, "}"]
        lines += ["chain post {", "type nat hook postrouting priority srcnat;", *after, "}", "}", ""]
        return "\n".join(lines)

    def _iptables_text(
        self, chains: dict[str, list[str]], before: list[str], after: list[str], policies: dict[str, str]
    ) -> str:
        names = {"input": "INPUT", "forward": "FORWARD"}
        lines = ["*nat", ":PREROUTING ACCEPT [0:0]", ":POSTROUTING ACCEPT [0:0]"]
        lines += [f"-A PREROUTING {rule}" for rule in before] + [f"-A POSTROUTING {rule}" for rule in after]
        lines += ["COMMIT", "*filter"]
        lines += [f":{names.get(name, name)} {policies.get(name, '-').upper()} [0:0]" for name in BELOW]
        lines += [f"-A {names.get(name, name)} {rule}" for name, rules in chains.items() for rule in rules]
        return "\n".join([*lines, "COMMIT", ""])
