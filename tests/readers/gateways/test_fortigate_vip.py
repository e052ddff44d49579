from ringfence.model.addresses import AddressSet
from tests.readers.gateways.asking import exposure, reading, verdict
from tests.readers.gateways.test_fortigate import backup, policy, read, table, vip


def test_without_portforward_every_port_is_taken() -> None:
    whole = vip().replace("        set portforward enable\n", "")
    assert verdict(read, backup(vips=whole), "udp/69") == "reachable"
    assert verdict(read, backup(vips=whole), "tcp/3306") == "reachable"


def test_another_port_outside_and_ranges_that_move() -> None:
    found = exposure(read, backup(vips=vip(extport="15060", mappedport="5060")), "udp/5060")
    assert found.outside is not None
    assert (found.verdict.value, found.outside.port) == ("reachable", 15060)
    moved = backup(vips=vip(extport="20000-20010", mappedport="10000-10010"))
    found = exposure(read, moved, "udp/10003")
    assert found.outside is not None
    assert (found.verdict.value, found.outside.port) == ("reachable", 20003)
    assert verdict(read, moved, "udp/10011") == "blocked"
    kept = vip(extport="10000-20000").replace("        set mappedport 69\n", "")
    assert verdict(read, backup(vips=kept), "udp/12000") == "reachable"


def test_addresses_are_led_one_by_one() -> None:
    many = vip(extip="203.0.113.40-203.0.113.49").replace('"10.20.0.10"', '"10.20.0.5-10.20.0.14"')
    found = exposure(read, backup(vips=many), "udp/69")
    assert found.outside is not None
    assert (found.verdict.value, str(found.outside.address)) == ("reachable", "203.0.113.45")


def test_without_an_outside_address_it_is_the_interface_own() -> None:
    own = vip().replace("        set extip 203.0.113.1\n", "")
    assert verdict(read, backup(vips=own), "udp/69") == "reachable"
    other = own.replace('extintf "wan1"', 'extintf "office"')
    assert verdict(read, backup(vips=other), "udp/69") == "blocked"


def test_a_source_filter_narrows_it() -> None:
    text = backup(vips=vip(more='src-filter "198.51.100.0/24" "192.0.2.7" "192.0.2.20-192.0.2.21"'))
    found = exposure(read, text, "udp/69")
    assert found.sources == AddressSet.of("198.51.100.0/24", "192.0.2.7", "192.0.2.20", "192.0.2.21")


def test_two_that_take_the_same_packets_are_unknown_where_they_do() -> None:
    narrow = vip("narrow", more='src-filter "198.51.100.0/24"').replace("10.20.0.10", "10.20.0.99")
    text = backup(policy(1, dstaddr='"sip" "narrow"'), vips=vip() + narrow)
    found = exposure(read, text, "udp/69")
    assert found.verdict == "reachable"
    assert AddressSet.of("192.0.2.7") <= found.sources
    assert not found.sources & AddressSet.of("198.51.100.0/24")
    apart = backup(vips=vip() + vip("other", extport="70").replace("10.20.0.10", "10.20.0.99"))
    assert AddressSet.of("198.51.100.0/24") <= exposure(read, apart, "udp/69").sources


def test_one_that_is_disabled_takes_nothing() -> None:
    assert verdict(read, backup(vips=vip(more="status disable")), "udp/69") == "blocked"


def test_what_leads_to_an_unknown_place_is_unknown() -> None:
    for more in ("type fqdn", "type server-load-balance", 'service "SIP"', 'src-filter "nobody"', "type access-proxy"):
        text = backup(vips=vip(more=more))
        assert verdict(read, text, "udp/69") == "unknown", more
    damaged = backup(vips=vip().replace("set mappedip", "set mapedip"))
    assert verdict(read, damaged, "udp/69") == "unknown"
    assert len(reading(read, damaged).problems) == 1


def test_groups_of_virtual_ips() -> None:
    group = table("firewall vipgrp", '    edit "doors"\n        set member "sip" "other"\n    next\n')
    text = backup(policy(1, dstaddr='"doors"'), vips=vip() + vip("other", extport="70", mappedport="70"), more=group)
    assert verdict(read, text, "udp/69") == "reachable"
    assert verdict(read, text, "udp/70") == "reachable"
