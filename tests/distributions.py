"""Which installed distributions a distribution needs, and which modules they bring."""

import re
from importlib import metadata


def runtime_closure(*distributions: str) -> set[str]:
    """Give the names of these distributions and of all that they require, without extras."""
    found: set[str] = set()
    waiting = list(distributions)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            required = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # needed only on another platform or Python
        found.add(name)
        waiting += [match[0] for text in required if "extra ==" not in text and (match := re.match(r"[\w.-]+", text))]
    return found


def importable(distributions: set[str]) -> list[str]:
    """Give the top-level modules that these distributions bring."""
    return sorted(
        top
        for top, owners in metadata.packages_distributions().items()
        if {owner.lower().replace("_", "-") for owner in owners} & distributions
    )
