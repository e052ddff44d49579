"""Takes the text of `nft list ruleset` apart, into the objects that `nft -j list ruleset` prints.

Only what `nft list` writes is read (nftables 0.9 to 1.1), and definitions files that stay close to it; a rule that is
not understood keeps its text, so that it weakens the answer instead of vanishing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ringfence.model.evidence import Citation, Problem
from ringfence.readers.linux.nftables_match import Json
from ringfence.readers.linux.nftables_statements import element_list, statements
from ringfence.readers.linux.nftables_tokens import Cursor, Token

FAMILIES = frozenset({"ip", "ip6", "inet", "arp", "bridge", "netdev"})
#: Blocks of a table that hold no rules.
OTHER_BLOCKS = frozenset({"counter", "quota", "limit", "flowtable", "secmark", "synproxy", "ct", "tunnel"})
MAX_TOKENS = 3_000_000

_TOKEN = re.compile(r'"(?P<quoted>[^"\n]*)"|(?P<comment>#[^\n]*)|(?P<newline>\n)|(?P<word>[{}(),;]|[^\s{}(),;"#]+)')


@dataclass(slots=True)
class Document:
    """All objects of one ruleset text, in file order, and what could not be read."""

    objects: list[Json]
    problems: list[Problem]


def tokens(text: str) -> Iterator[Token]:
    """Split the text into words, quoted strings, punctuation and newlines, with their line numbers."""
    line = 1
    for count, found in enumerate(_TOKEN.finditer(text)):
        if count >= MAX_TOKENS:
            return
        match found.lastgroup:
            case "newline":
                yield Token(text="\n", line=line)
                line += 1
            case "comment":
                # iptables-nft rules end in `# xt_recent` where nft cannot show a module; all other comments are notes
                if "xt_" in found["comment"] or "xt " in found["comment"]:
                    yield Token(text="xt-comment", line=line)
                    yield Token(text=found["comment"].lstrip("# "), line=line, quoted=True)
            case "quoted":
                yield Token(text=found["quoted"], line=line, quoted=True)
            case _:
                yield Token(text=found["word"], line=line)


def parse(text: str, file: str) -> Document:
    """Read a whole ruleset; never raises."""
    document = Document(objects=[], problems=[])
    cursor = Cursor(tokens=list(tokens(text)))
    if len(cursor.tokens) >= MAX_TOKENS:
        _complain(document, file, None, "the rule set is too long; its end was not read")
        document.objects.append({"damaged": None})
    while not cursor.ended:
        token = cursor.take()
        if token.text == "table" and cursor.peek(0) in FAMILIES and cursor.peek(2) == "{":
            family, name = cursor.take().text, cursor.take().text
            cursor.take()
            document.objects.append({"table": {"family": family, "name": name, "line": token.line}})
            _table(cursor, document, family, name, file)
        elif token.text == "table" and cursor.peek(1) == "{":  # `table filter {` is family ip
            name = cursor.take().text
            cursor.take()
            document.objects.append({"table": {"family": "ip", "name": name, "line": token.line}})
            _table(cursor, document, "ip", name, file)
        elif token.text != "\n":
            if token.text == "include":
                _complain(document, file, token.line, "an included file is not in the evidence; its rules are missing")
            elif token.text not in {"flush", "define", "table", "destroy", "delete", ";"}:
                _complain(document, file, token.line, "not a line of `nft list ruleset`; it was left out")
            cursor.skip_line()
    return document


def _complain(document: Document, file: str, line: int | None, message: str) -> None:
    if len(document.problems) < 1000:
        document.problems.append(Problem(citation=Citation(file=file, line=line), message=message))


def _table(cursor: Cursor, document: Document, family: str, table: str, file: str) -> None:
    while not cursor.ended:
        token = cursor.take()
        match token.text:
            case "}":
                return
            case "chain" if cursor.peek(1) == "{":
                name = cursor.take().text
                cursor.take()
                _chain(cursor, document, {"family": family, "table": table, "name": name, "line": token.line})
            case "set" | "map" if cursor.peek(1) == "{":
                name = cursor.take().text
                cursor.take()
                body = {"family": family, "table": table, "name": name, "line": token.line, **_set(cursor)}
                if "unread" in body:
                    _complain(document, file, token.line, f"{token.text} {name}: what it holds was not understood")
                document.objects.append({token.text: body})
            case "include":
                _complain(document, file, token.line, "an included file is not in the evidence; its rules are missing")
                cursor.skip_line()
            case word if word in OTHER_BLOCKS:
                cursor.skip_block()
            case "\n" | ";":
                pass
            case _:
                cursor.skip_line()
    _complain(document, file, None, f"table {family} {table} is cut off: rules may be missing")
    document.objects.append({"damaged": {"family": family, "table": table}})


def _chain(cursor: Cursor, document: Document, chain: dict[str, Json]) -> None:
    document.objects.append({"chain": chain})
    while not cursor.ended:
        match cursor.peek(0):
            case "}":
                cursor.take()
                return
            case "\n" | ";":
                cursor.take()
            case "type" if cursor.peek(2) == "hook":
                _hook(cursor, chain)
            case "policy":
                cursor.take()
                chain["policy"] = cursor.take().text
            case "comment":
                cursor.skip_line()
            case _:
                line = cursor.line
                words = cursor.take_rule()
                rule = {"family": chain["family"], "table": chain["table"], "chain": chain["name"], "line": line}
                shown = " ".join(f'"{word.text}"' if word.quoted else word.text for word in words if word.text != "\n")
                shown = shown.replace(" ,", ",")
                document.objects.append({"rule": {**rule, "text": shown, "expr": statements(words)}})


def _hook(cursor: Cursor, chain: dict[str, Json]) -> None:
    """Read `type filter hook input priority filter + 10; policy drop;` up to the first semicolon."""
    words = cursor.take_words()
    following = dict(pairwise(words))
    chain["type"], chain["hook"] = following.get("type"), following.get("hook")
    position = words.index("priority") if "priority" in words else len(words)
    chain["prio"] = " ".join(words[position + 1 :])


def _set(cursor: Cursor) -> dict[str, Json]:
    body: dict[str, Json] = {"elem": []}
    while not cursor.ended:
        word = cursor.take().text
        if word == "}":
            return body
        if word == "elements" and cursor.peek(0) == "=":
            cursor.take()
            start = cursor.position
            try:
                body["elem"] = element_list(cursor)
            except ValueError:
                cursor.position = start
                cursor.skip_block()
                body["unread"] = True
        elif word in {"type", "typeof", "flags"}:
            body[word] = " ".join(cursor.take_words())
        elif word == "{":
            cursor.back()
            cursor.skip_block()
    return body
