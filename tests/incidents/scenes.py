"""Builds sites and events for the investigation's tests: a school with ten phones, and what strangers did to it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

from ringfence.events.schema import (
    Authentication,
    Call,
    Events,
    FileOutcome,
    FileRequest,
    LogSource,
    Outcome,
    Registration,
    RegistrationAction,
)
from ringfence.model.evidence import Citation
from ringfence.model.secret import Secret
from ringfence.model.site import (
    Account,
    Address,
    Driver,
    FileKind,
    NamedNetwork,
    RemoteWorker,
    SecretPlace,
    ServedFile,
    SipSettings,
    Site,
    Trunk,
)

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
THIEF = ip_address("203.0.113.66")
SECOND = ip_address("198.51.100.77")
WORKER = ip_address("198.51.100.40")
GATEWAY = ip_address("10.20.0.1")
OFFICE = ip_address("10.20.30.50")
SOMALIA = "9011252615551001"
LATVIA = "901137122226968"
TOWN = "95551239"


def here(line: int, file: str = "var/log/asterisk/full") -> Citation:
    return Citation(file=file, line=line)


def phone_of(account: str) -> Address:
    return ip_address(f"10.20.8.{int(account) - 1990}")


def file_of(account: str) -> str:
    return f"001565aa{account}.cfg"


def school(
    *,
    weak: tuple[str, ...] = (),
    remotes: tuple[RemoteWorker, ...] = (),
    served: bool = True,
    driver: Driver = Driver.CHAN_SIP,
) -> Site:
    """Ten extensions 2001 to 2010, whose phones stand in 10.20.8.0/24 and fetch their files over TFTP."""
    names = [str(number) for number in range(2001, 2011)]
    accounts = tuple(
        Account(
            name=name,
            driver=driver,
            secret=Secret(name if name in weak else f"FAKE-{name}-long-and-mixed"),
            context="from-internal",
            citation=here(1, "etc/asterisk/sip.conf"),
        )
        for name in names
    )
    files = tuple(
        ServedFile(
            name=file_of(name),
            root="tftpboot",
            kind=FileKind.PHONE,
            size_bytes=310,
            mac=file_of(name).removesuffix(".cfg"),
            accounts=(name,),
            secrets=(
                SecretPlace(account=name, driver=driver, form="raw", citation=here(5, f"tftpboot/{file_of(name)}")),
            ),
            citation=here(1, f"tftpboot/{file_of(name)}"),
        )
        for name in names
    )
    return Site(
        networks=(
            NamedNetwork(name="voice", prefixes=(ip_network("10.20.8.0/24"),), declared=False),
            NamedNetwork(name="office", prefixes=(ip_network("10.20.30.0/24"),), declared=False),
            NamedNetwork(name="pbx", prefixes=(ip_network("10.20.0.0/24"),), declared=False),
        ),
        remotes=remotes,
        accounts=accounts,
        trunks=(
            Trunk(name="provider", driver=driver, hosts=("203.0.113.20",), citation=here(9, "etc/asterisk/sip.conf")),
        ),
        sip=(SipSettings(driver=driver, guest_context="from-sip-external", citation=here(2, "etc/asterisk/sip.conf")),),
        served_files=files if served else None,
    )


@dataclass
class Day:
    """A day at the school, told step by step; every step takes a minute unless the clock is moved."""

    driver: Driver = Driver.CHAN_SIP
    security_log: bool = True
    tftp_log: bool = True
    now: datetime = START
    registrations: list[Registration] = field(default_factory=list)
    authentications: list[Authentication] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    files: list[FileRequest] = field(default_factory=list)
    line: int = 0

    def wait(self, seconds: float = 60) -> "Day":
        self.now += timedelta(seconds=seconds)
        return self

    def morning(self) -> "Day":
        """All phones fetch their own file and register."""
        for number in range(2001, 2011):
            account = str(number)
            self.fetch(phone_of(account), file_of(account)).wait(1)
            self.register(account, phone_of(account)).wait(1)
        return self.wait()

    def fetch(self, address: Address, name: str, outcome: FileOutcome = FileOutcome.REQUESTED) -> "Day":
        if self.tftp_log:
            self.files.append(
                FileRequest(
                    at=self.now, protocol="tftp", name=name, address=address, outcome=outcome, citation=self._cite()
                )
            )
        return self

    def register(self, account: str, address: Address) -> "Day":
        self.proof(account, address)
        self.registrations.append(
            Registration(
                at=self.now,
                account=account,
                driver=self.driver,
                action=RegistrationAction.ADDED,
                address=address,
                port=5060,
                citation=self._cite(),
            )
        )
        return self

    def proof(self, account: str, address: Address, outcome: Outcome = Outcome.SUCCEEDED) -> "Day":
        """A SECURITY event, where the log is kept."""
        if self.security_log:
            self._authenticate(account, address, outcome, via_security=True)
        return self

    def wrong(self, account: str, address: Address, times: int = 1, pause_seconds: float = 0.2) -> "Day":
        """Wrong passwords: a NOTICE line each, and a SECURITY event where that log is kept."""
        for _ in range(times):
            self._authenticate(account, address, Outcome.WRONG_SECRET, via_security=False)
            self.proof(account, address, Outcome.WRONG_SECRET)
            self.wait(pause_seconds)
        return self

    def call(
        self, account: str, dialled: str, seconds: int = 60, peer: str = "", context: str = "from-internal"
    ) -> "Day":
        self.calls.append(
            Call(
                at=self.now,
                account=account,
                driver=self.driver.value,
                channel=f"SIP/{peer or account}-{len(self.calls):08x}",
                channel_peer=peer or account,
                dialled=dialled,
                context=context,
                trunk="provider" if len(dialled) > 4 else "",
                duration_seconds=seconds,
                billed_seconds=seconds,
                answered=True,
                citation=self._cite(),
            )
        )
        return self

    def events(self) -> Events:
        end = self.now + timedelta(hours=1)
        levels = frozenset({"NOTICE", "VERBOSE"} | ({"SECURITY"} if self.security_log else set()))
        sources = [
            LogSource(
                file="var/log/asterisk/full",
                kind="asterisk",
                lines=9,
                understood=9,
                first_at=START,
                last_at=end,
                levels=levels,
            )
        ]
        if self.tftp_log:
            sources.append(
                LogSource(file="var/log/messages", kind="tftp", lines=9, understood=9, first_at=START, last_at=end)
            )
        return Events(
            registrations=tuple(self.registrations),
            authentications=tuple(self.authentications),
            calls=tuple(self.calls),
            files=tuple(self.files),
            sources=tuple(sources),
        )

    def _authenticate(self, account: str, address: Address, outcome: Outcome, *, via_security: bool) -> None:
        self.authentications.append(
            Authentication(
                at=self.now,
                service=self.driver.value,
                account=account,
                outcome=outcome,
                address=address,
                port=5060,
                via_security=via_security,
                citation=self._cite(),
            )
        )

    def _cite(self) -> Citation:
        self.line += 1
        return here(self.line)
