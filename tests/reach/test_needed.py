from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from ringfence.model.addresses import AddressSet
from ringfence.model.site import (
    Account,
    Driver,
    Listener,
    LiveContact,
    Provider,
    RemoteWorker,
    ServiceName,
    Site,
    Trunk,
)
from ringfence.reach.asking import open_inquiry
from ringfence.reach.needed import Need, needed_by, needs
from tests.reach.school import OPEN_EDGE, PLACE, PROVIDER, STRANGER, addresses, edge, listener, nft, pbx, save, site
from tests.reach.variants import variant

SIP = listener(ServiceName.PJSIP, 5060, process="asterisk")


def judged(*listeners: Listener, rules: str = "", edge_text: str = OPEN_EDGE) -> Site:
    return site(pbx(save(rules), *(listeners or (listener(), SIP))), edge(nft(edge_text)))


def by_service(site: Site) -> dict[str, Need]:
    return {need.listener.service.value: need for need in needs(open_inquiry(site))}


def test_needed_and_allowed_are_counted_exactly() -> None:
    found = by_service(judged())
    assert found["pjsip"].needed == addresses(PROVIDER)
    assert found["pjsip"].surely.count > 3_700_000_000
    assert found["tftp"].needed == AddressSet(), "nobody outside needs the phones' files"
    assert STRANGER in found["tftp"].strangers
    assert PROVIDER not in found["pjsip"].strangers
    assert PROVIDER in found["tftp"].strangers, "the provider needs SIP, not TFTP"
    assert [forward.port for forward in found["tftp"].forwards] == [69]


def test_the_widest_door_comes_first_and_closed_ones_are_left_out() -> None:
    assert [need.listener.service for need in needs(open_inquiry(variant(3)))] == [
        ServiceName.CHAN_SIP,
        ServiceName.PJSIP,
    ]


def test_a_narrow_door_has_no_strangers_and_a_closed_one_keeps_the_provider_out() -> None:
    narrow = judged(edge_text=OPEN_EDGE.replace('iifname "wan" udp', f'iifname "wan" ip saddr {PROVIDER} udp'))
    assert not by_service(narrow)["pjsip"].strangers
    shut = judged(rules=f"-A INPUT -s {PROVIDER} -j DROP")
    assert by_service(shut)["pjsip"].kept_out == addresses(PROVIDER)


def test_doubt_is_allowed_perhaps_and_missing_evidence_is_named() -> None:
    doubtful = by_service(judged(rules="-A INPUT -m geoip --src-cc XX -j DROP"))
    assert not doubtful["tftp"].surely
    assert STRANGER in doubtful["tftp"].perhaps
    without = by_service(site(pbx(save("")), edge(None)))
    assert without["tftp"].missing
    assert STRANGER in without["tftp"].strangers


def test_a_site_that_declares_nobody_has_not_declared_that_nobody_calls() -> None:
    alone = replace(judged(), providers=())
    assert by_service(alone)["pjsip"].undeclared
    assert not by_service(alone)["tftp"].undeclared
    assert not by_service(judged())["pjsip"].undeclared


def trunk(driver: Driver, *hosts: str) -> Trunk:
    return Trunk(name=driver.value, driver=driver, hosts=hosts, citation=PLACE)


def account(name: str, driver: Driver) -> Account:
    return Account(name=name, driver=driver, secret=None, citation=PLACE)


def test_a_trunk_of_one_driver_does_not_need_the_other() -> None:
    both = replace(
        judged(),
        providers=(),
        trunks=(trunk(Driver.PJSIP, "198.51.100.30"), trunk(Driver.CHAN_SIP, "198.51.100.31")),
    )
    assert needed_by(both, ServiceName.PJSIP) == addresses("198.51.100.30")
    assert needed_by(both, ServiceName.CHAN_SIP) == addresses("198.51.100.31")
    declared = replace(both, providers=(Provider(name="x", addresses=(ip_address("198.51.100.32"),)),))
    assert "198.51.100.32" in needed_by(declared, ServiceName.CHAN_SIP), "which driver it uses is not known"


@pytest.mark.parametrize(
    ("service", "needs_it"),
    [
        (ServiceName.PJSIP, True),
        (ServiceName.CHAN_SIP, False),
        (ServiceName.HTTPS, True),
        (ServiceName.TFTP, False),
        (ServiceName.AMI, False),
    ],
)
def test_a_remote_place_needs_what_its_accounts_use(service: ServiceName, needs_it: bool) -> None:  # noqa: FBT001
    home = RemoteWorker(name="home", prefixes=(ip_network("192.0.2.9/32"),), accounts=("2001",))
    with_home = replace(judged(), remotes=(home,), accounts=(account("2001", Driver.PJSIP),))
    assert ("192.0.2.9" in needed_by(with_home, service)) is needs_it


def test_names_are_not_resolved_and_are_said() -> None:
    named = replace(judged(), providers=(), trunks=(trunk(Driver.PJSIP, "sip.example.net"),))
    assert by_service(named)["pjsip"].by_name == ("sip.example.net",)
    assert by_service(named)["tftp"].by_name == ()


def test_who_is_registered_from_outside_would_be_cut_off_and_is_not_needed_for_it() -> None:
    live = LiveContact(account="2001", driver=Driver.PJSIP, address=ip_address(STRANGER), port=5060, citation=PLACE)
    inside = replace(live, address=ip_address("10.20.8.30"))
    other = replace(live, driver=Driver.CHAN_SIP)
    found = by_service(replace(judged(), contacts=(live, inside, other)))
    assert found["pjsip"].cut_off == (live,)
    assert STRANGER not in found["pjsip"].needed
    assert found["tftp"].cut_off == ()
