"""Answer the question of `bench.reach` with binary decision diagrams, as a comparison: the package dd.

The whole header is the space (source address, protocol, destination port: 50 variables); a chain becomes one diagram,
folded from its last rule to its first; a listener is a restriction of it. `bench.reach` runs this file in an
environment of its own, with dd's module (`dd.autoref`: Python, `dd.cudd`: C) as argument and the rules on standard
input, and compares the answers.
"""

import importlib
import json
import sys
import time
from collections.abc import Iterable
from typing import Any

SOURCE_BITS, PORT_BITS = 32, 16
SOURCE = [f"s{bit}" for bit in range(SOURCE_BITS)]
PORT = [f"p{bit}" for bit in range(PORT_BITS)]
UDP = "udp"

#: A rule as `bench.reach` writes it: source address, protocol, port (None, None: any), what it does.
Rule = tuple[int, str | None, int | None, str]


def bits(names: list[str], value: int) -> dict[str, bool]:
    """Spell a number as values of variables, the highest bit first."""
    return {name: bool(value >> (len(names) - 1 - place) & 1) for place, name in enumerate(names)}


def folded(space: Any, rules: list[Rule], end: Any, back: Any) -> Any:  # noqa: ANN401 - dd has no types
    """Give what a chain accepts: ``end`` behind its last rule, ``back`` where a rule returns."""
    verdicts = {"ACCEPT": space.true, "DROP": space.false, "RETURN": back}
    found = end
    for source, protocol, port, action in reversed(rules):
        cube = bits(SOURCE, source)
        if protocol is not None and port is not None:
            cube |= {UDP: protocol == "udp"} | bits(PORT, port)
        found = space.ite(space.cube(cube), verdicts[action], found)
    return found


def within(space: Any, intervals: Iterable[tuple[int, int]]) -> Any:  # noqa: ANN401
    """Give the sources of these intervals, as a union of prefixes."""
    found = space.false
    for first, last in intervals:
        low = first
        while low <= last:
            size = low & -low or 1 << SOURCE_BITS
            while low + size - 1 > last:
                size >>= 1
            length = SOURCE_BITS - size.bit_length() + 1
            values = dict(list(bits(SOURCE, low).items())[:length])
            found |= space.cube(values) if values else space.true
            low += size
    return found


def main() -> int:
    """Read the boxes, the sources and the ports asked about; print seconds and how many sources reach each port."""
    if len(sys.argv) < 2:
        return 0  # `bench.reach` runs it
    try:
        space = importlib.import_module(sys.argv[1]).BDD()
    except ImportError:
        return 3
    asked = json.load(sys.stdin)

    started = time.perf_counter()
    space.configure(reordering=False)
    space.declare(*SOURCE, UDP, *PORT)
    permitted = space.true
    for box in asked["boxes"]:
        rest = folded(space, box["chain"], space.true, space.true)
        permitted &= folded(space, box["banned"], rest, rest)
    permitted &= within(space, asked["sources"])
    counts = {}
    for port in asked["ports"]:
        here = space.let({UDP: True} | bits(PORT, port), permitted)
        counts[port] = int(here.count(SOURCE_BITS))
    print(json.dumps({"seconds": time.perf_counter() - started, "counts": counts, "nodes": len(space)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
