import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.readers.gateways import pf_interfaces, pf_xml
from ringfence.readers.gateways.opnsense import WANTED
from ringfence.readers.gateways.opnsense_terms import Terms, aliases, is_on
from ringfence.readers.gateways.pf_match import NotLoadedError
from ringfence.readers.gateways.pf_rules import Tags
from ringfence.readers.gateways.pf_words import Notes
from tests.memory import MemoryArtifacts
from tests.readers.gateways.pf_school import DHCP, alias, opnsense_xml

LISTS = f"""<Alias><aliases>{alias("pbx", "host", "10.20.0.10", tag="content")}
{alias("sip", "port", "5060", tag="content")}{alias("none", "port", "", tag="content")}</aliases></Alias>"""


def terms(text: str) -> Terms:
    root = pf_xml.parse(MemoryArtifacts({"c": text}), "c", "opnsense", WANTED).root
    assert root is not None
    return Terms(
        interfaces=pf_interfaces.read(root, "c", is_on, []),
        aliases=aliases(root, "c"),
        tags=Tags(),
        schedules=frozenset(),
        notes=Notes(file="c"),
    )


def known(found: Terms, name: str, version: int = 4) -> AddressSet | None:
    addresses = found.place(name, version).addresses
    return addresses.known if addresses is not None and addresses.complete else None


def test_places() -> None:
    found = terms(opnsense_xml(model=LISTS))
    assert known(found, "lan") == AddressSet.of("10.20.0.0/24")
    assert known(found, "__lan_network") == AddressSet.of("10.20.0.0/24")
    assert known(found, "opt1ip") == AddressSet.of("10.20.8.1")
    assert known(found, "<pbx>") == AddressSet.of("10.20.0.10")
    assert known(found, "lan", 6) == AddressSet()  # it has none: the rule is loaded and matches nothing
    assert found.place("any", 4).addresses is None
    assert found.place("(self)", 4).is_own
    assert terms(opnsense_xml(wan=DHCP)).place("wanip", 4).is_own
    for name in ("gone", "sip", "gonieip"):
        with pytest.raises(NotLoadedError):
            found.place(name, 4)


def test_a_list_is_loaded_without_what_cannot_be_resolved() -> None:
    found = terms(opnsense_xml(model=LISTS))
    assert len(found.places("gone,pbx", 4)) == 1
    assert len(found.places("", 4)) == 1
    with pytest.raises(NotLoadedError):
        found.places("gone,also-gone", 4)


def test_ports() -> None:
    found = terms(opnsense_xml(model=LISTS))
    expected = {"sip": PortSet.of(5060), "sip-tls": PortSet.of(5061), "80:any": PortSet.of((80, 65535)),
                "any-1024": PortSet.of((1, 1024)), "5060-5061": PortSet.of((5060, 5061))}  # fmt: skip
    for text, ports in expected.items():
        read = found.ports(text)
        assert read is not None
        assert read.known == ports
    assert found.ports("any") is None
    for text in ("none", "pbx", "gone"):
        with pytest.raises(NotLoadedError):
            found.ports(text)


def test_interfaces() -> None:
    found = terms(opnsense_xml())
    assert found.on("wan,gone").names == frozenset({"wan"})
    assert found.on("").names is None
    assert found.on("wan", negated=True).negated
    assert found.on("wan,lan", negated=True).names is None
    with pytest.raises(NotLoadedError):
        found.on("gone", negated=True)
