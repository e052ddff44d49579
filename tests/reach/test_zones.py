import pytest

from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import Accept, Chain, Drop, Family, InputInterface, Match, Rule, SourceAddress
from ringfence.reach import zones
from ringfence.reach.decisions import Step
from tests.reach.school import addresses

PLACE = Citation(file="commands/iptables-save.txt")


def path(*chains: str, match: Match | None = None, drops: bool = False) -> tuple[Step, ...]:
    """Give the steps of a packet that was decided in the last chain; ``match`` guards the jump before the zone."""
    action = Drop() if drops else Accept()
    rule = Rule(matches=(match,) if match else (), action=action, text="", citation=PLACE)
    return tuple(
        Step(chain=Chain(table="filter", name=name, family=Family.IPV4, citation=PLACE), rule=rule)
        for name in ("INPUT", "fpbxfirewall", *chains)
    )


def test_other_firewalls_have_no_zones() -> None:
    assert zones.reason(path()[:1]) == ""


@pytest.mark.parametrize(
    ("chain", "words"),
    [
        ("zone-internal", "internal (Local)"),
        ("zone-trusted", "trusted (Trusted)"),
        ("zone-external", "external (Internet)"),
    ],
)
def test_a_zone_is_said_with_what_put_the_packet_there(chain: str, words: str) -> None:
    eth0 = InputInterface(names=frozenset({"eth0"}))
    assert zones.reason(path("fpbxinterfaces", chain, match=eth0)) == f"eth0 is in zone {words}"
    lan = SourceAddress(addresses=addresses("10.30.0.0/24"))
    assert zones.reason(path("fpbxnets", chain, match=lan)) == f"10.30.0.0/24 is in zone {words}"


def test_rate_limited_services_of_a_zone_say_so() -> None:
    eth0 = InputInterface(names=frozenset({"eth0"}))
    found = zones.reason(path("fpbxinterfaces", "zone-internal", "fpbxsvc-provis", "fpbxratelimit", match=eth0))
    assert found.endswith("within the firewall's rate limits")


@pytest.mark.parametrize(
    ("chain", "words"),
    [
        ("fpbx-rtp", "open to everyone"),
        ("fpbxsmarthosts", "smart host"),
        ("fpbxregistrations", "allow-listed because it registered"),
        ("fpbxrfw", "Responsive Firewall lets any address"),
    ],
)
def test_each_way_in_has_its_words(chain: str, words: str) -> None:
    assert words in zones.reason(path(chain))


@pytest.mark.parametrize(
    ("chain", "words"),
    [
        ("fpbxlogdrop", "no zone, network or host"),
        ("fpbxblacklist", "blacklist"),
        ("fpbxattacker", "attacker"),
        ("rejsvc-nfs", "set to Reject"),
    ],
)
def test_each_refusal_has_its_words(chain: str, words: str) -> None:
    assert words in zones.reason(path(chain, drops=True))
