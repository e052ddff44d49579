from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import DestinationAddress, DestinationPort, TranslateDestination
from ringfence.readers.gateways import mapped

PLACE = Citation(file="x", line=1)


def translations(**given: object) -> list[tuple[tuple[str, ...], TranslateDestination]]:
    forward = mapped.Forward(text="x", citation=PLACE, **given)  # type: ignore[arg-type]
    found = []
    for rule in mapped.rules(forward):
        assert isinstance(rule.action, TranslateDestination)
        words = [str(one.ports) for one in rule.matches if isinstance(one, DestinationPort)]
        words += [str(one.addresses.example()) for one in rule.matches if isinstance(one, DestinationAddress)]
        found.append((tuple(words), rule.action))
    return found


def test_a_range_that_keeps_its_ports_is_one_rule() -> None:
    same = PortSet.of((10000, 20000))
    (only,) = translations(inside=AddressSet.of("10.0.0.5"), outside_ports=same, inside_ports=same)
    assert only == (("10000-20000",), TranslateDestination(addresses=AddressSet.of("10.0.0.5"), ports=None))


def test_a_range_that_moves_leads_each_port_to_its_own() -> None:
    found = translations(
        inside=AddressSet.of("10.0.0.5"), outside_ports=PortSet.of((7000, 7002)), inside_ports=PortSet.of((5060, 5062))
    )
    assert [(words, action.ports) for words, action in found] == [
        (("7000",), PortSet.of(5060)),
        (("7001",), PortSet.of(5061)),
        (("7002",), PortSet.of(5062)),
    ]


def test_networks_are_led_address_by_address() -> None:
    found = translations(inside=AddressSet.of("10.0.0.4/30"), outside=AddressSet.of("203.0.113.0/30"))
    assert [words for words, _ in found] == [(f"203.0.113.{last}",) for last in range(4)]
    assert found[1][1].addresses == AddressSet.of("10.0.0.5")


def test_what_would_be_too_many_rules_may_lead_anywhere_in_the_range() -> None:
    (only,) = translations(
        inside=AddressSet.of("10.0.0.5"), outside_ports=PortSet.of((1, 5000)), inside_ports=PortSet.of((5001, 10000))
    )
    assert only[1].ports == PortSet.of((5001, 10000))
