from dataclasses import replace
from ipaddress import ip_network

import pytest

from ringfence.checks.firewall import (
    edge_hides_sources,
    firewall_settings_not_in_force,
    forwarded_traffic_counts_as_local,
    interface_without_zone_trusted,
)
from ringfence.model.addresses import AddressSet
from ringfence.model.defences import FirewallSettings, ZoneOf
from ringfence.model.exposure import Verdict
from ringfence.model.finding import Severity
from ringfence.model.packetfilter import InputInterface, Jump, Rule, TranslateDestination
from ringfence.model.site import NamedNetwork, Site
from ringfence.readers.site import read_site
from tests.checks.sites import CHAN_SIP, FORWARD, TFTP, at, chain, clean_site, edge, exposure, fired, pbx, rule, ruleset
from tests.checks.variants import PROVIDERS, variant
from tests.memory import MemoryArtifacts
from tests.shared_data import shared


def zone(name: str, interface: str = "eth0") -> Rule:
    return rule(
        f"-A fpbxinterfaces -i {interface} -j {name}",
        Jump(chain=name),
        InputInterface(names=frozenset({interface})),
        line=91,
    )


def site_with(zone_name: str, *forwards: Rule) -> Site:
    return replace(clean_site(), hosts=(pbx(chain("fpbxinterfaces", zone(zone_name))), edge(*forwards)))


def settings(zone_name: str, **more: object) -> FirewallSettings:
    place = at(7, "etc/sysconfig/network-scripts/ifcfg-eth0")
    eth0 = ZoneOf(subject="eth0", zone=zone_name, citation=place)
    made = FirewallSettings(enabled=True, interfaces=(eth0,), citation=at(2, "db/asterisk.sql"))
    return replace(made, **more)  # type: ignore[arg-type]


def test_settings_that_the_loaded_rules_contradict_are_found() -> None:
    site = replace(site_with("zone-internal"), firewall=settings("external"))
    (found,) = fired(firewall_settings_not_in_force, site)
    assert (found.id, found.severity) == ("firewall-settings-not-in-force/eth0", Severity.MEDIUM)
    assert found.claim == "By its settings eth0 is in zone external, but the loaded rules send it to internal."
    assert [str(line.citation) for line in found.evidence] == [
        "etc/sysconfig/network-scripts/ifcfg-eth0:7",
        "commands/iptables-save.txt:91",
    ]


def test_settings_that_are_loaded_or_switched_off_are_not() -> None:
    assert (
        fired(firewall_settings_not_in_force, replace(site_with("zone-external"), firewall=settings("external"))) == ()
    )
    off = settings("external", enabled=False)
    assert fired(firewall_settings_not_in_force, replace(site_with("zone-internal"), firewall=off)) == ()
    other = settings("external", interfaces=(ZoneOf(subject="tun0", zone="external", citation=at(1)),))
    assert fired(firewall_settings_not_in_force, replace(site_with("zone-internal"), firewall=other)) == ()
    assert fired(firewall_settings_not_in_force, site_with("zone-internal")) == ()


def test_a_firewall_that_is_switched_on_and_not_loaded_is_found() -> None:
    bare = replace(pbx(), packet_filter=ruleset(chain("INPUT")))
    (found,) = fired(
        firewall_settings_not_in_force, replace(clean_site(), hosts=(bare,), firewall=settings("external"))
    )
    assert found.severity is Severity.HIGH
    unknown = replace(pbx(), packet_filter=None)
    site = replace(clean_site(), hosts=(unknown,), firewall=settings("external"))
    assert fired(firewall_settings_not_in_force, site) == ()


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_what_a_real_freepbx_generated_from_its_settings_is_no_contradiction(number: int) -> None:
    (folder,) = shared("data/freepbx14/firewall-variants").glob(f"{number}-*")
    names = {
        "commands/iptables-save.txt": "iptables-save.txt",
        "db/kvstore_FreePBX_modules_Firewall.tsv": "kvstore_FreePBX_modules_Firewall.tsv",
        "etc/sysconfig/network-scripts/ifcfg-eth0": "ifcfg-eth0",
    }
    evidence = MemoryArtifacts({name: (folder / file).read_bytes() for name, file in names.items()})
    site = read_site(evidence).facts
    assert site.firewall is not None
    assert fired(firewall_settings_not_in_force, site) == ()


def test_an_interface_in_zone_trusted_is_found() -> None:
    (found,) = fired(interface_without_zone_trusted, site_with("zone-trusted"))
    assert (found.id, found.severity) == ("interface-without-zone-trusted/eth0", Severity.HIGH)
    assert found.evidence[0].text == "-A fpbxinterfaces -i eth0 -j zone-trusted"
    assert found.remedies[0].command == "fwconsole firewall add internal 10.40.0.0/16 10.50.0.0/16 10.20.0.0/16"


def test_an_interface_in_another_zone_is_not() -> None:
    for name in ("zone-external", "zone-internal", "zone-other"):
        assert fired(interface_without_zone_trusted, site_with(name)) == ()


def test_a_host_in_zone_trusted_is_no_interface() -> None:
    trusted = rule("-A fpbxhosts -s 127.0.0.1/32 -j zone-trusted", Jump(chain="zone-trusted"))
    site = replace(clean_site(), hosts=(pbx(chain("fpbxhosts", trusted)),))
    assert fired(interface_without_zone_trusted, site) == ()


def test_a_documentation_network_is_never_proposed_as_local() -> None:
    public = NamedNetwork(name="dmz", prefixes=(ip_network("192.0.2.0/28"),), declared=True)
    (found,) = fired(interface_without_zone_trusted, replace(site_with("zone-trusted"), networks=(public,)))
    assert found.remedies[0].command == ""


def test_forwards_to_an_interface_that_counts_as_local_are_found() -> None:
    (found,) = fired(forwarded_traffic_counts_as_local, site_with("zone-internal", FORWARD))
    assert (found.id, found.severity) == ("forwarded-traffic-counts-as-local/eth0", Severity.HIGH)
    assert {str(line.citation) for line in found.evidence} == {
        "commands/iptables-save.txt:91",
        "edge/iptables-save.txt:5",
    }


def test_without_a_forward_or_with_the_zone_internet_it_is_not() -> None:
    elsewhere = rule(
        "-A PREROUTING … --to-destination 10.20.0.99", TranslateDestination(addresses=AddressSet.of("10.20.0.99"))
    )
    assert fired(forwarded_traffic_counts_as_local, site_with("zone-internal")) == ()
    assert fired(forwarded_traffic_counts_as_local, site_with("zone-internal", elsewhere)) == ()
    assert fired(forwarded_traffic_counts_as_local, site_with("zone-external", FORWARD)) == ()


def test_an_edge_that_hides_sources_is_one_finding() -> None:
    gateway = AddressSet.of("10.20.0.1")
    hidden = tuple(replace(exposure(target), seen_as=gateway) for target in (TFTP, CHAN_SIP))
    (found,) = fired(edge_hides_sources, exposures=hidden)
    assert (found.id, found.severity) == ("edge-hides-sources/edge", Severity.HIGH)
    assert "udp/5160 and udp/69" in found.claim
    assert "10.20.0.1" in found.claim


def test_sources_that_arrive_unchanged_or_not_at_all_are_not_hidden() -> None:
    blocked = replace(exposure(TFTP, verdict=Verdict.BLOCKED), seen_as=AddressSet.of("10.20.0.1"))
    assert fired(edge_hides_sources, exposures=(exposure(TFTP), blocked)) == ()


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, {"forwarded-traffic-counts-as-local"}),
        (2, set()),
        (3, set()),
        (4, {"interface-without-zone-trusted"}),
        (5, set()),
        (6, set()),
        (7, {"forwarded-traffic-counts-as-local"}),
    ],
)
def test_the_rules_that_a_real_freepbx_wrote(number: int, expected: set[str]) -> None:
    site = variant(number, *PROVIDERS)
    found = (*fired(interface_without_zone_trusted, site, ()), *fired(forwarded_traffic_counts_as_local, site, ()))
    assert {(each.check, each.subject) for each in found} == {(name, "eth0") for name in expected}
