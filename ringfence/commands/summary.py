"""The first thing that the reader sees: one sentence that answers, and what to do in the next hour."""

from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.events.schema import Events
from ringfence.model.evidence import Citation
from ringfence.model.exposure import Exposure, Hop, Verdict
from ringfence.model.finding import Finding, Remedy, Severity
from ringfence.model.incident import Cause, Incident, LeakedSecret
from ringfence.model.phrasing import counted, day, listed, named, sentence
from ringfence.model.site import Driver, LiveContact, ServiceName
from ringfence.reach.phones import SERVICES as PHONES
from ringfence.reach.whereabouts import INTERNET

_PLAIN_NAMES = {
    ServiceName.TFTP: "TFTP (the phones' files)",
    ServiceName.CHAN_SIP: "SIP (chan_sip)",
    ServiceName.PJSIP: "SIP (PJSIP)",
    ServiceName.IAX2: "IAX2",
    ServiceName.HTTP: "the web pages",
    ServiceName.HTTPS: "the web pages (TLS)",
    ServiceName.ASTERISK_HTTP: "Asterisk's own web server",
    ServiceName.AMI: "the manager interface (AMI)",
    ServiceName.SSH: "SSH",
    ServiceName.DATABASE: "the database",
    ServiceName.PROVISIONING: "the provisioning server",
    ServiceName.PHONE_WEB: "the phones' web pages",
    ServiceName.PHONE_SIP: "the phones' SIP port",
}
_SIP = frozenset({ServiceName.CHAN_SIP, ServiceName.PJSIP, ServiceName.IAX2})


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusions:
    """Everything that was found out, before it is put into words."""

    exposures: tuple[Exposure, ...]
    findings: tuple[Finding, ...]
    incidents: tuple[Incident, ...]
    leaked: tuple[LeakedSecret, ...]
    events: Events
    timezone: str = ""
    contacts: tuple[LiveContact, ...] = ()

    def strangers_registered(self) -> tuple[LiveContact, ...]:
        """Give the live registrations of strangers: they outlast a closed door and a changed secret."""
        return tuple(
            contact
            for contact in self.contacts
            if any(
                contact.account in incident.accounts and contact.address in incident.addresses
                for incident in self.incidents
            )
        )

    def doors(self, verdict: Verdict) -> tuple[Exposure, ...]:
        """Give the exposures to the Internet with that verdict, one for each listener, without the expected ones.

        What is not known of the phones is left out: it says nothing of the phone system's own services.
        """
        found: dict[tuple[str, str, int], Exposure] = {}
        for exposure in self.exposures:
            if verdict is Verdict.UNKNOWN and exposure.listener.service in PHONES:
                continue
            if exposure.vantage == INTERNET and exposure.verdict is verdict and not exposure.expected:
                key = (exposure.listener.service, exposure.listener.transport, exposure.listener.port)
                found.setdefault(key, exposure)
        return tuple(found.values())


def verdict_sentence(conclusions: Conclusions) -> str:
    """Answer the question that the admin asked, in one or two sentences."""
    return " ".join((*_what_happened(conclusions), *_what_is_open(conclusions)))


def _what_happened(conclusions: Conclusions) -> Iterator[str]:
    used = [incident for incident in conclusions.incidents if incident.accounts]
    guests = [incident for incident in conclusions.incidents if incident.cause is Cause.GUEST_CALLS]
    if used:
        accounts = sum(len(incident.accounts) for incident in used)
        firsts = [incident.first_at for incident in used if incident.first_at is not None]
        verb = "was" if accounts == 1 else "were"
        ways = "; ".join(_way(incident, alone=len(used) == 1) for incident in used)
        when = f" on {day(min(firsts), conclusions.timezone)}" if firsts else ""
        yield sentence(f"{counted(accounts, 'extension')} {verb} used by strangers{when}: {ways}.")
    if guests:
        calls = sum(incident.calls.count for incident in guests)
        yield sentence(f"{counted(calls, 'call')} left the PBX without any account, as a guest's.")
    if conclusions.incidents:
        return
    if conclusions.leaked:
        secrets = counted(len(conclusions.leaked), "secret")
        yield f"No account is known to have been misused, but strangers read {secrets} from the phones' files."
    elif any(source.kind == "asterisk" for source in conclusions.events.sources):
        yield "No misuse was found in the logs."
    else:
        yield "The evidence holds no Asterisk log, so whether anybody misused the system cannot be told."


def _way(incident: Incident, *, alone: bool) -> str:
    one = len(incident.accounts) == 1
    whose = "its" if one else "their"
    subject = "" if alone else f"{listed(incident.accounts, most=8)}: "
    match incident.cause:
        case Cause.PROVISIONING_LEAK:
            return f"{subject}{whose} secret{'' if one else 's'} had been read from the phones' configuration files"
        case Cause.GUESSED:
            return f"{subject}{whose} secret{' was' if one else 's were'} guessed"
        case _:
            return (
                f"{subject}{whose} secret{' was' if one else 's were'} known at first contact; "
                "how, the evidence does not say"
            )


def _what_is_open(conclusions: Conclusions) -> Iterator[str]:
    still = "still " if conclusions.incidents else ""
    reachable = conclusions.doors(Verdict.REACHABLE)
    unknown = conclusions.doors(Verdict.UNKNOWN)
    if reachable:
        names = listed([_PLAIN_NAMES.get(door.listener.service, f"port {door.listener.port}") for door in reachable])
        verb = "is" if len(reachable) == 1 else "are"
        yield sentence(f"{names} {verb} {still}open to the Internet.")
    elif unknown:
        yield f"Whether {counted(len(unknown), 'service')} can be reached from the Internet could not be decided."
    elif any(exposure.expected for exposure in conclusions.exposures):
        yield "From the Internet only your provider and declared remote places get in, as far as the evidence shows."
    elif conclusions.exposures:
        yield "No service can be reached from the Internet, as far as the evidence shows."
    else:
        yield "The evidence does not show which services listen, so what is open cannot be told."


def next_hour(conclusions: Conclusions, source: str) -> tuple[Remedy, ...]:
    """Give what to do now, in order, each a command or a place to click; nothing where nothing burns."""
    return tuple(_steps(conclusions, source))


def _steps(conclusions: Conclusions, source: str) -> Iterator[Remedy]:
    accounts = [account for incident in conclusions.incidents for account in incident.accounts]
    burnt = sorted({*accounts, *(leak.account for leak in conclusions.leaked)})
    if conclusions.incidents and source != "local":
        yield Remedy(
            text="Keep the evidence as it is now, before anything is changed: run this on the PBX.",
            command="ringfence collect local -o evidence.tar.gz",
        )
    yield from (_close(door) for door in _in_order(conclusions.doors(Verdict.REACHABLE)))
    if conclusions.incidents:
        yield Remedy(
            text="On the PBX, end all calls: closing a door does not stop who is already in.",
            command='asterisk -rx "channel request hangup all"',
        )
        yield from _unregister(conclusions.strangers_registered())
        yield from _forget_connections(conclusions.doors(Verdict.REACHABLE))
    if burnt:
        yield Remedy(
            text=(
                f"Give {named('extension', burnt, most=24)} a new secret, after the doors are closed "
                "(FreePBX: Applications > Extensions > Secret), and put it into the phones."
            ),
        )
    if any(incident.calls.count for incident in conclusions.incidents):
        yield Remedy(
            text=(
                "Call the SIP provider: report the fraud, ask to block calls abroad and to premium numbers, "
                "and dispute the bill."
            ),
        )
    yield from (
        finding.remedies[0]
        for finding in conclusions.findings
        if not conclusions.incidents
        and finding.severity is Severity.CRITICAL
        and finding.remedies
        and not finding.check.endswith("-reachable-from-internet")  # its door is among the steps already
    )


def _unregister(contacts: tuple[LiveContact, ...]) -> Iterator[Remedy]:
    accounts = sorted({contact.account for contact in contacts})
    if accounts:
        old = sorted({contact.account for contact in contacts if contact.driver is Driver.CHAN_SIP})
        yield Remedy(
            text=(
                f"On the PBX, throw out the strangers who are registered as {listed(accounts, most=24)} right now; "
                "those on PJSIP go when their phone registers again or Asterisk is restarted."
            ),
            command="; ".join(f'asterisk -rx "sip unregister {account}"' for account in old),
        )


def _forget_connections(doors: tuple[Exposure, ...]) -> Iterator[Remedy]:
    ports = sorted({_outside_port(door) for door in doors if door.listener.transport == "udp"})
    if ports:
        yield Remedy(
            text="On the edge, forget the connections that came in by these doors (on other than Linux: restart it).",
            command="; ".join(f"conntrack -D -p udp --dport {port}" for port in ports),
        )


def _outside_port(door: Exposure) -> int:
    return door.outside.port if door.outside is not None else door.listener.port


def _in_order(doors: tuple[Exposure, ...]) -> list[Exposure]:
    """Put the files first, since they give away everything, and SIP last, since closing it may cut somebody off."""
    return sorted(
        doors,
        key=lambda door: (door.listener.service is not ServiceName.TFTP, door.listener.service in _SIP, door.id),
    )


def _close(door: Exposure) -> Remedy:
    name = _PLAIN_NAMES.get(door.listener.service, f"port {door.listener.port}")
    port = _outside_port(door)
    rule = _edge_rule(door.proof)
    where = f" The rule stands in {rule}." if rule is not None else ""
    if door.listener.service in _SIP:
        return Remedy(
            text=(
                f"At the edge, let only your SIP provider and known remote workers reach {name}, "
                f"{door.listener.transport}/{port}.{where}"
            )
        )
    return Remedy(text=f"At the edge, remove the forward of {door.listener.transport}/{port} to {name}.{where}")


def _edge_rule(proof: tuple[Hop, ...]) -> Citation | None:
    cited = (hop.citation for hop in proof if hop.citation is not None)
    return next((citation for citation in cited if citation.file.startswith("edge/")), None)
