"""Carries out the commands of RouterOS `/export`: which items each menu holds in the end, in which order."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ringfence.model.evidence import Citation, Problem
from ringfence.readers.gateways.mikrotik_text import FIREWALL, Command, Script, chosen


@dataclass(slots=True, kw_only=True)
class Item:
    """One rule, address, member …; ``text`` is as the export has it (firewall menus only).

    ``odd`` tells that a part of it is not understood.
    """

    properties: dict[str, str]
    text: str
    line: int
    odd: bool = False

    @property
    def enabled(self) -> bool:
        """Whether it is in force."""
        return self.properties.get("disabled", "no") not in {"yes", "true"}


@dataclass(slots=True)
class Configuration:
    """All items by menu; ``settings`` are those of menus that have no items; ``unsure`` menus hold who knows what."""

    items: dict[str, list[Item]] = field(default_factory=dict)
    settings: dict[str, dict[str, str]] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def enabled(self, menu: str) -> Sequence[Item]:
        """Give the items of a menu that are in force."""
        return [item for item in self.items.get(menu, ()) if item.enabled]


def carry_out(script: Script, name: str) -> Configuration:
    """Apply all commands in order; what cannot be applied inside a firewall menu makes the menu unsure."""
    found = Configuration()
    for command in script.commands:
        if command.verb == "add" and "place-before" not in command.properties:
            item = Item(properties=dict(command.properties), text=command.text, line=command.line, odd=command.odd)
            found.items.setdefault(command.menu, []).append(item)
        elif command.verb == "set" and not command.selector:
            found.settings.setdefault(command.menu, {}).update(command.properties)
        elif not _change(found, command) and command.menu in FIREWALL:
            found.unsure.add(command.menu)
            place = Citation(file=name, line=command.line)
            message = f"“{command.verb}” could not be applied; what /{command.menu} holds is unknown"
            found.problems.append(Problem(citation=place, message=message))
    return found


def _change(found: Configuration, command: Command) -> bool:
    """Apply `set`, `remove`, `disable` or `enable` to the items chosen; False where that cannot be told."""
    items = found.items.get(command.menu, [])
    targets = _targets(items, command.selector)
    if targets is None:
        return False
    match command.verb:
        case "set":
            for item in targets:
                item.odd = item.odd or command.odd
                item.properties.update(command.properties)
                for key in command.unset:
                    item.properties.pop(key, None)
        case "disable" | "enable":
            for item in targets:
                item.properties["disabled"] = "yes" if command.verb == "disable" else "no"
        case "remove":
            gone = {id(item) for item in targets}
            found.items[command.menu] = [item for item in items if id(item) not in gone]
        case _:
            return False
    return True


def _targets(items: list[Item], selector: str) -> list[Item] | None:
    if selector.startswith("["):
        try:
            wanted = chosen(selector)
        except ValueError:
            return None
        if wanted is None or not all(any(key in item.properties for item in items) for key in wanted):
            return None
        return [item for item in items if all(item.properties.get(key) == value for key, value in wanted.items())]
    numbers = selector.split(",")
    if not all(number.isascii() and number.isdigit() and len(number) < 7 for number in numbers):
        return None
    return [items[int(number)] for number in numbers if int(number) < len(items)]
