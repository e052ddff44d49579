import pytest

from ringfence.model.addresses import PortSet
from ringfence.model.packetfilter import (
    Accept,
    InputInterface,
    Mark,
    SourceAddress,
    TranslateDestination,
    TranslateSource,
    Unsupported,
)
from ringfence.readers.gateways.edgeos_forward import Opened, opened
from ringfence.readers.gateways.vyatta_interfaces import attached
from tests.readers.gateways.vyatta_school import INTERFACES, PORT_FORWARD, tree


def compiled(text: str) -> tuple[Opened, list[str]]:
    export = tree(INTERFACES + text)
    return opened(export, attached(export)), [problem.message for problem in export.problems]


def test_a_forward_is_a_translation_and_an_acceptance_at_the_outside() -> None:
    found, problems = compiled(PORT_FORWARD)
    assert problems == []
    outside = InputInterface(names=frozenset({"eth0"}))
    assert outside in found.destination[0].matches
    assert found.destination[0].action == TranslateDestination(
        addresses=found.destination[0].action.addresses
        if isinstance(found.destination[0].action, TranslateDestination)
        else None,
        ports=None,
    )
    assert found.forward[0].action == Accept()
    assert outside in found.forward[0].matches
    assert found.destination[0].citation.line == found.forward[0].citation.line


def test_hairpin_concerns_the_lan_only_and_only_when_it_is_on() -> None:
    found, _ = compiled(PORT_FORWARD)
    assert len(found.destination) == 2
    assert found.source[0].action == TranslateSource(addresses=None)
    near = next(match for match in found.source[0].matches if isinstance(match, SourceAddress))
    assert near.addresses.count == 256
    off, _ = compiled(PORT_FORWARD.replace("hairpin-nat enable", "hairpin-nat disable"))
    assert off.source == ()
    assert len(off.destination) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("original-port 69", "original-port tftp-of-mine"),
        ("address 10.20.0.10", "address pbx"),
        ("protocol udp", "protocol gre"),
        ("port 69\n        }", "port many\n        }"),
    ],
)
def test_a_forward_that_is_not_understood_may_forward_anything(old: str, new: str) -> None:
    found, problems = compiled(PORT_FORWARD.replace(old, new))
    assert len(problems) == 1
    assert any(isinstance(match, Unsupported) for match in found.destination[0].matches)


def test_ports_that_change_are_kept_as_such() -> None:
    found, _ = compiled(PORT_FORWARD.replace("original-port 69", "original-port 6900-6999,7069"))
    action = found.destination[0].action
    assert isinstance(action, TranslateDestination)
    assert action.ports == PortSet.of(69)


def test_upnp_is_a_doubt_that_is_marked_on_its_way() -> None:
    found, problems = compiled("service {\n    upnp {\n        listen-on eth1\n    }\n}\n")
    assert len(problems) == 1
    assert found.destination_last[0].effects
    assert any(isinstance(match, Mark) for match in found.forward[0].matches)
    assert compiled("") == (Opened(), [])
