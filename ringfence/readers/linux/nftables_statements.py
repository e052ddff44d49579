"""One rule of `nft list ruleset` (`iifname "wan" udp dport { 69, 5060 } dnat to 10.20.0.10`) as JSON statements."""

import re
from collections.abc import Sequence

from ringfence.readers.linux.nftables_match import Json
from ringfence.readers.linux.nftables_tokens import END, Cursor, Token

META_SHORTHANDS = frozenset({"iif", "iifname", "oif", "oifname", "iifgroup", "oifgroup", "skuid", "skgid"})
HEADERS = frozenset(
    {"ip", "ip6", "tcp", "udp", "th", "sctp", "udplite", "dccp", "icmp", "icmpv6", "ether", "vlan", "arp", "ah", "esp"}
)
OPERATORS = frozenset({"==", "!=", "<", ">", "<=", ">="})
LOG_OPTIONS = frozenset({"prefix", "level", "group", "snaplen", "queue-threshold", "flags"})
NAT_FLAGS = frozenset({"random", "fully-random", "persistent"})
#: Conditions whose plain value means "any of these bits".
FLAG_KEYS = frozenset({"state", "status", "flags"})


class UnknownWordError(ValueError):
    """A word that begins no statement known here."""


def statements(words: Sequence[Token]) -> list[Json]:
    """Read the statements of one rule; from the first unknown word on, the rest is one unsupported statement."""
    cursor = Cursor(tokens=words)
    found: list[Json] = []
    while not cursor.ended:
        start = cursor.position
        try:
            found.append(_statement(cursor))
        except (ValueError, RecursionError):
            rest = " ".join(token.text for token in words[start : start + 60])
            found.append({"not understood": rest})
            break
    return found


def _statement(cursor: Cursor) -> Json:  # noqa: C901, PLR0911, PLR0912 - one arm per statement
    token = cursor.take()
    word = "" if token.quoted else token.text
    match word:
        case "accept" | "drop" | "return" | "continue" | "notrack":
            return {word: None}
        case "jump" | "goto":
            return {word: {"target": cursor.take().text}}
        case "counter":
            if cursor.accept("packets"):
                cursor.position += 3  # packets 5 bytes 300
            elif cursor.accept("name"):
                cursor.take()
            return {"counter": None}
        case "comment":
            cursor.take()
            return {"comment": None}
        case "log":
            while cursor.peek() in LOG_OPTIONS:
                cursor.position += 2
                while cursor.accept(","):
                    cursor.take()
            return {"log": None}
        case "limit":
            return {"limit": _limit(cursor)}
        case "reject":
            return {"reject": _reject(cursor)}
        case "dnat" | "snat" | "redirect" | "masquerade":
            return {word: _translation(cursor)}
        case "add" | "update" | "delete":
            return _set_statement(cursor, word)
        case "xt":
            return {"xt": {"type": cursor.take().text, "name": cursor.take().text}}
        case "xt-comment":
            return {"unread": cursor.take().text}
        case "flow":
            cursor.position += 2  # flow add @ft
            return {"flow": None}
        case "ct" if cursor.peek() in {"helper", "timeout", "expectation"} and cursor.peek(1) == "set":
            kind = cursor.take().text
            cursor.position += 2
            return {f"ct {kind}": None}
        case "ct" if cursor.accept("count"):
            inverse = cursor.accept("over")
            return {"ct count": {"val": _number(cursor.take().text), "inv": inverse}}
    cursor.back()
    return _condition(cursor)


def _number(text: str) -> Json:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else text


def _limit(cursor: Cursor) -> Json:
    if cursor.accept("name"):
        return cursor.take().text
    cursor.accept("rate")
    inverse = cursor.accept("over")
    words = [cursor.take().text]  # 10/minute, or 10 mbytes/second
    if "/" not in words[0]:
        words.append(cursor.take().text)
    if cursor.accept("burst"):
        words += ["burst", cursor.take().text, cursor.take().text]
    body: dict[str, Json] = {"rate": " ".join(words)}
    if inverse:
        body["inv"] = True
    return body


def _reject(cursor: Cursor) -> Json:
    if not cursor.accept("with"):
        return None
    words = [cursor.take().text]
    if cursor.accept("type"):
        words.append("type")
    words.append(cursor.take().text)
    return {"with": " ".join(words)}


def _translation(cursor: Cursor) -> Json:
    body: dict[str, Json] = {}
    if cursor.accept("ip", "ip6"):
        if cursor.accept("addr"):
            if not (cursor.accept(".") and cursor.accept("port")):
                raise UnknownWordError("addr")
        elif cursor.accept("prefix"):
            raise UnknownWordError("prefix")
    cursor.accept("to")
    if not cursor.ended and cursor.peek() not in NAT_FLAGS | {"comment", "counter", "log"}:
        _translation_target(cursor, body)
    while cursor.accept(*NAT_FLAGS):
        cursor.accept(",")
    return body or None


def _translation_target(cursor: Cursor, body: dict[str, Json]) -> None:
    if cursor.peek() in HEADERS | META_SHORTHANDS | {"meta", "ct"} and cursor.peek(1):
        key = _key(cursor)
        if not cursor.accept("map"):
            raise UnknownWordError("map")
        data = cursor.take().text if cursor.peek().startswith("@") else {"set": element_list(cursor)}
        only_ports = isinstance(data, dict) and all(
            isinstance(pair, list) and isinstance(pair[1], int) for pair in data["set"]
        )
        body["port" if only_ports else "addr"] = {"map": {"key": key, "data": data}}
        return
    text = cursor.take().text
    if text.count(":") > 1 and not text.startswith("["):
        body["addr"] = text  # snat 2001:db8::1
        return
    found = re.fullmatch(r"\[([^\]]+)\](?::(\S+))?", text) or re.fullmatch(r"([^:]*)(?::(\S+))?", text)
    address, port = (found[1], found[2]) if found else (text, None)
    if address and port is None and re.fullmatch(r"\d+(-\d+)?", address):
        address, port = "", address  # redirect to 26
    if address:
        body["addr"] = address
    if port:
        body["port"] = _value_of(port)


def _set_statement(cursor: Cursor, verb: str) -> Json:
    name = cursor.take().text
    if not name.startswith("@") or cursor.peek() != "{":
        raise UnknownWordError(verb)
    start = cursor.position
    cursor.skip_braces()
    inside = [token.text for token in cursor.tokens[start + 1 : cursor.position - 1]]
    conditional = bool({"limit", "quota", "ct", "count"} & set(inside))
    body: dict[str, Json] = {"op": verb, "set": name, "elem": " ".join(inside)}
    if conditional:
        body["stmt"] = True
    return {"set": body}


def _key(cursor: Cursor) -> Json:
    """Read what is looked at: `meta mark`, `ct original ip daddr`, `fib daddr type`, also joined by dots."""
    parts = [_one_key(cursor)]
    while cursor.accept("."):
        parts.append(_one_key(cursor))
    return parts[0] if len(parts) == 1 else {"concat": parts}


def _one_key(cursor: Cursor) -> Json:
    token = cursor.take()
    word = "" if token.quoted else token.text
    if word == "meta":
        return {"meta": {"key": cursor.take().text}}
    if word in META_SHORTHANDS:
        return {"meta": {"key": word}}
    if word in HEADERS:
        name = cursor.take().text
        if name in {"option", "exthdr"}:
            name = f"{name} {cursor.take().text} {cursor.take().text}"  # tcp option maxseg size
        return {"payload": {"protocol": word, "field": name}}
    if word == "ct":
        direction = cursor.take().text if cursor.peek() in {"original", "reply"} else ""
        name = cursor.take().text
        if name in {"ip", "ip6"}:
            name = f"{name} {cursor.take().text}"
        return {"ct": {"key": name, **({"dir": direction} if direction else {})}}
    if word == "fib":
        flags = [cursor.take().text]
        while cursor.accept("."):
            flags.append(cursor.take().text)
        return {"fib": {"result": cursor.take().text, "flags": flags}}
    raise UnknownWordError(word)


def _condition(cursor: Cursor) -> Json:
    key = _key(cursor)
    if cursor.accept("vmap"):
        data = cursor.take().text if cursor.peek().startswith("@") else {"set": element_list(cursor)}
        return {"vmap": {"key": key, "data": data}}
    if cursor.accept("set"):
        return {"mangle": {"key": key, "value": _set_value(cursor)}}
    if cursor.accept("&"):
        key = {"&": [key, _flags_or_value(cursor)]}
    negated = cursor.peek() == "!="
    operator = cursor.take().text if cursor.peek() in OPERATORS else ""
    value = _value(cursor)
    kind, about = next(iter(key.items()))
    if kind in {"ct", "payload"} and about.get("key", about.get("field")) in FLAG_KEYS:
        value = _more_flags(cursor, value)
        if cursor.accept("/"):  # tcp flags syn / fin,syn,rst,ack
            mask = _more_flags(cursor, _value(cursor))
            return {"match": {"op": "!=" if negated else "==", "left": {"&": [key, mask]}, "right": value}}
        if not operator and not isinstance(value, dict):
            operator = "in"
    return {"match": {"op": operator or "==", "left": key, "right": value}}


def _more_flags(cursor: Cursor, first: Json) -> Json:
    found = [first]
    while cursor.accept(",", "|"):
        found.append(_value(cursor))
    return found[0] if len(found) == 1 else found


def _flags_or_value(cursor: Cursor) -> Json:
    """Read the mask of `tcp flags & (fin | syn | rst | ack) == syn` or of `meta mark & 0xff`."""
    if not cursor.accept("("):
        return _value(cursor)
    found: list[Json] = []
    while not cursor.ended and not cursor.accept(")"):
        if not cursor.accept("|"):
            found += cursor.take().text.split("|")
    return found


def _set_value(cursor: Cursor) -> Json:
    """Read the right side of `meta mark set …`: a number, a map, another mark, or one changed by operations."""
    cursor.accept("(")
    left = _key(cursor) if cursor.peek() in HEADERS | META_SHORTHANDS | {"meta", "ct"} else _value(cursor)
    if cursor.accept("map"):
        data = cursor.take().text if cursor.peek().startswith("@") else {"set": element_list(cursor)}
        return {"map": {"key": left, "data": data}}
    if isinstance(left, str) and left == "rt":
        left = cursor.take().text  # tcp option maxseg size set rt mtu
    while cursor.peek() in {"&", "|", "^", ")", "and", "or", "xor"}:
        operator = cursor.take().text
        if operator != ")":
            symbol = {"and": "&", "or": "|", "xor": "^"}.get(operator, operator)
            left = {symbol: [left, _value(cursor)]}
    return left


def _value(cursor: Cursor) -> Json:
    if cursor.peek() == "{":
        return {"set": element_list(cursor)}
    parts = [_single(cursor.take())]
    if cursor.accept("-"):  # meta hour "08:00" - "17:00"
        return {"range": [parts[0], _single(cursor.take())]}
    while cursor.accept("."):
        parts.append(_single(cursor.take()))
    return parts[0] if len(parts) == 1 else {"concat": parts}


def _single(token: Token) -> Json:
    if token is END or (not token.quoted and token.text in {"{", "}", ",", ";", ":", "(", ")"}):
        raise UnknownWordError(token.text)
    return token.text if token.quoted else _value_of(token.text)


def _value_of(text: str) -> Json:
    found = re.fullmatch(r"(\d{1,5})-(\d{1,5})", text)
    return {"range": [int(found[1]), int(found[2])]} if found else _number(text)


def element_list(cursor: Cursor) -> list[Json]:
    """Read `{ 69, 5060 }`, or `{ 22 : accept, 80 : jump web }` as pairs; raises ValueError when it is neither."""
    if not cursor.accept("{"):
        raise UnknownWordError(cursor.peek())
    found: list[Json] = []
    while True:
        while cursor.accept("\n", ","):
            pass
        if cursor.accept("}"):
            return found
        if cursor.ended:
            raise UnknownWordError("the set does not close")
        key = _value(cursor)
        _skip_attributes(cursor)
        if cursor.accept(":"):
            found.append([key, _mapped(cursor)])
            _skip_attributes(cursor)
        else:
            found.append(key)


def _skip_attributes(cursor: Cursor) -> None:
    """Step over `timeout 1h expires 59m`, `counter packets 0 bytes 0` and comments of an element."""
    while not cursor.ended and cursor.peek() not in {",", "}", ":"}:
        cursor.take()


def _mapped(cursor: Cursor) -> Json:
    word = cursor.peek()
    if word in {"accept", "drop", "return", "continue"}:
        cursor.take()
        return {word: None}
    if word in {"jump", "goto"}:
        cursor.take()
        return {word: {"target": cursor.take().text}}
    return _value(cursor)
