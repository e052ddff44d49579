"""The desk phones: they fetch their files by TFTP, register, answer, and make an ordinary day's calls."""

import contextlib
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab import sipp
from tests.lab.school import Account, School
from tests.lab.sipp import Call, Client, Session
from tests.lab.topology import PBX, VOICE_GATEWAY, Topology, route

_RATE_PER_SECOND = 40


def tftp_read(server: str, name: str) -> str:
    """Return the shell command that reads one file by TFTP; a file that is not there is no failure."""
    return f"timeout 5 tftp -m octet {server} -c get {name} /dev/null || true"


def fetch_files(net: Topology, accounts: Iterable[Account]) -> None:
    """Let each phone read the file of its model and its own file, from its own address."""
    lines: list[str] = []
    for account in accounts:
        lines.append(" ".join(("ip", *route(PBX, account.address, gateway=VOICE_GATEWAY))))
        lines += [tftp_read(PBX, name) for name in (account.common_file_name, account.file_name)]
    net.shell("voice", "\n".join(lines))


def day_of_calls(school: School, *, seconds: float, share: float = 0.5) -> dict[str, tuple[Call, ...]]:
    """Plan an ordinary day: callers talk to colleagues and to numbers in the country, spread over ``seconds``."""
    dice = random.Random(f"day-{len(school.accounts)}")
    numbers = [account.extension for account in school.accounts]
    callers = numbers[: int(len(numbers) * share)]
    listeners = numbers[len(callers) :]
    dice.shuffle(listeners)
    plan: dict[str, tuple[Call, ...]] = {}
    for caller, listener in zip(callers, listeners, strict=False):
        span = int(seconds * 1000) - 6000
        first = dice.randrange(1000, max(span // 2, 1500))
        inside = Call(wait_ms=first, number=listener, talk_ms=dice.randrange(800, 2500))
        rest = max(span - first - inside.talk_ms - 2000, 1500)
        domestic = f"9131255501{dice.randrange(1, 99):02d}"
        abroad = f"901144207946{dice.randrange(100, 999):04d}"
        outside = abroad if dice.random() < 0.04 else domestic
        plan[caller] = (
            inside,
            Call(wait_ms=dice.randrange(1000, rest), number=outside, talk_ms=dice.randrange(800, 2500)),
        )
    return plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What the phones do: the calls of each extension, how often they refresh, who is not at the desk."""

    calls: Mapping[str, tuple[Call, ...]]
    absent: Sequence[str] = ()
    refresh_ms: int = 3_000_000


@contextlib.contextmanager
def on_the_desks(net: Topology, school: School, folder: Path, day: Day) -> Iterator[None]:
    """Boot every phone but the absent ones, and keep them alive for the length of the block."""
    present = [account for account in school.accounts if account.extension not in day.absent]
    net.add_addresses("voice", [account.address for account in present])
    fetch_files(net, present)
    with contextlib.ExitStack() as stack:
        for port in sorted({account.port for account in present}):
            clients = [_client(account, day.calls) for account in present if account.port == port]
            text = sipp.scenario("phone", sipp.register(), sipp.call(0), sipp.call(1), sipp.stay(day.refresh_ms))
            session = Session(
                namespace="voice",
                folder=folder / f"phones-{port}",
                server=PBX,
                port=port,
                scenario_text=text,
                clients=clients,
                rate_per_second=_RATE_PER_SECOND,
            )
            stack.enter_context(sipp.running(net, session))
        yield


def _client(account: Account, calls: Mapping[str, tuple[Call, ...]]) -> Client:
    return Client(
        account=account.extension,
        address=account.address,
        secret=account.secret,
        user_agent=account.user_agent,
        calls=calls.get(account.extension, ()),
    )
