"""The answer to what is needed against what is allowed, as text, with the rules to write at the edge."""

from ringfence.model.site import Site
from ringfence.reach.answer import Needs
from ringfence.reach.narrow import Dialect, Narrowing
from ringfence.reach.needed import Need
from ringfence.render import words
from ringfence.render.reach_words import MOST_RULE_LINES, amount, running, short
from ringfence.render.sheet import Sheet


def needed(sheet: Sheet, answer: Needs, site: Site) -> None:
    """Put each listener with its two numbers, then what to write in place of each forward."""
    if not answer.needs:
        sheet.blank()
        sheet.text("Nobody on the Internet is let in to any service, as far as the evidence shows.", style="bold")
        return
    sheet.heading("Needed, and allowed from the Internet")
    for need in answer.needs:
        _need(sheet, need, site)
    sheet.heading("What to write at the edge")
    for narrowing in answer.narrowings:
        _narrowing(sheet, narrowing, site)
    for need in answer.needs:
        if need.strangers and not need.forwards:
            sheet.item("*", f"No forward leads to {words.short_service(need.listener)}: {_only(need, site)}")
    if not answer.narrowings and not any(need.strangers for need in answer.needs):
        sheet.text("Nothing: only those are let in who need it.", indent=2)
    running(sheet, answer.running)


def _need(sheet: Sheet, need: Need, site: Site) -> None:
    needed = f"needed {words.count(need.needed.count, 'address', 'addresses')}" if need.needed else "needed nobody"
    if need.undeclared:
        needed = "who needs it is not declared"
    allowed = amount(need.surely.count)
    more = f", and perhaps {amount(need.perhaps.count)} more" if need.perhaps else ""
    sheet.item("*", f"{words.service(need.listener)}: {needed}, allowed {allowed}{more}.", styled="marker")
    if need.needed:
        sheet.text(f"Needed by {short(site, need.needed)}.", indent=4)
    if need.kept_out:
        sheet.text(f"Not let in although needed: {short(site, need.kept_out)}.", indent=4)
    if need.by_name:
        sheet.text(f"Not counted, because only the name is known: {words.listed(need.by_name)}.", indent=4)
    for contact in need.cut_off[:6]:
        text = f"Narrowing would cut off account {contact.account}, registered from {contact.address}"
        sheet.text(f"{text}: yours? Declare it as [[remote]]. [{contact.citation}]", indent=4)
    if len(need.cut_off) > 6:
        sheet.text(f"and {len(need.cut_off) - 6} more registrations from outside.", indent=4)


def _narrowing(sheet: Sheet, narrowing: Narrowing, site: Site) -> None:
    names = words.listed((words.short_service(need.listener) for need in narrowing.needs), 8)
    sheet.item("*", f"{narrowing.place} leads strangers to {names}:")
    sheet.quote(narrowing.text, indent=4, most_lines=MOST_RULE_LINES)
    if narrowing.dialect is Dialect.WORDS:
        reason = f" It is not rewritten here: {narrowing.why}." if narrowing.why else ""
        for need in narrowing.needs:
            sheet.text(f"{words.short_service(need.listener)}: {_only(need, site)}", indent=4)
        sheet.text(f"The rule stands in chain {narrowing.chain}.{reason}", indent=4)
    elif not narrowing.lines:
        sheet.text("Delete it: nobody outside is known to need it.", indent=4)
    else:
        sheet.text(f"Write in its place, in table {narrowing.table}, chain {narrowing.chain}:", indent=4)
        for line in narrowing.lines:
            sheet.quote(line, indent=6, most_lines=MOST_RULE_LINES)
    if narrowing.kept:
        sheet.text(
            f"Ports {narrowing.kept} of it stay as they are: they lead to no listener that was judged.", indent=4
        )


def _only(need: Need, site: Site) -> str:
    if need.undeclared or (need.by_name and not need.needed):
        return "let in only those who need it, once they are declared."
    return f"let in only {short(site, need.needed)}." if need.needed else "let in nobody."
