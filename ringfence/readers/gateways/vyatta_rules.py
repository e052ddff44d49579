"""Makes rules and chains of the model out of Vyatta's: what all its parts share."""

from dataclasses import dataclass

from ringfence.model.packetfilter import (
    Accept,
    Action,
    Continue,
    Drop,
    Family,
    Hook,
    InputInterface,
    Jump,
    Match,
    OutputInterface,
    Return,
    Rule,
    UnsupportedAction,
)
from ringfence.readers.gateways.vyatta_match import Conditions
from ringfence.readers.gateways.vyatta_tree import Export, Node, words
from ringfence.readers.linux import notation
from ringfence.readers.linux.unread import missing_rule

TABLE = "firewall"
MAX_RULES = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One IP version of a configuration: where its rule sets stand, and how to read their conditions.

    ``word`` is ``name`` or ``ipv6-name``. ``is_modern`` tells VyOS 1.4's base chains (``firewall ipv4 forward
    filter``), where *accept* in a named chain is final, from the older rule sets on interfaces, where it only returns
    to the chain that called.
    """

    export: Export
    conditions: Conditions
    family: Family
    word: str
    is_modern: bool

    @property
    def version(self) -> int:
        """The IP version, 4 or 6."""
        return 4 if self.family == Family.IPV4 else 6

    @property
    def root(self) -> tuple[str, ...]:
        """The path below which named rule sets stand."""
        return ("firewall", f"ipv{self.version}", "name") if self.is_modern else ("firewall", self.word)

    def rules(self, path: tuple[str, ...]) -> tuple[Rule, ...]:
        """Give the rules of a rule set in their order, disabled ones left out, and its default action last."""
        found: list[Rule] = []
        for number, node in self.export.root.numbered(*path, "rule"):
            if len(found) >= MAX_RULES:
                self.export.problem(node, f"more than {MAX_RULES} rules; the rest was left out")
                found.append(missing_rule(self.export.place(node)))
                break
            if not node.has("disable"):
                matches = self.conditions.of(node)
                text = notation.shortened(f"{' '.join(path)} rule {number}: {words(node)}")
                found.append(rule(self.export, node, text, matches, self.action(node, node.value("action"))))
        return tuple(found)

    def action(self, node: Node, verdict: str, target: str = "jump-target") -> Action:
        """Read ``action drop``, ``default-action accept``."""
        match verdict:
            case "accept":
                return Accept() if self.is_modern else Return()
            case "drop":
                return Drop()
            case "reject":
                return Drop(reject=True)
            case "return":
                return Return()
            case "jump":
                return Jump(chain=self.chain_name(node.value(target)))
            case "continue" | "offload":
                return Continue()  # an offloaded flow has been accepted before
            case "" if self.is_modern:
                return Continue()
            case _:
                text = notation.shortened(f"action {verdict}")
                self.export.problem(node, f"not interpreted: {text}")
                return UnsupportedAction(text=text)

    def chain_name(self, name: str) -> str:
        """Give the name under which a rule set is a chain."""
        return f"{self.word} {name}"

    def default(self, path: tuple[str, ...], otherwise: str) -> Rule | None:
        """Give the rule that a default action is; None where a base chain says nothing and so accepts."""
        node = self.export.root.at(*path)
        if node is None:
            return None
        said = node.value("default-action")
        verdict = said or otherwise
        if not verdict:
            return None
        text = f"{' '.join(path)} default-action {verdict}{'' if said else ' (as it does when nothing is said)'}"
        action = self.action(node, verdict, "default-jump-target")
        return rule(self.export, node.at("default-action") or node, text, (), action)


def rule(export: Export, node: Node | None, text: str, matches: tuple[Match, ...], action: Action) -> Rule:
    """Make a rule that cites its node."""
    return Rule(matches=matches, action=action, text=notation.shortened(text), citation=export.place(node))


def coming_in(*names: str) -> InputInterface:
    """Match what comes in by one of the interfaces."""
    return InputInterface(names=frozenset(names))


def going_out(*names: str) -> OutputInterface:
    """Match what leaves by one of the interfaces."""
    return OutputInterface(names=frozenset(names))


HOOKS = {
    "forward": Hook.FORWARD,
    "input": Hook.INPUT,
    "output": Hook.OUTPUT,
    "prerouting": Hook.PREROUTING,
}
PRIORITIES = {"filter": 0, "raw": -300}
