from ringfence.model.addresses import AddressSet
from tests.readers.gateways.asking import exposure, reading, verdict
from tests.readers.gateways.test_cisco_ios import FORWARD, read, router

STATIC = "ip nat inside source static "


def test_a_forward_to_a_named_address_and_another_port() -> None:
    text = router(f"{STATIC}udp 10.20.0.10 5060 203.0.113.9 15060 extendable\n")
    found = exposure(read, text, "udp/5060")
    assert found.outside is not None
    assert (found.verdict.value, str(found.outside.address), found.outside.port) == ("reachable", "203.0.113.9", 15060)


def test_a_whole_host_opens_every_port() -> None:
    for text in (f"{STATIC}10.20.0.10 203.0.113.9\n", f"{STATIC}10.20.0.10 interface GigabitEthernet0/0\n"):
        assert verdict(read, router(text), "udp/69") == "reachable"
        assert verdict(read, router(text), "tcp/3306") == "reachable"


def test_a_network_leads_each_address_to_its_own() -> None:
    text = router(f"{STATIC}network 10.20.0.0 198.51.100.0 /24\n")
    found = exposure(read, text, "udp/69")
    assert found.outside is not None
    assert str(found.outside.address) == "198.51.100.10"


def test_the_port_entry_comes_before_the_whole_host() -> None:
    text = router(f"{STATIC}10.20.0.99 203.0.113.9\n{STATIC}udp 10.20.0.10 69 203.0.113.9 69\n")
    assert verdict(read, text, "udp/69") == "reachable"
    assert verdict(read, text, "udp/5060") == "blocked"


def test_an_outside_address_that_the_provider_gives() -> None:
    text = router(FORWARD).replace("ip address 203.0.113.1 255.255.255.0", "ip address dhcp")
    assert verdict(read, text.replace("203.0.113.254", "GigabitEthernet0/0"), "udp/69") == "reachable"


def test_a_rotary_pool_forwards_what_its_list_permits() -> None:
    pool = "ip nat pool RTP 10.20.0.10 10.20.0.10 netmask 255.255.255.0 type rotary\n"
    lines = "ip nat inside destination list 114 pool RTP\naccess-list 114 deny tcp any any eq 5070\n"
    text = router(pool + lines + "access-list 114 permit tcp any any range 5060 5080\n")
    assert verdict(read, text, "tcp/5061") == "reachable"
    assert verdict(read, text, "tcp/5070") == "blocked"
    assert verdict(read, text, "tcp/5081") == "blocked"
    # Cisco says that pools work for TCP only, admins use them for RTP all the same
    udp = text.replace("permit tcp", "permit udp")
    assert verdict(read, udp, "udp/5061") == "unknown"
    assert verdict(read, udp, "udp/5081") == "blocked"


def test_a_pool_may_be_written_below_its_header() -> None:
    pool = "ip nat pool RTP prefix-length 24 type rotary\n address 10.20.0.10 10.20.0.10\n"
    lines = "ip nat inside destination list 114 pool RTP\naccess-list 114 permit tcp any any\n"
    assert verdict(read, router(pool + lines), "tcp/5061") == "reachable"


def test_conditions_that_are_not_interpreted_make_it_unknown() -> None:
    for option in ("route-map REMOTE", "vrf VOICE", "frobnicate"):
        text = router(f"{STATIC}udp 10.20.0.10 69 203.0.113.9 69 {option}\n")
        assert verdict(read, text, "udp/69") == "unknown", option


def test_a_line_that_is_not_understood_may_forward_anything() -> None:
    text = router(f"{STATIC}udp 10.20.0.10 sixty-nine 203.0.113.9 69\n")
    assert verdict(read, text, "udp/69") == "unknown"
    assert len(reading(read, text).problems) == 1
    assert verdict(read, router("ip nat inside destination list 9 pool LOST\n"), "udp/69") == "unknown"
    assert verdict(read, router("ip nat portmap P\n"), "udp/69") == "unknown"
    assert verdict(read, router("ip nat service sip udp port 5060\n"), "udp/69") == "blocked"


def test_without_an_outside_interface_it_is_unknown() -> None:
    assert verdict(read, router().replace(" ip nat outside\n", ""), "udp/69") == "unknown"


def test_forwards_of_the_newer_form() -> None:
    text = router("ip nat source static udp 10.20.0.10 69 interface GigabitEthernet0/0 69\n")
    text = text.replace("ip nat outside", "ip nat enable").replace("ip nat inside\n", "ip nat enable\n")
    assert verdict(read, text, "udp/69") == "reachable"


def test_translation_of_outside_addresses_hides_who_calls() -> None:
    found = exposure(
        read, router(FORWARD, "ip nat outside source list 9 pool HIDE\naccess-list 9 permit any\n"), "udp/69"
    )
    assert found.verdict == "unknown"
    assert found.seen_as is not None


def test_overload_for_users_inside_does_not_hide_callers() -> None:
    text = router(
        FORWARD, "ip nat inside source list 1 interface GigabitEthernet0/0 overload\naccess-list 1 permit any\n"
    )
    assert exposure(read, text, "udp/69").seen_as is None
    assert exposure(read, text, "udp/69", at="office").seen_as is None


def test_a_trick_that_does_hide_them_is_seen() -> None:
    # marks turned round: whoever comes from the Internet is "inside" and gets the router's own address
    text = router(
        "ip nat inside source list 1 interface GigabitEthernet0/1 overload\naccess-list 1 permit any\n" + FORWARD
    )
    text = text.replace("ip nat inside\n", "ip nat enable\n").replace("ip nat outside\n", "ip nat enable\n")
    text = text.replace("ip nat inside source", "ip nat source")
    found = exposure(read, text, "udp/69")
    assert found.seen_as == AddressSet.of("10.20.0.1")
