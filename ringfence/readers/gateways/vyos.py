"""Reads the configuration of a VyOS router: `config.boot`, `show configuration`, `show configuration commands`.

Sources: vyos-1x `python/vyos/firewall.py`, `nat.py` and `data/templates/firewall/*.j2` for 1.4 and 1.5,
vyatta-cfg-firewall and vyatta-nat for 1.3 and older.
"""

from ringfence.model.evidence import Reading
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.gateways import vyatta_signs, vyatta_text
from ringfence.readers.gateways.gateway import Gateway
from ringfence.readers.gateways.vyatta_compile import compiled


def recognises(head: bytes) -> bool:
    """Tell whether the beginning of a file is a VyOS configuration."""
    return vyatta_signs.is_text(head) and not vyatta_signs.is_edgeos(head)


def read(artifacts: Artifacts, name: str) -> Reading[Gateway | None]:
    """Read one export; what is not understood is a problem, and makes unknown what depends on it."""
    export = vyatta_text.read(artifacts, name)
    gateway = compiled(export, "VyOS")
    return Reading(facts=gateway, problems=tuple(export.problems))
