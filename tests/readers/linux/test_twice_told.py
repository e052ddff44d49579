import pytest

from ringfence.model.packetfilter import Chain, Family, Ruleset
from ringfence.readers.linux import iptables, nftables
from ringfence.readers.linux.twice_told import Place, about_rules_of, contested, place_of
from tests.memory import MemoryArtifacts

FILTER = (Family.IPV4, "filter")


def saved(*rules: str, policy: str = "ACCEPT") -> tuple[Chain, ...]:
    body = "".join(f"-A INPUT {rule}\n" for rule in rules)
    text = f"*filter\n:INPUT {policy} [0:0]\n:FORWARD ACCEPT [0:0]\n:mine - [0:0]\n{body}COMMIT\n"
    return iptables.read(MemoryArtifacts({"s": text}), "s", family=Family.IPV4, sets={}).facts.chains


def listing(*rules: str, chain: str = "INPUT", table: str = "ip filter") -> Ruleset:
    body = "\n".join(rules)
    text = (
        f"table {table} {{\nchain {chain} {{\ntype filter hook input priority 0;\n{body}\n}}\nchain mine {{\n}}\n}}\n"
    )
    return nftables.read(MemoryArtifacts({"n": text}), "n").facts


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        ("-p udp -m udp --dport 69 -j DROP", "udp dport 69 counter packets 1 bytes 2 drop"),
        ("-p udp -m multiport --dports 69,5060 -j ACCEPT", "udp dport { 69, 5060 } accept"),
        ("-m recent --name x --rcheck -j DROP", 'xt match "recent" counter packets 0 bytes 0 drop'),
        ("-m state --state NEW -j mine", "ct state new jump mine"),
        ("-m conntrack --ctstate DNAT -j ACCEPT", "ct status dnat accept"),
        ("-j REJECT --reject-with icmp-port-unreachable", "reject"),
        ("-s 10.0.0.0/8 -j LOG", "ip saddr 10.0.0.0/8 log"),
        ("-j MARK --set-xmark 0x1/0xffffffff", "meta mark set 0x1"),
        ("-j TPROXY --on-port 1", 'xt target "TPROXY"'),
        (
            "-m hashlimit --hashlimit-upto 9/min --hashlimit-name x -j DROP",
            "meter x { ip saddr limit rate 9/minute } drop",
        ),
    ],
)
def test_iptables_is_believed_about_its_own_rules(rule: str, shown: str) -> None:
    assert contested(saved(rule), listing(shown).chains) == (frozenset({FILTER}), frozenset())


@pytest.mark.parametrize(
    ("rules", "shown"),
    [
        (("-p udp -j DROP",), ("udp dport { 5060, 5160 } drop",)),
        (("",), ("ip saddr vmap { 192.0.2.1 : drop }",)),
        (("-j DROP",), ("ip saddr @banned drop",)),
        (("-p udp -m udp --dport 69 -j DROP",), ("udp dport 69 meta iifgroup 3 drop",)),
        (("",), ("queue num 1",)),
        ((), ("udp dport 69 drop",)),
        (("-p udp -m udp --dport 69 -j DROP",), ()),
        (("-j ACCEPT",), ("drop",)),
    ],
)
def test_nft_is_believed_where_iptables_tells_less_or_something_else(
    rules: tuple[str, ...], shown: tuple[str, ...]
) -> None:
    assert contested(saved(*rules), listing(*shown).chains) == (frozenset(), frozenset({FILTER}))


def test_chains_that_iptables_leaves_out_are_told_by_nft() -> None:
    assert contested(saved(), listing("udp dport 69 drop", chain="incoming").chains)[1] == {FILTER}


def test_a_built_in_chain_that_the_kernel_lacks_is_no_difference_unless_it_does_something() -> None:
    nothing = listing(chain="FORWARD").chains
    assert contested(saved(), nothing)[0] == {FILTER}
    assert contested(saved(policy="DROP"), nothing)[1] == {FILTER}
    assert contested(saved("-j DROP"), nothing)[1] == {FILTER}


def test_tables_that_one_export_alone_shows_are_not_contested() -> None:
    neither: tuple[frozenset[Place], frozenset[Place]] = (frozenset(), frozenset())
    assert contested(saved("-j DROP"), listing("drop", table="inet filter").chains) == neither
    assert contested(saved("-j DROP"), listing("drop", table="ip own").chains) == neither
    assert contested((), listing("drop").chains) == neither


def test_problems_belong_to_rules_by_their_line() -> None:
    reading = nftables.read(
        MemoryArtifacts({"n": 'table ip filter {\nchain INPUT {\nxt match "a" drop\nxt match "b" drop\n}\n}\n'}), "n"
    )
    (chain,) = reading.facts.chains
    assert place_of(chain) == FILTER
    assert about_rules_of([chain], reading.problems) == set(reading.problems)
    assert about_rules_of([], reading.problems) == frozenset()
    (first,) = about_rules_of([chain], reading.problems[:1])
    assert first.citation.line == 3
