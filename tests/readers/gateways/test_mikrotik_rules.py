import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import (
    Accept,
    Action,
    Chain,
    ChainKind,
    Continue,
    Drop,
    Hook,
    Jump,
    RecordSource,
    Return,
    Rule,
    SetMark,
    StopTracking,
    TranslateDestination,
    TranslateSource,
    UnsupportedAction,
)
from ringfence.readers.gateways.mikrotik_match import Scope, number_marks
from ringfence.readers.gateways.mikrotik_rules import Draft, chains
from tests.readers.gateways.test_mikrotik_items import configuration

TARGET = AddressSet.of("10.20.0.10")


def compiled(text: str, version: int = 4) -> tuple[dict[tuple[str, str], Chain], Draft]:
    found = configuration(text)
    marks = number_marks(item.properties for items in found.items.values() for item in items)
    scope = Scope(address_lists={}, interface_lists={}, tunnelled=AddressSet(), marks=marks)
    draft = Draft(configuration=found, scope=scope, version=version, file="x")
    return {(chain.table, chain.name): chain for chain in chains(draft)}, draft


def rules(line: str, table: str = "nat", chain: str = "dstnat") -> tuple[Rule, ...]:
    found, _ = compiled(f"/ip firewall {table}\nadd chain={chain} {line}\n")
    return found[f"ip firewall {table}", chain].rules


def test_tables_hook_where_netfilter_does() -> None:
    found, _ = compiled("")
    assert {name: (chain.hook, chain.priority) for (table, name), chain in found.items() if "nat" in table} == {
        "dstnat": (Hook.PREROUTING, -100),
        "input": (Hook.INPUT, 100),
        "srcnat": (Hook.POSTROUTING, 100),
    }
    assert found["ip firewall raw", "prerouting"].priority == -300
    assert found["ip firewall mangle", "forward"].priority == -150
    assert found["ip firewall filter", "forward"].priority == 0
    assert found["ip firewall nat", "dstnat"].kind == ChainKind.NAT
    assert all(chain.policy_accepts for chain in found.values())


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("action=accept", Accept()),
        ("dst-port=1", Accept()),
        ("action=return", Return()),
        ("action=jump jump-target=voip", Jump(chain="voip")),
        ("action=dst-nat to-addresses=10.20.0.10", TranslateDestination(addresses=TARGET)),
        (
            "action=dst-nat to-addresses=10.20.0.10 to-ports=5060-5070",
            TranslateDestination(addresses=TARGET, ports=PortSet.of((5060, 5070))),
        ),
        ("action=dst-nat to-ports=69", TranslateDestination(addresses=None, ports=PortSet.of(69))),
        ("action=dst-nat to-addresses=0.0.0.0 to-ports=69", TranslateDestination(addresses=None, ports=PortSet.of(69))),
        ("action=redirect to-ports=69", TranslateDestination(addresses=None, ports=PortSet.of(69), redirect=True)),
        ("action=passthrough", Continue()),
        ("action=log log-prefix=x", Continue()),
    ],
)
def test_actions_of_dstnat(line: str, action: Action) -> None:
    (rule,) = rules(line)
    assert rule.action == action


@pytest.mark.parametrize(
    ("line", "table", "chain", "action"),
    [
        ("action=masquerade", "nat", "srcnat", TranslateSource(addresses=None)),
        ("action=src-nat to-addresses=10.20.0.10", "nat", "srcnat", TranslateSource(addresses=TARGET)),
        ("action=netmap to-addresses=10.20.0.10", "nat", "srcnat", TranslateSource(addresses=TARGET)),
        ("action=drop", "filter", "forward", Drop()),
        ("action=tarpit protocol=tcp", "filter", "input", Drop()),
        ("action=reject reject-with=icmp-admin-prohibited", "filter", "forward", Drop(reject=True)),
        ("action=fasttrack-connection hw-offload=yes", "filter", "forward", Continue()),
        ("action=change-mss new-mss=clamp-to-pmtu", "mangle", "forward", Continue()),
    ],
)
def test_actions_of_the_other_tables(line: str, table: str, chain: str, action: Action) -> None:
    (rule,) = rules(line, table, chain)
    assert rule.action == action


@pytest.mark.parametrize(
    "line",
    [
        "action=endpoint-independent-nat",
        "action=socksify",
        "action=dst-nat to-addresses=X.X.X.X",
        "action=jump",
        "action=",
    ],
)
def test_actions_that_are_not_interpreted_may_do_anything(line: str) -> None:
    (rule,) = rules(line)
    assert isinstance(rule.action, UnsupportedAction)


def test_what_is_not_interpreted_is_named_with_its_line() -> None:
    _, draft = compiled("/ip firewall filter\nadd chain=forward action=frobnicate content=x\n")
    assert [str(problem) for problem in draft.problems] == [
        "x:2: not interpreted: content=x",
        "x:2: not interpreted: action=frobnicate",
    ]


def test_packets_that_are_not_tracked_go_on_or_have_passed() -> None:
    passed, goes_on = rules("action=notrack protocol=udp", "raw", "prerouting")
    assert (passed.action, goes_on.action) == (Accept(), Continue())
    assert passed.effects == goes_on.effects == (StopTracking(),)
    assert len(passed.matches) == len(goes_on.matches) + 1


def test_marks_and_lists_are_effects() -> None:
    (rule,) = rules("action=mark-connection new-connection-mark=v", "mangle", "prerouting")
    assert (rule.action, rule.effects) == (Continue(), (SetMark(value=1, connection=True),))
    (rule,) = rules("action=mark-packet new-packet-mark=v passthrough=no", "mangle", "prerouting")
    assert (rule.action, rule.effects) == (Accept(), (SetMark(value=1, mask=0xFFFF),))
    (rule,) = rules("action=add-src-to-address-list address-list=seen", "filter", "input")
    assert (rule.action, rule.effects) == (Continue(), (RecordSource(name="seen"),))


def test_a_jump_to_a_chain_without_rules_comes_back() -> None:
    found, _ = compiled("/ip firewall filter\nadd chain=forward action=jump jump-target=empty\n")
    assert found["ip firewall filter", "empty"].rules == ()


def test_a_network_is_mapped_address_by_address() -> None:
    (network,) = rules("action=netmap dst-address=203.0.113.8/30 to-addresses=10.20.0.8/30")
    assert network.action == TranslateDestination(addresses=AddressSet.of("10.20.0.8/30"), host_bits=2)
    (single,) = rules("action=netmap dst-address=203.0.113.8 to-addresses=10.20.0.10")
    assert single.action == TranslateDestination(addresses=TARGET)
    (odd,) = rules("action=netmap to-addresses=10.20.0.9-10.20.0.10")
    assert odd.action == TranslateDestination(addresses=AddressSet.of("10.20.0.9", "10.20.0.10"))


def test_a_rule_quotes_its_line() -> None:
    (rule,) = rules('action=dst-nat comment="PBX phones" to-addresses=10.20.0.10')
    assert rule.text == '/ip firewall nat add chain=dstnat action=dst-nat comment="PBX phones" to-addresses=10.20.0.10'
    assert rule.citation.line == 2


def test_rules_with_words_that_are_not_understood_may_not_match() -> None:
    (rule,) = rules("action=drop <-- remark", "filter", "forward")
    assert len(rule.matches) == 1


def test_a_menu_that_is_unsure_may_do_anything_first() -> None:
    found, _ = compiled("/ip firewall filter\nadd chain=forward action=drop\nmove 1 0\n")
    first, second = found["ip firewall filter", "forward"].rules
    assert isinstance(first.action, UnsupportedAction)
    assert second.action == Drop()


def test_ipv6_has_tables_of_its_own() -> None:
    found, _ = compiled("/ipv6 firewall nat\nadd chain=dstnat action=dst-nat to-address=2001:db8::5/128\n", 6)
    (rule,) = found["ipv6 firewall nat", "dstnat"].rules
    assert rule.action == TranslateDestination(addresses=AddressSet.of("2001:db8::5"))
