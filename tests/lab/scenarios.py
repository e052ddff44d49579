"""The scenarios: one function each, played on a running school while its phones live their day."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from tests.lab.attackers import GUEST_CALLER, SCANNER, SECOND_THIEF, SLOW_GUESSERS, THIEF
from tests.lab.school import School
from tests.lab.stage import Stage
from tests.lab.topology import OFFICE_PC, PROVIDER, Edge

WEAK_SECRET = "lakeside2019"
COMMON_WORDS = (
    *("password", "123456", "1234", "12345678", "qwerty", "letmein", "admin", "welcome", "school", "phone"),
    *("asterisk", "freepbx", "secret", "changeme", "teacher", "summer", "winter", "football", "lakeside"),
    *("lakeside1", "lakeside2015", "lakeside2016", "lakeside2017", "lakeside2018"),
)

Prepare = Callable[[School], School]
Play = Callable[[Stage], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One scenario: how the school differs, who is not at the desk, and what happens."""

    name: str
    play: Play
    prepare: Prepare
    absent: tuple[int, ...] = ()
    edge: Edge = "open"
    pbx_filter: str = ""


def clean_day(stage: Stage) -> None:
    """Phones and the provider, nothing else."""
    stage.inbound_call()


def closed_edge(stage: Stage) -> None:
    """Near miss: the edge forwards SIP for the provider only, and whoever knocks finds nothing."""
    stage.truth.exposed_to_internet |= {"tftp": False, "chan_sip": False, "http": False}
    del stage.truth.exposed_to_internet["pjsip"]
    stage.inbound_call()
    stage.scan(SCANNER)


# An admin's own rules: the school's networks and the provider, and chan_sip's port forgotten open.
PBX_FILTER = f"""*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p icmp -j ACCEPT
-A INPUT -s 10.20.0.0/16 -j ACCEPT
-A INPUT -s {PROVIDER}/32 -p udp -m udp --dport 5060 -j ACCEPT
-A INPUT -p udp -m udp --dport 5160 -j ACCEPT
-A INPUT -p udp -m udp --dport 10000:20000 -j ACCEPT
COMMIT
"""


def pbx_filter(stage: Stage) -> None:
    """Near miss: the edge is open, but the PBX's own filter drops all strangers but those of chan_sip."""
    stage.truth.exposed_to_internet |= {"tftp": False, "http": False}
    del stage.truth.exposed_to_internet["pjsip"]
    stage.inbound_call()
    stage.scan(SCANNER)


def provisioning_leak_internet(stage: Stage) -> None:
    """Six accounts used after their files were read from outside; three more files read; a second address scans."""
    targets = stage.pick(9)
    stage.lull()
    stage.scan(SCANNER)
    stage.inbound_call()
    stage.lull()
    stage.leak(targets, source=THIEF)
    for _ in range(stage.pace.waves):
        stage.lull()
        stage.steal(targets[:6], source=THIEF, cause="provisioning-leak")


def provisioning_leak_office(stage: Stage) -> None:
    """Files read from a desk in the office VLAN, and the accounts used from there."""
    targets = stage.pick(3)
    stage.inbound_call()
    stage.leak(targets, source=OFFICE_PC)
    stage.steal(targets[:2], source=OFFICE_PC, cause="provisioning-leak")


def _with_weak_secret(school: School) -> School:
    return school.with_secret(_victim(school), WEAK_SECRET)


def _with_extension_as_secret(school: School) -> School:
    return school.with_secret(_victim(school), _victim(school))


def _victim(school: School) -> str:
    return school.accounts[5].extension


def guessed_fast(stage: Stage) -> None:
    """One address lists extensions, then tries a word list that holds the secret of one."""
    victim = stage.school.account(_victim(stage.school))
    stage.inbound_call()
    stage.list_extensions(victim, source=THIEF)
    stage.guess(victim, source=THIEF, words=(*COMMON_WORDS, WEAK_SECRET))
    stage.steal([victim], source=THIEF, cause="guessed")


def guessed_slow(stage: Stage) -> None:
    """Four addresses in turn try a few words each; the last one finds the secret."""
    victim = stage.school.account(_victim(stage.school))
    stage.inbound_call()
    for turn, source in enumerate(SLOW_GUESSERS):
        words = COMMON_WORDS[turn * 4 : turn * 4 + 4]
        last = source == SLOW_GUESSERS[-1]
        stage.guess(victim, source=source, words=(*words, WEAK_SECRET) if last else words, pause_seconds=0.3)
    stage.steal([victim], source=SLOW_GUESSERS[-1], cause="guessed")


def secret_equals_extension(stage: Stage) -> None:
    """The secret is the extension: the first try hits and no failure is ever logged."""
    victim = stage.school.account(_victim(stage.school))
    stage.inbound_call()
    stage.guess(victim, source=THIEF, words=COMMON_WORDS[:3])
    stage.steal([victim], source=THIEF, cause="guessed")


def secret_known(stage: Stage) -> None:
    """A stranger registers at the first try: no file read, no failure before."""
    stage.inbound_call()
    stage.steal(stage.pick(2), source=THIEF, cause="secret-known")


def invite_only(stage: Stage) -> None:
    """Calls with stolen secrets on each driver, and never a registration."""
    targets = stage.pick(2)
    stage.inbound_call()
    stage.leak(targets, source=THIEF)
    stage.steal(targets, source=THIEF, cause="provisioning-leak", method="invite-only")


def guest_calls(stage: Stage) -> None:
    """Strangers without an account reach the trunk, because guests land in a context that dials out."""
    stage.inbound_call()
    stage.guest_calls(3, source=GUEST_CALLER)


def remote_worker(stage: Stage) -> None:
    """Benign: a member of staff registers from home with their own account and calls in the country."""
    stage.work_from_home(stage.school.accounts[2])
    stage.inbound_call()


def stale_password(stage: Stage) -> None:
    """Benign: a desk phone tries last year's secret again and again."""
    stage.stale_phone(stage.school.accounts[4])
    stage.inbound_call()


def masquerading_edge(stage: Stage) -> None:
    """The edge rewrites the source of what it forwards: the thief is seen as the gateway."""
    targets = stage.pick(3)
    stage.leak(targets, source=THIEF)
    stage.steal(targets[:2], source=THIEF, cause="provisioning-leak")


def several_at_once(stage: Stage) -> None:
    """A leak, a guess, a scanner, a remote worker and a stale phone in one day."""
    stage.work_from_home(stage.school.accounts[2])
    stage.scan(SCANNER)
    leaked = [account for account in stage.pick(4) if account.extension != _victim(stage.school)][:3]
    stage.leak(leaked, source=THIEF)
    stage.stale_phone(stage.school.accounts[4], tries=4)
    stage.steal(leaked[:2], source=THIEF, cause="provisioning-leak")
    victim = stage.school.account(_victim(stage.school))
    stage.guess(victim, source=SECOND_THIEF, words=(*COMMON_WORDS[:8], WEAK_SECRET))
    stage.steal([victim], source=SECOND_THIEF, cause="guessed")


def _as_it_is(school: School) -> School:
    return school


def _with_guests(school: School) -> School:
    return replace(school, guests_reach_trunk=True)


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario(name="clean-day", play=clean_day, prepare=_as_it_is),
        Scenario(name="closed-edge", play=closed_edge, prepare=_as_it_is, edge="closed"),
        Scenario(name="pbx-filter", play=pbx_filter, prepare=_as_it_is, pbx_filter=PBX_FILTER),
        Scenario(name="provisioning-leak-internet", play=provisioning_leak_internet, prepare=_as_it_is),
        Scenario(name="provisioning-leak-office", play=provisioning_leak_office, prepare=_as_it_is),
        Scenario(name="guessed-fast", play=guessed_fast, prepare=_with_weak_secret),
        Scenario(name="guessed-slow", play=guessed_slow, prepare=_with_weak_secret),
        Scenario(name="secret-equals-extension", play=secret_equals_extension, prepare=_with_extension_as_secret),
        Scenario(name="secret-known", play=secret_known, prepare=_as_it_is),
        Scenario(name="invite-only", play=invite_only, prepare=_as_it_is),
        Scenario(name="guest-calls", play=guest_calls, prepare=_with_guests),
        Scenario(name="remote-worker", play=remote_worker, prepare=_as_it_is, absent=(2,)),
        Scenario(name="stale-password", play=stale_password, prepare=_as_it_is, absent=(4,)),
        Scenario(name="masquerading-edge", play=masquerading_edge, prepare=_as_it_is, edge="masquerading"),
        Scenario(name="several-at-once", play=several_at_once, prepare=_with_weak_secret, absent=(2, 4)),
    )
}
