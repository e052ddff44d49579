"""Which modules Asterisk loads: a driver that is not loaded listens nowhere, whatever its file says (modules.conf)."""

from ringfence.readers.artifacts import Artifacts
from ringfence.readers.asterisk import configuration
from ringfence.readers.asterisk.values import is_true

WANTS = configuration.WANTS
FILE = "etc/asterisk/modules.conf"


def is_loaded(artifacts: Artifacts, module: str) -> bool | None:
    """Tell whether a module (``chan_sip.so``) is loaded at the start; None where modules.conf does not say.

    With ``autoload=yes`` a module is loaded unless ``noload`` names it, but whether it is installed stays unknown; so
    False is certain, and True only where ``load``, ``preload`` or ``require`` names it.
    """
    section = configuration.named(configuration.load(artifacts, FILE).facts, "modules")
    if section is None:
        return None

    def names(*keys: str) -> set[str]:
        return {entry.value.removesuffix(".so") for entry in section.all(*keys)}

    wanted = module.removesuffix(".so")
    if wanted in names("noload"):
        return False
    if wanted in names("load", "preload", "require", "preload-require"):
        return True
    return None if is_true(section.text("autoload")) else False
