"""Reads the config.xml of a pfSense firewall (2.x, CE and Plus)."""

from ringfence.model.evidence import Reading
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.gateways import pf_interfaces, pf_xml, pfsense_filter, pfsense_nat
from ringfence.readers.gateways.gateway import Gateway
from ringfence.readers.gateways.pf_gateway import COMMON, Parts, assembled
from ringfence.readers.gateways.pf_nat import Passes
from ringfence.readers.gateways.pf_rules import Tags
from ringfence.readers.gateways.pf_words import Notes
from ringfence.readers.gateways.pfsense_terms import Terms, aliases, is_set

PRODUCT = "pfSense"
ROOT = "pfsense"
WANTED = (*COMMON, *(f"system/{tag}" for tag in ("ipv6allow", "disablefilter", "tftpinterface", "skip_rules_gw_down")))


def recognises(head: bytes) -> bool:
    """Tell whether a file is a configuration of pfSense: XML whose root element is ``pfsense``."""
    return pf_xml.root_name(head) == ROOT


def read(artifacts: Artifacts, name: str) -> Reading[Gateway | None]:
    """Read one export; None where the file is refused (a document type, absurd nesting, another product)."""
    document = pf_xml.parse(artifacts, name, ROOT, WANTED)
    root = document.root
    if root is None:
        return Reading(facts=None, problems=document.problems)
    notes = Notes(file=name)
    interfaces = pf_interfaces.read(root, name, is_set, notes.problems)
    schedules = root.child("schedules")
    terms = Terms(
        interfaces=interfaces,
        aliases=aliases(root, name),
        tags=Tags(),
        schedules=frozenset(one.value("name") for one in schedules.every("schedule")) if schedules else frozenset(),
        notes=notes,
    )
    routes = pf_interfaces.routes(root, name, interfaces, is_set)
    passes = Passes(rules=[])
    parts = Parts(
        interfaces=interfaces,
        routes=routes,
        arriving=tuple(pfsense_nat.arriving(root, terms, passes)),
        passed=passes.rules,
        rules=pfsense_filter.rules(root, terms, routes),
        leaving=tuple(pfsense_nat.leaving(root, terms, routes)),
    )
    return assembled(PRODUCT, document, root, parts, notes)
