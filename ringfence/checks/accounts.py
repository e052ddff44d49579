"""Checks of what an account may do and where it is used: ACLs, contacts, calls at once, outside registrations."""

from collections.abc import Iterator

from ringfence.checks.acl import admits_strangers, looks_closed, written
from ringfence.checks.check import Check, check, excerpt, finding
from ringfence.events.schema import Events, RegistrationAction
from ringfence.model.evidence import Excerpt
from ringfence.model.exposure import Exposure
from ringfence.model.finding import Finding, Remedy, Severity
from ringfence.model.phrasing import counted, listed, moment
from ringfence.model.site import Account, Address, Driver, Site
from ringfence.reach.whereabouts import has_unresolved_remote, is_declared_remote, is_outside, is_provider


@check(severity=Severity.MEDIUM)
def acl_looks_closed_but_is_open(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """The ACL of accounts begins with "deny everybody" and still lets everybody in.

    ## How it is exploited

    Asterisk goes through `deny` and `permit` in the order of the file, and the last line that matches decides.
    FreePBX writes `deny=0.0.0.0/0.0.0.0` and then `permit=0.0.0.0/0.0.0.0`: everybody may log in. A further
    `permit` for the LAN closes nothing, because it only permits what was permitted already.

    ## How to fix it

    In each extension (Applications, Extensions, Advanced), set Permit to the networks that its phone is in, for example
    `10.20.0.0/255.255.0.0`, and remove `0.0.0.0/0.0.0.0`. All at once: Admin, Bulk Handler, column `permit`.

    ## When it is acceptable

    For extensions of remote workers with changing addresses, if their secrets are random.

    ## Severity

    Medium: the secret still protects the account, but a stolen one works from anywhere.
    """
    for driver in Driver:
        fooled = [
            account
            for account in site.accounts
            if account.driver is driver and looks_closed(account.acl) and admits_strangers(account.acl)
        ]
        if fooled:
            yield finding(
                acl_looks_closed_but_is_open,
                subject=driver.value,
                claim=f"The ACLs of {counted(len(fooled), f'{driver} account')} ({_names(fooled)}) deny everybody and "
                "then permit everybody again: the last line that matches decides.",
                evidence=(
                    excerpt(entry.citation, f"[{account.name}] {written(entry)}")
                    for account in fooled
                    for entry in account.acl
                ),
                remedies=(
                    Remedy(
                        text="Set Permit of each extension to its phone's network instead of 0.0.0.0/0.0.0.0 "
                        "(Applications, Extensions, Advanced; all at once: Admin, Bulk Handler, column permit).",
                        command="fwconsole bulkexport --type=extensions extensions.csv",
                    ),
                ),
            )


@check(severity=Severity.LOW)
def several_contacts_allowed(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """PJSIP accounts may be registered at several places at once.

    ## How it is exploited

    With more than one contact, a thief's registration lives beside the phone's: the phone goes on ringing and
    working, and nobody notices. With one contact the thief pushes the phone out, which somebody reports, and the
    log shows the change.

    ## How to fix it

    Set Max Contacts to 1 (Applications, Extensions, Advanced) for every extension that has one phone.

    ## When it is acceptable

    For people who really use two devices with one extension.

    ## Severity

    Low: it lets nobody in, it hides who is in.
    """
    several = [
        account
        for account in site.accounts
        if account.driver is Driver.PJSIP and account.max_contacts is not None and account.max_contacts > 1
    ]
    if several:
        yield finding(
            several_contacts_allowed,
            subject=Driver.PJSIP.value,
            claim=f"{counted(len(several), 'account').capitalize()} may be registered at several places at once: "
            f"{_names(several)}.",
            evidence=(
                excerpt(account.citation, f"[{account.name}] max_contacts={account.max_contacts}")
                for account in several
            ),
            remedies=(
                Remedy(
                    text="Set Max Contacts to 1 for extensions with one phone (Applications, Extensions, Advanced).",
                    command="fwconsole reload",
                ),
            ),
        )


@check(severity=Severity.LOW)
def no_call_limit(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """Accounts may place any number of calls at once.

    ## How it is exploited

    Thieves place dozens of calls in parallel with one account, because they are paid by the minute and know that
    they will be found. What a limit of two calls would have made a bad night becomes a ruinous one.

    ## How to fix it

    Set Outbound Concurrency Limit of the extension (Applications, Extensions, Advanced) to 2 or 3, and Maximum
    Channels of the trunk (Connectivity, Trunks) to what the house really needs.

    ## When it is acceptable

    For the accounts of an attendant console or a dialler.

    ## Severity

    Low: it lets nobody in, it multiplies the loss.
    """
    # None means that no evidence names a limit, which is not the same as none.
    unlimited = [account for account in site.accounts if account.call_limit == 0]
    if unlimited:
        yield finding(
            no_call_limit,
            subject="accounts",
            claim=f"{counted(len(unlimited), 'account').capitalize()} may place any number of calls at once: "
            f"{_names(unlimited)}.",
            evidence=(excerpt(account.citation, f"[{account.name}] has no limit on calls") for account in unlimited),
            remedies=(
                Remedy(
                    text="Set Outbound Concurrency Limit to 2 or 3 (Applications, Extensions, Advanced), and Maximum "
                    "Channels of the trunk to what the house needs (Connectivity, Trunks).",
                    command="fwconsole reload",
                ),
            ),
        )


@check(severity=Severity.MEDIUM)
def registered_from_outside(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """An account is or was registered from an outside address that nobody declared.

    ## How it is exploited

    Whoever registers with a stolen secret is the extension: calls to it ring there, and calls from there are
    charged to the house. The phone itself may go on working in between.

    ## How to fix it

    Ask the person whose extension it is: is this your phone at home? If so, declare the place. If not, change the
    secret, remove the registration, and look at the calls since the first time it is seen here.

    ## When it is acceptable

    For remote workers. Declare their addresses as `[[remote]]` in `ringfence.toml`, and this check is silent for them.

    ## Severity

    Medium: it is a question, not a verdict; where more speaks for a theft, an incident says so. Low where a remote
    place of this account is declared by name, whose address this may be.
    """
    seen: dict[str, dict[Address, list[Excerpt]]] = {}
    live: set[str] = set()
    for contact in site.contacts or ():
        if _is_strange(site, contact.account, contact.address):
            agent = f", says it is {contact.user_agent}" if contact.user_agent else ""
            text = f"{contact.account} is registered at {contact.address}{agent}"
            seen.setdefault(contact.account, {}).setdefault(contact.address, []).append(excerpt(contact.citation, text))
            live.add(contact.account)
    for row in events.registrations:
        added = row.action is RegistrationAction.ADDED
        if added and row.address is not None and _is_strange(site, row.account, row.address):
            text = f"{row.account} registered from {row.address} on {moment(row.at)}"
            seen.setdefault(row.account, {}).setdefault(row.address, []).append(excerpt(row.citation, text))
    for account, places in sorted(seen.items()):
        by_name = has_unresolved_remote(site, account)
        when = "is registered now" if account in live else "was registered"
        yield finding(
            registered_from_outside,
            severity=Severity.LOW if by_name else None,
            subject=account,
            claim=f"{account} {when} from outside, at {listed(places)}: is this a remote worker?"
            + (" A remote place of this account is declared by name." if by_name else ""),
            evidence=(line for lines in places.values() for line in lines),
            remedies=(
                Remedy(
                    text=f"If it is: declare the place as [[remote]] in ringfence.toml with accounts = ['{account}']. "
                    "If not: change the secret and look at the calls since then.",
                    command="asterisk -rx 'pjsip show contacts'; asterisk -rx 'sip show peers'",
                ),
            ),
        )


def _is_strange(site: Site, account: str, address: Address) -> bool:
    """Tell whether the account is a person's and the address nobody's whom the site knows."""
    return (
        account not in {trunk.name for trunk in site.trunks}
        and is_outside(site, address)
        and not is_provider(site, address)
        and not is_declared_remote(site, address, account)
    )


def _names(accounts: list[Account]) -> str:
    return listed(dict.fromkeys(account.name for account in accounts))


CHECKS: tuple[Check, ...] = (
    acl_looks_closed_but_is_open,
    no_call_limit,
    registered_from_outside,
    several_contacts_allowed,
)
