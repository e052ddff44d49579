"""Reads `ipset save`: the addresses that iptables rules match by a set's name."""

from collections.abc import Mapping
from dataclasses import dataclass

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.readers.artifacts import Artifacts, decoded, lines
from ringfence.readers.linux import notation
from ringfence.readers.wants import Command, Want

WANTS: tuple[Want, ...] = (Command(name="ipset-save", argv=("ipset", "save")),)

#: Types whose members are addresses and nothing else.
ADDRESS_TYPES = frozenset({"hash:ip", "hash:net", "bitmap:ip"})
MAX_MEMBERS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class IpSet:
    """A set as it was at the moment of the export; ``addresses`` None when its type is not one of addresses."""

    name: str
    addresses: AddressSet | None


Sets = Mapping[str, IpSet]


def read(artifacts: Artifacts, name: str = "commands/ipset-save.txt") -> Reading[Sets]:
    """Read all sets of one export, by name."""
    types: dict[str, str] = {}
    members: dict[str, list[AddressSet]] = {}
    without: dict[str, list[AddressSet]] = {}
    problems: list[Problem] = []
    spoilt: set[str] = set()
    count = 0
    for number, raw in lines(artifacts, name):
        words = decoded(raw).split()
        if len(words) < 3 or words[0] not in {"create", "add"}:
            continue
        verb, title, what = words[:3]  # add allowed 198.51.100.0/24 timeout 3600
        if verb == "create":
            types[title] = what
            continue
        if types.get(title) not in ADDRESS_TYPES:
            continue
        count += 1
        try:
            if count > MAX_MEMBERS:
                raise ValueError  # noqa: TRY301 - one place says what is lost
            target = without if "nomatch" in words[3:] else members
            target.setdefault(title, []).append(notation.addresses(what))
        except ValueError:
            if title not in spoilt:
                message = f"set {title}: a member was not understood, so what the set holds is unknown"
                problems.append(Problem(citation=Citation(file=name, line=number), message=message))
            spoilt.add(title)
    return Reading(
        facts={
            title: IpSet(
                name=title,
                addresses=AddressSet.union(members.get(title, ())) - AddressSet.union(without.get(title, ()))
                if kind in ADDRESS_TYPES and title not in spoilt
                else None,
            )
            for title, kind in types.items()
        },
        problems=tuple(problems),
    )
