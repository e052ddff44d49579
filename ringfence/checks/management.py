"""Checks of the doors that are made for programs and administrators: the manager interface (AMI) and ARI."""

from collections.abc import Iterator

from ringfence.checks.acl import admits_strangers, written
from ringfence.checks.check import Check, check, excerpt, finding
from ringfence.events.schema import Events
from ringfence.model.exposure import Exposure
from ringfence.model.finding import Finding, Remedy, Severity
from ringfence.model.phrasing import listed
from ringfence.model.site import Address, ManagerUser, Site
from ringfence.model.strength import equals_name, weakness

#: Write classes with which a manager user places calls or runs commands (ast:main/manager.c, "authority").
POWERFUL = frozenset({"system", "call", "command", "originate", "config", "all"})
#: The user of FreePBX's own firewall: its password is the same everywhere, so only its ACL protects it.
FIREWALL_USER = "firewall"


@check(severity=Severity.HIGH)
def ami_user_without_acl(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """A user of the manager interface may log in from any address.

    ## How it is exploited

    The manager interface (AMI) places calls, changes the dialplan and shows secrets. Without an ACL its password alone
    stands between a stranger and the system, and AMI does not slow down guessing.

    ## How to fix it

    Give the user `deny=0.0.0.0/0.0.0.0` and, after it, a `permit` for the one address that needs it (Settings, Asterisk
    Manager Users). Mind the order: the last line that matches decides.

    ## When it is acceptable

    Where AMI listens on 127.0.0.1 only; then this check is silent.

    ## Severity

    High for users that may place calls or run commands, medium for users that can only read.
    """
    for user in _reachable_users(site):
        if not admits_strangers(user.acl):
            continue
        strong = sorted(POWERFUL & set(user.write))
        yield finding(
            ami_user_without_acl,
            severity=Severity.HIGH if strong else Severity.MEDIUM,
            subject=user.name,
            claim=f"The manager user {user.name} may log in from anywhere"
            + (f", with the right to write {listed(strong)}." if strong else ", though only to read."),
            evidence=(
                excerpt(user.citation, f"[{user.name}]" + ("" if user.acl else " has no deny and no permit")),
                *(excerpt(entry.citation, written(entry)) for entry in user.acl),
            ),
            remedies=(
                Remedy(
                    text=f"In Settings, Asterisk Manager Users, {user.name}: Deny 0.0.0.0/0.0.0.0 and Permit "
                    "127.0.0.1/255.255.255.255, or the one address that needs it.",
                    command="asterisk -rx 'manager reload'",
                ),
            ),
        )


@check(severity=Severity.HIGH)
def ami_secret_weak(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """The password of a manager user that can be reached from other machines is easy to guess.

    ## How it is exploited

    Default passwords of old distributions (`amp111`) and short ones are tried by every scanner of port 5038, and by
    whoever stands inside the network. A manager user with the right to write places calls at once.

    ## How to fix it

    Set a long random password, change it in the program that uses it too, and let only that program's machine log in.

    ## When it is acceptable

    For the user `firewall` of FreePBX, whose password is the same on all systems: its ACL admits 127.0.0.1 only,
    and then this check is silent.

    ## Severity

    High for users that may place calls or run commands, medium for users that can only read.
    """
    for user in _reachable_users(site):
        if user.secret is None or _is_local(user):
            continue
        weak = weakness(user.secret, (user.name,))
        known = user.name == FIREWALL_USER
        if weak is None and not known and not equals_name(user.secret, (user.name,)):
            continue
        reason = "is the same on all FreePBX systems" if known else weak.reason if weak else "is the user's own name"
        yield finding(
            ami_secret_weak,
            severity=Severity.HIGH if POWERFUL & set(user.write) else Severity.MEDIUM,
            subject=user.name,
            claim=f"The password of manager user {user.name}, who may log in from other machines, {reason}.",
            evidence=(
                excerpt(user.citation, f"the secret of {user.name}: ***"),
                *(excerpt(entry.citation, written(entry)) for entry in user.acl),
            ),
            remedies=(
                Remedy(
                    text=f"In Settings, Asterisk Manager Users, give {user.name} a long random secret, and change "
                    "it in the program that uses it.",
                    command="asterisk -rx 'manager reload'",
                ),
            ),
        )


@check(severity=Severity.MEDIUM)
def ami_listens_everywhere(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """The manager interface (AMI) listens on all addresses of the machine.

    ## How it is exploited

    Any forward, any new network, any mistake in the firewall makes the port reachable at once. Its logins are not
    encrypted, so whoever sees one on the wire has the password.

    ## How to fix it

    Bind it to 127.0.0.1: `bindaddr = 127.0.0.1` in the section `[general]` of `/etc/asterisk/manager.conf`. FreePBX
    itself talks to it on that address.

    ## When it is acceptable

    Where another machine (a wallboard, a call recorder) must log in, each user has an ACL, and the packet filter
    admits that machine only.

    ## Severity

    Medium. Low where the ACLs of all its users admit this machine only: then a second wall still stands.
    """
    manager = site.manager
    if manager is None or not manager.enabled or not _everywhere(manager.address):
        return
    second_wall = bool(manager.users) and all(_is_local(user) for user in manager.users)
    yield finding(
        ami_listens_everywhere,
        severity=Severity.LOW if second_wall else None,
        subject=f"tcp/{manager.port}",
        claim=f"The manager interface listens on every address, port {manager.port}"
        + ("; its users may log in from this machine only." if second_wall else "."),
        evidence=(
            excerpt(manager.citation, f"it listens on {manager.address or 'every address'}, port {manager.port}"),
        ),
        remedies=(
            Remedy(
                text="Set bindaddr = 127.0.0.1 in the [general] section of /etc/asterisk/manager.conf.",
                command="asterisk -rx 'manager reload'",
            ),
        ),
    )


@check(severity=Severity.MEDIUM)
def ari_listens_everywhere(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """Asterisk's own web server (ARI, WebSocket) listens on all addresses of the machine.

    ## How it is exploited

    ARI controls calls for whoever has the password of one of its users; a wrong password is logged without an
    address. The same port can show the server's status and take manager commands.

    ## How to fix it

    Bind it to 127.0.0.1: Settings, Advanced Settings, Asterisk Builtin mini-HTTP server, HTTP Bind Address. Turn it
    off where nothing uses it.

    ## When it is acceptable

    Where browsers make calls (WebRTC) and need the WebSocket: then over TLS only, and ARI itself off or with long
    passwords.

    ## Severity

    Medium. Low where ARI itself is turned off, so that the port offers little.
    """
    http = site.http
    if http is None or not http.enabled or not _everywhere(http.address):
        return
    off = http.ari_enabled is False
    users = f" for the users {listed(http.ari_users)}" if http.ari_users and not off else ""
    yield finding(
        ari_listens_everywhere,
        severity=Severity.LOW if off else None,
        subject=f"tcp/{http.port}",
        claim=f"Asterisk's web server listens on every address, port {http.port}{users}"
        + ("; ARI itself is turned off." if off else "."),
        evidence=(excerpt(http.citation, f"it listens on {http.address or 'every address'}, port {http.port}"),),
        remedies=(
            Remedy(
                text="Set HTTP Bind Address to 127.0.0.1 (Settings, Advanced Settings, Asterisk Builtin mini-HTTP "
                "server), or turn the server off.",
                command="fwconsole setting HTTPBINDADDRESS 127.0.0.1 && fwconsole reload",
            ),
        ),
    )


def _reachable_users(site: Site) -> Iterator[ManagerUser]:
    """Go through the manager users whom another machine can try to be."""
    manager = site.manager
    if manager is not None and manager.enabled and not (manager.address is not None and manager.address.is_loopback):
        yield from manager.users


def _is_local(user: ManagerUser) -> bool:
    """Tell whether every address that the user's ACL permits is this machine's own (127.0.0.0/8 or ::1)."""
    permits = [entry for entry in user.acl if entry.permit]
    closed = any(not entry.permit and entry.network.prefixlen == 0 for entry in user.acl)
    return closed and bool(permits) and all(entry.network.is_loopback for entry in permits)


def _everywhere(address: Address | None) -> bool:
    return address is None or address.is_unspecified


CHECKS: tuple[Check, ...] = (
    ami_listens_everywhere,
    ami_secret_weak,
    ami_user_without_acl,
    ari_listens_everywhere,
)
