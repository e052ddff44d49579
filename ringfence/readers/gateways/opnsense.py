"""Reads the config.xml of an OPNsense firewall, whichever generations of rules it holds."""

from ringfence.model.evidence import Reading
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.gateways import opnsense_dnat, opnsense_filter, opnsense_nat, pf_interfaces, pf_xml
from ringfence.readers.gateways.gateway import Gateway
from ringfence.readers.gateways.opnsense_terms import Terms, aliases, is_on
from ringfence.readers.gateways.pf_gateway import COMMON, Parts, assembled
from ringfence.readers.gateways.pf_nat import Passes
from ringfence.readers.gateways.pf_rules import Tags
from ringfence.readers.gateways.pf_words import Notes

PRODUCT = "OPNsense"
ROOT = "opnsense"
WANTED = (
    *COMMON,
    *(f"system/{tag}" for tag in ("ipv6allow", "disablefilter", "disablenatreflection", "skip_rules_gw_down")),
    *(f"system/webgui/{tag}" for tag in ("protocol", "port", "noantilockout", "disablehttpredirect")),
    *(f"system/ssh/{tag}" for tag in ("enabled", "port")),
    *(f"opnsense/firewall/alias/aliases/alias/{tag}" for tag in ("enabled", "name", "type", "content")),
    "opnsense/firewall/filter",
    "opnsense/interfaces/settings/disableipv6",
    "opnsense/gateways",
)


def recognises(head: bytes) -> bool:
    """Tell whether a file is a configuration of OPNsense: XML whose root element is ``opnsense``."""
    return pf_xml.root_name(head) == ROOT


def read(artifacts: Artifacts, name: str) -> Reading[Gateway | None]:
    """Read one export; None where the file is refused (a document type, absurd nesting, another product)."""
    document = pf_xml.parse(artifacts, name, ROOT, WANTED)
    root = document.root
    if root is None:
        return Reading(facts=None, problems=document.problems)
    notes = Notes(file=name)
    interfaces = pf_interfaces.read(root, name, is_on, notes.problems)
    schedules = root.child("schedules")
    terms = Terms(
        interfaces=interfaces,
        aliases=aliases(root, name),
        tags=Tags(),
        schedules=frozenset(one.value("name") for one in schedules.every("schedule")) if schedules else frozenset(),
        notes=notes,
    )
    routes = pf_interfaces.routes(root, name, interfaces, is_on)
    passes = Passes(rules=[])
    parts = Parts(
        interfaces=interfaces,
        routes=routes,
        arriving=(*opnsense_dnat.arriving(root, terms, passes), *opnsense_nat.arriving(root, terms)),
        passed=passes.rules,
        rules=opnsense_filter.rules(root, terms, routes),
        leaving=tuple(opnsense_nat.leaving(root, terms, routes)),
    )
    return assembled(PRODUCT, document, root, parts, notes)
