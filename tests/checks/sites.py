"""Small sites to check: a clean one, and the pieces to spoil it with. Every secret here is made up."""

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address, ip_interface, ip_network

from ringfence.checks.check import Check
from ringfence.events.schema import Events, FileOutcome, FileRequest, LogSource, Registration, RegistrationAction
from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Citation
from ringfence.model.exposure import Basis, Exposure, Hop, Outside, Verdict
from ringfence.model.finding import Finding
from ringfence.model.packetfilter import (
    Action,
    Chain,
    ChainKind,
    DestinationPort,
    Family,
    Hook,
    InputInterface,
    Jump,
    Mark,
    Match,
    Rule,
    Ruleset,
    SourceAddress,
    TranslateDestination,
)
from ringfence.model.secret import Secret
from ringfence.model.site import (
    Account,
    AclEntry,
    Driver,
    FileKind,
    Host,
    HttpSettings,
    Interface,
    Listener,
    LiveContact,
    LogFile,
    ManagerSettings,
    ManagerUser,
    NamedNetwork,
    Provider,
    RemoteWorker,
    SecretPlace,
    ServedFile,
    ServiceName,
    SipSettings,
    Site,
    Trunk,
    Versions,
)

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ATTACKER = ip_address("203.0.113.77")
PROVIDER = ip_address("198.51.100.20")
REMOTE = ip_address("198.51.100.200")
VOICE = ip_network("10.40.0.0/16")
OFFICE = ip_network("10.50.0.0/16")
SERVERS = ip_network("10.20.0.0/16")
PBX = ip_interface("10.20.0.10/16")
EVERYWHERE = AddressSet.all_ipv4()


def at(line: int, file: str = "etc/asterisk/sip_additional.conf") -> Citation:
    return Citation(file=file, line=line)


def strong(name: str) -> Secret:
    return Secret(f"FAKE-x9Kq7LmVw3Zt-{name[::-1]}Rp")


def acl(*lines: str) -> tuple[AclEntry, ...]:
    """Build an ACL from lines like ``deny=0.0.0.0/0``."""
    entries = []
    for number, line in enumerate(lines, start=1):
        word, _, network = line.partition("=")
        entries.append(AclEntry(permit=word == "permit", network=ip_network(network), citation=at(number)))
    return tuple(entries)


CLOSED = acl("deny=0.0.0.0/0", "permit=10.40.0.0/16")
LOCAL = acl("deny=0.0.0.0/0", "permit=127.0.0.0/24")


def account(name: str, secret: str | None = None, driver: Driver = Driver.CHAN_SIP) -> Account:
    """Build a well-kept account; ``secret`` replaces its strong one."""
    return Account(
        name=name,
        driver=driver,
        secret=strong(name) if secret is None else Secret(secret),
        username=name,
        context="from-internal",
        acl=CLOSED,
        max_contacts=1 if driver is Driver.PJSIP else None,
        caller_name="Main Office",
        call_limit=2,
        citation=at(10),
        secret_citations=(at(11),),
    )


def listener(service: ServiceName, port: int, transport: str = "udp", address: str | None = None) -> Listener:
    return Listener(
        service=service,
        transport=transport,
        address=None if address is None else ip_address(address),
        port=port,
        process="daemon",
        citation=at(port, "commands/ss.txt"),
    )


TFTP = listener(ServiceName.TFTP, 69)
CHAN_SIP = listener(ServiceName.CHAN_SIP, 5160)
PJSIP = listener(ServiceName.PJSIP, 5060)


def exposure(
    target: Listener,
    vantage: str = "internet",
    sources: AddressSet = EVERYWHERE,
    verdict: Verdict = Verdict.REACHABLE,
    basis: Basis = Basis.PREDICTED,
) -> Exposure:
    who = "Anyone on the Internet" if vantage == "internet" else f"Network {vantage}"
    return Exposure(
        id=f"{vantage}:{target.transport}/{target.port}:{basis}",
        vantage=vantage,
        listener=target,
        outside=Outside(address=ip_address("192.0.2.1"), port=target.port) if vantage == "internet" else None,
        verdict=verdict,
        basis=basis,
        sources=sources if verdict is Verdict.REACHABLE else AddressSet(),
        claim=f"{who} reaches port {target.port}" if verdict is Verdict.REACHABLE else "",
        proof=(Hop(text="the edge forwards the port", citation=FORWARD.citation),),
    )


def rule(text: str, action: Action, *matches: Match, line: int = 1, file: str = "commands/iptables-save.txt") -> Rule:
    return Rule(matches=matches, action=action, text=text, citation=at(line, file))


FORWARD = rule(
    "-A PREROUTING -i wan -p udp -m udp --dport 69 -j DNAT --to-destination 10.20.0.10",
    TranslateDestination(addresses=AddressSet.of("10.20.0.10")),
    InputInterface(names=frozenset({"wan"})),
    DestinationPort(ports=PortSet.of(69)),
    line=5,
    file="edge/iptables-save.txt",
)
ZONE_EXTERNAL = rule(
    "-A fpbxinterfaces -i eth0 -j zone-external",
    Jump(chain="zone-external"),
    InputInterface(names=frozenset({"eth0"})),
    line=90,
)
KNOWN_PHONE = rule(
    "-A fpbxregistrations -s 10.40.0.5/32 -j fpbxknownreg",
    Jump(chain="fpbxknownreg"),
    SourceAddress(addresses=AddressSet.of("10.40.0.5")),
    line=120,
)
TO_RESPONSIVE = rule(
    "-A fpbxfirewall -m mark --mark 0x2/0x2 -j fpbxrfw", Jump(chain="fpbxrfw"), Mark(value=2, mask=2), line=70
)


def chain(name: str, *rules: Rule, table: str = "filter", hook: Hook | None = None) -> Chain:
    kind = ChainKind.NAT if table == "nat" else ChainKind.FILTER
    return Chain(table=table, name=name, family=Family.IPV4, rules=rules, hook=hook, kind=kind, citation=at(1))


def ruleset(*chains: Chain) -> Ruleset:
    return Ruleset(chains=chains, product="iptables", citation=at(1))


def pbx(*chains: Chain, listeners: tuple[Listener, ...] | None = (TFTP, CHAN_SIP, PJSIP)) -> Host:
    """Build the PBX with FreePBX's chains; a chain given replaces the well-kept one of its name."""
    kept = {
        "fpbxfirewall": chain("fpbxfirewall", TO_RESPONSIVE),
        "fpbxinterfaces": chain("fpbxinterfaces", ZONE_EXTERNAL),
        "fpbxregistrations": chain("fpbxregistrations", KNOWN_PHONE),
        "fpbxsignalling": chain("fpbxsignalling"),
    } | {given.name: given for given in chains}
    eth0 = Interface(name="eth0", addresses=(PBX,), citation=at(1, "commands/ip-addr.txt"))
    return Host(name="pbx", interfaces=(eth0,), listeners=listeners, packet_filter=ruleset(*kept.values()))


def edge(*rules: Rule) -> Host:
    """Build the edge with these translations."""
    return Host(name="edge", packet_filter=ruleset(chain("PREROUTING", *rules, table="nat", hook=Hook.PREROUTING)))


def served(name: str, *accounts: str, kind: FileKind = FileKind.PHONE, form: str = "raw") -> ServedFile:
    file = f"tftpboot/{name}"
    places = tuple(
        SecretPlace(account=account, driver=Driver.CHAN_SIP, form=form, citation=at(line, file))
        for line, account in enumerate(accounts, start=1)
    )
    return ServedFile(name=name, root="tftpboot", kind=kind, size_bytes=100, secrets=places, citation=at(1, file))


def contact(name: str, address: str, user_agent: str = "Yealink SIP-T28P") -> LiveContact:
    return LiveContact(
        account=name,
        driver=Driver.CHAN_SIP,
        address=ip_address(address),
        port=5060,
        user_agent=user_agent,
        citation=at(3, "commands/sip-show-peers.txt"),
    )


def registration(name: str, address: str, action: RegistrationAction = RegistrationAction.ADDED) -> Registration:
    return Registration(
        at=NOON,
        account=name,
        driver=Driver.CHAN_SIP,
        action=action,
        address=ip_address(address),
        citation=at(40, "var/log/asterisk/full"),
    )


def manager(*users: ManagerUser, address: str | None = "127.0.0.1", enabled: bool = True) -> ManagerSettings:
    place = None if address is None else ip_address(address)
    return ManagerSettings(
        enabled=enabled, address=place, port=5038, users=users, citation=at(1, "etc/asterisk/manager.conf")
    )


def manager_user(
    name: str = "admin",
    *,
    entries: tuple[AclEntry, ...] = LOCAL,
    secret: Secret | None = None,
    write: str = "originate",
) -> ManagerUser:
    return ManagerUser(
        name=name,
        secret=secret or strong(name),
        acl=entries,
        write=tuple(filter(None, write.split(","))),
        citation=at(8, "etc/asterisk/manager.conf"),
    )


def http(address: str | None, *, ari: bool | None = None) -> HttpSettings:
    place = None if address is None else ip_address(address)
    return HttpSettings(
        enabled=True, address=place, port=8088, ari_enabled=ari, citation=at(2, "etc/asterisk/http.conf")
    )


def sip(driver: Driver = Driver.CHAN_SIP, *, guests: bool | None = False, context: str = "guests") -> SipSettings:
    return SipSettings(
        driver=driver,
        allow_guest=guests,
        guest_context=context,
        always_auth_reject=True,
        citation=at(2, "etc/asterisk/sip.conf"),
        guest_citation=at(4, "etc/asterisk/sip.conf"),
    )


def clean_site() -> Site:
    """Give a site with nothing to complain about."""
    return Site(
        name="school",
        hosts=(pbx(), edge()),
        networks=(
            NamedNetwork(name="voice", prefixes=(VOICE,), declared=True),
            NamedNetwork(name="office", prefixes=(OFFICE,), declared=True),
            NamedNetwork(name="pbx", prefixes=(SERVERS,), declared=True),
        ),
        providers=(Provider(name="itsp", addresses=(PROVIDER,)),),
        remotes=(RemoteWorker(name="home", prefixes=(ip_network(f"{REMOTE}/32"),), accounts=("2005",)),),
        accounts=(
            account("1001"),
            account("1002"),
            account("2001", driver=Driver.PJSIP),
            account("2005", driver=Driver.PJSIP),
        ),
        trunks=(
            Trunk(
                name="itsp",
                driver=Driver.PJSIP,
                hosts=(str(PROVIDER),),
                matched=(ip_network(f"{PROVIDER}/32"),),
                context="from-pstn",
                citation=at(1, "etc/asterisk/pjsip.endpoint.conf"),
            ),
        ),
        sip=(sip(), sip(Driver.PJSIP)),
        manager=manager(manager_user()),
        http=http("127.0.0.1"),
        log_files=(
            LogFile(
                name="/var/log/asterisk/full",
                levels=frozenset({"notice", "security", "verbose"}),
                citation=at(3, "etc/asterisk/logger.conf"),
            ),
        ),
        served_files=(served("001565aabb01.cfg"),),
        contacts=(contact("1001", "10.40.0.5"), contact("2005", str(REMOTE))),
        versions=Versions(asterisk="22.5.1", asterisk_citation=at(1, "commands/core-show-version.txt")),
    )


def clean_exposures() -> tuple[Exposure, ...]:
    """Give what the clean site's rules let pass: the provider and the remote place to SIP, the phones to everything."""
    friends = AddressSet.of(PROVIDER, REMOTE)
    return (
        exposure(TFTP, verdict=Verdict.BLOCKED),
        exposure(CHAN_SIP, sources=friends),
        exposure(PJSIP, sources=friends),
        *(exposure(target, "voice", AddressSet.of(VOICE)) for target in (TFTP, CHAN_SIP, PJSIP)),
        exposure(TFTP, "office", verdict=Verdict.BLOCKED),
        exposure(TFTP, "pbx", AddressSet.of(SERVERS)),
    )


def clean_events() -> Events:
    """Give the events of a quiet day."""
    return Events(
        registrations=(registration("1001", "10.40.0.5"), registration("2005", str(REMOTE))),
        files=(
            FileRequest(
                at=NOON,
                protocol="tftp",
                name="001565aabb01.cfg",
                address=ip_address("10.40.0.5"),
                outcome=FileOutcome.REQUESTED,
                citation=at(7, "var/log/messages"),
            ),
        ),
        sources=(
            LogSource(file="var/log/messages", kind="tftp", lines=10, understood=10, first_at=NOON, last_at=NOON),
        ),
    )


def with_account(changed: Account) -> Site:
    """Give the clean site with one account replaced, by its name."""
    site = clean_site()
    kept = tuple(changed if known.name == changed.name else known for known in site.accounts)
    return replace(site, accounts=kept)


def fired(
    rule_: Check,
    site: Site | None = None,
    exposures: tuple[Exposure, ...] | None = None,
    events: Events | None = None,
) -> tuple[Finding, ...]:
    """Run one check; what is not given is clean."""
    return tuple(
        rule_.run(
            clean_site() if site is None else site,
            clean_exposures() if exposures is None else exposures,
            clean_events() if events is None else events,
        )
    )
