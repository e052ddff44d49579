"""Checks of the passwords that phones log in with."""

from collections.abc import Iterator

from ringfence.checks.acl import admits_strangers
from ringfence.checks.check import Check, check, excerpt, finding, named_account
from ringfence.events.schema import Events
from ringfence.model.evidence import Excerpt
from ringfence.model.exposure import Exposure
from ringfence.model.finding import Finding, Remedy, Severity
from ringfence.model.phrasing import listed
from ringfence.model.secret import Secret
from ringfence.model.site import Account, Driver, Site
from ringfence.model.strength import equals_name, weakness

RENEW = Remedy(
    text="Once strangers can no longer read the phones' files: set a new, random secret of at least 16 characters "
    "(Applications, Extensions, the extension, Secret), apply, and give the phone its new file.",
    command="fwconsole reload",
)


@check(severity=Severity.CRITICAL)
def secret_equals_extension(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """The secret of an account is the same as its extension or user name.

    ## How it is exploited

    Every guessing tool tries the extension itself first, so the account is taken with the first packet. Because the
    first try succeeds, no failed login is logged and no ban is triggered: the theft looks like a phone that registers.

    ## How to fix it

    Set a new, random secret for the extension, apply the configuration, and give the phone its new file. Treat calls of
    this account since it was created as not trustworthy until they were looked through.

    ## When it is acceptable

    Never. An account for a test is found by the same tools as all others.

    ## Severity

    Critical: it needs no skill, no leak and no time, and it leaves no failed login behind.
    """
    for account in _with_secret(site):
        if account.secret is not None and equals_name(account.secret, _own_names(account)):
            yield finding(
                secret_equals_extension,
                subject=named_account(site, account),
                claim=f"The secret of extension {named_account(site, account)} is the extension or user name itself.",
                evidence=_settings(account),
                remedies=(RENEW,),
            )


@check(severity=Severity.HIGH)
def secret_weak(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """The secret of an account can be guessed: it is short, digits only, a common word, or made from a name.

    ## How it is exploited

    A stranger who reaches a SIP port tries candidates until one fits; slowly, and from several addresses, this stays
    below the limits of Fail2Ban and of the responsive firewall. Whoever hears or logs one login can also try candidates
    at home, without a single packet to the PBX.

    ## How to fix it

    Set a new, random secret of at least 16 characters with letters and digits. Let FreePBX make it: leave the field
    as it is proposed for a new extension.

    ## When it is acceptable

    For a device that cannot store a longer secret, in an account whose ACL admits only that device's own network and
    whose outgoing calls are barred.

    ## Severity

    High, because guessing is what strangers do all day. Medium where the secret is long but of few kinds of characters.
    """
    for account in _with_secret(site):
        if account.secret is None or equals_name(account.secret, _own_names(account)):
            continue
        weak = weakness(account.secret, (*_own_names(account), account.caller_name))
        if weak is not None:
            yield finding(
                secret_weak,
                severity=weak.severity,
                subject=named_account(site, account),
                claim=f"The secret of extension {named_account(site, account)} {weak.reason}.",
                evidence=_settings(account),
                remedies=(RENEW,),
            )


@check(severity=Severity.HIGH)
def secret_reused(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """Several accounts have the same secret.

    ## How it is exploited

    Whoever learns the secret of one phone (from its file, its web page, or a label under it) tries it on all
    others. One leak then opens every account that shares it, and changing the secret of the one that was misused
    changes nothing.

    ## How to fix it

    Give each account its own random secret. The extensions can be changed in one go: export them (Admin, Bulk Handler),
    replace the column `secret`, import the file again, and apply.

    ## When it is acceptable

    For accounts of one and the same device, which loses all of them at once anyway.

    ## Severity

    High: it makes a single leak a leak of the whole group.
    """
    sharing: dict[Secret, list[Account]] = {}
    for account in _with_secret(site):
        if account.secret is not None and not equals_name(account.secret, _own_names(account)):
            sharing.setdefault(account.secret, []).append(account)
    for accounts in sharing.values():
        names = list(dict.fromkeys(named_account(site, account) for account in accounts))
        if len({account.name for account in accounts}) < 2:
            continue
        yield finding(
            secret_reused,
            subject=names[0],
            claim=f"The {len(names)} extensions {listed(names)} have the same secret.",
            evidence=(line for account in accounts for line in _settings(account)),
            remedies=(
                Remedy(
                    text="Give each extension its own random secret (Admin, Bulk Handler: export, change the column "
                    "secret, import with replacing), apply, and give the phones their new files.",
                    command="fwconsole bulkexport --type=extensions extensions.csv",
                ),
            ),
        )


@check(severity=Severity.CRITICAL)
def secret_missing(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """An account can be used without any password.

    ## How it is exploited

    A stranger who names the extension is taken for its phone: no challenge is sent. An endpoint of PJSIP without an
    `auth` line, and a peer of chan_sip with an empty `secret`, register and dial out at once.

    ## How to fix it

    Set a random secret for the extension. FreePBX writes no `auth` line where the secret is empty, so a field that was
    cleared by an import is enough to open the account: look at the last import as well.

    ## When it is acceptable

    For a device that cannot log in (a door phone, a gateway), if the account has a fixed address, an ACL for just that
    address, and no outgoing route. SIP over UDP can still be sent with that address as a false sender.

    ## Severity

    Critical: nothing has to be known. High where the account's ACL keeps strangers out, medium where the PBX takes it
    from one fixed address only.
    """
    for account in site.accounts:
        if account.secret or account.secret_unknown:
            continue
        name = named_account(site, account)
        severity, why = _exposure_without_secret(account)
        lack = "no secret" if account.secret is None else "an empty secret"
        yield finding(
            secret_missing,
            severity=severity,
            subject=name,
            claim=f"Extension {name} has {lack}: {why}.",
            evidence=(
                excerpt(place, f"[{account.name}] has {lack}")
                for place in account.secret_citations or (account.citation,)
            ),
            remedies=(RENEW,),
        )


def _exposure_without_secret(account: Account) -> tuple[Severity, str]:
    if account.host not in {"", "dynamic"}:
        return Severity.MEDIUM, f"the PBX takes whoever sends from {account.host} for it"
    if account.acl and not account.acl_unread and not admits_strangers(account.acl):
        return Severity.HIGH, "everybody whom its ACL admits can use it"
    return Severity.CRITICAL, "whoever reaches the PBX can use it"


def _with_secret(site: Site) -> Iterator[Account]:
    """Go through the accounts that have a secret, each name and driver once."""
    seen: set[tuple[str, Driver]] = set()
    for account in site.accounts:
        if account.secret and (account.name, account.driver) not in seen:
            seen.add((account.name, account.driver))
            yield account


def _own_names(account: Account) -> tuple[str, ...]:
    return (account.name, account.username)


def _settings(account: Account) -> Iterator[Excerpt]:
    """Quote where the secret is set, without it."""
    for citation in account.secret_citations or (account.citation,):
        yield excerpt(citation, f"the secret of {account.name}: ***")


CHECKS: tuple[Check, ...] = (secret_equals_extension, secret_missing, secret_reused, secret_weak)
