"""One nftables rule in libnftables' JSON (`{"match": …}, {"accept": null}`) as rules of the model.

Schema: libnftables-json(5), nftables 1.0.6. The text reader produces the same statements, so that both forms of one
rule set are interpreted by this code alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ringfence.model.packetfilter import (
    Accept,
    Action,
    Continue,
    CopyMark,
    Drop,
    Effect,
    Jump,
    Match,
    RateLimited,
    RecordSource,
    Return,
    SetMark,
    StopTracking,
    TranslateDestination,
    TranslateSource,
    Unsupported,
    UnsupportedAction,
)
from ringfence.readers.linux import nftables_match, notation
from ringfence.readers.linux.nftables_match import Json, Scope, spelled

#: Statements after which the packet goes on unchanged, as far as reachability is concerned.
GOES_ON = frozenset(
    {"counter", "log", "comment", "ct helper", "ct timeout", "ct expectation", "flow", "dup", "last", "continue"}
)
#: xtables targets that iptables-nft leaves in a rule and that let the packet go on.
XT_GOES_ON = frozenset({"LOG", "NFLOG", "TCPMSS", "CHECKSUM", "CLASSIFY", "DSCP", "TOS", "TTL", "TRACE", "AUDIT"})
VERDICTS = frozenset({"accept", "drop", "return", "jump", "goto", "continue", "reject"})
#: Alternatives that one rule may be flattened into.
MAX_ALTERNATIVES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A rule being read: what must match, what it does on the way, and its action once there is one."""

    matches: tuple[Match, ...] = ()
    effects: tuple[Effect, ...] = ()
    action: Action | None = None


@dataclass(slots=True)
class _Draft:
    pieces: list[Piece] = field(default_factory=lambda: [Piece()])

    def match(self, alternatives: Sequence[tuple[Match, ...]], shown: str) -> None:
        """Every piece must also match one of the (disjoint) alternatives."""
        if any(piece.effects for piece in self.pieces) or len(self.pieces) * len(alternatives) > MAX_ALTERNATIVES:
            # a condition after `meta mark set` does not guard the mark
            alternatives = ((Unsupported(text=shown),),)
        self.pieces = [
            piece if piece.action is not None else replace(piece, matches=(*piece.matches, *alternative))
            for piece in self.pieces
            for alternative in (alternatives if piece.action is None else ((),))
        ]

    def act(self, action: Action) -> None:
        """Give every piece that has no action yet this one."""
        self.pieces = [piece if piece.action is not None else replace(piece, action=action) for piece in self.pieces]

    def cause(self, effect: Effect) -> None:
        """Let every piece do this on the way."""
        self.pieces = [
            piece if piece.action is not None else replace(piece, effects=(*piece.effects, effect))
            for piece in self.pieces
        ]


def interpret(statements: Sequence[Json], scope: Scope) -> tuple[Piece, ...]:
    """Read the statements of one rule; what is not understood becomes Unsupported, named. Every piece has an action."""
    draft = _Draft()
    for statement in statements:
        if not isinstance(statement, Mapping) or len(statement) != 1:
            draft.match(((Unsupported(text=spelled(statement)),),), spelled(statement))
            continue
        ((kind, body),) = statement.items()
        try:
            _statement(draft, str(kind), body, scope)
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            _unsupported(draft, str(kind), statement)
    draft.act(Continue())
    return tuple(draft.pieces)


def _unsupported(draft: _Draft, kind: str, statement: Json) -> None:
    if kind in {"match", "limit", "quota", "ct count", "set", "mangle"}:
        draft.match(((Unsupported(text=spelled(statement)),),), spelled(statement))
    else:
        draft.act(UnsupportedAction(text=spelled(statement)))


def _statement(draft: _Draft, kind: str, body: Json, scope: Scope) -> None:  # noqa: C901, PLR0912 - one arm per statement
    shown = spelled({kind: body})
    match kind:
        case "match":
            draft.match(nftables_match.alternatives(body, scope), shown)
        case "accept" | "drop" | "return" | "jump" | "goto" | "reject" | "continue":
            draft.act(_verdict(kind, body))
        case "vmap":
            _verdict_map(draft, body, scope)
        case "limit" | "quota" | "ct count":
            inverse = isinstance(body, Mapping) and body.get("inv") is True
            draft.match(((RateLimited(text=shown, negated=inverse),),), shown)
        case "mangle" if _is_map(body["value"]):
            _mark_by_map(draft, body, scope)
        case "mangle":
            for effect in _mangle(body):
                draft.cause(effect)
        case "dnat" | "redirect":
            _translate(draft, body, redirect=kind == "redirect", scope=scope)
        case "snat":
            draft.act(TranslateSource(addresses=nftables_match.address_set(body["addr"], scope)))
        case "masquerade":
            draft.act(TranslateSource(addresses=None))
        case "notrack":
            draft.cause(StopTracking())
        case "set":
            draft.cause(_record(body))
        case "xt":
            _xtables(draft, body)
        case "unread":
            draft.match(((Unsupported(text=str(body)),),), str(body))
        case _:
            if kind not in GOES_ON:
                draft.act(UnsupportedAction(text=shown))


def _verdict(kind: str, body: Json) -> Action:
    match kind:
        case "accept":
            return Accept()
        case "drop" | "reject":
            return Drop(reject=kind == "reject")
        case "return":
            return Return()
        case "jump" | "goto":
            return Jump(chain=str(body["target"]), returns=kind == "jump")
        case _:
            return Continue()


def _verdict_map(draft: _Draft, body: Json, scope: Scope) -> None:
    """Flatten `tcp dport vmap { 22 : accept, 80 : jump web }`: the keys are disjoint, so their order is free."""
    pairs = scope.pairs(body["data"])
    open_pieces = [piece for piece in draft.pieces if piece.action is None]
    done = [piece for piece in draft.pieces if piece.action is not None]
    if len(open_pieces) * len(pairs) > MAX_ALTERNATIVES or any(piece.effects for piece in open_pieces):
        raise ValueError("too many alternatives")
    for key, verdict in pairs:
        ((kind, target),) = verdict.items()
        if kind not in VERDICTS:
            raise ValueError(kind)
        for alternative in nftables_match.alternatives({"op": "==", "left": body["key"], "right": key}, scope):
            done += [
                replace(piece, matches=(*piece.matches, *alternative), action=_verdict(kind, target))
                for piece in open_pieces
            ]
    # a packet that matches no key goes on behind the map
    draft.pieces = [*done, *open_pieces]


def _mark_by_map(draft: _Draft, body: Json, scope: Scope) -> None:
    """Flatten `meta mark set udp dport map { 69 : 0x1 }`: for a key that is not in the map, the rule ends there."""
    table = body["value"]["map"]
    if _is_mark(table["key"]) or not _is_mark(body["key"]):
        raise ValueError("a map from marks, or to something else")
    pairs = scope.pairs(table["data"])
    open_pieces = [piece for piece in draft.pieces if piece.action is None]
    if len(open_pieces) * len(pairs) > MAX_ALTERNATIVES or any(piece.effects for piece in open_pieces):
        raise ValueError("too many alternatives")
    draft.pieces = [piece for piece in draft.pieces if piece.action is not None]
    for key, value in pairs:
        effect = SetMark(value=nftables_match.mark_number(value), connection="ct" in body["key"])
        for alternative in nftables_match.alternatives({"op": "==", "left": table["key"], "right": key}, scope):
            draft.pieces += [
                replace(piece, matches=(*piece.matches, *alternative), effects=(*piece.effects, effect))
                for piece in open_pieces
            ]


def _is_mark(key: Json) -> bool:
    return key in ({"meta": {"key": "mark"}}, {"ct": {"key": "mark"}})


def _mangle(body: Json) -> Sequence[Effect]:
    key, value = body["key"], body["value"]
    where = next(((kind, part["key"]) for kind, part in key.items() if kind in {"meta", "ct"}), None)
    if where not in {("meta", "mark"), ("ct", "mark")}:
        return ()  # DSCP, priority, TTL: of no matter here
    connection = where == ("ct", "mark")
    return (_marked(value, connection=connection),)


def _marked(value: Json, *, connection: bool) -> Effect:
    if isinstance(value, int | str):
        return SetMark(value=nftables_match.mark_number(value), connection=connection)
    ((kind, body),) = value.items()
    own = {("ct" if connection else "meta"): {"key": "mark"}}
    if value == own:
        return SetMark(value=0, mask=0, connection=connection)  # meta mark set meta mark: what is left of `^ 0`
    if kind in {"meta", "ct"} and body["key"] == "mark":
        return CopyMark(to_connection=connection)
    if kind in {"|", "^", "&"} and body[0] == own and isinstance(body[1], int | str):
        number = nftables_match.mark_number(body[1])
        value_of = {"|": number, "^": number, "&": 0}[kind]
        mask = {"|": number, "^": 0, "&": ~number & 0xFFFFFFFF}[kind]
        return SetMark(value=value_of, mask=mask, connection=connection)
    if kind in {"^", "|"} and isinstance(body[0], Mapping) and "&" in body[0] and body[0]["&"][0] == own:
        kept = nftables_match.mark_number(body[0]["&"][1])  # meta mark set meta mark & 0xfffffffb ^ 0x4
        number = nftables_match.mark_number(body[1])
        mask = ~kept & 0xFFFFFFFF | (number if kind == "|" else 0)
        return SetMark(value=number, mask=mask, connection=connection)
    return SetMark(value=None, connection=connection)


def _record(body: Json) -> RecordSource:
    if body.get("op") not in {"add", "update"} or body.get("stmt"):
        raise ValueError("a condition inside a set statement")
    return RecordSource(name=str(body["set"]).removeprefix("@"))


def _xtables(draft: _Draft, body: Json) -> None:
    """Read what iptables-nft leaves of a rule in JSON: the name of a module, without its arguments."""
    name = str(body.get("name", "")) if isinstance(body, Mapping) else ""
    if isinstance(body, Mapping) and body.get("type") == "target":
        if name not in XT_GOES_ON:
            draft.act(UnsupportedAction(text=f"xt target {name}"))
    elif name != "comment":
        draft.match(((Unsupported(text=f"xt match {name} (its arguments are not in this export)"),),), f"xt {name}")


def _translate(draft: _Draft, body: Json, *, redirect: bool, scope: Scope) -> None:
    body = body if isinstance(body, Mapping) else {}
    address, port = body.get("addr"), body.get("port")
    mapped = next(((name, value["map"]) for name, value in (("addr", address), ("port", port)) if _is_map(value)), None)
    if mapped is None:
        draft.act(_target(address, port, redirect=redirect, scope=scope))
        return
    name, table = mapped
    pairs = scope.pairs(table["data"])
    open_pieces = [piece for piece in draft.pieces if piece.action is None]
    done = [piece for piece in draft.pieces if piece.action is not None]
    if len(open_pieces) * len(pairs) > MAX_ALTERNATIVES:
        raise ValueError("too many alternatives")
    for key, value in pairs:
        chosen = value["concat"] if isinstance(value, Mapping) and "concat" in value else [value]
        if len(chosen) == 2:
            target = _target(chosen[0], chosen[1], redirect=redirect, scope=scope)
        elif name == "addr":
            target = _target(value, port, redirect=redirect, scope=scope)
        else:
            target = _target(address, value, redirect=redirect, scope=scope)
        for alternative in nftables_match.alternatives({"op": "==", "left": table["key"], "right": key}, scope):
            done += [replace(piece, matches=(*piece.matches, *alternative), action=target) for piece in open_pieces]
    # a key that is not in the map translates nothing
    draft.pieces = [*done, *(replace(piece, action=Continue()) for piece in open_pieces)]


def _is_map(value: Json) -> bool:
    return isinstance(value, Mapping) and "map" in value


def _target(address: Json, port: Json, *, redirect: bool, scope: Scope) -> Action:
    if address is None and port is None and not redirect:
        raise ValueError("no target")
    return TranslateDestination(
        addresses=nftables_match.address_set(address, scope) if address is not None else None,
        ports=nftables_match.port_set(port, scope) if port is not None else None,
        redirect=redirect,
    )


def unread(pieces: Sequence[Piece]) -> tuple[str, ...]:
    """Name all that was not understood in a rule, each once."""
    texts = [match.text for piece in pieces for match in piece.matches if isinstance(match, Unsupported)]
    texts += [piece.action.text for piece in pieces if isinstance(piece.action, UnsupportedAction)]
    return tuple(dict.fromkeys(notation.shortened(text) for text in texts))
