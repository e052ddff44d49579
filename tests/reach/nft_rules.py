"""Made-up rules in the language of nft: every condition and action that the engine says it knows."""

from dataclasses import dataclass

from tests.reach.dice import Dice

#: Chains by what may jump to what, so that there are no loops.
BELOW = {
    "early": ("a", "b"), "mangle": ("a", "b"), "input": ("a", "b"), "forward": ("a", "b"), "late": ("b",),
    "a": ("b", "c"), "b": ("c",), "c": (),
}  # fmt: skip
HOOKS = {
    "early": ("input", "-5"),
    "mangle": ("prerouting", "mangle"),
    "input": ("input", "filter"),
    "forward": ("forward", "filter"),
    "late": ("forward", "filter + 10"),
}
SETS = ("s0", "s1")
EITHER = "meta l4proto { tcp, udp } th"


@dataclass
class Nft:
    """Writes a rule set of one table; ``family`` is ``ip``, ``ip6`` or ``inet``."""

    dice: Dice
    family: str
    #: What the rule at hand is about: nft refuses rules that are about two.
    protocol: str = "udp"

    @property
    def ip(self) -> str:
        """What the IP header is called."""
        return "ip" if self.dice.version == 4 else "ip6"

    def write(self) -> str:
        """Write it all."""
        dice = self.dice
        lines = [f"table {self.family} t {{"]
        for name in SETS:
            lines += [f"set {name} {{", f"type ipv{dice.version}_addr", "flags interval"]
            lines += [f"elements = {{ {', '.join(dice.apart(3))} }}", "}"]
        chains = {
            name: [self.rule(name) for _ in range(dice.chance.randint(1, 6))]
            for name in BELOW
            if name not in HOOKS or name in {"input", "forward"} or dice.often(0.4)
        }
        for name in ("input", "forward"):
            chains[name][:0] = self.sharp()
        for name in reversed(chains):
            lines.append(f"chain {name} {{")
            if name in HOOKS:
                hook, priority = HOOKS[name]
                policy = dice.pick("accept", "accept", "drop") if name != "mangle" else "accept"
                lines.append(f"type filter hook {hook} priority {priority}; policy {policy};")
            lines += [*chains[name], "}"]
        if dice.often(0.25):
            spared = [self.spare() for _ in range(dice.chance.randint(1, 2))]
            lines += ["chain raw {", "type filter hook prerouting priority raw;", *spared, "}"]
        before = [self.forward() for _ in range(dice.chance.randint(1, 6))]
        after = [self.hide() for _ in range(dice.chance.randint(0, 2))]
        lines += ["chain pre {", "type nat hook prerouting priority dstnat;", *before, "}"]
        lines += ["chain post {", "type nat hook postrouting priority srcnat;", *after, "}", "}", ""]
        return "\n".join(lines)

    def rule(self, chain: str) -> str:
        """Make up a rule of a filter chain."""
        dice = self.dice
        self.protocol = dice.pick("udp", "udp", "tcp", "tcp", EITHER)
        if dice.often(0.1):
            return f"{self.match(chain)} {self.verdict_map(chain)}"
        matches = [self.match(chain) for _ in range(dice.pick(0, 1, 1, 1, 2))]
        actions = ["accept", "drop", "accept", "drop", "return", "mark", "mark", "mark", "counter"]
        actions += [f"{verb} {name}" for name in BELOW[chain] for verb in ("jump", "goto", "jump")]
        if chain in {"input", "forward"}:
            actions.append("reject")
        action = dice.pick(*actions)
        return " ".join([*matches, self.mark() if action == "mark" else action])

    def sharp(self) -> list[str]:
        """Make up rules for the top of a chain, where nothing is decided yet: each is seen by every packet."""
        dice = self.dice
        self.protocol = dice.pick("udp", "tcp")
        sign = "!= " if dice.often(0.3) else ""
        verdict = dice.pick("accept", "drop")
        listed = [f"{self._source('')} {dice.pick('accept', 'drop', 'return')}" for _ in range(3)]
        return dice.pick(
            [
                self.mark(),
                f"{self.match()} {self.mark()}",
                f"meta mark set meta mark ^ {dice.pick(1, 3, 5)}",
                f"{self._mark(sign)} {verdict}",
            ],
            [
                "meta mark set 1",
                "ct mark set meta mark",
                "meta mark set 2",
                f"{self._source('')} meta mark set ct mark",
                f"meta mark {sign or '== '}{dice.pick(1, 2)} {verdict}",
            ],
            [f"{self._source('')} {self._conntrack(sign)} {verdict}"],
            [f"{self._source('')} {self._rare(sign)} {verdict}"],
            [f"{self._source('')} {self._interface(sign)} {verdict}"],
            listed,
        )

    def verdict_map(self, chain: str) -> str:
        """Make up a map from ports or sources to verdicts."""
        dice = self.dice
        verdicts = ["accept", "drop", "return", "continue", *(f"jump {name}" for name in BELOW[chain])]
        verdicts += [f"goto {name}" for name in BELOW[chain]]
        by_source = dice.often(0.5)
        keys = dice.apart(3) if by_source else [str(port) for port in dice.ports()]
        looked_at = f"{self.ip} saddr" if by_source else f"{self.protocol} dport"
        return f"{looked_at} vmap {{ {', '.join(f'{key} : {dice.pick(*verdicts)}' for key in keys)} }}"

    def mark(self) -> str:
        """Make up a change of a mark."""
        number = self.dice.chance.randint(0, 7)
        return self.dice.pick(
            f"meta mark set meta mark | {number}",
            f"meta mark set meta mark ^ {number}",
            f"meta mark set meta mark & {number}",
            f"meta mark set {number}",
            f"ct mark set {number}",
            "ct mark set meta mark",
            "meta mark set ct mark",
        )

    def match(self, chain: str = "") -> str:
        """Make up a condition; an empty chain is one that translates."""
        dice = self.dice
        sign = "!= " if dice.often(0.3) else ""
        kinds = [self._source, self._source, self._set, self._port, self._source_port, self._destination, self._rare]
        if chain:
            kinds += [self._mark, self._mark, self._conntrack, self._conntrack, self._interface]
        return dice.pick(*kinds)(sign)

    def _source(self, sign: str) -> str:
        return f"{self.ip} saddr {sign}{self.dice.pick(self.dice.prefix, self.dice.interval)()}"

    def _set(self, sign: str) -> str:
        members = self.dice.pick(*(f"@{name}" for name in SETS), f"{{ {', '.join(self.dice.apart(2))} }}")
        return f"{self.ip} saddr {sign}{members}"

    def _port(self, sign: str) -> str:
        dice = self.dice
        ports = ", ".join(map(str, dice.ports()))
        low, high = sorted((dice.port(), dice.port()))
        return f"{self.protocol} dport {sign}{dice.pick(f'{{ {ports} }}', f'{low}-{high}', str(high))}"

    def _source_port(self, sign: str) -> str:
        return f"{self.protocol} sport {sign}{self.dice.pick('53', '1024-30000', '30000-65535')}"

    def _destination(self, sign: str) -> str:
        return f"{self.ip} daddr {sign}{self.dice.own()}"

    def _mark(self, sign: str) -> str:
        mask = self.dice.pick(7, 3, 1, 2, 4)
        masked = f"& {mask} " if self.dice.often(0.8) else ""
        value = self.dice.chance.randint(0, 7) & mask
        return f"{self.dice.pick('meta', 'meta', 'ct')} mark {masked}{sign or '== '}{value}"

    def _conntrack(self, sign: str) -> str:
        if self.protocol != EITHER and self.dice.often(0.2):
            # without one protocol nft cannot write the port down again
            return f"meta l4proto {self.protocol} ct original proto-dst {sign}{self.dice.port()}"
        return self.dice.pick(
            "ct status dnat",
            f"ct state {sign}new",
            f"ct state {sign}established,related",
            f"ct state {sign}new,established",
            f"ct state {sign}{{ invalid, untracked }}",
            f"ct original {self.ip} daddr {self.dice.own()}",
        )

    def _interface(self, sign: str) -> str:
        return self.dice.pick(
            f'iifname {sign}"{self.dice.pick("wan", "lan", "w*")}"',
            f'oifname {sign}"{self.dice.pick("wan", "lan", "l*")}"',
        )

    def _rare(self, sign: str) -> str:
        dice = self.dice
        pairs = ", ".join(f"{dice.address(dice.number())} . {port}" for port in dice.ports(2))
        choices = [
            f"meta l4proto {sign}{dice.pick('udp', 'tcp')}"
            if self.protocol == EITHER
            else f"meta l4proto {self.protocol}",
            f"fib daddr type {sign}local",
            f"meta pkttype {sign}host",
        ]
        if self.protocol != EITHER:
            choices.append(f"{self.ip} saddr . {self.protocol} dport {{ {pairs} }}")
        if self.protocol == "tcp":
            flag = dice.pick("syn", "ack")
            choices += [f"tcp flags & (fin | syn | rst | ack) {sign or '== '}{flag}", f"tcp flags {sign}{flag}"]
        if self.family == "inet":
            choices.append(f"meta nfproto {sign}ipv{dice.version}")
        return dice.pick(*choices)

    def spare(self) -> str:
        """Make up a rule that keeps packets out of connection tracking."""
        self.protocol = self.dice.pick("udp", "tcp")
        return f"{self._port('')} {self._source('')} {self.dice.pick('notrack', 'notrack', 'accept')}"

    def forward(self) -> str:
        """Make up a rule that rewrites destinations."""
        dice, world = self.dice, self.dice.world
        self.protocol, other = dice.pick("udp", "tcp"), dice.port()
        guard = self.match() if dice.often(0.4) else ""
        to = f"dnat {self.ip} to" if self.family == "inet" else "dnat to"
        inner = f"[{world.inner}]" if dice.version == 6 else str(world.inner)
        if dice.often(0.15):
            pairs = [f"{port} : {dice.pick(world.inner, world.inner, world.box)}" for port in dice.ports()]
            return f"{guard} {to} {self.protocol} dport map {{ {', '.join(pairs)} }}"
        kinds = [
            f"{to} {world.inner}",
            f"{to} {world.box}",
            f"{to} {inner}:{other}",
            f"redirect to :{other}",
            "redirect",
            "accept",
            "return",
        ]
        if self.family != "inet":
            kinds.append(f"{to} :{other}")
        return f"{guard} {self.protocol} dport {dice.port()} {dice.pick(*kinds)}"

    def hide(self) -> str:
        """Make up a rule that rewrites sources."""
        dice = self.dice
        guard = f"{self._source('')} " if dice.often(0.5) else ""
        to = f"snat {self.ip} to" if self.family == "inet" else "snat to"
        return f'{guard}oifname "lan" {dice.pick("masquerade", f"{to} {dice.world.lan}", "return")}'
