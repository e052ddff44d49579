"""Shortcuts for the tests of this folder: read one text, give its rules."""

from ringfence.model.evidence import Problem
from ringfence.model.packetfilter import Family, Rule, Ruleset
from ringfence.readers.linux import iptables, nftables
from ringfence.readers.linux.ipset import IpSet
from tests.memory import MemoryArtifacts


def iptables_rule(line: str, *, table: str = "filter", sets: dict[str, IpSet] | None = None) -> Rule:
    """Read one rule of chain INPUT, in a table that also has the chain ``mine``."""
    text = f"*{table}\n:INPUT ACCEPT [0:0]\n:PREROUTING ACCEPT [0:0]\n:mine - [0:0]\n-A INPUT {line}\nCOMMIT\n"
    found = iptables.read(MemoryArtifacts({"x": text}), "x", family=Family.IPV4, sets=sets or {}).facts
    (rule,) = (rule for chain in found.chains for rule in chain.rules)
    return rule


def nft_rules(body: str, *, family: str = "inet", head: str = "") -> tuple[Rule, ...]:
    """Read the rules of one nftables chain."""
    found = nft(f"table {family} t {{\n{head}\nchain c {{\ntype filter hook input priority 0;\n{body}\n}}\n}}\n")[0]
    return tuple(rule for chain in found.chains for rule in chain.rules)


def nft(text: str) -> tuple[Ruleset, tuple[Problem, ...]]:
    """Read a whole nftables rule set."""
    reading = nftables.read(MemoryArtifacts({"x": text}), "x")
    return reading.facts, reading.problems
