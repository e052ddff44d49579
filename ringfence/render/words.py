"""Says things the same way in every format: numbers, times, services, severities, causes, and the field's terms."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from itertools import islice
from zoneinfo import ZoneInfo

from ringfence.model.addresses import PRIVATE, AddressSet
from ringfence.model.finding import Severity
from ringfence.model.incident import Cause, Confidence, Step
from ringfence.model.phrasing import listed as listed  # noqa: PLC0414 - words.listed is how the renderers say it
from ringfence.model.phrasing import sentence as sentence  # noqa: PLC0414 - as above
from ringfence.model.report import Coverage
from ringfence.model.site import Listener, Network, ServiceName

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
#: So many networks are named one by one; more are put in words.
MOST_NETWORKS = 4
OFFSET = re.compile(r"^([+-])(\d{2}):?(\d{2})$")

#: Short name, and what it is in plain words.
SERVICES: dict[ServiceName, tuple[str, str]] = {
    ServiceName.CHAN_SIP: ("SIP (chan_sip)", "phones log in and call here"),
    ServiceName.PJSIP: ("SIP (PJSIP)", "phones log in and call here"),
    ServiceName.IAX2: ("IAX2", "links between Asterisk systems"),
    ServiceName.TFTP: ("TFTP", "the phones' file server"),
    ServiceName.HTTP: ("HTTP", "web pages, unencrypted"),
    ServiceName.HTTPS: ("HTTPS", "web pages"),
    ServiceName.ASTERISK_HTTP: ("Asterisk's web server", "its remote control ARI and browser phones"),
    ServiceName.AMI: ("AMI", "Asterisk's manager interface, a remote control"),
    ServiceName.SSH: ("SSH", "remote login"),
    ServiceName.DATABASE: ("Database", "calls and settings are stored here"),
    ServiceName.PROVISIONING: ("Provisioning", "hands the phones their settings"),
    ServiceName.PHONE_WEB: ("Phones' web pages", "who opens them can change a phone and read its password"),
    ServiceName.PHONE_SIP: ("Phones' SIP port", "who reaches it can make a phone ring"),
    ServiceName.OTHER: ("Other service", "not one that Ringfence knows"),
}

SEVERITIES: dict[Severity, str] = {
    Severity.CRITICAL: "act now",
    Severity.HIGH: "act today",
    Severity.MEDIUM: "act this week",
    Severity.LOW: "when you next work on the system",
    Severity.INFO: "good to know",
}

CAUSES: dict[Cause, str] = {
    Cause.PROVISIONING_LEAK: "Their passwords were read from the phones' configuration files",
    Cause.GUESSED: "Their passwords were guessed",
    Cause.SECRET_KNOWN: "Their passwords were known before the first contact; how, the evidence does not say",
    Cause.GUEST_CALLS: "Calls were placed as a guest, without any account",
    Cause.PHONE_TAKEOVER: "The phones themselves were taken over",
    Cause.ADMIN_BREAK_IN: "Somebody broke into the administration of the phone system",
    Cause.VOICEMAIL_OR_DISA: "Calls were placed by way of voicemail or dial-in access (DISA)",
}

CONFIDENCES: dict[Confidence, str] = {
    Confidence.PROVEN: "proven: the evidence shows every step",
    Confidence.PROBABLE: "probable: the evidence points this way, but one step is not on record",
    Confidence.POSSIBLE: "possible: the evidence allows it and does not decide it",
}

STEPS: dict[Step, str] = {
    Step.FILE_FETCHED: "file fetched",
    Step.TRIED: "tries",
    Step.CONTACT: "first contact",
    Step.REGISTERED: "registered",
    Step.CALLED: "call",
    Step.PHONE: "the phone's own life",
    Step.OTHER: "event",
}

#: A pattern that finds the term, the term as it is shown, what it means.
TERMS: tuple[tuple[str, str, str], ...] = (
    (r"\bextensions?\b", "extension", "an internal phone number with its own login"),
    (r"\bsecrets?\b", "secret", "the password with which a phone logs in; whoever has it can call at your cost"),
    (r"\bregister(?:s|ed|ing)?\b|\bregistrations?\b", "registered", "logged in to the phone system as an extension"),
    (r"\bTFTP\b", "TFTP", "the way the phones fetch their settings: no password, no encryption"),
    (r"\bprovision(?:ing|ed)\b", "provisioning", "handing each phone its settings file, with its secret inside"),
    (r"\bDNAT\b|\bforward(?:s|ed|ing)?\b", "forward", "a rule of the edge that lets packets from outside in"),
    (r"\bedge\b", "edge", "the firewall or router between your network and the Internet"),
    (r"\bchan_sip\b|\bPJSIP\b", "chan_sip, PJSIP", "the parts of Asterisk that talk to phones, each on its own port"),
    (r"\btrunks?\b", "trunk", "the line to the phone company"),
    (r"\bAMI\b", "AMI", "a remote control for Asterisk"),
    (r"\bguests?\b", "guest", "a caller who has no account at all"),
    (r"\bVLANs?\b", "VLAN", "a part of the network kept apart from the others"),
)  # fmt: skip


def number(value: int) -> str:
    """Group the thousands: ``12,480``."""
    return f"{value:,}"


def count(value: int, singular: str, plural: str = "") -> str:
    """Give a number with its noun in the right form; the plural only where it is not the singular with an s."""
    return f"{number(value)} {singular if value == 1 else plural or f'{singular}s'}"


def duration(seconds: int) -> str:
    """Give the two largest units: ``45 s``, ``3 h 12 min``, ``2 days 4 h``."""
    days, rest = divmod(max(0, seconds), 86400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [(days, "day" if days == 1 else "days"), (hours, "h"), (minutes, "min"), (rest, "s")]
    first = next((index for index, (amount, _) in enumerate(parts) if amount), 3)
    return " ".join(f"{amount} {unit}" for amount, unit in parts[first : first + 2] if amount or first == 3)


def money(amount: float, currency: str) -> str:
    """Show an amount with the tariff's currency: ``EUR 1,412.50``."""
    return f"{currency} {amount:,.2f}".strip()


def size(count_bytes: int) -> str:
    """Show a size in the unit that keeps it short."""
    value = float(count_bytes)
    for unit in ("bytes", "KiB", "MiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "bytes" or value >= 10 else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} GiB"


def zone(name: str) -> tzinfo | None:
    """Give the site's zone from ``America/Chicago`` or ``-05:00``; None where the name says nothing that is known."""
    if offset := OFFSET.match(name):
        shift = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return timezone(-shift if offset[1] == "-" else shift) if shift < timedelta(hours=24) else None
    try:
        return ZoneInfo(name) if name else None
    except (ValueError, OSError, KeyError):  # a name that is no key, a machine without zone files
        return None


def day(at: datetime) -> str:
    """Give the date in UTC: ``23 Nov 2026``."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {MONTHS[utc.month - 1]} {utc.year}"


def clock(at: datetime | None, *, dated: bool = False) -> str:
    """Give the time of day in UTC, with the day before it where a story spans several, or say that there is none."""
    if at is None:
        return "(time unknown)"
    utc = at.astimezone(UTC)
    return f"{utc.day} {MONTHS[utc.month - 1]} {utc:%H:%M:%S}" if dated else f"{utc:%H:%M:%S}"


def moment(at: datetime | None, local: tzinfo | None = None) -> str:
    """Give date and time in UTC and, where the site's zone is known, the time on the wall there."""
    if at is None:
        return "at a time that the log does not give"
    text = f"{day(at)} {clock(at)} UTC"
    if local is None:
        return text
    there = at.astimezone(local)
    if there.utcoffset() == timedelta():
        return text
    date = "" if there.date() == at.astimezone(UTC).date() else f"{there.day} {MONTHS[there.month - 1]} "
    return f"{text} ({date}{there:%H:%M:%S} local)"


def between(first: datetime | None, last: datetime | None, local: tzinfo | None = None) -> str:
    """Give a stretch of time in one phrase; empty where neither end is known."""
    if first and last and first != last:
        return f"{moment(first, local)} to {moment(last, local)}"
    known = first or last
    return moment(known, local) if known else ""


def service(listener: Listener) -> str:
    """Name a service in plain words with its port: ``TFTP, the phones' file server (udp/69)``."""
    name, meaning = SERVICES[listener.service]
    return f"{name}, {meaning} ({port(listener)})"


def short_service(listener: Listener) -> str:
    """Name a service that was explained before: ``TFTP (udp/69)``."""
    return f"{SERVICES[listener.service][0]} ({port(listener)})"


def port(listener: Listener) -> str:
    """Give transport and port as admins write them: ``udp/69``."""
    return f"{listener.transport}/{listener.port}"


def severity(level: Severity) -> str:
    """Say how bad, and what that asks for: ``Critical: act now``."""
    return f"{sentence(level.value)}: {SEVERITIES[level]}"


def sources(addresses: AddressSet) -> str:
    """Say in words who passes: everyone, everyone but a few, or these."""
    if not addresses:
        return "no address"
    # What no packet from the Internet comes from: 0.0.0.0/8, private ranges, multicast and reserved addresses.
    public = AddressSet.all_ipv4() - PRIVATE - AddressSet.of("0.0.0.0/8", "224.0.0.0/3")
    kept_out = list(islice((public - addresses).networks(), MOST_NETWORKS + 1))
    if not kept_out:
        return "every address on the Internet"
    shown = list(islice(addresses.networks(), MOST_NETWORKS + 1))
    if len(shown) <= MOST_NETWORKS:
        return listed(_network(network) for network in shown)
    if len(kept_out) <= MOST_NETWORKS:
        return f"every address on the Internet except {listed(_network(network) for network in kept_out)}"
    return f"{count(addresses.count, 'address', 'addresses')}, the lowest {addresses.example()}"


def _network(network: Network) -> str:
    return str(AddressSet.of(network))


def understood(coverage: Coverage) -> str:
    """Say how much of the evidence was read and understood."""
    text = f"{count(coverage.files_read, 'file')} read"
    if not coverage.lines_read:
        return f"{text}, no line of a log among them."
    share = "all"
    if coverage.lines_understood < coverage.lines_read:
        # Rounded down: 99.96 % are not all of them.
        share = f"{coverage.lines_understood * 1000 // coverage.lines_read / 10:.1f} %"
    return f"{text}; {count(coverage.lines_read, 'line')} of logs, {share} of them understood."


def terms(texts: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Give the terms that occur in the texts, each with its meaning, in order of the table."""
    whole = "\n".join(texts)
    return tuple((term, meaning) for pattern, term, meaning in TERMS if re.search(pattern, whole, re.IGNORECASE))
