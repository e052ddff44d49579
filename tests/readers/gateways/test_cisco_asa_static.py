from ringfence.model.addresses import AddressSet
from tests.readers.gateways.asking import exposure, reading, verdict
from tests.readers.gateways.test_cisco_asa import BOUND, STATIC, old, read

ALL = "access-list OUT extended permit ip any any\n" + BOUND


def test_whole_hosts_and_ports() -> None:
    whole = "static (inside,outside) 203.0.113.9 10.20.0.10 netmask 255.255.255.255 0 0\n"
    found = exposure(read, old(whole, ALL), "udp/5060")
    assert found.outside is not None
    assert (found.verdict.value, str(found.outside.address)) == ("reachable", "203.0.113.9")
    port = "static (inside,outside) udp 203.0.113.9 15060 10.20.0.10 sip netmask 255.255.255.255\n"
    found = exposure(read, old(port, ALL), "udp/5060")
    assert found.outside is not None
    assert (found.verdict.value, found.outside.port) == ("reachable", 15060)
    assert verdict(read, old(port, ALL), "udp/69") == "blocked"


def test_networks_and_aliases() -> None:
    network = "static (inside,outside) 198.51.100.0 10.20.0.0 netmask 255.255.255.0\n"
    found = exposure(read, old(network, ALL), "udp/69")
    assert found.outside is not None
    assert str(found.outside.address) == "198.51.100.10"
    named = "names\nname 10.20.0.10 pbx\nstatic (inside,outside) udp interface tftp pbx tftp netmask 255.255.255.255\n"
    assert verdict(read, old(named, ALL), "udp/69") == "reachable"


def test_the_first_static_that_fits_is_taken() -> None:
    other = STATIC.replace("10.20.0.10", "10.20.0.99")
    assert verdict(read, old(other, STATIC, ALL), "udp/69") == "blocked"
    assert verdict(read, old(STATIC, other, ALL), "udp/69") == "reachable"


def test_what_is_not_understood_may_forward_anything() -> None:
    for line in ("static (inside,outside) 203.0.113.9 access-list POLICY\n", "alias (inside) 10.20.0.10 203.0.113.9\n"):
        text = old(line, ALL)
        assert verdict(read, text, "udp/69") == "unknown", line
        assert len(reading(read, text).problems) == 1


def test_outside_callers_that_are_hidden_are_seen() -> None:
    hiding = "nat (outside) 7 0.0.0.0 0.0.0.0 outside\nglobal (inside) 7 interface\n"
    assert exposure(read, old(STATIC, ALL, hiding), "udp/69").seen_as == AddressSet.of("10.20.0.1")
    usual = "nat (inside) 1 0 0\nglobal (outside) 1 interface\nnat (inside) 0 access-list NONAT\n"
    assert exposure(read, old(STATIC, ALL, usual), "udp/69").seen_as is None
