"""Which product exported a file of the edge: told by its content, so that its name may be anything."""

from collections.abc import Callable
from dataclasses import dataclass

from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.readers.artifacts import Artifacts, content
from ringfence.readers.gateways.gateway import Gateway

SNIFFED_BYTES = 64 * 1024
FOLDER = "edge/"
#: What a Linux edge exports besides its rules; other readers take these.
LINUX = frozenset({"ip-addr.txt", "ip-route.txt", "ip-6-route.txt", "ip-neigh.txt"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A product's export: how to know it, and how to read it.

    ``join`` is there where the file only adds to what another file says of the same box (UPnP leases): it takes what is
    added and the box, and gives the box with it.
    """

    product: str
    recognises: Callable[[bytes], bool]
    read: Callable[[Artifacts, str], Reading[Gateway | None]]
    join: Callable[[Gateway, Gateway], Gateway] | None = None


def read_gateway(artifacts: Artifacts, dialects: tuple[Dialect, ...], folder: str = FOLDER) -> Reading[Gateway | None]:
    """Read the export of the edge in this folder; None where no file of it is of a known product.

    Several files are one box: the first that is whole leads, what others add comes before its own forwards. A file that
    no reader knows is a problem, since it may hold the rules that matter.
    """
    leading: Gateway | None = None
    added: list[tuple[Callable[[Gateway, Gateway], Gateway], Gateway]] = []
    problems: list[Problem] = []
    for name in artifacts.names():
        if not name.startswith(folder) or name.removeprefix(folder) in LINUX:
            continue
        dialect = _dialect_of(content(artifacts, name, SNIFFED_BYTES), dialects)
        if dialect is None:
            problems.append(_problem(name, "is not an export that is read yet; its rules are not known"))
            continue
        reading = dialect.read(artifacts, name)
        problems += reading.problems
        if reading.facts is None:
            continue
        if dialect.join is not None:
            added.append((dialect.join, reading.facts))
        elif leading is None:
            leading = reading.facts
        else:
            problems.append(_problem(name, "is a second export of an edge; only the first is evaluated"))
    if leading is None and added:
        _, leading = added.pop(0)
    for join, more in added:
        leading = join(more, leading) if leading is not None else more
    return Reading(facts=leading, problems=tuple(problems))


def passed_over(artifacts: Artifacts, dialects: tuple[Dialect, ...], folder: str = FOLDER) -> tuple[Problem, ...]:
    """Name the exports of other products that lie beside a Linux edge's own rules and so are not evaluated."""
    found: list[Problem] = []
    for name in artifacts.names():
        if name.startswith(folder) and name.removeprefix(folder) not in LINUX:
            dialect = _dialect_of(content(artifacts, name, SNIFFED_BYTES), dialects)
            if dialect is not None:
                message = (
                    f"is an export of {dialect.product} beside Linux rules of the same edge; only those are evaluated"
                )
                found.append(_problem(name, message))
    return tuple(found)


def _dialect_of(head: bytes, dialects: tuple[Dialect, ...]) -> Dialect | None:
    return next((dialect for dialect in dialects if dialect.recognises(head)), None)


def _problem(name: str, message: str) -> Problem:
    return Problem(citation=Citation(file=name), message=message)
