"""What the evidence cannot decide, each with the one question or file that would."""

from collections import defaultdict
from collections.abc import Iterable

from ringfence.incidents.profiles import Profile, files_read
from ringfence.incidents.scene import Place, Scene
from ringfence.incidents.takeovers import Question, Takeover
from ringfence.model.evidence import Citation
from ringfence.model.phrasing import counted, listed, moment
from ringfence.model.report import Unknown
from ringfence.model.site import Address

#: A phone reads its own file, and after a swap its predecessor's.
PHONES_FILES = 3


def ask_about_use(
    profiles: dict[Address, Profile], questions: tuple[Question, ...], takeovers: tuple[Takeover, ...]
) -> Iterable[Unknown]:
    """Ask who stands behind each outside address that uses accounts and looks honest otherwise."""
    taken = {takeover.account for takeover in takeovers}
    asked: dict[Address, list[Question]] = defaultdict(list)
    for question in questions:
        asked[question.address].append(question)
    for address, about in asked.items():
        accounts = sorted({question.account for question in about})
        quoted = ", ".join(f'"{account}"' for account in accounts)
        firsts = [question.first_at for question in about if question.first_at is not None]
        known = f" since {moment(min(firsts))}" if firsts else ""
        doubt = " The account was also used by strangers." if taken & set(accounts) else ""
        yield Unknown(
            subject=f"account {listed(accounts)}",
            why=(
                f"{'It is' if len(accounts) == 1 else 'They are'} used from {address}, outside the site{known}. "
                f"Nothing else about it looks hostile.{doubt}"
            ),
            decide_by=(
                f'Does somebody work there? Then declare it in ringfence.toml: [[remote]] name = "…", '
                f'address = "{address}", accounts = [{quoted}]. If nobody does, treat it as a break-in.'
            ),
            citation=_first_citation(profiles, address, accounts),
        )


def ask_about_files(
    scene: Scene, profiles: dict[Address, Profile], takeovers: tuple[Takeover, ...]
) -> Iterable[Unknown]:
    """Ask about what the logs do not show, and about who inside reads many phones' files."""
    if not any("SECURITY" in {level.upper() for level in source.levels} for source in scene.events.sources):
        yield Unknown(
            subject="calls without registration",
            why="No security log was kept: a call with a stolen secret and no registration leaves no address.",
            decide_by=(
                "Log the level `security` (FreePBX: Settings > Asterisk Logfile Settings), so that next time we know."
            ),
        )
    if scene.site.served_files and not any(source.kind == "tftp" for source in scene.events.sources):
        yield Unknown(
            subject="reads of the phones' files",
            why=(
                f"The file server keeps no log: whether strangers read any of the "
                f"{counted(len(scene.site.served_files), 'served file')} cannot be told."
            ),
            decide_by="Start in.tftpd with -v (and keep syslog), so that next time we know.",
        )
    strangers = {address for takeover in takeovers for address in takeover.addresses}
    for address, source in profiles.items():
        read = files_read(scene, source)
        if source.place is Place.INSIDE and address not in strangers and len(read) >= PHONES_FILES:
            yield Unknown(
                subject=f"files read by {address}",
                why=f"{address}, inside the site, read the configuration files of {counted(len(read), 'phone')}.",
                decide_by="Is it a management station, or a proxy of the phones? If not, who sits there?",
                citation=source.reads[0].citation,
            )


def _first_citation(profiles: dict[Address, Profile], address: Address, accounts: list[str]) -> Citation | None:
    source = profiles.get(address)
    if source is None:
        return None
    rows = [
        (row.at, row.citation)
        for account in accounts
        for row in (*source.registered.get(account, ()), *source.authenticated.get(account, ()))
    ]
    return min(rows, default=(None, None))[1]
