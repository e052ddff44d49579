"""Reads the configuration of an EdgeRouter or a USG: `config.boot`, `set` commands, or JSON.

`config.gateway.json` holds only what an admin adds to the settings of the controller, so that the rest is unknown;
`mca-ctrl -t dump-cfg` on the USG writes all of it in the same form.
"""

from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.readers.artifacts import Artifacts, content, decoded
from ringfence.readers.gateways import vyatta_signs, vyatta_text
from ringfence.readers.gateways.gateway import Gateway
from ringfence.readers.gateways.unifi_json import BadJsonError, Value, parse
from ringfence.readers.gateways.vyatta_compile import compiled
from ringfence.readers.gateways.vyatta_tree import Export, Node

ADDITIONS = "the settings of the UniFi controller, to which config.gateway.json only adds"
#: What is written for a word without a value.
NOTHING = frozenset({"", "''", '""'})
MAX_DEPTH = 40


def recognises(head: bytes) -> bool:
    """Tell whether the beginning of a file is an EdgeOS or USG configuration."""
    if vyatta_signs.is_json(head):
        return True
    return vyatta_signs.is_text(head) and vyatta_signs.is_edgeos(head)


def read(artifacts: Artifacts, name: str) -> Reading[Gateway | None]:
    """Read one export; what is not understood is a problem, and makes unknown what depends on it."""
    start = next(artifacts.chunks(name), b"")
    if not decoded(start[:1024]).lstrip("\ufeff \t\r\n").startswith("{"):
        export = vyatta_text.read(artifacts, name)
        return Reading(facts=compiled(export, "EdgeOS"), problems=tuple(export.problems))
    export = Export(file=name, root=Node(line=0))
    raw = content(artifacts, name, vyatta_text.MAX_BYTES)
    try:
        (value,) = parse(decoded(raw))
    except BadJsonError as error:
        place = Citation(file=name, line=error.line)
        problem = Problem(citation=place, message=f"not the JSON of a USG: {error}; nothing of it was read")
        return Reading(facts=None, problems=(problem,))
    except ValueError:
        problem = Problem(citation=Citation(file=name), message="not one JSON value; nothing of it was read")
        return Reading(facts=None, problems=(problem,))
    _grow(export, value, ())
    missing = "" if _is_whole(export.root) else ADDITIONS
    if missing:
        export.problem(None, f"not in the export: {ADDITIONS} (`mca-ctrl -t dump-cfg` on the USG shows all of it)")
    return Reading(facts=compiled(export, "USG", missing=missing), problems=tuple(export.problems))


def _grow(export: Export, value: Value, path: tuple[str, ...]) -> None:
    if len(path) > MAX_DEPTH or export.nodes > vyatta_text.MAX_NODES:
        export.damaged = True
        return
    if value.members is not None:
        for word, below in value.members.items():
            if vyatta_text.grow(export, (*path, word), below.line) is not None:
                _grow(export, below, (*path, word))
    elif value.items is not None:
        for item in value.items:
            _grow(export, item, path)
    else:
        scalar = value.scalar
        text = str(scalar).lower() if isinstance(scalar, bool) else str(scalar if scalar is not None else "").strip()
        if path and text not in NOTHING:
            vyatta_text.grow(export, (*path, text), value.line)


def _is_whole(root: Node) -> bool:
    """Tell a dump of the whole configuration from additions to it: only the dump has logins, addresses and rules."""
    has_address = any(node.has("address") for _, kind in root.below("interfaces") for node in kind.children.values())
    return (
        root.has("system", "login")
        and root.has("system", "host-name")
        and has_address
        and root.has("firewall", "name")
        and (root.has("service", "nat") or root.has("port-forward"))
    )
