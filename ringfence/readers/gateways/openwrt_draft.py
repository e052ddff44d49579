"""An OpenWrt firewall being compiled: its zones and sets, and the rules of each chain in firewall4's order."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ringfence.model.evidence import Citation, Problem
from ringfence.model.packetfilter import Action, Effect, Rule, Unsupported, UnsupportedAction
from ringfence.readers.gateways.openwrt_match import Alternatives
from ringfence.readers.gateways.openwrt_network import Attachment
from ringfence.readers.gateways.openwrt_sets import NamedSet
from ringfence.readers.gateways.openwrt_uci import Section
from ringfence.readers.gateways.openwrt_zones import Zone

#: firewall4's own chain that tells the sender.
REJECT = "handle_reject"


@dataclass(slots=True, kw_only=True)
class Draft:
    """The rule set being built; ``policies`` are those of `config defaults`."""

    attached: Attachment
    file: str
    policies: Mapping[str, str]
    sets: Mapping[str, NamedSet]
    zones: dict[str, Zone] = field(default_factory=dict)
    rules: dict[str, list[Rule]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, section: Section) -> Citation:
        """Give the section's first line."""
        return Citation(file=self.file, line=section.line)

    def complain(self, section: Section, message: str) -> None:
        """Keep a problem with the section."""
        problem = Problem(citation=self.place(section), message=message)
        if problem not in self.problems[-20:]:
            self.problems.append(problem)

    def emit(  # noqa: PLR0913 - one rule, many facts
        self,
        chain: str,
        section: Section,
        found: Alternatives,
        action: Action,
        *,
        effects: tuple[Effect, ...] = (),
        note: str = "",
    ) -> None:
        """Append one rule per alternative; what is not interpreted is named as a problem."""
        text = f"{section.text()} {note}".strip()
        for matches in found:
            for match in matches:
                if isinstance(match, Unsupported):
                    self.complain(section, f"not interpreted: {match.text}")
            rule = Rule(matches=matches, action=action, effects=effects, text=text, citation=self.place(section))
            self.rules.setdefault(chain, []).append(rule)

    def emit_unread(self, section: Section, chains: tuple[str, ...], why: str) -> None:
        """Let a section that is not understood do anything, in every chain that it may belong to."""
        self.complain(section, f"the section is not understood ({why}); what depends on it is unknown")
        for chain in chains:
            action = UnsupportedAction(text=section.text())
            matches = (Unsupported(text=section.text()),)
            rule = Rule(matches=matches, action=action, text=section.text(), citation=self.place(section))
            self.rules.setdefault(chain, []).append(rule)
