"""One line of iptables-save (`-A INPUT -s 192.0.2.0/24 -p udp -m udp --dport 5060 -j ACCEPT`) as matches and action."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.model.packetfilter import (
    Action,
    DestinationAddress,
    Effect,
    InputInterface,
    IpVersion,
    LaterFragment,
    Match,
    OutputInterface,
    Protocol,
    SourceAddress,
    Unsupported,
    UnsupportedAction,
)
from ringfence.readers.linux import iptables_modules, iptables_targets, notation
from ringfence.readers.linux.ipset import Sets

#: Options that take exactly one value, whatever it looks like (a comment may begin with a dash).
ONE_VALUE = frozenset({"--comment", "--log-prefix", "--nflog-prefix", "--ulog-prefix", "--string", "--hex-string"})
LONG_NAMES = {
    "--append": "-A",
    "--source": "-s",
    "--src": "-s",
    "--destination": "-d",
    "--dst": "-d",
    "--in-interface": "-i",
    "--out-interface": "-o",
    "--protocol": "-p",
    "--match": "-m",
    "--jump": "-j",
    "--goto": "-g",
    "--fragment": "-f",
}
BASIC = frozenset({"-s", "-d", "-i", "-o", "-p", "-f", "-4", "-6"})
MAX_TOKENS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option with its values; ``negated`` for a ``!`` before it or before its value."""

    name: str
    values: tuple[str, ...]
    negated: bool = False

    def __str__(self) -> str:
        """Show it as it is written."""
        return " ".join(("!", self.name, *self.values) if self.negated else (self.name, *self.values))


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedRule:
    """What a rule says; ``chain`` is the one that it belongs to."""

    chain: str
    matches: tuple[Match, ...]
    effects: tuple[Effect, ...]
    action: Action


def options(text: str) -> Iterator[Option]:
    """Split a rule into its options; raises ValueError when quotes do not close or the rule is absurdly long."""
    tokens = shlex.split(text, comments=False, posix=True)
    if len(tokens) > MAX_TOKENS:
        raise ValueError("too many words")
    position = 0
    negated = False
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if token == "!":  # noqa: S105 - negation, not a password
            negated = True
            continue
        name = LONG_NAMES.get(token, token)
        values: list[str] = []
        if name in ONE_VALUE:
            values = tokens[position : position + 1]
            position += len(values)
        while name not in ONE_VALUE and position < len(tokens) and not _begins_option(tokens, position):
            values.append(tokens[position])
            position += 1
        if values and values[0] == "!":
            negated = True
            values = values[1:]
        yield Option(name=name, values=tuple(values), negated=negated)
        negated = False


def _begins_option(tokens: list[str], position: int) -> bool:
    token = tokens[position]
    if token == "!":  # noqa: S105 - as above
        # `--dport ! 80` negates the value, `--dport 80 ! -s 192.0.2.1` the option that follows
        return position + 1 < len(tokens) and tokens[position + 1].startswith("-")
    return token in {"-4", "-6"} or (token.startswith("-") and len(token) > 1 and not token[1].isdigit())


def parse(text: str, *, version: int, sets: Sets, chains: frozenset[str]) -> ParsedRule:
    """Read one rule; what is not understood becomes Unsupported. Raises ValueError when there is no rule to read."""
    chain = ""
    target: Option | None = None
    sections: list[tuple[str, list[Option]]] = [("", [])]
    target_options: list[Option] = []
    protocol = ""
    for option in options(text):
        if option.name == "-A":
            chain = option.values[0] if option.values else ""
        elif option.name == "-m":
            sections.append((option.values[0] if option.values else "", []))
        elif option.name in {"-j", "-g"}:
            target = option
        elif option.name in BASIC:
            protocol = option.values[0] if option.name == "-p" and option.values else protocol
            sections[0][1].append(option)
        elif target is not None:
            target_options.append(option)
        elif len(sections) == 1:
            sections.append((protocol, [option]))  # `-p udp --dport 69` without `-m udp`
        else:
            sections[-1][1].append(option)
    if not chain:
        raise ValueError("the rule names no chain")
    matches: list[Match] = [_basic(option, version) for option in sections[0][1]]
    effects: list[Effect] = []
    for module, given in sections[1:]:
        found, caused = iptables_modules.read(module, given, sets)
        matches += found
        effects += caused
    action, final = _act(target, target_options, chains, chain)
    return ParsedRule(chain=chain, matches=tuple(matches), effects=(*effects, *final), action=action)


def _basic(option: Option, version: int) -> Match:
    value = option.values[0] if option.values else ""
    try:
        match option.name:
            case "-s" | "-d":
                found = iptables_modules.address_list(value, negated=option.negated)
                return (SourceAddress if option.name == "-s" else DestinationAddress)(addresses=found)
            case "-i" | "-o":
                kind = InputInterface if option.name == "-i" else OutputInterface
                return kind(names=frozenset({value}), negated=option.negated)
            case "-p":
                name = notation.protocol_name(value)
                if name == "all":
                    return IpVersion(version=version)
                return Protocol(names=frozenset({name}), negated=option.negated)
            case "-f":
                return LaterFragment(negated=option.negated)
            case "-4" | "-6":
                return IpVersion(version=int(option.name[1:]))
            case _:
                pass
    except ValueError:
        pass
    return Unsupported(text=str(option))


def _act(
    target: Option | None, given: list[Option], chains: frozenset[str], chain: str
) -> tuple[Action, tuple[Effect, ...]]:
    if target is not None and not target.values:
        return UnsupportedAction(text=str(target)), ()
    return iptables_targets.read(
        target.values[0] if target is not None else "",
        given,
        goto=target is not None and target.name == "-g",
        chains=chains,
        chain=chain,
    )
