"""Put the investigation together: events and site in, incidents, stolen secrets and open questions out."""

from collections.abc import Iterable
from dataclasses import dataclass

from ringfence.events.schema import Events, FileOutcome
from ringfence.incidents.attribution import place_calls
from ringfence.incidents.causes import Explanation, explain
from ringfence.incidents.guests import find_guest_calls
from ringfence.incidents.losses import measure_loss
from ringfence.incidents.profiles import Profile, files_read, find_homes, profile_sources
from ringfence.incidents.questions import ask_about_files, ask_about_use
from ringfence.incidents.scene import Place, Scene, accounts_in, set_scene
from ringfence.incidents.story import claim_of, tell
from ringfence.incidents.takeovers import Takeover, find_takeovers
from ringfence.incidents.usage import find_used_doors
from ringfence.model.exposure import Exposure
from ringfence.model.incident import Cause, Confidence, Incident, LeakedSecret, Rival
from ringfence.model.phrasing import day, listed
from ringfence.model.report import Unknown
from ringfence.model.site import Address, Site
from ringfence.readers.tariff import Tariff

MOST_REASONS = 4
_ORDER = (Confidence.PROVEN, Confidence.PROBABLE, Confidence.POSSIBLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Investigation:
    """What the events show: incidents by size of the loss, leaked secrets by account, the doors that strangers used."""

    incidents: tuple[Incident, ...]
    leaked: tuple[LeakedSecret, ...]
    unknowns: tuple[Unknown, ...]
    used_doors: tuple[Exposure, ...] = ()


def investigate(
    site: Site, events: Events, exposures: tuple[Exposure, ...], tariff: Tariff | None = None
) -> Investigation:
    """Find out who used which accounts, how they got in, what else they took and what stays open."""
    scene = set_scene(site, events, exposures)
    profiles = profile_sources(scene)
    homes = find_homes(scene, profiles)
    takeovers, questions = find_takeovers(scene, profiles, homes, place_calls(scene))
    explanations = [explain(scene, exposures, profiles, takeover) for takeover in takeovers]
    incidents = [_incident(scene, profiles, homes, group, tariff) for group in _grouped(explanations)]
    incidents += find_guest_calls(scene, tariff)
    incidents.sort(key=lambda incident: (-incident.calls.seconds, -len(incident.accounts), incident.id))
    return Investigation(
        incidents=tuple(incidents),
        leaked=_leaked(scene, profiles, homes, takeovers),
        used_doors=find_used_doors(scene, exposures, profiles, explanations),
        unknowns=(*ask_about_use(profiles, questions, takeovers), *ask_about_files(scene, profiles, takeovers)),
    )


def _grouped(explanations: list[Explanation]) -> list[list[Explanation]]:
    """Put together what has the same cause and shares a source, also over several steps."""
    groups: list[tuple[Cause, set[Address], list[Explanation]]] = []
    for explanation in explanations:
        sources = set(explanation.takeover.addresses) | set(explanation.involved)
        joined = [
            (cause, others, members)
            for cause, others, members in groups
            if cause is explanation.cause and (others & sources or not others | sources)
        ]
        members = [explanation]
        for group in joined:
            groups.remove(group)
            sources |= group[1]
            members = [*group[2], *members]
        groups.append((explanation.cause, sources, members))
    return [members for _, _, members in groups]


def _incident(
    scene: Scene,
    profiles: dict[Address, Profile],
    homes: dict[str, frozenset[Address]],
    group: list[Explanation],
    tariff: Tariff | None,
) -> Incident:
    cause = group[0].cause
    sources = {address for item in group for address in (*item.takeover.addresses, *item.involved)}
    hidden = [address for address in sources if scene.place(address) is Place.HIDDEN]
    named = tuple(sorted(sources - set(hidden), key=int))
    firsts = [item.takeover.first_at for item in group if item.takeover.first_at is not None]
    lasts = [item.takeover.last_at for item in group if item.takeover.last_at is not None]
    accounts = tuple(sorted(item.takeover.account for item in group))
    moments = [step for item in group for step in tell(scene, profiles, homes, item)]
    moments.sort(key=lambda step: (step.at is None, step.at.timestamp() if step.at else 0.0))
    return Incident(
        id=f"{cause}/{accounts[0]}",
        cause=cause,
        confidence=max((item.confidence for item in group), key=_ORDER.index),
        claim=claim_of(cause, group, named, day(min(firsts, default=None), scene.site.timezone)),
        rivals=_merged(item.rivals for item in group),
        accounts=accounts,
        addresses=named,
        address_note=_address_note(named, hidden),
        first_at=min(firsts, default=None),
        last_at=max(lasts, default=None),
        calls=measure_loss(scene, [placed.call for item in group for placed in item.takeover.calls], tariff),
        moments=tuple(moments),
    )


def _address_note(named: tuple[Address, ...], hidden: list[Address]) -> str:
    if hidden:
        return (
            f"The logs show only {listed(hidden)}, the edge's own address: the edge hides the true source of all "
            "that it forwards. The true addresses can only be in the edge's own logs."
        )
    return "" if named else "The logs that were kept do not show from where the calls came."


def _merged(many: Iterable[tuple[Rival, ...]]) -> tuple[Rival, ...]:
    """Merge the rivals of all accounts of an incident; the first account's order stays."""
    merged: dict[Cause, tuple[dict[str, None], dict[str, None], dict[str, None]]] = {}
    for rivals in many:
        for rival in rivals:
            supporting, opposing, missing = merged.setdefault(rival.cause, ({}, {}, {}))
            supporting.update(dict.fromkeys(rival.supporting))
            opposing.update(dict.fromkeys(rival.opposing))
            missing.update(dict.fromkeys(rival.missing))
    return tuple(
        Rival(cause=cause, supporting=_few(supporting), opposing=_few(opposing), missing=_few(missing))
        for cause, (supporting, opposing, missing) in merged.items()
    )


def _few(texts: Iterable[str]) -> tuple[str, ...]:
    """Keep what a reader takes in; the story has every row."""
    every = tuple(texts)
    rest = len(every) - MOST_REASONS
    return every if rest <= 1 else (*every[:MOST_REASONS], f"and {rest} more like these")


def _leaked(
    scene: Scene,
    profiles: dict[Address, Profile],
    homes: dict[str, frozenset[Address]],
    takeovers: tuple[Takeover, ...],
) -> tuple[LeakedSecret, ...]:
    """Find the secrets that strangers read but have not used yet: they are burnt too.

    Who reads many files inside may be a management station, so he is a stranger only once he used an account.
    """
    taken = {takeover.account for takeover in takeovers}
    strangers = {address for takeover in takeovers for address in takeover.addresses}
    found: dict[str, LeakedSecret] = {}
    for address, source in profiles.items():
        if source.place is Place.INSIDE and address not in strangers:
            continue
        for request in source.reads:
            file = scene.file(request.name)
            if file is None or _may_be_own(scene, source, homes, file.name):
                continue
            for account in accounts_in(file) - taken:
                known = found.get(account)
                if known is None or (known.at is not None and request.at < known.at):
                    found[account] = LeakedSecret(
                        account=account,
                        file=file.name,
                        address=address,
                        at=request.at,
                        citation=request.citation,
                        certain=request.outcome is FileOutcome.SERVED,
                    )
    return tuple(found[account] for account in sorted(found))


def _may_be_own(scene: Scene, source: Profile, homes: dict[str, frozenset[Address]], name: str) -> bool:
    """Tell whether a single read from outside may be a remote worker's phone fetching its own file."""
    file = scene.file(name)
    accounts = accounts_in(file) if file is not None else frozenset()
    if any(source.address in homes.get(account, frozenset()) for account in accounts):
        return True
    return len(files_read(scene, source)) == 1 and source.misses < 2 and bool(source.accounts_used() & accounts)
