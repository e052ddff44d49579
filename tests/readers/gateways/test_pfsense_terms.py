from xml.sax.saxutils import escape

import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.readers.gateways import pf_interfaces, pf_xml
from ringfence.readers.gateways.pf_match import NotLoadedError
from ringfence.readers.gateways.pf_rules import Tags
from ringfence.readers.gateways.pf_words import Notes
from ringfence.readers.gateways.pfsense import WANTED
from ringfence.readers.gateways.pfsense_terms import Terms, aliases, is_set
from tests.memory import MemoryArtifacts
from tests.readers.gateways.pf_school import DHCP, alias, pfsense_xml


def terms(text: str) -> Terms:
    root = pf_xml.parse(MemoryArtifacts({"c": text}), "c", "pfsense", WANTED).root
    assert root is not None
    return Terms(
        interfaces=pf_interfaces.read(root, "c", is_set, []),
        aliases=aliases(root, "c"),
        tags=Tags(),
        schedules=frozenset(),
        notes=Notes(file="c"),
    )


LISTS = f"""<aliases>{alias("pbx", "host", "10.20.0.10")}{alias("sip", "port", "5060 5061")}{alias("none", "port", "")}
{alias("123", "host", "192.0.2.1")}{alias("fetched", "url_ports", "5060")}</aliases>"""


def test_special_names() -> None:
    found = terms(pfsense_xml())
    lan, wanip = found.special("lan", 4), found.special("wanip", 4)
    assert lan.addresses is not None
    assert lan.addresses.known == AddressSet.of("10.20.0.0/24")
    assert wanip.addresses is not None
    assert wanip.addresses.known == AddressSet.of("203.0.113.1")
    assert found.special("(self)", 4).is_own
    assert terms(pfsense_xml(wan=DHCP)).special("wanip", 4).is_own
    for name in ("lan", "lanip"):
        with pytest.raises(NotLoadedError):
            found.special(name, 6)
    strange = found.special("pptp0", 4)
    assert strange.addresses is not None
    assert not strange.addresses.complete


def test_names_of_addresses() -> None:
    found = terms(pfsense_xml(more=LISTS))
    pbx = found.named("pbx", negated=True)
    assert pbx.negated
    assert pbx.addresses is not None
    assert pbx.addresses.known == AddressSet.of("10.20.0.10")
    private = found.named("_private4_").addresses
    assert private is not None
    assert private.complete
    bogons = found.named("bogons").addresses
    assert bogons is not None
    assert not bogons.complete
    for name in ("gone", "123", "sip"):  # a number is no alias, a list of ports no address
        with pytest.raises(NotLoadedError):
            found.named(name)


def test_ports() -> None:
    found = terms(pfsense_xml(more=LISTS))
    assert found.ports("sip").known == PortSet.of(5060, 5061)
    assert found.ports("5060-5069").known == PortSet.of((5060, 5069))
    assert not found.ports("fetched").complete
    for name in ("gone", "none", "pbx"):
        with pytest.raises(NotLoadedError):
            found.ports(name)


def test_interfaces() -> None:
    found = terms(pfsense_xml())
    assert found.on("wan,gone").names == frozenset({"wan"})
    assert found.on("").names is None
    assert found.on("any").names is None
    with pytest.raises(NotLoadedError):
        found.on("gone")


def test_descriptions_are_no_part_of_a_name() -> None:
    text = pfsense_xml(more=f"<aliases>{alias('a', 'host', escape('<script>'))}</aliases>")
    found = terms(text).named("a").addresses
    assert found is not None
    assert not found.complete
