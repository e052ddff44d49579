from ringfence.model.addresses import AddressSet
from tests.readers.gateways.asking import exposure, reading, verdict
from tests.readers.gateways.test_cisco_asa import BOUND, OBJECT, asa, read

ALL = "access-list OUT extended permit ip any any\n" + BOUND
PBX = "object network PBX\n host 10.20.0.10\n"
OTHER = "object network OTHER\n host 10.20.0.99\n"
PUBLIC = "object network PUBLIC\n host 203.0.113.9\n"
SIP = "object service SIP\n service udp source eq 5060\nobject service SIP-OUT\n service udp source eq 15060\n"


def test_an_object_rule_for_a_port_or_for_everything() -> None:
    assert verdict(read, asa(OBJECT, ALL), "udp/69") == "reachable"
    assert verdict(read, asa(OBJECT, ALL), "udp/5060") == "blocked"
    found = exposure(read, asa(PBX, " nat (inside,outside) static 203.0.113.9\n", ALL), "udp/5060")
    assert found.outside is not None
    assert (found.verdict.value, str(found.outside.address)) == ("reachable", "203.0.113.9")
    ported = asa(PBX, " nat (inside,outside) static interface service udp sip 15060\n", ALL)
    found = exposure(read, ported, "udp/5060")
    assert found.outside is not None
    assert (found.verdict.value, found.outside.port) == ("reachable", 15060)


def test_dynamic_rules_open_nothing() -> None:
    assert verdict(read, asa(PBX, " nat (inside,outside) dynamic interface\n", ALL), "udp/69") == "blocked"


def test_a_subnet_leads_each_address_to_its_own() -> None:
    lan = "object network LAN\n subnet 10.20.0.0 255.255.255.0\n nat (inside,outside) static 198.51.100.0\n"
    found = exposure(read, asa(lan, ALL), "udp/69")
    assert found.outside is not None
    assert (found.verdict.value, str(found.outside.address)) == ("reachable", "198.51.100.10")


def test_manual_rules_come_before_objects_and_those_before_the_late_ones() -> None:
    objects = PBX + OTHER + PUBLIC
    late = "nat (inside,outside) after-auto source static OTHER PUBLIC\n"
    early = "nat (inside,outside) source static OTHER PUBLIC\n"
    own = "object network PBX\n nat (inside,outside) static PUBLIC\n"
    assert verdict(read, asa(objects, late, own, ALL), "udp/69") == "reachable"
    assert verdict(read, asa(objects, own, early, ALL), "udp/69") == "blocked"


def test_among_objects_the_one_with_fewer_addresses_comes_first() -> None:
    lan = "object network A-LAN\n subnet 10.20.0.96 255.255.255.252\n nat (inside,outside) static 203.0.113.9\n"
    own = PBX + " nat (inside,outside) static 203.0.113.9\n"
    assert verdict(read, asa(lan, own, ALL), "udp/69") == "reachable"


def test_manual_rules_with_services_work_from_both_sides() -> None:
    back = "nat (inside,outside) source static PBX interface service SIP SIP-OUT\n"
    found = exposure(read, asa(PBX, SIP, back, ALL), "udp/5060")
    assert found.outside is not None
    assert (found.verdict.value, found.outside.port) == ("reachable", 15060)
    wanted = (
        "object service IN\n service udp destination eq 15060\nobject service TO\n service udp destination eq 5060\n"
    )
    forth = "nat (outside,inside) source static any any destination static interface PBX service IN TO\n"
    found = exposure(read, asa(PBX, wanted, forth, ALL), "udp/5060")
    assert found.outside is not None
    assert (found.verdict.value, found.outside.port, found.seen_as) == ("reachable", 15060, None)


def test_one_way_and_inactive_rules_open_nothing() -> None:
    for option in ("unidirectional", "inactive"):
        text = asa(PBX, PUBLIC, f"nat (inside,outside) source static PBX PUBLIC {option}\n", ALL)
        assert verdict(read, text, "udp/69") == "blocked", option


def test_a_rule_for_some_far_addresses_is_for_them_alone() -> None:
    far = "object network FAR\n subnet 198.51.100.0 255.255.255.0\n"
    rule = "nat (inside,outside) source static PBX PUBLIC destination static FAR FAR\n"
    found = exposure(read, asa(PBX, PUBLIC, far, rule, ALL), "udp/69")
    assert found.sources == AddressSet.of("198.51.100.0/24")


def test_an_exemption_for_a_tunnel_changes_nothing_for_others() -> None:
    far = "object network FAR\n subnet 10.99.0.0 255.255.0.0\n"
    rule = "nat (inside,outside) source static PBX PBX destination static FAR FAR no-proxy-arp route-lookup\n"
    assert verdict(read, asa(OBJECT, far, rule, ALL), "udp/69") == "reachable"


def test_a_rule_that_hides_callers_is_seen() -> None:
    hiding = "nat (outside,inside) source dynamic any interface destination static interface PBX\n"
    assert exposure(read, asa(PBX, hiding, ALL), "udp/69").seen_as == AddressSet.of("10.20.0.1")
    # whether ASA also applies it to what another rule sent on is not documented
    apart = exposure(read, asa(OBJECT, "nat (outside,inside) source dynamic any interface\n", ALL), "udp/69")
    assert apart.seen_as is not None
    plain = "object network LAN\n subnet 10.20.0.0 255.255.0.0\n nat (inside,outside) dynamic interface\n"
    assert exposure(read, asa(OBJECT, plain, ALL), "udp/69").seen_as is None


def test_groups_may_lead_anywhere_in_them() -> None:
    groups = (
        "object-group network IN\n network-object host 10.20.0.10\n network-object host 10.20.0.99\n"
        "object-group network OUT\n network-object host 203.0.113.9\n network-object host 203.0.113.20\n"
    )
    text = asa(groups, "nat (inside,outside) source static IN OUT\n", ALL)
    assert verdict(read, text, "udp/69") == "unknown"


def test_what_is_not_understood_may_forward_anything() -> None:
    for line in (
        "nat (inside,outside) source static ABSENT interface\n",
        "nat (inside,outside) source static PBX interface destination dynamic any any\n",
        "nat (inside,outside) source static PBX interface service ABSENT ABSENT\n",
    ):
        text = asa(PBX, line, ALL)
        assert verdict(read, text, "udp/69") == "unknown", line
        assert len(reading(read, text).problems) == 1
    doubtful = asa(PBX, "nat (inside,outside) source static PBX interface frobnicate\n", ALL)
    assert verdict(read, doubtful, "udp/69") == "unknown"
