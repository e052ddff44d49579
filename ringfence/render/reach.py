"""Answers about reach as plain text of 80 columns: the sentence first, then the rules that make it so."""

from typing import assert_never

from ringfence.model.addresses import AddressSet
from ringfence.model.exposure import Exposure, Hop, Verdict
from ringfence.model.site import Site
from ringfence.reach.answer import Difference, Flows, Needs, Overview, ReachResult, SourcesOf
from ringfence.reach.dead import DeadRules, Kind
from ringfence.reach.difference import Change
from ringfence.reach.names import Part, phrase, tidied, where
from ringfence.reach.sources import SourcesFrom
from ringfence.reach.trace import Flow
from ringfence.reach.whereabouts import INTERNET
from ringfence.render import words
from ringfence.render.matrix import matrix
from ringfence.render.outline import State
from ringfence.render.reach_needed import needed
from ringfence.render.reach_words import MOST_RULE_LINES, amount, is_few, running, short
from ringfence.render.sheet import Sheet

STYLES = {State.OPEN: "bold red", State.UNKNOWN: "yellow", State.LIMITED: "", State.BLOCKED: ""}
VERDICT_STYLES = {Verdict.REACHABLE: "bold", Verdict.UNKNOWN: "yellow", Verdict.BLOCKED: ""}
DEAD = {
    Kind.NO_LISTENER: "forward to nobody",
    Kind.NO_KNOWN_HOST: "forward to an unknown machine",
    Kind.STOPPED: "forward that is stopped",
    Kind.SHADOWED: "rule that never matches",
}


def to_text(result: ReachResult, *, width: int = 80, colour: bool = False) -> str:
    """Give the answer as text; the words are the same with and without colour."""
    sheet = Sheet(width)
    sheet.text(f"Ringfence reach: {result.site.name or 'phone system without a name'}", style="bold")
    for text in result.missing:
        sheet.text(f"INCOMPLETE: {text}.", style="bold red")
    match result.answer:
        case Overview():
            _overview(sheet, result.answer, result.site)
        case Flows():
            _flows(sheet, result.answer)
        case SourcesOf():
            _sources(sheet, result.answer, result.site)
        case Needs():
            needed(sheet, result.answer, result.site)
        case Difference():
            _difference(sheet, result.answer, result.site)
        case DeadRules():
            _dead(sheet, result.answer)
        case _:
            assert_never(result.answer)
    if result.problems:
        sheet.blank()
        noun = words.count(len(result.problems), "place")
        sheet.text(
            f"{noun} of the evidence could not be read or understood; rules among them weaken the answers above."
        )
    return sheet.coloured() if colour else sheet.plain()


def state(exposure: Exposure) -> State:
    """Say how an exposure stands."""
    match exposure.verdict:
        case Verdict.REACHABLE:
            return State.LIMITED if exposure.expected else State.OPEN
        case Verdict.UNKNOWN:
            return State.UNKNOWN
        case Verdict.BLOCKED:
            return State.BLOCKED


def _overview(sheet: Sheet, answer: Overview, site: Site) -> None:
    outer = sorted(
        (exposure for exposure in answer.exposures if exposure.vantage == INTERNET),
        key=lambda exposure: (state(exposure).rank, exposure.listener.port, exposure.id),
    )
    if not outer:
        return
    sheet.blank()
    sheet.text(_summary(outer), style="bold")
    hidden = [one.seen_as for one in outer if one.seen_as is not None and one.verdict is not Verdict.BLOCKED]
    if hidden:
        sheet.text(_hidden(AddressSet.union(hidden)), style="bold")
    sheet.heading("From the Internet")
    for exposure in outer:
        sheet.item(f"{state(exposure).value.upper():7}", exposure.claim, style=STYLES[state(exposure)], styled="marker")
        if exposure.admits:
            sheet.text(exposure.admits, indent=10)
        if exposure.verdict is not Verdict.BLOCKED:
            _hops(sheet, exposure.proof, indent=10)
    matrix(sheet, answer, site)


def _summary(outer: list[Exposure]) -> str:
    opened = dict.fromkeys(words.short_service(one.listener) for one in outer if state(one) is State.OPEN)
    unknown = dict.fromkeys(words.short_service(one.listener) for one in outer if state(one) is State.UNKNOWN)
    if opened:
        text = f"Open to the Internet: {words.listed(opened, 12)}."
    elif unknown:
        text = "No door is open to the Internet for certain."
    else:
        text = "No stranger on the Internet reaches anything, as far as the evidence shows."
    return f"{text} It cannot be told: {words.listed(unknown, 12)}." if unknown else text


def _hops(sheet: Sheet, hops: tuple[Hop, ...], *, indent: int) -> None:
    for hop in hops:
        sheet.item("-", f"{hop.citation}: {hop.text}" if hop.citation else hop.text, indent=indent)


def _flows(sheet: Sheet, answer: Flows) -> None:
    for flow in answer.flows:
        sheet.blank()
        sheet.text(flow.claim, style=VERDICT_STYLES[flow.verdict])
        for number, hop in enumerate(flow.hops, 1):
            sheet.item(f"{number}.", f"{hop.text} [{hop.citation}]" if hop.citation else hop.text)
        for said in (_seen(flow.seen_as, flow), flow.admits):
            if said:
                sheet.text(said, indent=2)


def _seen(seen_as: AddressSet | None, flow: Flow) -> str:
    if flow.verdict is Verdict.BLOCKED:
        return ""
    if seen_as is None:
        return "The PBX sees the true source." if flow.verdict is Verdict.REACHABLE else ""
    return _hidden(seen_as)


def _hidden(seen_as: AddressSet) -> str:
    seen = "an address of the edge" if seen_as.count > 2**16 else phrase(seen_as)
    return (
        f"The PBX sees {seen} instead of the true source, because the edge rewrites it: whatever is allowed to that "
        "address is allowed to all of them."
    )


def _sources(sheet: Sheet, answer: SourcesOf, site: Site) -> None:
    for group in answer.sources:
        place = "the Internet" if group.vantage == INTERNET else f"network {group.vantage}"
        sheet.blank()
        sheet.text(f"{words.short_service(group.listener)} from {place}: {_who(site, group)}", style="bold")
        if group.seen_as is not None:
            sheet.text(_hidden(group.seen_as), indent=2)
        arriving = group.surely | group.perhaps
        for part in group.named:
            if is_few(part.addresses):
                sheet.item("-", f"{part.name}: {tidied(site, part.addresses)}", indent=2)
        for refusal in group.refused if arriving else ():
            by = f"{refusal.by.text} [{refusal.by.citation}]" if refusal.by else "nothing leads them to it"
            sheet.item("-", f"not {short(site, refusal.addresses)}: {by}", indent=2)
        if group.perhaps:
            why = words.listed(group.doubts, 4)
            sheet.item("?", f"Of {short(site, group.perhaps)} it cannot be told: {why}.", indent=2)
        if group.rules:
            sheet.text(f"Let in by {words.listed(group.rules, 6)}.", indent=2)
        if not is_few(arriving):
            sheet.text("The list of its networks is in --format json.", indent=2)


def _who(site: Site, group: SourcesFrom) -> str:
    if not group.surely:
        return "nobody for certain." if group.perhaps else "nobody."
    place = "the Internet" if group.vantage == INTERNET else f"network {group.vantage}"
    counted = f"({amount(group.surely.count)} addresses)"
    refused = tidied(site, group.everybody - group.surely)
    if not refused:
        return f"all of {place} {counted}."
    if refused.count < group.surely.count and is_few(refused):
        return f"all of {place} except {phrase(refused)} {counted}."
    return f"only some {counted}."


def _difference(sheet: Sheet, answer: Difference, site: Site) -> None:
    sheet.text(f"Compared with {answer.old}")
    if not any(change.opened or change.closed for change in answer.changes):
        sheet.blank()
        sheet.text("Nothing opens or closes, as far as can be told.", style="bold")
    moved = [(one, _moved(site, one.vantage, one.opened, one.opened_parts)) for one in answer.changes if one.opened]
    _changes(sheet, "Opens", moved, "bold red")
    moved = [(one, _moved(site, one.vantage, one.closed, one.closed_parts)) for one in answer.changes if one.closed]
    _changes(sheet, "Closes", moved, "bold")
    undecided = [change for change in answer.changes if change.undecided]
    if undecided:
        sheet.heading("It cannot be told")
    for change in undecided:
        why = f": {words.listed(change.doubts, 3)}" if change.doubts else ""
        subject = f"{words.short_service(change.listener)} {where(change.vantage)}"
        sheet.item("?", f"{subject}: {short(site, change.undecided)}, before or after{why}.")
    running(sheet, answer.running)


def _changes(sheet: Sheet, title: str, moved: list[tuple[Change, str]], style: str) -> None:
    if moved:
        sheet.heading(title)
    for change, whom in moved:
        sheet.item(
            "*", f"{words.service(change.listener)} {where(change.vantage)}: {whom}", style=style, styled="marker"
        )


def _moved(site: Site, vantage: str, addresses: AddressSet, parts: tuple[Part, ...]) -> str:
    if vantage != INTERNET:
        return short(site, addresses)
    return words.listed((f"{short(site, part.addresses)} ({part.name})" for part in parts), 8)


def _dead(sheet: Sheet, answer: DeadRules) -> None:
    if not answer.found:
        sheet.blank()
        sheet.text("No rule around the phone system could be proved to do nothing.", style="bold")
    for dead in answer.found:
        sheet.blank()
        sheet.text(f"{words.sentence(dead.host)}, {DEAD[dead.kind]}: {dead.rule.citation}", style="bold")
        sheet.quote(dead.rule.text, indent=2, most_lines=MOST_RULE_LINES)
        sheet.text(dead.claim, indent=2)
        if dead.because:
            sheet.text(f"Because of {words.listed(dead.because, 6)}.", indent=2)
