"""Whether Asterisk's own web server runs, where, and who may use ARI (http.conf, ari.conf)."""

from ringfence.model.evidence import Citation, Reading
from ringfence.model.site import HttpSettings
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.asterisk import configuration, values

WANTS = configuration.WANTS
FILE = "etc/asterisk/http.conf"
ARI_FILE = "etc/asterisk/ari.conf"
PORT = 8088


def read(artifacts: Artifacts) -> Reading[HttpSettings | None]:
    """Read http.conf and ari.conf; None where there is no http.conf.

    Unless they say otherwise the server is off and ARI is on. ``ari_enabled`` is None where there is no ari.conf.
    """
    if not configuration.exists(artifacts, FILE):
        return Reading(facts=None)
    loaded = configuration.load(artifacts, FILE)
    ari = configuration.load(artifacts, ARI_FILE)
    general = configuration.named(loaded.facts, "general")
    ari_general = configuration.named(ari.facts, "general")
    bind = values.bind(general.text("bindaddr")) if general else None
    facts = HttpSettings(
        enabled=values.is_true(general.text("enabled")) if general else False,
        address=bind[0] if bind else None,
        port=(values.port_number(general.text("bindport")) if general else None) or PORT,
        ari_users=tuple(
            section.name for section in configuration.plain(ari.facts) if section.text("type").lower() == "user"
        ),
        ari_enabled=(not values.is_false(ari_general.text("enabled")) if ari_general else True)
        if configuration.exists(artifacts, ARI_FILE)
        else None,
        citation=general.citation if general else Citation(file=FILE),
    )
    return Reading(facts=facts, problems=(*loaded.problems, *ari.problems))
