"""A scenario's stage: the running school, and the acts that scenarios are made of."""

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab import attackers, sipp
from tests.lab.attackers import Stranger
from tests.lab.school import DID, Account, School
from tests.lab.sipp import Call, Client, Session
from tests.lab.topology import EDGE_PUBLIC, PBX, PROVIDER, REMOTE_WORKER, Topology
from tests.lab.truth import Cause, Method, Theft, Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How fast a scenario is played: a few phones in seconds for the tests, or all phones at leisure for the demo."""

    day_seconds: float
    refresh_ms: int
    waves: int
    lull_seconds: float
    talk_ms: int


BRISK = Pace(day_seconds=14, refresh_ms=3_000_000, waves=1, lull_seconds=0.5, talk_ms=2500)
# Phones that refresh meanwhile take their registration back from the thief, who takes it again.
LEISURELY = Pace(day_seconds=140, refresh_ms=45_000, waves=2, lull_seconds=10, talk_ms=8000)
# For evidence to show: long calls, and time between the acts. chan_sip ends a call after 30 s without RTP (rtptimeout).
SLOW = Pace(day_seconds=640, refresh_ms=90_000, waves=4, lull_seconds=25, talk_ms=26_000)
PACES = {"brisk": BRISK, "leisurely": LEISURELY, "slow": SLOW}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Everything that an act needs, and the record of truth that it fills in."""

    net: Topology
    school: School
    folder: Path
    truth: Truth
    background: contextlib.ExitStack
    pace: Pace
    seen_as: Mapping[str, str] = field(default_factory=dict)
    _acts: list[str] = field(default_factory=list)

    def pick(self, count: int, driver: str | None = None) -> list[Account]:
        """Return accounts to steal, alternating between the drivers, never the reception's."""
        if driver or not self.school.of("chan_sip"):
            wanted = [account for account in self.school.accounts if driver in {None, account.driver}]
            return wanted[3 : 3 + 2 * count : 2]
        pairs = zip(self.school.of("chan_sip")[3::2], self.school.of("pjsip")[3::2], strict=False)
        return [account for pair in pairs for account in pair][:count]

    def lull(self) -> None:
        """Let some time pass, as strangers do between one act and the next."""
        time.sleep(self.pace.lull_seconds)

    def stranger(self, source: str) -> Stranger:
        """Return the stranger with that address, and put it on record as hostile."""
        self.truth.hostile_addresses.add(self.seen_as.get(source, source))
        self._acts.append(source)
        folder = self.folder / f"{len(self._acts)}-{source}"
        return Stranger(net=self.net, folder=folder, address=source, talk_ms=self.pace.talk_ms)

    def scan(self, source: str) -> None:
        """Let a stranger look for SIP servers and do no more."""
        self.stranger(source).scan()

    def leak(self, accounts: Sequence[Account], *, source: str) -> None:
        """Let a stranger read phones' files by TFTP, after a few wrong guesses of their names."""
        misses = [f"001565{int(account.mac[6:], 16) + 1:06x}.cfg" for account in accounts[:3]]
        names = [accounts[0].common_file_name, *misses, *(account.file_name for account in accounts)]
        self.stranger(source).read_files(names)
        self.truth.leaked_not_used += [account.extension for account in accounts]

    def steal(self, accounts: Sequence[Account], *, source: str, cause: Cause, method: Method = "registered") -> None:
        """Let a stranger use accounts: register (or not) and place two fraud calls with each."""
        seen = self.seen_as.get(source, source)
        earlier = len(self.truth.fraud_calls)
        numbers = {
            account.extension: attackers.fraud_numbers(2, f"{account.extension}-{earlier}") for account in accounts
        }
        self.stranger(source).use(accounts, numbers, registers=method == "registered")
        for account in accounts:
            extension = account.extension
            self.truth.compromised[extension] = Theft(cause=cause, addresses=(seen,), method=method)
            self.truth.fraud_calls += [(extension, seen, number) for number in numbers[extension]]
            if extension in self.truth.leaked_not_used:
                self.truth.leaked_not_used.remove(extension)

    def list_extensions(self, around: Account, *, source: str) -> None:
        """Let a stranger ask which extensions there are: ten numbers from the one before ``around``'s."""
        first = int(around.extension) - 1
        self.stranger(source).list_extensions(port=around.port, numbers=f"{first}-{first + 9}")

    def guess(self, account: Account, *, source: str, words: Sequence[str], pause_seconds: float = 0.0) -> None:
        """Let a stranger try secrets for one account."""
        self.stranger(source).guess(account, words, pause_seconds=pause_seconds)

    def guest_calls(self, count: int, *, source: str) -> None:
        """Let a stranger dial without any account."""
        numbers = attackers.fraud_numbers(count, self.truth.scenario)
        port = 5160 if self.school.of("chan_sip") else 5060
        self.stranger(source).call_as_guest(numbers, port=port)
        self.truth.guest_calls += [(source, number) for number in numbers]

    def inbound_call(self) -> None:
        """Let the provider bring an ordinary call in."""
        call = Call(wait_ms=200, number=DID, talk_ms=1500)
        client = Client(account="3125550177", address=PROVIDER, secret="", user_agent="Lakeside-SBC", calls=(call,))
        session = Session(
            namespace="inet",
            folder=self.folder / "inbound",
            server=EDGE_PUBLIC,
            port=5060,
            scenario_text=sipp.scenario("inbound", sipp.call(0, authenticates=False)),
            clients=[client],
            local_port=5062,
        )
        sipp.play(self.net, session)

    def work_from_home(self, account: Account) -> None:
        """Let a member of staff use their own account from home for the rest of the scenario."""
        calls = (
            Call(wait_ms=1500, number="913125550142", talk_ms=1500),
            Call(wait_ms=1000, number=self.school.accounts[-1].extension, talk_ms=1200),
        )
        client = Client(
            account=account.extension,
            address=REMOTE_WORKER,
            secret=account.secret,
            user_agent=account.user_agent,
            calls=calls,
        )
        blocks = (sipp.register(), sipp.call(0), sipp.call(1), sipp.stay(3_000_000))
        session = Session(
            namespace="inet",
            folder=self.folder / "home",
            server=EDGE_PUBLIC,
            port=account.port,
            scenario_text=sipp.scenario("remote worker", *blocks),
            clients=[client],
        )
        self.background.enter_context(sipp.running(self.net, session))
        self.truth.benign_external[REMOTE_WORKER] = [account.extension]

    def stale_phone(self, account: Account, *, tries: int = 5) -> None:
        """Let a desk phone try an old secret again and again."""
        self.net.add_addresses("voice", (account.address,))
        client = Client(
            account=account.extension,
            address=account.address,
            secret="FAKE-last-years-secret",
            user_agent=account.user_agent,
        )
        session = Session(
            namespace="voice",
            folder=self.folder / "stale",
            server=PBX,
            port=account.port,
            scenario_text=sipp.scenario("stale", *(sipp.refused_registration(n) for n in range(tries))),
            clients=[client],
        )
        sipp.play(self.net, session)
        self.truth.benign[account.extension] = f"phone at {account.address} with a stale secret, {tries} tries"
