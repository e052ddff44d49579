"""Checks of the files that phones fetch: who can read them, and what is in them."""

from collections.abc import Iterator

from ringfence.checks.check import Check, check, excerpt, finding
from ringfence.checks.doors import Door, closing, doors
from ringfence.events.schema import Events, Registration
from ringfence.model.exposure import Exposure
from ringfence.model.finding import Finding, Remedy, Severity
from ringfence.model.phrasing import counted, listed
from ringfence.model.site import FileKind, LiveContact, ServedFile, ServiceName, Site
from ringfence.reach.whereabouts import INTERNET, is_outside, network_of

TFTP = frozenset({ServiceName.TFTP})
#: Parts of the names that people give to the network of their phones.
VOICE_WORDS = ("voice", "voip", "phone", "telefon", "telephon", "sip")
#: The network of the phone system itself, where its own services and administrators are.
SERVER_NETWORK = "pbx"


@check(severity=Severity.CRITICAL)
def tftp_reachable_from_internet(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """Anyone on the Internet can fetch the phones' configuration files over TFTP.

    ## How it is exploited

    TFTP has no login: who knows a file's name gets the file. The names are the phones' MAC addresses, whose first
    half is the maker's and whose second half is counted through. Each file holds the secret of an extension; with
    it a stranger registers at the first try, without a single failed login.

    ## How to fix it

    Remove the forward of udp/69 at the edge, cut the flows that it leaves open, and let only the phones' network reach
    TFTP. Then treat every secret in the served files as stolen and replace it, in this order: first close, then change.

    ## When it is acceptable

    Never: phones outside the house are provisioned over HTTPS with a login for each phone, or through a VPN.

    ## Severity

    Critical when the served files hold secrets. High otherwise: they still name the accounts, the phones and the
    server.
    """
    for door in doors(site, exposures, TFTP):
        holding = _with_secrets(site)
        what = _contents(site)
        instead = "Let only the phones' network reach TFTP (Connectivity, Firewall, Services: TFTP; or the switch)."
        yield finding(
            tftp_reachable_from_internet,
            severity=_severity(door, holding),
            subject=door.subject,
            claim=f"{door.claim} {what}",
            evidence=(*door.evidence(), *(excerpt(file.citation, _said(file)) for file in holding)),
            remedies=(*closing(site, door, instead=instead), *_renewal(holding)),
        )


def _severity(door: Door, holding: tuple[ServedFile, ...]) -> Severity:
    if not door.anyone:
        return Severity.HIGH if holding else Severity.MEDIUM
    return Severity.CRITICAL if holding else Severity.HIGH


@check(severity=Severity.HIGH)
def tftp_reachable_from_other_networks(
    site: Site, exposures: tuple[Exposure, ...], events: Events
) -> Iterator[Finding]:
    """Networks where no phones are can fetch the phones' configuration files over TFTP.

    ## How it is exploited

    Any computer in the other network – a pupil's, a visitor's, one with malware – reads the files and thereby the
    secrets. They can be used from there at once, or from the Internet once SIP is reachable.

    ## How to fix it

    Let udp/69 pass to the PBX from the phones' network only: at the router between the networks, and in FreePBX's
    firewall by giving the other networks a zone that does not have TFTP.

    ## When it is acceptable

    For a network that only administrators enter.

    ## Severity

    High when the served files hold secrets, medium when they do not. Low where it is not known which network is the
    phones': then this is a question.
    """
    homes = phone_networks(site, events)
    holding = _with_secrets(site)
    for vantage in sorted({exposure.vantage for exposure in exposures} - homes - {INTERNET, SERVER_NETWORK}):
        for door in doors(site, exposures, TFTP, vantage):
            severity = Severity.HIGH if holding else Severity.MEDIUM
            question = ""
            if not homes:
                severity = Severity.LOW
                question = " Which network is the phones' is not known: name it as voice in ringfence.toml."
            yield finding(
                tftp_reachable_from_other_networks,
                severity=severity,
                subject=f"{vantage}:{door.subject}",
                claim=f"{door.claim} {_contents(site)}{question}",
                evidence=door.evidence(),
                remedies=(
                    Remedy(
                        text=f"Between network {vantage} and the PBX, block udp/{door.port}; in FreePBX (Connectivity, "
                        "Firewall, Services) leave TFTP to the zone of the phones' network alone.",
                    ),
                ),
            )


@check(severity=Severity.MEDIUM)
def secrets_in_served_files(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """Files that are handed out without a login hold the secrets of accounts.

    ## How it is exploited

    Whoever can reach the server and knows or guesses a file's name learns the secret. That includes every device in the
    phones' network, and whoever unplugs a phone and takes its socket.

    ## How to fix it

    Serve the secret once, to the phone that it belongs to, and take it out of the file afterwards; or provision
    over HTTPS with a certificate or login for each phone. Until then, let nothing but the phones reach the server.

    ## When it is acceptable

    Old phones know nothing better than TFTP. Then the network of the phones is the only protection, and it must be
    closed to everything else.

    ## Severity

    Medium by itself: it needs a way to the server. Where strangers have one, another finding says so and is worse.
    """
    for root in sorted({file.root for file in site.served_files or ()}):
        files = [file for file in site.served_files or () if file.root == root and file.kind is not FileKind.BACKUP]
        holding = [file for file in files if file.secrets]
        if holding:
            accounts = sorted({place.account for file in holding for place in file.secrets})
            yield finding(
                secrets_in_served_files,
                subject=root,
                claim=f"{len(holding)} of {len(files)} files served from {root} hold the secrets of "
                f"{counted(len(accounts), 'account')}: {listed(accounts)}.",
                evidence=(excerpt(file.secrets[0].citation, _said(file)) for file in holding),
                remedies=(
                    Remedy(text="Let only the phones' network reach the provisioning server, and nothing else in it."),
                    Remedy(text="Provision over HTTPS with a login for each phone where the phones can."),
                ),
            )


@check(severity=Severity.HIGH)
def secrets_in_served_backups(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """Backups and leftovers in the served directory hold the secrets of accounts.

    ## How it is exploited

    A copy named `.bak`, `old.cfg` or `backup.tar` is served like any other file, and its name is easier to guess than a
    MAC address. It often holds many accounts at once, and it stays when a phone's own file is corrected.

    ## How to fix it

    Move the files out of the served directory, then replace the secrets that they hold and that are still in use.

    ## When it is acceptable

    Never: no phone asks for a backup.

    ## Severity

    High: one guessed name gives many secrets, and nobody needs the file to be there.
    """
    for root in sorted({file.root for file in site.served_files or ()}):
        holding = [
            file
            for file in site.served_files or ()
            if file.root == root and file.kind is FileKind.BACKUP and file.secrets
        ]
        if holding:
            accounts = sorted({place.account for file in holding for place in file.secrets})
            yield finding(
                secrets_in_served_backups,
                subject=root,
                claim=f"{counted(len(holding), 'backup').capitalize()} served from {root} hold the secrets of "
                f"{counted(len(accounts), 'account')}: {listed(accounts)}.",
                evidence=(excerpt(place.citation, _said(file)) for file in holding for place in file.secrets[:1]),
                remedies=(
                    Remedy(
                        text=f"Move these files out of {root}, where nothing serves them: "
                        f"{listed((file.name for file in holding), 20)}.",
                    ),
                    *_renewal(tuple(holding)),
                ),
            )


def phone_networks(site: Site, events: Events) -> frozenset[str]:
    """Name the networks of the phones: those that are called so, or else the one that most accounts log in from."""
    called = {network.name for network in site.networks if any(word in network.name.casefold() for word in VOICE_WORDS)}
    if called:
        return frozenset(called)
    lives: dict[str, set[str]] = {}
    seen: list[LiveContact | Registration] = [*(site.contacts or ()), *events.registrations]
    for entry in seen:
        if entry.address is not None and not is_outside(site, entry.address):
            network = network_of(site, entry.address)
            if network is not None:
                lives.setdefault(network.name, set()).add(entry.account)
    return frozenset({max(sorted(lives), key=lambda name: len(lives[name]))}) if lives else frozenset()


def _with_secrets(site: Site) -> tuple[ServedFile, ...]:
    return tuple(file for file in site.served_files or () if file.secrets)


def _contents(site: Site) -> str:
    if site.served_files is None:
        return "Which files it serves is not in the evidence: take every secret in them for stolen until it is."
    holding = _with_secrets(site)
    if not holding:
        return f"None of the {counted(len(site.served_files), 'served file')} holds a known secret."
    return f"{len(holding)} of {len(site.served_files)} served files hold SIP secrets."


def _said(file: ServedFile) -> str:
    """Say of a file what it gives away, without giving it away."""
    accounts = sorted({place.account for place in file.secrets})
    forms = sorted({place.form for place in file.secrets} - {"raw"})
    return f"{file.name} holds the secret of {listed(accounts)}" + (f" (as {listed(forms)})" if forms else "")


def _renewal(holding: tuple[ServedFile, ...]) -> Iterator[Remedy]:
    accounts = sorted({place.account for file in holding for place in file.secrets})
    if accounts:
        yield Remedy(
            text=f"Once it is closed, replace the secrets that lay open: {listed(accounts, 20)}.",
            command="fwconsole bulkexport --type=extensions extensions.csv",
        )


CHECKS: tuple[Check, ...] = (
    secrets_in_served_backups,
    secrets_in_served_files,
    tftp_reachable_from_internet,
    tftp_reachable_from_other_networks,
)
