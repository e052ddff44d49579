from dataclasses import replace
from ipaddress import ip_address

from ringfence.model.packetfilter import Hook
from ringfence.reach.atoms import Atoms
from ringfence.reach.boxes import Box
from ringfence.reach.flow import Goal, Header, Link
from ringfence.reach.journey import Delivery, Trip, travel
from tests.reach.school import OPEN_EDGE, PBX, WAN, addresses, edge, nft, pbx, save

GOAL = Goal(addresses=frozenset({ip_address(PBX)}), port=69)
HEADER = Header(
    version=4,
    protocol="udp",
    source_port=1,
    destination=ip_address(WAN),
    port=69,
    incoming=Link(name="wan"),
    local=True,
)


def go(rules: str, edge_rules: str | None = OPEN_EDGE, **header: int) -> tuple[Delivery, Atoms]:
    gate = Box(host=edge(nft(edge_rules) if edge_rules is not None else None))
    inner = Box(host=pbx(save(rules)))
    trip = Trip(edge=gate, pbx=inner, pbx_link=Link(name="eth0"), at_edge=GOAL, goal=GOAL)
    atoms = Atoms(4, (gate.ruleset, inner.ruleset))
    return travel(trip, replace(HEADER, **header), atoms.everything, atoms, {}), atoms  # type: ignore[arg-type]


def test_what_both_boxes_let_pass_arrives() -> None:
    delivery, atoms = go("-A INPUT -s 10.0.0.0/8 -j DROP")
    assert atoms.addresses(delivery.surely) == ~addresses("10.0.0.0/8") & atoms_everything(atoms)
    assert atoms.addresses(delivery.lost) == addresses("10.0.0.0/8")
    assert [(stage.box, stage.hook) for stage in delivery.stages] == [
        ("edge", Hook.PREROUTING),
        ("edge", Hook.FORWARD),
        ("edge", Hook.POSTROUTING),
        ("pbx", Hook.PREROUTING),
        ("pbx", Hook.INPUT),
    ]


def atoms_everything(atoms: Atoms) -> addresses:  # type: ignore[valid-type]
    return atoms.addresses(atoms.everything)


def test_what_the_edge_keeps_went_elsewhere() -> None:
    delivery, atoms = go("", port=4569)
    assert delivery.elsewhere == delivery.lost == atoms.everything
    assert delivery.reached == 0


def test_rules_that_are_not_in_the_evidence_let_both_happen() -> None:
    delivery, atoms = go("", edge_rules=None)
    assert delivery.lost == atoms.everything
    assert delivery.missing == ["the edge's IPv4 rules are not in the evidence"]


def test_a_hidden_source_is_what_the_pbx_judges() -> None:
    hiding = OPEN_EDGE.replace('oifname "wan" masquerade', 'oifname "lan" masquerade')
    delivery, atoms = go("-A INPUT ! -s 10.20.0.1 -j DROP", hiding)
    assert delivery.surely == atoms.everything
    assert delivery.seen_as == addresses("10.20.0.1")
    refused, _ = go("-A INPUT -s 10.20.0.1 -j DROP", hiding)
    assert refused.reached == 0
    assert refused.seen_as is None
