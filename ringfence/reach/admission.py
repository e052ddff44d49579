"""What a listener itself grants and refuses to those whose packets arrive: the stage after the packet filters.

Access lists are asked about the source that the PBX sees: where the edge rewrites it, everybody is who the edge says.
Nothing here turns a reachable listener into a blocked one; it says what is left to whom.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ringfence.model.addresses import AddressSet
from ringfence.model.exposure import Exposure, Hop, Verdict
from ringfence.model.phrasing import counted, listed, named, sentence
from ringfence.model.site import AclEntry, Driver, Listener, ServiceName, SipSettings, Site, Trunk
from ringfence.reach.whereabouts import INTERNET
from ringfence.readers.asterisk.acl import allowed

DRIVERS = {
    ServiceName.CHAN_SIP: Driver.CHAN_SIP,
    ServiceName.PJSIP: Driver.PJSIP,
    ServiceName.IAX2: Driver.IAX2,
}
NAMES = {Driver.CHAN_SIP: "chan_sip", Driver.PJSIP: "PJSIP", Driver.IAX2: "IAX2"}
#: Programs that serve TFTP as ``in.tftpd`` does; others have settings of their own.
IN_TFTPD = frozenset({"", "in.tftpd", "tftpd", "xinetd", "systemd", "inetd"})
#: Networks and names that a sentence lists before it counts.
MOST_LISTED = 4
MOST_HOPS = 4
#: A rewritten source that may be any of more addresses than these is not known.
MOST_SEEN = 2**16
#: A vantage whose arriving sources are fewer than a /8 holds is not "anywhere".
ANYWHERE = 2**24


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """Names that share an access list: ``allowed`` may log in, and ``passing`` are those of the sources among them.

    ``unread`` are lines of the list that could not be interpreted: then nobody is known to be refused.
    """

    names: tuple[str, ...]
    allowed: AddressSet
    passing: AddressSet
    unread: tuple[str, ...] = ()
    entries: tuple[AclEntry, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What a listener grants to ``sources``, whose packets arrive.

    ``accounts_open`` take a login from all of them, ``limited`` from some or none. ``note`` says it all in sentences,
    ``proof`` holds the lines that make it so.
    """

    listener: Listener
    accounts_open: tuple[str, ...] = ()
    limited: tuple[Limited, ...] = ()
    sources: AddressSet
    note: str = ""
    proof: tuple[Hop, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Crowd:
    """Those whose packets arrive: who they are, who the PBX takes them for, and where they stand in words."""

    sources: AddressSet
    seen_as: AddressSet | None
    whence: str

    def passing(self, inside: AddressSet) -> AddressSet:
        """Give those of the sources that a list which lets ``inside`` in does not refuse."""
        if self.seen_as is not None and self.seen_as & inside:
            return self.sources
        return self.sources & inside


def with_admissions(site: Site, exposures: Iterable[Exposure]) -> tuple[Exposure, ...]:
    """Add to every reachable exposure what its listener still asks for."""
    return tuple(_completed(exposure, admission(site, exposure)) for exposure in exposures)


def _completed(exposure: Exposure, admitted: Admission | None) -> Exposure:
    if admitted is None or not admitted.note:
        return exposure
    return replace(exposure, admits=admitted.note, proof=(*exposure.proof, *admitted.proof))


def admission(site: Site, exposure: Exposure) -> Admission | None:
    """Tell what a reachable listener grants; None where no packets are known to arrive, or nothing is known of it."""
    if exposure.verdict is not Verdict.REACHABLE:
        return None
    crowd = _Crowd(
        sources=exposure.sources,
        seen_as=exposure.seen_as,
        whence=_whence(exposure),
    )
    listener = exposure.listener
    if (driver := DRIVERS.get(listener.service)) is not None:
        return _sip(site, driver, listener, crowd)
    match listener.service:
        case ServiceName.AMI:
            return _manager(site, listener, crowd)
        case ServiceName.TFTP:
            return _tftp(site, listener, crowd)
        case ServiceName.ASTERISK_HTTP:
            return _asterisk_http(site, listener, crowd)
        case _:
            return None


def _whence(exposure: Exposure) -> str:
    if exposure.vantage != INTERNET:
        return f"from network {exposure.vantage}"
    return "from anywhere" if exposure.sources.count >= ANYWHERE else "from all who get there"


def _sip(site: Site, driver: Driver, listener: Listener, crowd: _Crowd) -> Admission | None:
    settings = next((one for one in site.sip if one.driver is driver), None)
    accounts = [account for account in site.accounts if account.driver is driver]
    if settings is None and not accounts:
        return None
    lists: dict[tuple[tuple[AclEntry, ...], tuple[str, ...]], list[str]] = {}
    for account in accounts:
        lists.setdefault((account.acl, account.acl_unread), []).append(account.name)
    judged = tuple(_judge(crowd, names, acl, unread) for (acl, unread), names in lists.items())
    shut = {name for one in judged for name in one.names if not one.unread and not one.passing}
    free = [one.name for one in accounts if one.secret is None and not one.secret_unknown and one.name not in shut]
    parts = [_logins(judged, f"{NAMES[driver]} account", crowd)] if judged else []
    if free:
        parts.append(
            f"{named('account', free, most=MOST_LISTED)} {'asks' if len(free) == 1 else 'ask'} for no password"
        )
    trunks = tuple(trunk for trunk in site.trunks if trunk.driver is driver)
    parts += (text for text in (_guests(driver, settings, crowd), *_trunks(settings, trunks, crowd)) if text)
    return _said(listener, judged, crowd, parts)


def _judge(crowd: _Crowd, names: list[str], acl: tuple[AclEntry, ...], unread: tuple[str, ...]) -> Limited:
    inside = allowed(acl)
    return Limited(names=tuple(names), allowed=inside, passing=crowd.passing(inside), unread=unread, entries=acl)


def _is_open(one: Limited, crowd: _Crowd) -> bool:
    return not one.unread and one.passing == crowd.sources


def _said(listener: Listener, judged: tuple[Limited, ...], crowd: _Crowd, parts: list[str]) -> Admission:
    limited = tuple(one for one in judged if not _is_open(one, crowd))
    return Admission(
        listener=listener,
        accounts_open=tuple(name for one in judged if _is_open(one, crowd) for name in one.names),
        limited=limited,
        sources=crowd.sources,
        note=f"{sentence('; '.join(parts))}." if parts else "",
        proof=tuple(
            Hop(text=f"{one.names[0]}: {'permit' if entry.permit else 'deny'} {entry.network}", citation=entry.citation)
            for one in limited
            for entry in one.entries
        )[:MOST_HOPS],
    )


def _logins(judged: tuple[Limited, ...], noun: str, crowd: _Crowd) -> str:
    """Say which names take a login from all who arrive, and from whom the others do."""
    everyone = [name for one in judged for name in one.names]
    welcome = [name for one in judged if _is_open(one, crowd) for name in one.names]
    others = [one for one in judged if not _is_open(one, crowd)]
    whence = crowd.whence
    if any(_is_open(one, crowd) and not crowd.sources <= one.allowed for one in judged):
        whence = f"{whence}, because the PBX takes everybody for {_seen(crowd)}"
    if not others:
        count = counted(len(everyone), noun)
        return f"{'all' if len(everyone) > 1 else 'the'} {count} {_takes(everyone)} a login {whence}"
    rest = ", ".join(_from_whom(one, crowd) for one in others[:MOST_LISTED])
    more = sum(len(one.names) for one in others[MOST_LISTED:])
    rest += f" and {counted(more, 'more', 'more')} from others" if more else ""
    if not welcome:
        some = any(one.unread or one.passing for one in others)
        return f"{noun}s take logins from some only: {rest}" if some else f"no {noun} takes a login {whence}: {rest}"
    return f"{len(welcome)} of {len(everyone):,} {noun}s {_takes(welcome)} a login {whence}, {rest}"


def _takes(names: list[str]) -> str:
    return "takes" if len(names) == 1 else "take"


def _from_whom(one: Limited, crowd: _Crowd) -> str:
    who = listed(one.names, MOST_LISTED)
    if one.unread:
        return f"of {who} it is not known ({listed(one.unread, 2)} is not in the evidence or not understood)"
    # an IPv4 list leaves IPv6 open, which matters only where packets arrive over IPv6
    inside = one.allowed if crowd.sources.ipv6 else AddressSet(ipv4=one.allowed.ipv4)
    return f"{who} only from {_networks(inside)}" if inside else f"{who} from nowhere"


def _seen(crowd: _Crowd) -> str:
    seen = crowd.seen_as or AddressSet()
    return "an address of the edge" if seen.count > MOST_SEEN else _networks(seen)


def _networks(addresses: AddressSet) -> str:
    """Name the networks of a set; all of IPv6 is one item, which a list for IPv4 alone leaves open."""
    texts: list[str] = []
    every_ipv6 = addresses.ipv6 == AddressSet.all_ipv6().ipv6
    for network in (AddressSet(ipv4=addresses.ipv4) if every_ipv6 else addresses).networks():
        if len(texts) > MOST_LISTED:
            return f"{', '.join(texts[:-1])} and further networks"
        whole = network.prefixlen == network.max_prefixlen
        texts.append(str(network.network_address) if whole else str(network))
    return listed([*texts, "all of IPv6"] if every_ipv6 else texts, MOST_LISTED + 2)


def _guests(driver: Driver, settings: SipSettings | None, crowd: _Crowd) -> str:
    """Say whether callers without an account are let in: by default so with chan_sip, not with PJSIP."""
    if settings is None or driver is Driver.IAX2:
        return ""
    welcome = driver is Driver.CHAN_SIP if settings.allow_guest is None else settings.allow_guest
    if settings.allow_guest is None and driver is Driver.PJSIP:
        return "whether callers without an account are let in is not known"
    if not welcome or not crowd.passing(allowed(settings.acl)):
        return "callers without an account are refused"
    return f"callers without an account enter context {settings.guest_context or 'default'}"


def _trunks(settings: SipSettings | None, trunks: tuple[Trunk, ...], crowd: _Crowd) -> Iterator[str]:
    """Say whose calls are taken for a provider's, without a password."""
    passing = crowd.passing(allowed(settings.acl if settings is not None else ()))
    for trunk in trunks:
        matched = AddressSet.of(*trunk.matched)
        if trunk.by_name and passing:
            yield f"whoever names trunk {trunk.name} as the caller needs no password"
        elif crowd.seen_as is not None and crowd.seen_as & matched:
            yield f"everybody is taken for trunk {trunk.name} and needs no password"
        elif passing & matched:
            yield f"calls from {_networks(passing & matched)} (trunk {trunk.name}) need no password"


def _manager(site: Site, listener: Listener, crowd: _Crowd) -> Admission | None:
    if site.manager is None:
        return None
    users = [user for user in site.manager.users if user.secret is not None]
    judged = tuple(_judge(crowd, [user.name], user.acl, user.acl_unread) for user in users)
    parts = [_logins(judged, "user", crowd)] if judged else ["no user may log in"]
    return _said(listener, judged, crowd, parts)


def _asterisk_http(site: Site, listener: Listener, crowd: _Crowd) -> Admission | None:
    """Say who may use ARI; Asterisk's web server has no access list (ast:main/http.c, 11 to 22)."""
    web = site.http
    if web is None or not web.ari_users or web.ari_enabled is False:
        return None
    users = named("ARI user", web.ari_users, most=MOST_LISTED)
    verb = "logs" if len(web.ari_users) == 1 else "log"
    return _said(listener, (), crowd, [f"{users} {verb} in {crowd.whence}: the web server has no access list"])


def _tftp(site: Site, listener: Listener, crowd: _Crowd) -> Admission:
    """Say who gets files: there is no login, so only the server's own lists can refuse."""
    settings = site.tftp if listener.process in IN_TFTPD else None
    admitted = settings.admitted if settings is not None else None
    inside = AddressSet.everything() if admitted is None else admitted
    passing = crowd.passing(inside)
    parts: list[str] = []
    if passing == crowd.sources:
        parts.append("TFTP asks for no login: whoever knows the name of a file gets it")
    elif inside:
        parts.append(f"in.tftpd itself answers only {_networks(inside)}, if it is built with tcp_wrappers")
    else:
        parts.append("in.tftpd itself answers nobody, if it is built with tcp_wrappers")
    if settings is not None and settings.unread:
        parts.append(f"its rules also name {listed(settings.unread, 2)}, which is no address")
    if settings is not None and settings.only_from:
        parts.append(
            f"xinetd's only_from ({settings.only_from}) protects nothing: it is asked for the client that starts the "
            "server, and whoever comes while it runs gets files"
        )
    if settings is not None and settings.uploads:
        parts.append("it also takes uploads of new files")
    rules = settings.rules if settings is not None else ()
    proof = tuple(Hop(text=f"in.tftpd: {rule.text}", citation=rule.citation) for rule in rules)
    return replace(_said(listener, (), crowd, parts), proof=proof[:MOST_HOPS])
