"""Which ports carry the voice (rtp.conf)."""

from dataclasses import dataclass

from ringfence.model.evidence import Citation, Reading
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.asterisk import configuration, values

WANTS = configuration.WANTS
FILE = "etc/asterisk/rtp.conf"
#: ast:res/res_rtp_asterisk.c DEFAULT_RTP_START and DEFAULT_RTP_END
FIRST_PORT, LAST_PORT = 5000, 31000


@dataclass(frozen=True, slots=True, kw_only=True)
class RtpSettings:
    """The UDP ports for voice, first and last; ``strict`` refuses packets from a new source (Asterisk's default)."""

    first_port: int
    last_port: int
    strict: bool = True
    citation: Citation


def read(artifacts: Artifacts) -> Reading[RtpSettings | None]:
    """Read rtp.conf; None where there is no such file."""
    if not configuration.exists(artifacts, FILE):
        return Reading(facts=None)
    loaded = configuration.load(artifacts, FILE)
    general = configuration.named(loaded.facts, "general")
    facts = RtpSettings(
        first_port=(values.port_number(general.text("rtpstart")) if general else None) or FIRST_PORT,
        last_port=(values.port_number(general.text("rtpend")) if general else None) or LAST_PORT,
        strict=not values.is_false(general.text("strictrtp")) if general else True,
        citation=general.citation if general else Citation(file=FILE),
    )
    return Reading(facts=facts, problems=loaded.problems)
