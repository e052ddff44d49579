"""Whether the manager interface (AMI) runs, where it listens, and who may use it (manager.conf)."""

from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.secret import Secret
from ringfence.model.site import ManagerSettings, ManagerUser
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.asterisk import acl, configuration, values
from ringfence.readers.asterisk.configuration import Section

WANTS = configuration.WANTS
FILE = "etc/asterisk/manager.conf"
PORT = 5038


def read(artifacts: Artifacts) -> Reading[ManagerSettings | None]:
    """Read manager.conf with all that it includes; None where there is no such file. AMI is off unless enabled."""
    if not configuration.exists(artifacts, FILE):
        return Reading(facts=None)
    loaded = configuration.load(artifacts, FILE)
    lists = acl.read(artifacts)
    general = configuration.named(loaded.facts, "general")
    bind = values.bind(general.text("bindaddr")) if general else None
    users = tuple(
        _user(section, lists.facts)
        for section in configuration.plain(loaded.facts)
        if section.name.lower() != "general"
    )
    facts = ManagerSettings(
        enabled=values.is_true(general.text("enabled")) if general else False,
        address=bind[0] if bind else None,
        port=(values.port_number(general.text("port")) if general else None) or (bind[1] if bind else None) or PORT,
        users=tuple(user for user, _ in users),
        citation=general.citation if general else Citation(file=FILE),
    )
    unread = tuple(problem for _, problems in users for problem in problems)
    return Reading(facts=facts, problems=(*loaded.problems, *lists.problems, *unread))


def _user(section: Section, lists: acl.NamedAcls | None) -> tuple[ManagerUser, tuple[Problem, ...]]:
    secret = section.last("secret")
    access = acl.effective(section, lists)
    user = ManagerUser(
        name=section.name,
        secret=Secret(secret.value) if secret else None,
        acl=access.entries,
        acl_unread=access.unread,
        write=tuple(filter(None, (word.strip().lower() for word in section.text("write").split(",")))),
        citation=section.citation,
    )
    problems = tuple(
        Problem(citation=section.citation, message=f"an access list of this user was not understood: {text}")
        for text in access.unread
    )
    return user, problems
