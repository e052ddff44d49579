"""The matrix of the site's own networks: which network reaches which service of the PBX."""

from collections.abc import Sequence

from ringfence.model.addresses import AddressSet
from ringfence.model.exposure import Exposure, Vantage, Verdict
from ringfence.model.site import Listener, Site
from ringfence.reach.answer import Overview
from ringfence.reach.whereabouts import INTERNET
from ringfence.render import words
from ringfence.render.safe import clipped
from ringfence.render.sheet import Sheet

CELL = 11
MOST_FOOTNOTES = 24


def matrix(sheet: Sheet, answer: Overview, site: Site) -> None:
    """Put one table for as many networks as fit beside each other, then the sentences that its words need."""
    networks = [vantage for vantage in answer.vantages if vantage.name != INTERNET]
    if not networks:
        return
    sheet.heading("From the site's own networks")
    listeners = list(dict.fromkeys(exposure.listener for exposure in answer.exposures))
    first = min(34, max((len(words.short_service(listener)) for listener in listeners), default=0) + 1)
    beside = max(1, (sheet.width - 2 - first) // CELL)
    for start in range(0, len(networks), beside):
        if start:
            sheet.blank()
        _table(sheet, answer, networks[start : start + beside], listeners, first)
    sheet.blank()
    for network in site.networks:
        if network.name in {one.name for one in networks}:
            inferred = "" if network.declared else f" (inferred: {network.why})"
            sheet.text(f"{network.name}: {words.listed(network.prefixes, 8)}{inferred}", indent=2)
    _footnotes(sheet, answer, networks)


def word(network: Vantage, exposures: Sequence[Exposure]) -> str:
    """Say in one word how much of a network reaches a listener: the worst that any answer says."""
    reached = AddressSet.union(one.sources for one in exposures if one.verdict is Verdict.REACHABLE)
    if reached:
        versions = AddressSet(
            ipv4=network.sources.ipv4 if reached.ipv4 else (), ipv6=network.sources.ipv6 if reached.ipv6 else ()
        )
        return "open" if versions <= reached else "some"
    if any(one.verdict is Verdict.UNKNOWN for one in exposures) or not exposures:
        return "unknown"
    return "closed"


def _table(
    sheet: Sheet, answer: Overview, networks: Sequence[Vantage], listeners: Sequence[Listener], first: int
) -> None:
    names = "".join(f"{clipped(network.name, CELL - 1):{CELL}}" for network in networks)
    sheet.quote(f"{'':{first}}{names}", indent=2, most_lines=1)
    for listener in listeners:
        cells = (word(network, _between(answer, network, listener)) for network in networks)
        row = f"{clipped(words.short_service(listener), first - 1):{first}}" + "".join(f"{one:{CELL}}" for one in cells)
        sheet.quote(row, indent=2, most_lines=1)


def _between(answer: Overview, network: Vantage, listener: Listener) -> list[Exposure]:
    return [one for one in answer.exposures if one.vantage == network.name and one.listener == listener]


def _footnotes(sheet: Sheet, answer: Overview, networks: Sequence[Vantage]) -> None:
    """Give the sentence of every cell that one word does not say, and of every hidden source."""
    names = {network.name: network for network in networks}
    said = 0
    for exposure in answer.exposures:
        network = names.get(exposure.vantage)
        if network is None or exposure.verdict is Verdict.BLOCKED:
            continue
        if word(network, [exposure]) == "open" and exposure.seen_as is None:
            continue
        said += 1
        if said <= MOST_FOOTNOTES:
            sheet.item("-", f"{network.name}: {exposure.claim}")
    if said > MOST_FOOTNOTES:
        sheet.text(f"and {said - MOST_FOOTNOTES} more: --format json gives all.", indent=2)
