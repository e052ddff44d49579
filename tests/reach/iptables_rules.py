"""Made-up rules in the language of iptables-restore: every condition and target that the engine says it knows."""

from dataclasses import dataclass

from tests.reach.dice import Dice

#: Chains of the filter table by what may jump to what, so that there are no loops.
BELOW = {"INPUT": ("a", "b"), "FORWARD": ("a", "b"), "a": ("b", "c"), "b": ("c",), "c": ()}
#: Options of which iptables takes one per rule, by what else they stand for.
ALONE = {
    "-s": "source", "--src-range": "range", "-p": "protocol", "-i": "in", "-o": "out", "-d": "destination",
    "--ctstate": "conntrack", "--ctorigdst": "conntrack", "--ctorigdstport": "conntrack", "--ctstatus": "conntrack",
    "mark": "mark", "connmark": "connmark", "addrtype": "addrtype", "pkttype": "pkttype",
}  # fmt: skip


@dataclass
class Iptables:
    """Writes a rule set of the tables mangle, nat and filter."""

    dice: Dice

    def write(self) -> str:
        """Write it all."""
        dice = self.dice
        chains = {name: [self.rule(name) for _ in range(dice.chance.randint(1, 6))] for name in BELOW}
        for name in ("INPUT", "FORWARD"):
            chains[name][:0] = self.sharp(name)
        policies = {name: dice.pick("ACCEPT", "ACCEPT", "DROP") for name in ("INPUT", "FORWARD")}
        marking = [self.rule("PREROUTING") for _ in range(dice.pick(0, 0, 1, 3))]
        before = [self.forward() for _ in range(dice.chance.randint(1, 6))]
        after = [self.hide() for _ in range(dice.chance.randint(0, 2))]
        spared = [self.spare() for _ in range(dice.pick(0, 0, 0, 1, 2))]
        lines = ["*raw", ":PREROUTING ACCEPT [0:0]", *(f"-A PREROUTING {rule}" for rule in spared), "COMMIT"]
        lines += ["*mangle", ":PREROUTING ACCEPT [0:0]", *(f"-A PREROUTING {rule}" for rule in marking), "COMMIT"]
        lines += ["*nat", ":PREROUTING ACCEPT [0:0]", ":POSTROUTING ACCEPT [0:0]"]
        lines += [f"-A PREROUTING {rule}" for rule in before] + [f"-A POSTROUTING {rule}" for rule in after]
        lines += ["COMMIT", "*filter"]
        lines += [f":{name} {policies.get(name, '-')} [0:0]" for name in BELOW]
        lines += [f"-A {name} {rule}" for name, rules in chains.items() for rule in rules]
        return "\n".join([*lines, "COMMIT", ""])

    def rule(self, chain: str) -> str:
        """Make up a rule of a filter chain, or of the one that marks early on."""
        dice = self.dice
        matches = distinct([self.match(chain) for _ in range(dice.pick(0, 1, 1, 1, 2))])
        targets = ["ACCEPT", "DROP", "ACCEPT", "DROP", "RETURN", "MARK", "MARK", "MARK"]
        targets += [f"{verb} {name}" for name in BELOW.get(chain, ()) for verb in ("-j", "-g", "-j")]
        if chain in {"INPUT", "FORWARD"}:
            targets.append("REJECT")
        target = dice.pick(*targets)
        if target == "MARK":
            return " ".join([*matches, self.mark()])
        return " ".join([*matches, target if target.startswith("-") else f"-j {target}"])

    def sharp(self, chain: str) -> list[str]:
        """Make up rules for the top of a chain, where nothing is decided yet: each is seen by every packet."""
        dice = self.dice
        sign = "! " if dice.often(0.3) else ""
        verdict = dice.pick("-j ACCEPT", "-j DROP")
        link = self._in(sign) if chain == "INPUT" else dice.pick(self._in, self._out)(sign)
        listed = [f"{self._source('')} -j {dice.pick('ACCEPT', 'DROP', 'RETURN')}" for _ in range(3)]
        return dice.pick(
            [
                self.mark(),
                f"{self.match()} {self.mark()}",
                f"-j MARK --xor-mark {dice.pick(1, 3, 5)}",
                f"{self._mark(sign)} {verdict}",
            ],
            [
                "-j MARK --set-mark 1",
                "-j CONNMARK --save-mark",
                "-j MARK --set-mark 2",
                f"{self._source('')} -j CONNMARK --restore-mark",
                f"-m mark {sign}--mark {dice.pick(1, 2)} {verdict}",
            ],
            [f"{self._source('')} {self._conntrack(sign)} {verdict}"],
            [f"{self._source('')} {self._rare(sign)} {verdict}"],
            [f"{self._source('')} {link} {verdict}"],
            listed,
        )

    def mark(self) -> str:
        """Make up a change of a mark."""
        number = self.dice.chance.randint(0, 7)
        return "-j " + self.dice.pick(
            f"MARK --set-xmark {number}/{self.dice.pick('0x3', '0xffffffff', '0x1')}",
            f"MARK --or-mark {number}",
            f"MARK --and-mark {number}",
            f"MARK --xor-mark {number}",
            f"CONNMARK --set-xmark {number}/0xffffffff",
            "CONNMARK --save-mark",
            "CONNMARK --restore-mark",
        )

    def match(self, chain: str = "") -> str:
        """Make up a condition; an empty chain is one that translates."""
        dice = self.dice
        sign = "! " if dice.often(0.3) else ""
        kinds = [self._source, self._source, self._ports, self._source_port, self._destination, self._rare]
        if chain:
            kinds += [self._mark, self._mark, self._conntrack, self._conntrack, self._protocol]
            kinds.append(self._in if chain in {"INPUT", "PREROUTING"} else dice.pick(self._in, self._out))
        return dice.pick(*kinds)(sign)

    def _source(self, sign: str) -> str:
        if self.dice.often(0.5):
            return f"{sign}-s {self.dice.prefix()}"
        return f"-m iprange {sign}--src-range {self.dice.interval()}"

    def _ports(self, sign: str) -> str:
        dice = self.dice
        low, high = sorted((dice.port(), dice.port()))
        protocol = dice.pick("udp", "tcp")
        return f"-p {protocol} " + dice.pick(
            f"-m multiport {sign}--dports {','.join(map(str, dice.ports()))}",
            f"-m multiport {sign}--dports 53,{low}:{high}" if low < high else f"-m multiport {sign}--dports {low}",
            f"-m {protocol} {sign}--dport {low}:{high}",
        )

    def _source_port(self, sign: str) -> str:
        protocol = self.dice.pick("udp", "tcp")
        return f"-p {protocol} -m {protocol} {sign}--sport {self.dice.pick('53', '1024:30000', '30000:65535')}"

    def _destination(self, sign: str) -> str:
        return f"{sign}-d {self.dice.own()}"

    def _mark(self, sign: str) -> str:
        mask = self.dice.pick(7, 3, 1, 2, 4, 0xFFFFFFFF)
        value = self.dice.chance.randint(0, 7) & mask
        return f"-m {self.dice.pick('mark', 'mark', 'connmark')} {sign}--mark {value}/{mask:#x}"

    def _conntrack(self, sign: str) -> str:
        state = self.dice.pick("NEW", "DNAT", "RELATED,ESTABLISHED", "DNAT,ESTABLISHED", "INVALID,UNTRACKED")
        return "-m conntrack " + self.dice.pick(
            f"{sign}--ctstate {state}",
            f"{sign}--ctorigdstport {self.dice.port()}",
            f"{sign}--ctorigdst {self.dice.own()}",
        )

    def _in(self, sign: str) -> str:
        return f"{sign}-i {self.dice.pick('wan', 'lan', 'w+')}"

    def _out(self, sign: str) -> str:
        return f"{sign}-o {self.dice.pick('wan', 'lan', 'l+')}"

    def _protocol(self, sign: str) -> str:
        return f"{sign}-p {self.dice.pick('udp', 'tcp')}"

    def _rare(self, sign: str) -> str:
        return self.dice.pick(
            f"-m addrtype {sign}--dst-type LOCAL",
            f"-p tcp -m tcp {sign}--tcp-flags FIN,SYN,RST,ACK {self.dice.pick('SYN', 'ACK')}",
            f"-p tcp -m tcp {sign}--tcp-flags {self.dice.pick('SYN,ACK SYN,ACK', 'ACK ACK', 'ACK NONE')}",
            f"-m pkttype {sign}--pkt-type unicast",
        )

    def spare(self) -> str:
        """Make up a rule that keeps packets out of connection tracking."""
        target = self.dice.pick("CT --notrack", "CT --notrack", "ACCEPT")
        return f"{self._ports('')} {self._source('')} -j {target}"

    def forward(self) -> str:
        """Make up a rule that rewrites destinations."""
        dice, world = self.dice, self.dice.world
        other, protocol = dice.port(), dice.pick("udp", "tcp")
        inner = f"[{world.inner}]" if dice.version == 6 else str(world.inner)
        network = f"{world.inner}/{24 if dice.version == 4 else 64}"
        kinds = (
            f"DNAT --to-destination {world.inner}",
            f"DNAT --to-destination {world.box}",
            f"DNAT --to-destination {inner}:{other}",
            f"DNAT --to-destination :{other}",
            f"REDIRECT --to-ports {other}",
            "REDIRECT",
            f"NETMAP --to {network}",
            "ACCEPT",
            "RETURN",
        )
        guard = [self.match()] if dice.often(0.4) else []
        matches = distinct([f"-p {protocol} -m {protocol} --dport {dice.port()}", *guard])
        return f"{' '.join(matches)} -j {dice.pick(*kinds)}"

    def hide(self) -> str:
        """Make up a rule that rewrites sources."""
        dice = self.dice
        guard = f"{self._source('')} " if dice.often(0.5) else ""
        return f"{guard}-o lan -j {dice.pick('MASQUERADE', f'SNAT --to-source {dice.world.lan}', 'RETURN')}"


def distinct(matches: list[str]) -> list[str]:
    """Leave out a second condition of a kind of which iptables takes one only."""
    found: list[str] = []
    taken: set[str] = set()
    for match in matches:
        kinds = {ALONE[word] for word in match.split() if word in ALONE}
        if not kinds & taken:
            found.append(match)
            taken |= kinds
    return found
