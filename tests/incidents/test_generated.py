"""Two hundred made-up days with several attackers and honest oddities: every cause right, nobody innocent accused."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address

import pytest

from ringfence.incidents.investigate import investigate
from ringfence.model.incident import Cause
from ringfence.model.site import Address, Driver
from tests.incidents.scenes import LATVIA, SOMALIA, TOWN, Day, file_of, phone_of, school

DAYS = 200
ABROAD = (SOMALIA, LATVIA, "901188213551003", "9011960796668748")


@dataclass
class Story:
    """A day under way, what really happened, and the accounts and addresses that are still free."""

    chance: random.Random
    day: Day
    weak: set[str] = field(default_factory=set)
    causes: dict[str, Cause] = field(default_factory=dict)
    hostile: set[Address] = field(default_factory=set)
    scanners: set[Address] = field(default_factory=set)
    fresh_accounts: list[str] = field(default_factory=lambda: [str(number) for number in range(2001, 2011)])
    hosts: int = 20

    def account(self) -> str:
        return self.fresh_accounts.pop()

    def outside(self) -> Address:
        self.hosts += 1
        return ip_address(f"203.0.113.{self.hosts + 60}")

    def fraud(self, account: str, source: Address) -> None:
        """The thief registers and places two or three calls abroad; the phone may take its registration back."""
        self.day.wait(self.chance.randrange(2, 90)).register(account, source)
        for _ in range(self.chance.randrange(2, 4)):
            self.day.wait(self.chance.randrange(10, 120)).proof(account, source)
            self.day.call(account, self.chance.choice(ABROAD), self.chance.randrange(5, 900))
        if self.chance.random() < 0.5:
            self.day.wait(30).register(account, phone_of(account))


def leak(story: Story) -> None:
    reader = story.outside()
    user = reader if story.chance.random() < 0.7 else story.outside()
    accounts = [story.account() for _ in range(story.chance.randrange(1, 3))]
    for name in (*map(file_of, accounts), file_of("2099"), file_of("2098")):
        story.day.fetch(reader, name).wait(1)
    story.hostile |= {reader, user}
    for account in accounts:
        story.causes[account] = Cause.PROVISIONING_LEAK
        story.fraud(account, user)


def guess(story: Story) -> None:
    account, source = story.account(), story.outside()
    story.weak.add(account)
    story.hostile.add(source)
    story.causes[account] = Cause.GUESSED
    if story.chance.random() < 0.7:
        story.day.wrong(account, source, times=story.chance.randrange(6, 80))
    story.fraud(account, source)


def slow_guess(story: Story) -> None:
    account = story.account()
    story.weak.add(account)
    story.causes[account] = Cause.GUESSED
    sources = [story.outside() for _ in range(story.chance.randrange(2, 5))]
    for source in sources:
        story.day.wrong(account, source, times=story.chance.randrange(2, 5), pause_seconds=700)
    story.hostile |= set(sources)
    story.fraud(account, sources[-1])


def known(story: Story) -> None:
    account, source = story.account(), story.outside()
    story.hostile.add(source)
    story.causes[account] = Cause.SECRET_KNOWN
    story.fraud(account, source)


def remote_worker(story: Story) -> None:
    account, source = story.account(), story.outside()
    story.day.register(account, source)
    for _ in range(story.chance.randrange(1, 5)):
        story.day.wait(300).proof(account, source).call(account, TOWN)


def remote_office(story: Story) -> None:
    """Two colleagues behind one address; their desks in the school are empty that day."""
    source = story.outside()
    for _ in range(2):
        remote = story.account()
        story.day.registrations = [row for row in story.day.registrations if row.account != remote]
        story.day.authentications = [row for row in story.day.authentications if row.account != remote]
        story.day.register(remote, source).wait(60).proof(remote, source).call(remote, TOWN)


def stale_phone(story: Story) -> None:
    account = story.account()
    story.day.wrong(account, phone_of(account), times=story.chance.randrange(3, 40), pause_seconds=60)


def scanner(story: Story) -> None:
    """Tries names and never gets in; where it tried an account that others guessed, it may be named among them."""
    source = story.outside()
    story.scanners.add(source)
    for name in story.chance.sample(["100", "101", "1000", "2001", "2002", "2003", "admin"], 5):
        story.day.wrong(name, source).wait(1)


def provider_failover(story: Story) -> None:
    for _ in range(3):
        story.day.wait(10).proof("provider", ip_address("203.0.113.20"))


def calls_home(story: Story) -> None:
    """A teacher phones abroad from the desk, and the phone itself proves it."""
    account = story.account()
    for _ in range(story.chance.randrange(1, 6)):
        story.day.wait(900).proof(account, phone_of(account)).call(account, LATVIA)


ATTACKS: tuple[Callable[[Story], None], ...] = (leak, guess, slow_guess, known)
HONEST: tuple[Callable[[Story], None], ...] = (
    remote_worker,
    remote_office,
    stale_phone,
    scanner,
    provider_failover,
    calls_home,
)


def tell(seed: int) -> Story:
    chance = random.Random(seed)
    day = Day(driver=chance.choice((Driver.CHAN_SIP, Driver.PJSIP)), security_log=True)
    story = Story(chance=chance, day=day.morning())
    chance.shuffle(story.fresh_accounts)
    acts = [*chance.choices(ATTACKS, k=chance.randrange(3)), *chance.sample(HONEST, chance.randrange(1, 4))]
    chance.shuffle(acts)
    for act in acts:
        if len(story.fresh_accounts) >= 3:
            act(story)
            day.wait(chance.randrange(60, 4000))
    return story


@pytest.mark.parametrize("seed", range(DAYS))
def test_a_made_up_day_is_judged_right(seed: int) -> None:
    story = tell(seed)
    site = school(weak=tuple(story.weak), driver=story.day.driver)
    found = investigate(site, story.day.events(), ())
    assert {account: item.cause for item in found.incidents for account in item.accounts} == story.causes
    accused = {address for item in found.incidents for address in item.addresses}
    assert accused <= story.hostile | story.scanners
    assert bool(accused) is bool(story.causes)
