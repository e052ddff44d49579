"""The whole configuration of the PBX, from all of Asterisk's files."""

from dataclasses import dataclass

from ringfence.model.evidence import Problem, Reading
from ringfence.model.site import Account, Dialplan, HttpSettings, LogFile, ManagerSettings, SipSettings, Trunk
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.asterisk import (
    cdr,
    configuration,
    dialplan,
    http,
    iax,
    logger,
    manager,
    pjsip,
    rtp,
    sip,
    voicemail,
)
from ringfence.readers.asterisk.cdr import CdrSettings
from ringfence.readers.asterisk.rtp import RtpSettings
from ringfence.readers.asterisk.voicemail import VoicemailSettings

WANTS = configuration.WANTS
#: Families of extconfig.conf that keep accounts or dialplan in a database (ast:configs/samples/extconfig.conf.sample).
_REALTIME = (
    *("sippeers", "sipusers", "sipregs", "iaxpeers", "iaxusers", "ps_endpoints", "ps_auths", "ps_aors"),
    *("ps_endpoint_id_ips", "acls", "voicemail", "extensions"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PbxConfiguration:
    """What Asterisk's files define; None where the file is not in the evidence, which is not the same as empty.

    ``accounts`` and ``trunks`` are those of all drivers whose file is there; two drivers may have one of the same name.
    """

    accounts: tuple[Account, ...] | None = None
    trunks: tuple[Trunk, ...] | None = None
    sip: tuple[SipSettings, ...] = ()
    manager: ManagerSettings | None = None
    http: HttpSettings | None = None
    log_files: tuple[LogFile, ...] | None = None
    dialplan: Dialplan | None = None
    voicemail: VoicemailSettings | None = None
    cdr: CdrSettings | None = None
    rtp: RtpSettings | None = None


def read(artifacts: Artifacts) -> Reading[PbxConfiguration]:
    """Read everything; a problem that several files share is told once."""
    chan_sip, pj_sip, iax2 = sip.read(artifacts), pjsip.read(artifacts), iax.read(artifacts)
    drivers = tuple(facts for facts in (chan_sip.facts, pj_sip.facts, iax2.facts) if facts is not None)
    ami, web, logs = manager.read(artifacts), http.read(artifacts), logger.read(artifacts)
    plan, mail = dialplan.read(artifacts), voicemail.read(artifacts)
    records, media = cdr.read(artifacts), rtp.read(artifacts)
    facts = PbxConfiguration(
        accounts=tuple(account for driver in drivers for account in driver.accounts) if drivers else None,
        trunks=tuple(trunk for driver in drivers for trunk in driver.trunks) if drivers else None,
        sip=tuple(driver.settings for driver in drivers if driver.settings is not None),
        manager=ami.facts,
        http=web.facts,
        log_files=logs.facts,
        dialplan=plan.facts,
        voicemail=mail.facts,
        cdr=records.facts,
        rtp=media.facts,
    )
    readings = (chan_sip, pj_sip, iax2, ami, web, logs, plan, mail, records, media)
    problems = [problem for reading in readings for problem in reading.problems]
    return Reading(facts=facts, problems=tuple(dict.fromkeys((*problems, *_elsewhere(artifacts)))))


def _elsewhere(artifacts: Artifacts) -> tuple[Problem, ...]:
    """Name what is kept outside these files: in a database (extconfig.conf), or in PJSIP's wizard."""
    settings = configuration.named(configuration.load(artifacts, "etc/asterisk/extconfig.conf").facts, "settings")
    wizard = configuration.plain(configuration.load(artifacts, "etc/asterisk/pjsip_wizard.conf").facts)
    return (
        *(
            Problem(citation=entry.citation, message=f"{entry.key} are kept in a database, which is not read")
            for entry in (settings.all(*_REALTIME) if settings else ())
        ),
        *(
            Problem(citation=section.citation, message="an endpoint of PJSIP's wizard, which is not read")
            for section in wizard
            if section.text("type").lower() == "wizard"
        ),
    )
