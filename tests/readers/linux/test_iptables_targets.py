import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import (
    Accept,
    Action,
    Continue,
    CopyMark,
    Drop,
    Effect,
    Jump,
    Return,
    SetMark,
    StopTracking,
    TranslateDestination,
    TranslateSource,
    UnsupportedAction,
)
from tests.reach.school import save
from tests.readers.linux.reading import iptables_rule as rule

PBX = AddressSet.of("10.20.0.10")

ACTIONS: list[tuple[str, Action]] = [
    ("-j ACCEPT", Accept()),
    ("-j DROP", Drop()),
    ("-j REJECT --reject-with icmp-port-unreachable", Drop(reject=True)),
    ("-j RETURN", Return()),
    ("-j mine", Jump(chain="mine")),
    ("-g mine", Jump(chain="mine", returns=False)),
    ("-j LOG --log-prefix '-j ACCEPT'", Continue()),
    ("-j CT --helper tftp", Continue()),
    ("-i lo", Continue()),
    ("-j DNAT --to-destination 10.20.0.10", TranslateDestination(addresses=PBX)),
    ("-j DNAT --to-destination 10.20.0.10:5060", TranslateDestination(addresses=PBX, ports=PortSet.of(5060))),
    ("-j DNAT --to-destination :5060", TranslateDestination(addresses=None, ports=PortSet.of(5060))),
    ("-j DNAT --to-destination 10.0.0.1-10.0.0.2:5-6",
     TranslateDestination(addresses=AddressSet.of("10.0.0.1", "10.0.0.2"), ports=PortSet.of(5, 6))),
    ("-j DNAT --to-destination [2001:db8::5]:69",
     TranslateDestination(addresses=AddressSet.of("2001:db8::5"), ports=PortSet.of(69))),
    ("-j REDIRECT --to-ports 5060", TranslateDestination(addresses=None, ports=PortSet.of(5060), redirect=True)),
    ("-j REDIRECT", TranslateDestination(addresses=None, redirect=True)),
    ("-j SNAT --to-source 10.20.0.1", TranslateSource(addresses=AddressSet.of("10.20.0.1"))),
    ("-j MASQUERADE", TranslateSource(addresses=None)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), ACTIONS, ids=[text for text, _ in ACTIONS])
def test_a_target_is_read(text: str, wanted: Action) -> None:
    assert rule(text, table="nat").action == wanted


UNKNOWN = [
    "-j NETMAP",
    "-j NFQUEUE --queue-num 1",
    "-j not-declared",
    "-j DNAT --to-destination 10.0.0.1:5060-5070/6060",
    "-j DNAT --to-destination sip.example.com",
    "-j SNAT",
]


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_is_not_interpreted_may_do_anything(text: str) -> None:
    assert rule(text, table="nat").action == UnsupportedAction(text=text)


def test_netmap_rewrites_what_its_chain_is_for() -> None:
    text = "*nat\n:PREROUTING ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n:mine - [0:0]\n"
    text += "".join(f"-A {chain} -j NETMAP --to 10.20.0.0/24\n" for chain in ("PREROUTING", "POSTROUTING", "mine"))
    network = AddressSet.of("10.20.0.0/24")
    found = {chain.name: chain.rules[0].action for chain in save(f"{text}COMMIT\n").chains}
    assert found["PREROUTING"] == TranslateDestination(addresses=network, host_bits=8)
    assert found["POSTROUTING"] == TranslateSource(addresses=network)
    assert found["mine"] == UnsupportedAction(text="-j NETMAP --to 10.20.0.0/24")


@pytest.mark.parametrize("text", ["-j CT --notrack", "-j NOTRACK"])
def test_packets_can_be_kept_out_of_connection_tracking(text: str) -> None:
    assert rule(text, table="raw").effects == (StopTracking(),)
    assert rule(text, table="raw").action == Continue()


MARKS: list[tuple[str, Effect]] = [
    ("-j MARK --set-xmark 0x3/0xffffffff", SetMark(value=3)),
    ("-j MARK --set-xmark 0x4/0x4", SetMark(value=4, mask=4)),
    ("-j MARK --set-mark 0x1/0xf", SetMark(value=1, mask=0xF)),
    ("-j MARK --or-mark 0x2", SetMark(value=2, mask=2)),
    ("-j MARK --and-mark 0xf", SetMark(value=0, mask=0xFFFFFFF0)),
    ("-j MARK --xor-mark 0x1", SetMark(value=1, mask=0)),
    ("-j CONNMARK --set-xmark 0x1/0xffffffff", SetMark(value=1, connection=True)),
    ("-j CONNMARK --save-mark", CopyMark(to_connection=True)),
    ("-j CONNMARK --restore-mark --nfmask 0xffffffff --ctmask 0xffffffff", CopyMark(to_connection=False)),
    ("-j CONNMARK --restore-mark --nfmask 0xff --ctmask 0xff", SetMark(value=None)),
]


@pytest.mark.parametrize(("text", "wanted"), MARKS, ids=[text for text, _ in MARKS])
def test_marks_are_effects_and_the_packet_goes_on(text: str, wanted: Effect) -> None:
    found = rule(text)
    assert found.action == Continue()
    assert found.effects == (wanted,)
