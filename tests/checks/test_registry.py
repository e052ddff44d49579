import re
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.checks import registry
from ringfence.checks.check import SECTIONS, Check
from ringfence.checks.registry import ALL, run_all
from ringfence.events.schema import Anomaly, AnomalyKind, Events
from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.exposure import Basis, Exposure, Verdict
from ringfence.model.finding import Severity
from ringfence.model.packetfilter import Continue, DestinationPort, InputInterface, Jump, Rule, SetMark, SourceAddress
from ringfence.model.secret import Secret
from ringfence.model.site import (
    Account,
    Driver,
    FileKind,
    Host,
    Listener,
    RemoteWorker,
    ServiceName,
    Site,
    Trunk,
    Versions,
)
from tests.checks.sites import (
    FORWARD,
    account,
    acl,
    at,
    chain,
    clean_events,
    clean_exposures,
    clean_site,
    contact,
    edge,
    exposure,
    fired,
    http,
    listener,
    manager,
    manager_user,
    pbx,
    registration,
    served,
    sip,
)


def test_a_clean_site_yields_no_finding() -> None:
    assert run_all(clean_site(), clean_exposures(), clean_events()) == ()


def test_nothing_known_yields_no_finding() -> None:
    assert run_all(Site(), (), Events()) == ()


def test_every_check_of_every_module_is_registered_once() -> None:
    declared = {
        value.name
        for module in vars(registry).values()
        if getattr(module, "__name__", "").startswith("ringfence.checks.")
        for value in vars(module).values()
        if isinstance(value, Check)
    }
    names = [rule_.name for rule_ in ALL]
    assert sorted(names) == sorted(declared)
    assert len(names) >= 30


@pytest.mark.parametrize("rule_", ALL, ids=lambda rule_: rule_.name)
def test_every_page_has_its_sections_in_order_and_says_something_in_each(rule_: Check) -> None:
    first, blank, *_ = rule_.page.split("\n")
    assert first.endswith(".")
    assert blank == ""
    assert tuple(re.findall(r"^## (.+)$", rule_.page, re.MULTILINE)) == SECTIONS
    for part in re.split(r"^## .+$", rule_.page, flags=re.MULTILINE):
        assert len(part.strip()) > 5


@pytest.mark.parametrize("rule_", ALL, ids=lambda rule_: rule_.name)
def test_every_page_says_its_usual_severity_first(rule_: Check) -> None:
    said = rule_.page.rpartition("## Severity")[2].strip().split()[0].strip(",:.").lower()
    assert said == rule_.severity.value


def test_findings_come_worst_first_then_by_name_and_subject() -> None:
    site = replace(clean_site(), accounts=(account("1002", "1002"), account("1001", "1001"), account("1003", "short")))
    found = run_all(site, (exposure(listener(ServiceName.AMI, 5038, "tcp")),), clean_events())
    ranks = [(finding.severity.rank, finding.check, finding.subject) for finding in found]
    assert ranks == sorted(ranks)
    assert [finding.id for finding in found[:3]] == [
        "management-reachable-from-internet/tcp/5038",
        "secret-equals-extension/1001",
        "secret-equals-extension/1002",
    ]


def test_two_findings_about_one_subject_are_joined() -> None:
    first = replace(account("1001", "1001"), secret=None, acl=())
    second = replace(first, citation=at(99), host="10.40.0.9")
    found = run_all(replace(clean_site(), accounts=(first, second)), (), clean_events())
    (missing,) = [finding for finding in found if finding.check == "secret-missing"]
    assert missing.severity is Severity.CRITICAL
    assert {str(line.citation) for line in missing.evidence} == {"etc/asterisk/sip_additional.conf:11"}


# What follows spoils the clean site in every way at once, with made-up secrets that must never turn up in a finding.

PLANTED = ("FAKE-planted-Wq", "FAKE-planted-Zm8", "FAKEpl")
NAMES = st.one_of(st.sampled_from(["1001", "2005", "itsp", "anonymous"]), st.text(max_size=12))
ACLS = st.sampled_from(
    [(), acl("deny=0.0.0.0/0", "permit=0.0.0.0/0"), acl("deny=0.0.0.0/0", "permit=10.40.0.0/16"), acl("permit=::/0")]
)
SECRETS = st.sampled_from([None, Secret(""), *map(Secret, PLANTED)])
ADDRESSES = st.sampled_from(["10.40.0.5", "203.0.113.77", "198.51.100.20", "2001:db8::7", "0.0.0.0", "127.0.0.1"])


def accounts() -> st.SearchStrategy[Account]:
    return st.builds(
        Account,
        name=NAMES,
        driver=st.sampled_from(Driver),
        secret=SECRETS,
        username=NAMES,
        host=st.sampled_from(["dynamic", "", "10.40.0.9", "phone.example.net"]),
        acl=ACLS,
        max_contacts=st.sampled_from([None, 0, 1, 5]),
        call_limit=st.sampled_from([None, 0, 2]),
        caller_name=st.text(max_size=20),
        citation=st.just(at(10)),
        secret_citations=st.sampled_from([(), (at(11),), (at(11), at(12))]),
        secret_unknown=st.booleans(),
    )


def listeners() -> st.SearchStrategy[Listener]:
    return st.builds(
        listener,
        st.sampled_from(ServiceName),
        st.integers(1, 65535),
        st.sampled_from(["udp", "tcp"]),
        st.sampled_from([None, "10.20.0.10", "::"]),
    )


def rules() -> st.SearchStrategy[Rule]:
    jump = st.sampled_from(["zone-trusted", "zone-internal", "zone-external", "fpbxknownreg", "fpbxrfw"])
    matches = st.lists(
        st.one_of(
            st.builds(InputInterface, names=st.frozensets(st.sampled_from(["eth0", "eth1"])), negated=st.booleans()),
            st.builds(SourceAddress, addresses=ADDRESSES.map(AddressSet.of)),
            st.just(SourceAddress(addresses=AddressSet.everything())),
            st.just(DestinationPort(ports=PortSet.of(5060))),
        ),
        max_size=2,
    ).map(tuple)
    marks = st.sampled_from([(), (SetMark(value=3),), (SetMark(value=None),)])
    return st.builds(
        lambda name, found, effects: Rule(
            matches=found,
            action=Continue() if effects else Jump(chain=name),
            effects=effects,
            text=f"-A chain -j {name}",
            citation=at(60),
        ),
        jump,
        matches,
        marks,
    )


def hosts() -> st.SearchStrategy[tuple[Host, ...]]:
    chains = st.lists(
        st.builds(
            lambda name, found: chain(name, *found),
            st.sampled_from(["fpbxinterfaces", "fpbxregistrations", "fpbxsignalling", "fpbxfirewall"]),
            st.lists(rules(), max_size=3),
        ),
        max_size=4,
    )
    open_ports = st.one_of(st.none(), st.lists(listeners(), max_size=4).map(tuple))
    whole = st.builds(lambda found, ports: pbx(*found, listeners=ports), chains, open_ports)
    bare = st.sampled_from([Host(name="pbx"), Host(name="edge"), edge(), edge(FORWARD)])
    return st.lists(st.one_of(whole, bare), max_size=3).map(tuple)


def sites() -> st.SearchStrategy[Site]:
    clean = clean_site()
    files = st.lists(
        st.builds(
            lambda name, owner, kind, form: served(name, *owner, kind=kind, form=form),
            st.text(max_size=20),
            st.lists(NAMES, max_size=2),
            st.sampled_from(FileKind),
            st.sampled_from(["raw", "base64"]),
        ),
        max_size=3,
    ).map(tuple)
    managers = st.builds(
        lambda entries, secret, write, address, enabled: manager(
            replace(manager_user(entries=entries, write=write), secret=secret), address=address, enabled=enabled
        ),
        ACLS,
        SECRETS,
        st.sampled_from(["", "system,call", "all"]),
        st.sampled_from([None, "127.0.0.1", "0.0.0.0", "::"]),
        st.booleans(),
    )
    trunks = st.builds(
        Trunk,
        name=NAMES,
        driver=st.sampled_from(Driver),
        hosts=st.sampled_from([(), ("sip.example.net",), ("198.51.100.20",)]),
        matched=st.sampled_from([(), (ip_network("0.0.0.0/0"),), (ip_network("::/0"), ip_network("198.51.100.20/32"))]),
        context=st.sampled_from(["", "from-internal", "from-pstn"]),
        by_name=st.booleans(),
        citation=st.just(at(20)),
    )
    return st.builds(
        Site,
        hosts=hosts(),
        networks=st.sampled_from([(), clean.networks, clean.networks[1:]]),
        providers=st.sampled_from([(), clean.providers]),
        remotes=st.sampled_from([(), clean.remotes, (RemoteWorker(name="home", hostname="home.example.net"),)]),
        accounts=st.lists(accounts(), max_size=4).map(tuple),
        trunks=st.lists(trunks, max_size=2).map(tuple),
        sip=st.lists(
            st.builds(
                lambda driver, guests, name: sip(driver, guests=guests, context=name),
                st.sampled_from(Driver),
                st.sampled_from([None, True, False]),
                st.text(max_size=8),
            ),
            max_size=3,
        ).map(tuple),
        manager=st.one_of(st.none(), managers),
        http=st.sampled_from([None, http(None), http("127.0.0.1"), http("::", ari=False)]),
        log_files=st.sampled_from([None, (), clean.log_files]),
        served_files=st.one_of(st.none(), files),
        contacts=st.one_of(
            st.none(), st.lists(st.builds(contact, NAMES, ADDRESSES, st.text(max_size=30)), max_size=3).map(tuple)
        ),
        versions=st.builds(
            Versions, asterisk=st.one_of(st.sampled_from(["", "16.28.0", "22.1.0"]), st.text(max_size=8))
        ),
    )


def exposures() -> st.SearchStrategy[tuple[Exposure, ...]]:
    sources = [AddressSet(), AddressSet.everything(), AddressSet.of("198.51.100.20"), AddressSet.of("203.0.113.0/29")]
    one = st.builds(
        lambda target, vantage, who, verdict, basis, seen: replace(
            exposure(target, vantage, who, verdict, basis), seen_as=seen
        ),
        listeners(),
        st.sampled_from(["internet", "office", "voice"]),
        st.sampled_from(sources),
        st.sampled_from(Verdict),
        st.sampled_from(Basis),
        st.sampled_from([None, AddressSet(), AddressSet.of("10.20.0.1")]),
    )
    return st.lists(one, max_size=5).map(tuple)


def happenings() -> st.SearchStrategy[Events]:
    return st.builds(
        Events,
        registrations=st.lists(st.builds(registration, NAMES, ADDRESSES), max_size=3).map(tuple),
        files=st.sampled_from([(), clean_events().files]),
        anomalies=st.lists(
            st.builds(
                Anomaly,
                at=st.none(),
                kind=st.sampled_from(AnomalyKind),
                text=st.text(max_size=40),
                citation=st.just(at(9, "var/log/asterisk/full")),
            ),
            max_size=3,
        ).map(tuple),
        sources=st.sampled_from([(), clean_events().sources]),
    )


@settings(max_examples=1000, deadline=None)
@given(sites(), exposures(), happenings())
def test_whatever_is_missing_no_check_raises_shows_a_secret_or_says_a_thing_twice(
    site: Site, found: tuple[Exposure, ...], events: Events
) -> None:
    findings = run_all(site, found, events)
    assert len({finding.id for finding in findings}) == len(findings)
    assert {finding.check for finding in findings} <= {rule_.name for rule_ in ALL}
    for finding in findings:
        assert finding.claim.endswith((".", "?"))
        assert finding.claim.isprintable()
        assert finding.id.isprintable()
        assert not any(secret in str(finding) for secret in PLANTED)
        assert all(excerpt.text.isprintable() for excerpt in finding.evidence)
    assert run_all(site, found, events) == findings


SPOILERS: list[tuple[str, Callable[[], tuple[Site, tuple[Exposure, ...]]]]] = [
    ("secret-weak", lambda: (replace(clean_site(), accounts=(account("1001", PLANTED[2]),)), ())),
    (
        "secret-reused",
        lambda: (replace(clean_site(), accounts=(account("1", PLANTED[0]), account("2", PLANTED[0]))), ()),
    ),
]


@pytest.mark.parametrize(("name", "spoil"), SPOILERS, ids=[name for name, _ in SPOILERS])
def test_a_planted_secret_makes_a_finding_that_does_not_show_it(
    name: str, spoil: Callable[[], tuple[Site, tuple[Exposure, ...]]]
) -> None:
    site, found = spoil()
    findings = [finding for finding in run_all(site, found, clean_events()) if finding.check == name]
    assert findings
    assert not any(secret in str(findings) for secret in PLANTED)


@pytest.mark.parametrize("rule_", ALL, ids=lambda rule_: rule_.name)
def test_no_check_has_anything_against_the_clean_site(rule_: Check) -> None:
    assert fired(rule_) == ()
