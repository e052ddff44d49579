"""How answers about reach say numbers of addresses, sets of them, and what to do about running flows."""

from ringfence.model.addresses import AddressSet
from ringfence.model.finding import Remedy
from ringfence.model.site import Site
from ringfence.reach.names import phrase, tidied
from ringfence.render import words
from ringfence.render.sheet import Sheet

#: More networks than these are in the JSON only.
MOST_NETWORKS = 40
#: Lines that a quoted rule may take.
MOST_RULE_LINES = 6
RUNNING = (
    "Closing a door does not stop who is already inside: a firewall lets running flows go on, whatever the new rules "
    "say. End them after the new rules are loaded:"
)


def amount(number: int) -> str:
    """Say a number of addresses as people do: ``6``, ``16.8 million``, ``3.7 thousand million``."""
    if number < 1_000_000:
        return words.number(number)
    if number < 1_000_000_000:
        return f"{number / 1_000_000:.1f} million"
    if number < 10**13:
        return f"{number / 1_000_000_000:.1f} thousand million"
    return f"about 10^{len(str(number)) - 1}"


def is_few(addresses: AddressSet) -> bool:
    """Tell whether the networks of a set can be listed on a page."""
    return sum(1 for _ in zip(addresses.networks(), range(MOST_NETWORKS + 1), strict=False)) <= MOST_NETWORKS


def short(site: Site, addresses: AddressSet) -> str:
    """List a few networks, count many; the site's own machines do not tear a network into pieces."""
    whole = tidied(site, addresses)
    return phrase(whole) if is_few(whole) else f"{amount(addresses.count)} addresses"


def running(sheet: Sheet, remedies: tuple[Remedy, ...]) -> None:
    """Say that closing does not stop what runs, and what does."""
    if not remedies:
        return
    sheet.heading("What already runs")
    sheet.text(RUNNING, indent=2)
    for remedy in remedies:
        if remedy.command:
            sheet.command(remedy.command, indent=4)
        else:
            sheet.item("*", remedy.text)
