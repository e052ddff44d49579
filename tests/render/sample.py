"""Builds reports to render: a hijacked school, a clean site, an answer not finished, a site that nobody could judge.

All names, numbers and secrets are made up; the hostile texts are of the kinds that one SIP packet can plant.
"""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

from ringfence.model.addresses import PRIVATE, AddressSet
from ringfence.model.evidence import Citation, Digest, Excerpt, Problem
from ringfence.model.exposure import Basis, Exposure, Hop, Outside, Verdict
from ringfence.model.finding import Finding, Remedy, Severity
from ringfence.model.incident import (
    CallLoss,
    Cause,
    Confidence,
    Destination,
    Incident,
    LeakedSecret,
    Moment,
    Rival,
    Step,
)
from ringfence.model.report import Coverage, Report, Unknown
from ringfence.model.secret import Secret
from ringfence.model.site import (
    Account,
    Driver,
    Host,
    Listener,
    NamedNetwork,
    Phone,
    ServiceName,
    Site,
    Versions,
)

SECRET = "FAKE-s3cret-Xy9"
ESC = "\x1b[2J\x1b]0;owned\x07"
C1 = "\x9b31m"
BIDI = "\u202egnp.exe\u2066"
INVISIBLE = "a\u200bb\ufeff\u00ad"
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"
MARKUP = "](https://evil.example/x) **bold** `code` | cell ![p](http://evil.example/p.png)"
FORMULA = "=cmd|'/c calc'!A1"
#: Display name, User-Agent and file name as an attacker would choose them.
HOSTILE = f"{FORMULA} {SCRIPT} {ESC}{C1}{BIDI}{INVISIBLE}\n# heading\r\n{MARKUP} ```\udcff"

PUBLIC = AddressSet.all_ipv4() - PRIVATE
TAKEN = ("2001", "2013", "2018", "2023", "2009", "2010")
READ = ("2002", "2004", "2024")
LAY_OPEN = ("2003", "2005", "2006", "2007", "2008")
THIEF, READER, PHONE = ip_address("203.0.113.158"), ip_address("203.0.113.73"), ip_address("10.30.0.101")
DELETE_FORWARD = "iptables -t nat -D PREROUTING -i wan -p udp -m udp --dport 69 -j DNAT --to-destination 10.20.0.10"
START = datetime(2026, 11, 23, 19, 6, 31, tzinfo=UTC)

EDGE = "edge/iptables-save.txt"
PBX_FILTER = "commands/iptables-save.txt"
SYSLOG = "var/log/messages"
FULL = "var/log/asterisk/full"
PBX_ADDRESS = ip_address("10.20.0.10")


def forbidden(text: str) -> list[str]:
    """Give the characters of a rendered text that act on a terminal, hide or reorder; line ends are ours."""
    return sorted({character for character in text.replace("\n", "") if not character.isprintable()})


def at(seconds: int) -> datetime:
    """Give a time of the story."""
    return START + timedelta(seconds=seconds)


def cite(file: str, line: int | None = None) -> Citation:
    """Name a place."""
    return Citation(file=file, line=line)


def listener(service: ServiceName, transport: str, port: int, line: int, *, bound: str = "0.0.0.0") -> Listener:
    """Build a socket as ``ss`` shows it."""
    return Listener(
        service=service,
        transport=transport,
        address=ip_address(bound),
        port=port,
        process="asterisk",
        citation=cite("commands/ss-lnptu.txt", line),
    )


TFTP = listener(ServiceName.TFTP, "udp", 69, 4, bound="10.20.0.10")
PJSIP = listener(ServiceName.PJSIP, "udp", 5060, 2)
CHAN_SIP = listener(ServiceName.CHAN_SIP, "udp", 5160, 3)
HTTP = listener(ServiceName.HTTP, "tcp", 80, 9)
IAX2 = listener(ServiceName.IAX2, "udp", 4569, 6)
SSH = listener(ServiceName.SSH, "tcp", 22, 8)
AMI = listener(ServiceName.AMI, "tcp", 5038, 10)
SERVICES = (TFTP, PJSIP, CHAN_SIP, HTTP, IAX2, SSH, AMI)


def exposure(  # noqa: PLR0913 - all that differs from one answer to the next
    vantage: str,
    socket: Listener,
    verdict: Verdict,
    *,
    basis: Basis = Basis.PREDICTED,
    line: int = 7,
    outside: bool = True,
    sources: AddressSet | None = None,
) -> Exposure:
    """Build one answer with a proof of three steps for what passes and one step for what does not."""
    internet = vantage == "internet"
    name = f"{socket.transport}/{socket.port}"
    forward = Hop(
        text=f"edge rule forwards {name} to 10.20.0.10: -A PREROUTING -i wan -p {socket.transport}"
        f" --dport {socket.port} -j DNAT --to-destination 10.20.0.10",
        citation=cite(EDGE, line),
    )
    zone = Hop(text="the PBX's firewall counts eth0 as Local", citation=cite(PBX_FILTER, 41))
    socket_hop = Hop(text=f"{socket.process} listens on {name}", citation=socket.citation)
    who = "Anyone on the Internet" if internet else f"The network {vantage}"
    match verdict:
        case Verdict.REACHABLE:
            claim, proof = f"{who} reaches {name}.", (*((forward,) if internet else ()), zone, socket_hop)
        case Verdict.UNKNOWN:
            claim = (
                f"Whether {who.lower()} reaches {name} is unknown: a rule matches on a set that is not in the evidence."
            )
            proof = (Hop(text="-m set --match-set blocked src is not interpreted", citation=cite(PBX_FILTER, 52)),)
        case Verdict.BLOCKED:
            claim = f"{who} does not reach {name}."
            proof = (Hop(text="no rule of the edge forwards it; policy DROP", citation=cite(EDGE, 3)),)
    passes = verdict is Verdict.REACHABLE
    return Exposure(
        id=f"{vantage}-{socket.service.value}-{socket.transport}-{socket.port}-{basis.value}",
        vantage=vantage,
        listener=socket,
        outside=Outside(address=ip_address("198.51.100.7"), port=socket.port)
        if internet and passes and outside
        else None,
        verdict=verdict,
        basis=basis,
        sources=(sources or (PUBLIC if internet else AddressSet.of("10.30.0.0/16"))) if passes else AddressSet(),
        claim=claim,
        proof=proof,
    )


def hijacked_exposures() -> tuple[Exposure, ...]:
    """Four doors open (two of them used), one unknown, two closed; everything open from inside."""
    internet = (
        exposure("internet", TFTP, Verdict.REACHABLE, line=7),
        exposure("internet", TFTP, Verdict.REACHABLE, basis=Basis.USED, line=7),
        exposure("internet", PJSIP, Verdict.REACHABLE, line=8),
        exposure("internet", CHAN_SIP, Verdict.REACHABLE, line=9),
        exposure("internet", CHAN_SIP, Verdict.REACHABLE, basis=Basis.USED, line=9),
        exposure("internet", HTTP, Verdict.REACHABLE, line=11),
        exposure("internet", IAX2, Verdict.UNKNOWN),
        exposure("internet", SSH, Verdict.BLOCKED),
        exposure("internet", AMI, Verdict.BLOCKED),
    )
    voice = tuple(exposure("voice", socket, Verdict.REACHABLE) for socket in SERVICES[:5])
    office = tuple(exposure("office", socket, Verdict.REACHABLE) for socket in SERVICES)
    guests = (exposure("guest-wifi", TFTP, Verdict.UNKNOWN), exposure("guest-wifi", HTTP, Verdict.BLOCKED))
    return (*internet, *voice, *office, *guests)


def site() -> Site:
    """Build the school; the accounts hold real Secret objects that must not leave."""
    names = (*TAKEN, *READ, *LAY_OPEN)
    return Site(
        name="Lakeside School",
        timezone="America/Chicago",
        hosts=(Host(name="pbx", listeners=SERVICES), Host(name="edge")),
        networks=(
            NamedNetwork(name="voice", prefixes=(ip_network("10.30.0.0/16"),), declared=True),
            NamedNetwork(
                name="office", prefixes=(ip_network("10.40.0.0/16"), ip_network("10.41.0.0/16")), declared=True
            ),
            NamedNetwork(name="guest-wifi", prefixes=(ip_network("10.50.0.0/16"),), declared=False, why="a route"),
        ),
        accounts=tuple(
            Account(
                name=name,
                driver=Driver.CHAN_SIP,
                secret=Secret(SECRET),
                caller_name=f"Room {name}",
                citation=cite("etc/asterisk/sip_additional.conf", 10 + number),
            )
            for number, name in enumerate(names)
        ),
        phones=tuple(
            Phone(
                mac=f"00156570{name}", vendor="Yealink", accounts=(name,), citation=cite(f"tftpboot/00156570{name}.cfg")
            )
            for name in names
        ),
        versions=Versions(asterisk="16.28.0", freepbx="14.0.13.4"),
    )


def account_moments(order: int, account: str) -> tuple[Moment, ...]:
    """Tell how one account was taken: its phone's life, the file, the contact, the registration, two or more calls."""
    begin = 12 + order * 11
    calls = (begin + 70 + order * 640, begin + 1900 + order * 900, begin + 9000 + order * 1700)
    file = f"00156570{account}.cfg"
    return (
        Moment(at=at(-5400 - order * 31), what="The phone registered.", account=account, address=PHONE,
               citation=cite(FULL, 310 + order), step=Step.PHONE),
        Moment(at=at(-1800 + order * 17), what="The phone registered.", account=account, address=PHONE,
               citation=cite(FULL, 410 + order), step=Step.PHONE),
        Moment(at=at(begin), what=f"{file} was fetched.", account=account, address=READER,
               citation=cite(SYSLOG, 28 + order), step=Step.FILE_FETCHED),
        Moment(at=at(begin + 47), what="First contact of a stranger.", account=account, address=THIEF,
               citation=cite("var/log/asterisk/security", 90 + order), step=Step.CONTACT),
        Moment(at=at(begin + 48), what=f"A stranger registered ({HOSTILE if order == 1 else 'friendly-scanner'}).",
               account=account, address=THIEF, citation=cite(FULL, 1720 + order), step=Step.REGISTERED),
        *(
            Moment(at=at(second), what=f"A call to 90119607{order}668748.", account=account, address=THIEF,
                   citation=cite("var/log/asterisk/cdr-csv/Master.csv", 40 + order), step=Step.CALLED)
            for second in calls[: 2 + order % 2]
        ),
    )  # fmt: skip


def incident() -> Incident:
    """Build the break-in: six accounts, two addresses, fifteen calls."""
    moments = tuple(moment for order, account in enumerate(TAKEN) for moment in account_moments(order, account))
    return Incident(
        id="incident-provisioning-leak-203.0.113.158",
        cause=Cause.PROVISIONING_LEAK,
        confidence=Confidence.PROVEN,
        claim="203.0.113.73 fetched the phones' files by TFTP; within a minute 203.0.113.158 used each secret.",
        rivals=(
            Rival(
                cause=Cause.PROVISIONING_LEAK,
                supporting=("each file was fetched 47 s before its first use", "no wrong password before"),
            ),
            Rival(
                cause=Cause.GUESSED,
                supporting=("2013 has a short secret",),
                opposing=("no failed attempt on any of the six accounts", f"the User-Agent was {HOSTILE}"),
                missing=("the security log before 22 November",),
            ),
            Rival(cause=Cause.SECRET_KNOWN, missing=("the web server's access log",)),
        ),
        accounts=TAKEN,
        addresses=(READER, THIEF),
        first_at=at(12),
        last_at=at(16_500),
        calls=CallLoss(
            count=15,
            seconds=11_580,
            destinations=(
                Destination(name="Maldives", calls=7, seconds=6_400, cost=312.4, premium=True),
                Destination(name="Latvia", calls=5, seconds=3_900, cost=71.1),
                Destination(name="Somalia", calls=3, seconds=1_280, cost=29.0, premium=True),
            ),
            cost=412.5,
            currency="EUR",
        ),
        moments=(
            Moment(at=at(0), what="203.0.113.66 scanned the SIP ports.", address=ip_address("203.0.113.66"),
                   citation=cite(FULL, 1719), step=Step.TRIED),
            Moment(at=at(5), what="y000000000000.cfg was fetched.", address=READER, citation=cite(SYSLOG, 27),
                   step=Step.FILE_FETCHED),
            *moments,
        ),
    )  # fmt: skip


def findings() -> tuple[Finding, ...]:
    """Build findings of every severity, one check that fired on many accounts, and one with hostile evidence."""
    return (
        Finding(
            id="tftp-reachable-from-internet:udp/69",
            check="tftp-reachable-from-internet",
            severity=Severity.CRITICAL,
            subject="udp/69",
            claim="Anyone on the Internet can read the phones' files over TFTP; 24 of the 26 files hold a SIP secret.",
            evidence=(
                Excerpt(
                    citation=cite(EDGE, 7),
                    text="-A PREROUTING -i wan -p udp -m udp --dport 69 -j DNAT --to-destination 10.20.0.10",
                ),
                Excerpt(citation=cite("tftpboot/001565702001.cfg", 14), text="account.1.password = ***"),
            ),
            remedies=(
                Remedy(
                    text="Remove the forward of udp/69 at the edge.",
                    command=DELETE_FORWARD,
                ),
                Remedy(text="Then change every secret that lay in a served file."),
            ),
        ),
        *(
            Finding(
                id=f"secret-weak:{name}",
                check="secret-weak",
                severity=Severity.HIGH,
                subject=name,
                claim=f"The secret of extension {name} has 6 characters and would be guessed in a day.",
                evidence=(Excerpt(citation=cite("etc/asterisk/sip_additional.conf", 30 + order), text="secret=***"),),
                remedies=(
                    Remedy(text="Give it a random secret of 20 characters.", command=f"ringfence rotate {name}"),
                ),
            )
            for order, name in enumerate((*TAKEN, *READ))
        ),
        Finding(
            id="hostile-name",
            check="caller-name-hostile",
            severity=Severity.MEDIUM,
            subject=HOSTILE,
            claim=f"A caller named itself {HOSTILE}.",
            evidence=(
                Excerpt(citation=cite(f"var/log/{HOSTILE}", 3), text=f"callerid={HOSTILE}"),
                Excerpt(citation=cite(FULL, 9), text="x" * 700),
            ),
            remedies=(Remedy(text=f"Do not open {HOSTILE}.", command=f"echo {HOSTILE}"),),
        ),
        Finding(
            id="asterisk-end-of-life",
            check="asterisk-end-of-life",
            severity=Severity.LOW,
            subject="asterisk",
            claim="Asterisk 16.28.0 gets no more security fixes since October 2023.",
            evidence=(Excerpt(citation=cite("commands/asterisk-V.txt", 1), text="Asterisk 16.28.0"),),
        ),
        Finding(
            id="log-short",
            check="log-kept-too-short",
            severity=Severity.INFO,
            subject="logger",
            claim="The logs reach back three days.",
            evidence=(),
        ),
    )


def coverage() -> Coverage:
    """Build the account of what was read, with problems and inputs."""
    return Coverage(
        files_read=214,
        lines_read=48_211,
        lines_understood=47_904,
        problems=(
            Problem(
                citation=cite("var/log/asterisk/full.2.gz"), message="ends in the middle; what came before was read"
            ),
            Problem(citation=cite(f"var/log/{ESC}x", 12), message=f"not understood: {HOSTILE}"),
        ),
        inputs=(
            Digest(file=EDGE, sha256="3f" * 32, size_bytes=913),
            Digest(file=FULL, sha256="a7" * 32, size_bytes=4_812_113),
        ),
        inferred=("the voice network is 10.30.0.0/16, because the phones registered from it",),
        first_at=at(-86_400),
        last_at=at(20_000),
    )


def hijacked() -> Report:
    """Build the story that Ringfence exists for."""
    return Report(
        site=site(),
        verdict="Six extensions were used by strangers on 23 November; they read the phones' files through an open TFTP"
        " port. It is still open.",
        next_hour=(
            Remedy(
                text="Close TFTP at the edge: phones inside do not need it.",
                command=DELETE_FORWARD,
            ),
            Remedy(
                text="Stop calls abroad until the secrets are changed.",
                command="FreePBX: Connectivity > Outbound Routes > international > Disable",
            ),
            Remedy(text="Change the secrets of 2001, 2013, 2018, 2023, 2009 and 2010, then the eight that lay open."),
        ),
        exposures=hijacked_exposures(),
        findings=findings(),
        incidents=(incident(),),
        leaked=(
            *(LeakedSecret(account=name, file=f"00156570{name}.cfg", address=READER, at=at(40), certain=True,
                           citation=cite(SYSLOG, 60)) for name in READ),
            *(LeakedSecret(account=name, file=f"00156570{name}.cfg", address=None, at=None, certain=False,
                           citation=cite(f"tftpboot/00156570{name}.cfg")) for name in LAY_OPEN),
        ),
        unknowns=(
            Unknown(
                subject="IAX2, links between Asterisk systems (udp/4569)",
                why="a rule of the PBX matches on the set 'blocked', which is not in the evidence",
                decide_by="Run 'ipset list blocked' on the PBX and add the output as commands/ipset-list.txt.",
                citation=cite(PBX_FILTER, 52),
            ),
        ),
        coverage=coverage(),
        source="/srv/evidence/lakeside.tar.gz",
        version="0.1.0",
    )  # fmt: skip


def clean() -> Report:
    """Build a site where nothing is open and nothing happened, as far as two days of logs show."""
    internet = tuple(exposure("internet", socket, Verdict.BLOCKED) for socket in SERVICES)
    return Report(
        site=site(),
        verdict="No service answers the Internet, and two days of logs show no stranger.",
        next_hour=(),
        exposures=(*internet, *(exposure("voice", socket, Verdict.REACHABLE) for socket in SERVICES[:3])),
        findings=(),
        incidents=(),
        leaked=(),
        unknowns=(
            Unknown(
                subject="Secrets read before 22 November",
                why="the logs start there",
                decide_by="Add older logs (var/log/messages*, var/log/asterisk/*) if they are kept anywhere.",
            ),
        ),
        coverage=Coverage(
            files_read=198,
            lines_read=31_007,
            lines_understood=31_007,
            inputs=(Digest(file=EDGE, sha256="0c" * 32, size_bytes=880),),
            first_at=at(-86_400),
            last_at=at(86_400),
        ),
        source="local",
        version="0.1.0",
    )


def incomplete() -> Report:
    """Build an answer that could not be finished: an empty bundle with one truncated log."""
    return Report(
        site=Site(),
        verdict="The check could not be finished: the bundle holds no Asterisk configuration.",
        next_hour=(Remedy(text="Collect again, as root.", command="ringfence collect local -o evidence.tar.gz"),),
        exposures=(),
        findings=(),
        incidents=(),
        leaked=(),
        unknowns=(
            Unknown(
                subject="Everything",
                why="etc/asterisk is not in the bundle",
                decide_by="Collect as root: the files are not readable for others.",
            ),
        ),
        coverage=Coverage(
            files_read=1,
            problems=(Problem(citation=cite("var/log/asterisk/full.1.gz"), message="ends in the middle"),),
        ),
        source="empty.tar",
        version="0.1.0",
        complete=False,
    )


def undecided() -> Report:
    """Build a site whose edge sent nothing: every door unknown, one of them unknown without an entry of its own."""
    base = clean()
    return Report(
        site=Site(name="Lakeside School", timezone="-06:00", networks=base.site.networks),
        verdict="Nobody can say what is open to the Internet: the edge's rules are not in the evidence.",
        next_hour=(Remedy(text="Export the edge's rules.", command="iptables-save > edge/iptables-save.txt"),),
        exposures=(
            exposure("internet", TFTP, Verdict.UNKNOWN),
            exposure("internet", PJSIP, Verdict.UNKNOWN),
            exposure("internet", SSH, Verdict.BLOCKED),
        ),
        findings=(),
        incidents=(),
        leaked=(),
        unknowns=(
            Unknown(
                subject="TFTP, the phones' file server (udp/69)",
                why="the edge's rules are missing",
                decide_by="Add what the edge exports to the folder edge/ of the bundle.",
            ),
        ),
        coverage=Coverage(files_read=12, lines_read=904, lines_understood=880),
        source="bundle/",
        version="0.1.0",
    )


ALL = (hijacked, clean, incomplete, undecided)
