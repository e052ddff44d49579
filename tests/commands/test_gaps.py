from dataclasses import replace

from ringfence.commands.gaps import missing_evidence
from ringfence.events.schema import Events, LogSource
from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import Ruleset
from ringfence.model.site import Account, Driver, Host, HttpSettings, ManagerSettings, Site

HERE = Citation(file="x", line=1)
RULES = Ruleset(chains=(), product="nftables", citation=HERE)
WHOLE = Site(
    hosts=(Host(name="pbx", listeners=(), packet_filter=RULES), Host(name="edge", packet_filter=RULES)),
    accounts=(Account(name="2001", driver=Driver.PJSIP, secret=None, citation=HERE),),
    manager=ManagerSettings(enabled=True, address=None, port=5038, citation=HERE),
    http=HttpSettings(enabled=False, address=None, port=8088, citation=HERE),
    log_files=(),
    served_files=(),
    contacts=(),
)
LOGS = Events(sources=tuple(LogSource(file=kind, kind=kind, lines=1, understood=1) for kind in ("asterisk", "cdr")))


def subjects(site: Site, events: Events = LOGS) -> list[str]:
    return [unknown.subject for unknown in missing_evidence(site, events)]


def test_a_whole_bundle_misses_nothing() -> None:
    assert subjects(WHOLE) == []


def test_an_empty_bundle_misses_everything_and_each_gap_says_what_decides_it() -> None:
    gaps = list(missing_evidence(Site(), Events()))
    assert len(gaps) == 8
    assert all(gap.decide_by for gap in gaps)


def test_each_missing_part_is_named() -> None:
    assert subjects(replace(WHOLE, hosts=WHOLE.hosts[:1])) == ["edge firewall"]
    assert subjects(replace(WHOLE, manager=None)) == ["configuration"]
    assert subjects(replace(WHOLE, served_files=None)) == ["the phones' files"]
    assert subjects(replace(WHOLE, contacts=None)) == ["live registrations"]
    assert subjects(WHOLE, Events(sources=LOGS.sources[:1])) == ["calls"]
