"""Who may call over IAX2, and how it treats strangers (iax.conf)."""

from dataclasses import dataclass

from ringfence.model.evidence import Citation, Reading
from ringfence.model.site import Account, Driver, SipSettings, Trunk
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.asterisk import acl, configuration, modules, peers, values
from ringfence.readers.asterisk.configuration import Section

WANTS = configuration.WANTS
FILE = "etc/asterisk/iax.conf"
PORT = 4569
_HASHES = ("inkeys", "dbsecret")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChanIax2:
    """What iax.conf defines; without the module, nothing of it is in force and ``settings`` is None."""

    accounts: tuple[Account, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    settings: SipSettings | None = None


def read(artifacts: Artifacts) -> Reading[ChanIax2 | None]:
    """Read iax.conf with all that it includes; None where there is no such file."""
    if not configuration.exists(artifacts, FILE):
        return Reading(facts=None)
    if modules.is_loaded(artifacts, "chan_iax2.so") is False:
        return Reading(facts=ChanIax2())
    loaded = configuration.load(artifacts, FILE)
    lists = acl.read(artifacts)
    general = configuration.named(loaded.facts, "general")
    sections = tuple(peers.peers(loaded.facts))
    accounts: list[Account] = []
    trunks: list[Trunk] = []
    for section in sections:
        context = section.text("context") or "default"
        if peers.is_account(section, context):
            accounts.append(peers.account(section, Driver.IAX2, context, lists.facts, _HASHES))
        else:
            trunks.append(peers.trunk(section, Driver.IAX2, context, unauthenticated=_is_open(section)))
    trunks += peers.registered(general, Driver.IAX2, tuple(trunks), "default")
    facts = ChanIax2(accounts=tuple(accounts), trunks=tuple(trunks), settings=_settings(general, sections))
    return Reading(facts=facts, problems=(*loaded.problems, *lists.problems))


def _is_open(section: Section) -> bool:
    return not any(section.text(key) for key in ("secret", *_HASHES))


def _settings(general: Section | None, sections: tuple[Section, ...]) -> SipSettings:
    """Read where IAX2 listens; a caller without a name is taken for a ``user`` that has no secret, if there is one."""
    guest = next((each for each in sections if each.text("type").lower() != "peer" and _is_open(each)), None)
    address, port = (values.bind(general.text("bindaddr")) if general else None) or (None, None)
    bind_port = values.port_number(general.text("bindport", "port")) if general else None
    return SipSettings(
        driver=Driver.IAX2,
        allow_guest=guest is not None,
        guest_context=guest.text("context") or "default" if guest else "",
        binds=(("udp", address, port or bind_port or PORT),),
        citation=general.citation if general else Citation(file=FILE),
        guest_citation=guest.citation if guest else None,
    )
