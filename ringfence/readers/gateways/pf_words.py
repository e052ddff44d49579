"""Words about rules of pf: their text as pf prints it, and the problems that are kept beside them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from html import unescape

from ringfence.model.evidence import Citation, Problem
from ringfence.model.packetfilter import Chain, Unsupported, UnsupportedAction
from ringfence.readers.gateways.pf_match import On, Place
from ringfence.readers.gateways.pf_xml import Node
from ringfence.readers.linux import notation

MOST_PROBLEMS = 10_000


@dataclass(slots=True)
class Notes:
    """Collects the problems of one file."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def place(self, node: Node) -> Citation:
        """Cite an element."""
        return Citation(file=self.file, line=node.line)

    def add(self, node: Node, message: str) -> None:
        """Keep a problem with an element."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(citation=self.place(node), message=notation.shortened(message)))


def uninterpreted(chains: Iterable[Chain]) -> tuple[Problem, ...]:
    """Name every condition and action of the chains that is not interpreted, once per place."""
    found: dict[Problem, None] = {}
    for chain in chains:
        for rule in chain.rules:
            texts = [match.text for match in rule.matches if isinstance(match, Unsupported)]
            texts += [rule.action.text] if isinstance(rule.action, UnsupportedAction) else []
            for text in texts:
                found[Problem(citation=rule.citation, message=f"not interpreted: {text}")] = None
    return tuple(found)[:MOST_PROBLEMS]


def rule_text(*words: str, description: str = "") -> str:
    """Put words and the admin's description, which may hold HTML's ``&gt;``, on one line.

    ``pass in on wan … # PBX``.
    """
    description = unescape(description)
    shown = " ".join(word for word in words if word)
    return notation.shortened(f"{shown} # {description}" if description else shown)


def between(source: Place | str, source_port: str, destination: Place | str, destination_port: str) -> str:
    """Write ``from any to 192.0.2.1 port 5060``."""
    ends = (("from", source, source_port), ("to", destination, destination_port))
    return " ".join(f"{word} {place_text(place)}{f' port {port}' if port else ''}" for word, place, port in ends)


def place_text(place: Place | str) -> str:
    """Write a place as pf does, ``!`` for a negation."""
    if isinstance(place, str):
        return place
    return f"! {place.text}" if place.negated else place.text


def on_text(on: On) -> str:
    """Write the interfaces of a rule: ``on wan``, ``on ! lan``, nothing where it is for all."""
    if not on.text:
        return ""
    return f"on ! {on.text}" if on.negated else f"on {on.text}"
