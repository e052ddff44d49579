from dataclasses import replace
from ipaddress import ip_address

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import Hook, TranslateDestination, TranslateSource
from ringfence.reach.flow import Goal, Header, Link
from ringfence.reach.translate import Own, entries, translated, unknown_translation, with_source
from tests.reach.school import OPEN_EDGE, PBX, WAN, addresses, nft, save

HERE, OUTER = ip_address(PBX), ip_address(WAN)
GOAL = Goal(addresses=frozenset({HERE}), port=69)
HEADER = Header(
    version=4, protocol="udp", source_port=1, destination=OUTER, port=6969, incoming=Link(name="wan"), local=True
)
OWN = Own(addresses=frozenset({OUTER}), by_interface={"wan": (OUTER,)})


def to(text: str = PBX, ports: PortSet | None = None, *, redirect: bool = False) -> TranslateDestination:
    return TranslateDestination(addresses=addresses(text) if text else None, ports=ports, redirect=redirect)


def test_a_translation_changes_what_it_names_and_keeps_the_first_destination() -> None:
    (found,) = translated(to(ports=PortSet.of(69)), HEADER, GOAL, OWN)
    assert (found.destination, found.port) == (HERE, 69)
    assert found.original == (OUTER, 6969)
    assert found.translated
    assert found.local is None
    (kept,) = translated(to(), HEADER, GOAL, OWN)
    assert kept.port == 6969


def test_a_translation_that_changes_nothing_leaves_no_trace() -> None:
    (found,) = translated(to(WAN), HEADER, GOAL, OWN)
    assert not found.translated


def test_a_range_may_choose_the_listener_or_another() -> None:
    found = translated(to("10.20.0.0/28", PortSet.of((60, 70))), HEADER, GOAL, OWN)
    assert (HERE, 69) in {(one.destination, one.port) for one in found}
    assert len(found) == 4


def test_a_redirect_leads_to_the_box_itself() -> None:
    (found,) = translated(to("", PortSet.of(69), redirect=True), HEADER, GOAL, OWN)
    assert (found.destination, found.port, found.local) == (OUTER, 69, True)


def test_a_masquerade_shows_the_address_of_the_interface_or_any() -> None:
    leaving = with_source(TranslateSource(addresses=None), HEADER, OWN)
    assert leaving.seen_as == AddressSet.all_ipv4()  # the outgoing interface is not known
    out = Header(version=4, protocol="udp", source_port=1, destination=HERE, port=69, outgoing=Link(name="wan"))
    assert with_source(TranslateSource(addresses=None), out, OWN).seen_as == addresses(WAN)
    assert with_source(TranslateSource(addresses=addresses("10.9.9.9")), out, OWN).seen_as == addresses("10.9.9.9")


def test_an_uninterpreted_translation_may_lead_to_the_goal_or_hide_the_source() -> None:
    (before,) = unknown_translation(Hook.PREROUTING, HEADER, GOAL)
    assert (before.destination, before.port) == (HERE, 69)
    (after,) = unknown_translation(Hook.POSTROUTING, HEADER, GOAL)
    assert after.seen_as == AddressSet.all_ipv4()


def doors(text: str, protocol: str = "udp", known: bool = True) -> list[tuple[str, int]]:  # noqa: FBT001, FBT002
    rules = nft(text) if text.startswith("table") else save(f"*nat\n:PREROUTING ACCEPT [0:0]\n{text}\nCOMMIT\n")
    return [(str(one.address), one.port) for one in entries(rules, GOAL, protocol, (OUTER,) if known else ())]


def test_the_listeners_own_port_is_always_asked_about() -> None:
    assert doors("") == doors(OPEN_EDGE) == [(WAN, 69)]
    assert doors(OPEN_EDGE, known=False) == [("None", 69)]


def test_other_ports_that_lead_to_the_listener_are_asked_about_too() -> None:
    rule = "-A PREROUTING -i wan -p udp -m udp --dport {} -j DNAT --to-destination {}"
    assert doors(rule.format("6969", "10.20.0.10:69")) == [(WAN, 69), (WAN, 6969)]
    assert doors(rule.format("7000:7100", "10.20.0.10:69")) == [(WAN, 69), (WAN, 7000)]
    assert doors(rule.format("6969", "10.20.0.10:70")) == [(WAN, 69)]
    assert doors(rule.format("6969", "10.20.0.99:69")) == [(WAN, 69)]
    assert doors(rule.format("6969", "10.20.0.10:69"), protocol="tcp") == [(WAN, 69)]


def test_a_network_that_is_moved_keeps_the_place_within_it() -> None:
    action = TranslateDestination(addresses=addresses("10.20.0.0/24"), host_bits=8)
    for outside, inside in (("203.0.113.10", PBX), ("203.0.113.9", "10.20.0.9")):
        (found,) = translated(action, replace(HEADER, destination=ip_address(outside)), GOAL, OWN)
        assert (found.destination, found.port) == (ip_address(inside), 6969)
    unknown = translated(action, replace(HEADER, destination=None), GOAL, OWN)
    assert {found.destination == HERE for found in unknown} == {True, False}


def test_a_network_that_is_moved_is_asked_at_the_listeners_counterpart() -> None:
    rule = "-A PREROUTING {} -j NETMAP --to 10.20.0.0/24"
    assert ("203.0.113.10", 69) in doors(rule.format("-i wan"))
    assert ("198.51.100.10", 69) in doors(rule.format("-d 198.51.100.0/24"))
    assert not [door for door in doors(rule.format("-d 198.51.100.0/29")) if door[0] == "198.51.100.10"]
    assert doors(rule.format("-i wan"), known=False) == [("None", 69)]


def test_a_forward_that_names_its_outside_address_is_asked_about_there() -> None:
    rule = "-A PREROUTING -d 203.0.113.7/32 -p udp -m udp --dport 69 -j DNAT --to-destination 10.20.0.10"
    assert ("203.0.113.7", 69) in doors(rule)


def test_a_forward_of_a_whole_network_is_asked_about_by_one_of_its_addresses() -> None:
    rule = "-A PREROUTING -d {} -p udp -m udp --dport 69 -j DNAT --to-destination 10.20.0.10"
    for network in ("198.18.0.0/17", "198.18.0.0/15"):
        assert ("198.18.0.0", 69) in doors(rule.format(network)), network
    assert doors(rule.format("0.0.0.0/1"), known=False) == [("None", 69)]
