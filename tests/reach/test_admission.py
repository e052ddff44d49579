from dataclasses import replace
from ipaddress import ip_network

import pytest

from ringfence.model.addresses import AddressSet
from ringfence.model.defences import TftpSettings
from ringfence.model.evidence import Excerpt
from ringfence.model.exposure import Basis, Exposure, Verdict
from ringfence.model.secret import Secret
from ringfence.model.site import (
    Account,
    AclEntry,
    Driver,
    HttpSettings,
    ManagerSettings,
    ManagerUser,
    ServiceName,
    SipSettings,
    Site,
    Trunk,
)
from ringfence.reach.admission import Admission, admission, with_admissions
from ringfence.reach.predict import predict
from ringfence.readers.site import read_site
from tests.memory import MemoryArtifacts
from tests.reach.school import OPEN_EDGE, PLACE, edge, listener, nft, pbx, save, site
from tests.shared_data import shared

ANYWHERE = AddressSet.all_ipv4() - AddressSet.of("10.0.0.0/8")
VOICE = AddressSet.of("10.20.8.0/24")


def acl(*lines: str) -> tuple[AclEntry, ...]:
    entries = (line.partition("=") for line in lines)
    return tuple(AclEntry(permit=key == "permit", network=ip_network(net), citation=PLACE) for key, _, net in entries)


CLOSED = acl("deny=0.0.0.0/0", "permit=10.30.0.0/24")
LOOKS_CLOSED = acl("deny=0.0.0.0/0", "permit=10.30.0.0/24", "permit=0.0.0.0/0")


def account(name: str, entries: tuple[AclEntry, ...] = (), driver: Driver = Driver.CHAN_SIP, **more: object) -> Account:
    made = Account(name=name, driver=driver, secret=Secret("FAKE-1"), acl=entries, citation=PLACE)
    return replace(made, **more)  # type: ignore[arg-type]


def settings(driver: Driver = Driver.CHAN_SIP, **more: object) -> SipSettings:
    return replace(SipSettings(driver=driver, allow_guest=False, citation=PLACE), **more)  # type: ignore[arg-type]


def exposure(  # noqa: PLR0913 - what an exposure is made of
    service: ServiceName = ServiceName.CHAN_SIP,
    sources: AddressSet = ANYWHERE,
    *,
    vantage: str = "internet",
    seen_as: AddressSet | None = None,
    verdict: Verdict = Verdict.REACHABLE,
    process: str = "in.tftpd",
) -> Exposure:
    return Exposure(
        id="x",
        vantage=vantage,
        listener=listener(service, 5160, process=process),
        outside=None,
        verdict=verdict,
        basis=Basis.PREDICTED,
        sources=sources,
        claim="",
        proof=(),
        seen_as=seen_as,
    )


def admitted(found: Site, asked: Exposure) -> Admission:
    result = admission(found, asked)
    assert result is not None
    return result


def school(*accounts: Account, guests: bool | None = False, trunks: tuple[Trunk, ...] = ()) -> Site:
    return Site(accounts=accounts, sip=(settings(allow_guest=guests),), trunks=trunks)


def test_nine_of_ten_take_a_login_from_anywhere() -> None:
    nine = [account(str(number), LOOKS_CLOSED) for number in range(1001, 1010)]
    found = admitted(school(*nine, account("1010", CLOSED)), exposure())
    assert found.note == (
        "9 of 10 chan_sip accounts take a login from anywhere, 1010 only from 10.30.0.0/24; callers without an account "
        "are refused."
    )
    assert found.accounts_open == tuple(str(number) for number in range(1001, 1010))
    assert [one.names for one in found.limited] == [("1010",)]
    assert [hop.text for hop in found.proof] == ["1010: deny 0.0.0.0/0", "1010: permit 10.30.0.0/24"]


def test_a_list_that_no_one_who_arrives_is_on_refuses_all_logins() -> None:
    found = admitted(school(account("1001", CLOSED)), exposure())
    assert found.note.startswith("No chan_sip account takes a login from anywhere: 1001 only from 10.30.0.0/24")
    assert found.accounts_open == ()


def test_an_ipv4_list_leaves_ipv6_open_and_that_is_said_where_ipv6_arrives() -> None:
    both = ANYWHERE | AddressSet.of("2001:db8::/32")
    found = admitted(school(account("1001", CLOSED)), exposure(sources=both))
    assert "logins from some only: 1001 only from 10.30.0.0/24 and all of IPv6" in found.note
    assert found.limited[0].passing == AddressSet.of("2001:db8::/32")


def test_where_the_edge_hides_the_source_the_list_is_asked_about_the_edge() -> None:
    """Near miss: the same list, but the edge's address is not on it."""
    gateway = exposure(seen_as=AddressSet.of("10.30.0.1"))
    found = admitted(school(account("1001", CLOSED)), gateway)
    assert found.accounts_open == ("1001",)
    assert "because the PBX takes everybody for 10.30.0.1" in found.note
    other = admitted(school(account("1001", CLOSED)), replace(gateway, seen_as=AddressSet.of("10.99.0.1")))
    assert other.accounts_open == ()
    assert "because" not in other.note


def test_an_open_list_needs_no_such_reason() -> None:
    found = admitted(school(account("1001")), exposure(seen_as=AddressSet.of("10.30.0.1")))
    assert "because" not in found.note


def test_a_list_that_was_not_understood_refuses_nobody_for_certain() -> None:
    found = admitted(school(account("1001", CLOSED, acl_unread=("acl=office",))), exposure())
    assert found.accounts_open == ()
    assert "logins from some only: of 1001 it is not known (acl=office" in found.note


def test_only_the_accounts_of_the_listener_s_driver_count() -> None:
    both = school(account("1001"), account("2001", driver=Driver.PJSIP))
    assert admitted(both, exposure()).accounts_open == ("1001",)
    assert admitted(both, exposure(ServiceName.PJSIP)).accounts_open == ("2001",)


def test_an_account_without_a_password_is_named_unless_its_list_shuts_it() -> None:
    assert "account 1001 asks for no password" in admitted(school(account("1001", secret=None)), exposure()).note
    assert "no password" not in admitted(school(account("1001", CLOSED, secret=None)), exposure()).note
    unknown = account("1001", secret=None, secret_unknown=True)
    assert "no password" not in admitted(school(unknown), exposure()).note


@pytest.mark.parametrize(
    ("driver", "guests", "said"),
    [
        (Driver.CHAN_SIP, None, "enter context default"),
        (Driver.CHAN_SIP, True, "enter context default"),
        (Driver.CHAN_SIP, False, "are refused"),
        (Driver.PJSIP, None, "is not known"),
        (Driver.PJSIP, False, "are refused"),
    ],
)
def test_what_becomes_of_callers_without_an_account(driver: Driver, *, guests: bool | None, said: str) -> None:
    found = Site(accounts=(account("1001", driver=driver),), sip=(settings(driver, allow_guest=guests),))
    assert said in admitted(found, exposure(ServiceName(driver.value))).note


def test_the_list_for_all_callers_of_pjsip_refuses_guests_and_trunks_too() -> None:
    trunk = Trunk(name="line", driver=Driver.PJSIP, by_name=True, citation=PLACE)
    strict = settings(Driver.PJSIP, allow_guest=True, acl=CLOSED)
    found = Site(accounts=(account("2001", CLOSED, Driver.PJSIP),), sip=(strict,), trunks=(trunk,))
    note = admitted(found, exposure(ServiceName.PJSIP)).note
    assert "callers without an account are refused" in note
    assert "line" not in note
    loose = replace(found, sip=(replace(strict, acl=()),))
    assert "whoever names trunk line" in admitted(loose, exposure(ServiceName.PJSIP)).note


def test_a_trunk_that_is_known_by_address_needs_no_password_from_there() -> None:
    line = Trunk(name="line", driver=Driver.CHAN_SIP, matched=(ip_network("198.51.100.20"),), citation=PLACE)
    found = school(account("1001"), trunks=(line,))
    assert "calls from 198.51.100.20 (trunk line) need no password" in admitted(found, exposure()).note
    voice = exposure(sources=VOICE, vantage="voice")
    assert "trunk" not in admitted(found, voice).note
    hidden = exposure(seen_as=AddressSet.of("198.51.100.20"))
    assert "everybody is taken for trunk line" in admitted(found, hidden).note


def test_few_sources_are_not_anywhere() -> None:
    provider = exposure(sources=AddressSet.of("198.51.100.0/24"))
    assert "from all who get there" in admitted(school(account("1001")), provider).note


@pytest.mark.parametrize("verdict", [Verdict.BLOCKED, Verdict.UNKNOWN])
def test_where_no_packets_are_known_to_arrive_nothing_is_said(verdict: Verdict) -> None:
    assert admission(school(account("1001")), exposure(verdict=verdict)) is None


@pytest.mark.parametrize("service", [ServiceName.SSH, ServiceName.CHAN_SIP, ServiceName.AMI, ServiceName.ASTERISK_HTTP])
def test_what_is_not_in_the_evidence_is_not_judged(service: ServiceName) -> None:
    assert admission(Site(), exposure(service)) is None


def test_a_user_of_ami_has_a_list_of_their_own() -> None:
    users = (
        ManagerUser(
            name="admin", secret=Secret("FAKE-2"), acl=acl("deny=0.0.0.0/0", "permit=127.0.0.1"), citation=PLACE
        ),
        ManagerUser(name="wallboard", secret=Secret("FAKE-3"), citation=PLACE),
        ManagerUser(name="unused", secret=None, citation=PLACE),
    )
    found = Site(manager=ManagerSettings(enabled=True, address=None, port=5038, users=users, citation=PLACE))
    note = admitted(found, exposure(ServiceName.AMI)).note
    assert note == "1 of 2 users takes a login from anywhere, admin only from 127.0.0.1."


def test_asterisk_s_web_server_has_no_access_list() -> None:
    web = HttpSettings(enabled=True, address=None, port=8088, ari_users=("freepbxuser",), citation=PLACE)
    assert (
        "ARI user freepbxuser logs in from anywhere"
        in admitted(Site(http=web), exposure(ServiceName.ASTERISK_HTTP)).note
    )
    assert admission(Site(http=replace(web, ari_enabled=False)), exposure(ServiceName.ASTERISK_HTTP)) is None


def test_tftp_asks_for_no_login() -> None:
    asked = exposure(ServiceName.TFTP)
    assert admitted(Site(), asked).note == "TFTP asks for no login: whoever knows the name of a file gets it."


def test_the_lists_of_the_tftp_server_are_told_with_their_lines() -> None:
    rule = Excerpt(citation=PLACE, text="in.tftpd: ALL EXCEPT 10.30.0.0/24")
    found = Site(tftp=TftpSettings(admitted=AddressSet.of("10.30.0.0/24"), rules=(rule,)))
    asked = exposure(ServiceName.TFTP)
    assert admitted(found, asked).note.startswith("in.tftpd itself answers only 10.30.0.0/24, if it is built with")
    assert [hop.citation for hop in admitted(found, asked).proof] == [PLACE]
    dnsmasq = exposure(ServiceName.TFTP, process="dnsmasq")
    assert "no login" in admitted(found, dnsmasq).note


def test_only_from_of_xinetd_protects_nothing() -> None:
    found = Site(tftp=TftpSettings(only_from="10.30.0.0/24", uploads=True))
    note = admitted(found, exposure(ServiceName.TFTP)).note
    assert "TFTP asks for no login" in note
    assert "only_from (10.30.0.0/24) protects nothing" in note
    assert "takes uploads" in note


def test_a_verdict_is_never_changed() -> None:
    asked = exposure()
    (told,) = with_admissions(school(account("1001", CLOSED)), (asked,))
    assert replace(told, admits="", proof=()) == asked
    assert told.admits


def test_a_prediction_says_what_the_listener_asks_for() -> None:
    hosts = (pbx(save("")), edge(nft(OPEN_EDGE)))
    told = {one.id: one for one in predict(site(*hosts))}
    assert told["internet/tftp/udp/69"].admits == "TFTP asks for no login: whoever knows the name of a file gets it."


def test_a_real_freepbx_takes_logins_from_anywhere() -> None:
    root = shared("data/freepbx14/evidence")
    names = ("etc/asterisk", "commands", "edge")
    paths = (path for name in names for path in (root / name).rglob("*") if path.is_file())
    facts = read_site(MemoryArtifacts({str(path.relative_to(root)): path.read_bytes() for path in paths})).facts
    told = {one.id: one.admits for one in predict(facts)}
    assert told["internet/chan_sip/udp/5160"].startswith(
        "9 of 10 chan_sip accounts take a login from anywhere, 1010 only from 10.30.0.0/24 and 198.51.100.23"
    )
