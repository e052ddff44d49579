from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import ChainKind, Family, Hook, UnsupportedAction
from ringfence.readers.linux.unread import missing_rule, unread_chains

PLACE = Citation(file="edge/x.txt")


def test_a_missing_rule_may_do_anything_to_any_packet() -> None:
    rule = missing_rule(PLACE)
    assert rule.matches == ()
    assert isinstance(rule.action, UnsupportedAction)


def test_unread_rules_stand_at_every_hook_that_decides_about_arrival() -> None:
    chains = {chain.hook: chain for chain in unread_chains(PLACE, Family.BOTH, "lost")}
    assert set(chains) == {Hook.PREROUTING, Hook.INPUT, Hook.FORWARD}
    assert chains[Hook.PREROUTING].kind == ChainKind.NAT
