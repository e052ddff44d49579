"""Splits a Cisco configuration into statements with their sub-commands, as IOS, ASA and PIX all write them."""

from dataclasses import dataclass, field

from ringfence.model.evidence import Citation, Problem
from ringfence.readers.artifacts import Artifacts, decoded, lines
from ringfence.readers.linux import notation

MAX_STATEMENTS = 300_000

#: First words that stand below a header only: configurations pasted into a mail have lost their indentation.
SUBCOMMANDS = frozenset({
    "permit", "deny", "evaluate", "host", "subnet", "range", "fqdn", "security-level", "group-object",
    "network-object", "service-object", "port-object", "protocol-object", "icmp-object", "zone-member", "shutdown",
})  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Statement:
    """One line in words, with the lines below it; ``text`` is the line itself on one line."""

    words: tuple[str, ...]
    text: str
    place: Citation
    below: list["Statement"] = field(default_factory=list)

    def starts(self, *words: str) -> bool:
        """Tell whether the statement begins with these words."""
        return self.words[: len(words)] == words

    def after(self, word: str) -> str:
        """Give the word that follows ``word``; empty when there is none."""
        position = self.words.index(word) + 1 if word in self.words else len(self.words)
        return self.words[position] if position < len(self.words) else ""


@dataclass(slots=True, kw_only=True)
class Configuration:
    """All statements of a file; ``cut`` is where reading ended before its end."""

    statements: list[Statement] = field(default_factory=list)
    cut: Problem | None = None


def read(artifacts: Artifacts, name: str) -> Configuration:
    """Read a whole configuration; comments and banners are left out."""
    whole = Configuration()
    current: Statement | None = None
    banner, begun = "", Citation(file=name)
    count, ended = 0, False
    for number, raw in lines(artifacts, name):
        line = decoded(raw)
        if banner:
            banner = "" if banner in line else banner
            continue
        words = tuple(line.split())
        ended = ended or words in {("end",), (":", "end")}  # as IOS and ASA close `show running-config`
        if not words or words[0].startswith(("!", ":")):
            current = current if line[:1].isspace() or not words else None
            continue
        count += 1
        place = Citation(file=name, line=number)
        if count > MAX_STATEMENTS:
            whole.cut = Problem(citation=place, message=f"more than {MAX_STATEMENTS} lines; the rest was left out")
            break
        if words[0] == "banner":
            banner, begun = _banner_end(words), place
            continue
        statement = Statement(words=words, text=notation.shortened(line), place=place)
        if current is not None and (line[0].isspace() or is_subcommand(words)):
            current.below.append(statement)
        elif words[0] in {"exit", "end", "quit"}:
            current = None
        else:
            current = statement
            whole.statements.append(statement)
    if banner:
        whole.cut = Problem(citation=begun, message="this banner does not end; the rest was left out")
    elif not ended and whole.cut is None:
        whole.cut = Problem(citation=Citation(file=name), message="the file is cut off before its `end`")
    return whole


def _banner_end(words: tuple[str, ...]) -> str:
    """Give what ends a banner of several lines: `banner motd ^C … ^C`; ASA's banners have one line each."""
    rest = " ".join(words[2:])
    mark = rest[:2] if rest.startswith("^") else rest[:1]
    if not mark or mark.isalnum() or mark in rest[len(mark) :]:
        return ""
    return mark


def is_subcommand(words: tuple[str, ...]) -> bool:
    """Tell whether a line belongs below a header although it is not indented."""
    if words[0].isdecimal() and len(words) > 1:  # 10 permit udp any any eq 5060
        words = words[1:]
    if words[0] in SUBCOMMANDS or words[:2] in {("ip", "access-group"), ("ip", "address"), ("no", "nameif")}:
        # PIX 6 has `ip address outside 203.0.113.1 255.255.255.0` by itself
        return words[:2] != ("ip", "address") or len(words) < 3 or not words[2].isalpha() or words[2] in DYNAMIC
    if words[0] == "nameif":  # nameif outside; PIX 6 has `nameif ethernet0 outside security0` by itself
        return len(words) == 2
    if words[0] in {"nat", "service"} and len(words) > 2:  # nat (inside,outside) static …; service udp source eq 5060
        return words[2] in {"static", "dynamic"} if words[0] == "nat" else words[1] in {"tcp", "udp", "tcp-udp"}
    return words[:2] == ("ip", "nat") and len(words) == 3 and words[2] in {"inside", "outside", "enable"}


#: What stands in place of an address that somebody else gives.
DYNAMIC = frozenset({"dhcp", "negotiated", "pppoe", "pool"})
