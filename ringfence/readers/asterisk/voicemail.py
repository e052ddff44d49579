"""Which mailboxes there are, and behind which PINs (voicemail.conf)."""

from dataclasses import dataclass

from ringfence.model.evidence import Citation, Reading
from ringfence.model.secret import Secret
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.asterisk import configuration, values
from ringfence.readers.asterisk.configuration import Entry

WANTS = configuration.WANTS
FILE = "etc/asterisk/voicemail.conf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A mailbox; ``pin`` None where the line has none."""

    number: str
    context: str
    pin: Secret | None
    owner: str = ""
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicemailSettings:
    """All mailboxes, the shortest PIN that users may choose, and the contexts that a mailbox's owner may call into.

    ``dial_contexts`` are the values of ``dialout`` and ``callback``.
    """

    mailboxes: tuple[Mailbox, ...] = ()
    minimum_pin_length: int = 0
    dial_contexts: tuple[str, ...] = ()
    citation: Citation


def read(artifacts: Artifacts) -> Reading[VoicemailSettings | None]:
    """Read voicemail.conf; None where there is no such file."""
    if not configuration.exists(artifacts, FILE):
        return Reading(facts=None)
    loaded = configuration.load(artifacts, FILE)
    general = configuration.named(loaded.facts, "general")
    aliases = general.text("aliasescontext").lower() if general else ""
    mailboxes = tuple(
        _mailbox(entry, section.name)
        for section in configuration.plain(loaded.facts)
        if section.name.lower() not in {"general", "zonemessages", aliases}
        for entry in section.entries
    )
    facts = VoicemailSettings(
        mailboxes=mailboxes,
        minimum_pin_length=(values.number(general.text("minpassword")) if general else None) or 0,
        dial_contexts=tuple(entry.value for entry in general.all("dialout", "callback")) if general else (),
        citation=general.citation if general else Citation(file=FILE),
    )
    return Reading(facts=facts, problems=loaded.problems)


def _mailbox(entry: Entry, context: str) -> Mailbox:
    """Read one line; a ``-`` before the PIN only forbids to change it.

    1001=4821,Main Office,main.office@school.example,,attach=no|saycid=no|envelope=no|delete=no
    """
    pin, _, rest = entry.value.partition(",")
    pin = pin.strip().removeprefix("-")
    return Mailbox(
        number=entry.key,
        context=context,
        pin=Secret(pin) if pin else None,
        owner=rest.partition(",")[0].strip(),
        citation=entry.citation,
    )
