"""Compare what ``check`` says with what really happened.

The yardstick: nobody innocent is accused, ever; every theft is found with its cause and its source, as far as the
evidence holds them. Without the security log a call without a registration leaves no source, so there a weaker
answer is right, and a wrong one still is not.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Report = Mapping[str, Any]
Truth = Mapping[str, Any]


def judge(report: Report, truth: Truth) -> list[str]:
    """Return each disagreement as a sentence; an empty list means that the report is right.

    ``report`` is the JSON of ``check --format json``, ``truth`` is a scenario's ``truth.json``.
    """
    return [
        *_accounts(report, truth),
        *_addresses(report, truth),
        *_calls(report, truth),
        *_guests(report, truth),
        *_exposures(report, truth),
        *_leaked(report, truth),
    ]


def _thefts(report: Report) -> list[Mapping[str, Any]]:
    return [incident for incident in report["incidents"] if incident["cause"] != "guest-calls"]


def _naming(report: Report, account: str) -> list[Mapping[str, Any]]:
    return [incident for incident in _thefts(report) if account in incident["accounts"]]


def _leaves_source(theft: Mapping[str, Any], truth: Truth) -> bool:
    """Whether the evidence holds where this theft came from."""
    return bool(truth["security_log"]) or theft["method"] == "registered"


def _accounts(report: Report, truth: Truth) -> Iterator[str]:
    compromised = truth["compromised"]
    accused = {account for incident in report["incidents"] for account in incident["accounts"]}
    for account in sorted(accused - set(compromised)):
        yield f"account {account} is accused, and nobody used it but its owner"
    for account, theft in sorted(compromised.items()):
        incidents = _naming(report, account)
        if not incidents and _leaves_source(theft, truth):
            yield f"account {account} was used by a stranger ({theft['cause']}), and no incident names it"
        for incident in incidents:
            if incident["cause"] != theft["cause"]:
                yield f"account {account}: cause is {theft['cause']}, the report says {incident['cause']}"


def _addresses(report: Report, truth: Truth) -> Iterator[str]:
    hostile = set(truth["hostile_addresses"])
    named = {address for incident in report["incidents"] for address in incident["addresses"]}
    for address in sorted(named - hostile):
        yield f"address {address} is accused, and no stranger was seen there"
    if truth.get("sources_hidden"):
        return
    for account, theft in sorted(truth["compromised"].items()):
        if not _leaves_source(theft, truth):
            continue
        said = {address for incident in _naming(report, account) for address in incident["addresses"]}
        for address in sorted(set(theft["addresses"]) - said):
            yield f"account {account} was used from {address}, and no incident that names the account says so"


def _calls(report: Report, truth: Truth) -> Iterator[str]:
    """Every call of a stranger must be counted; with the security log, which names the source of each, no other may."""
    together = truth.get("simultaneous_calls", {})
    for incident in _thefts(report):
        counted = incident["calls"]["count"]
        real = sum(1 for account, _, _ in truth["fraud_calls"] if account in incident["accounts"])
        unclear = sum(together.get(account, 0) for account in incident["accounts"])
        sentence = f"incident {incident['id']} counts {counted} calls, strangers placed {real}"
        if counted < real:
            yield sentence
        if counted > real + unclear and truth["security_log"]:
            yield f"{sentence}, the others are the owners'"


def _guests(report: Report, truth: Truth) -> Iterator[str]:
    placed = len(truth["guest_calls"])
    counted = sum(incident["calls"]["count"] for incident in report["incidents"] if incident["cause"] == "guest-calls")
    if placed != counted:
        yield f"strangers without an account placed {placed} calls, the report counts {counted}"


def _exposures(report: Report, truth: Truth) -> Iterator[str]:
    seen: dict[str, set[str]] = {}
    for exposure in report["exposures"]:
        if exposure["vantage"] == "internet":
            seen.setdefault(exposure["service"], set()).add(exposure["verdict"])
    for service, is_open in sorted(truth["exposed_to_internet"].items()):
        verdicts = seen.get(service, set())
        if is_open and "reachable" not in verdicts:
            yield f"{service} is open to the Internet, the report says {_list(verdicts)}"
        if not is_open and "reachable" in verdicts:
            yield f"{service} is not open to the Internet, the report says reachable"


def _leaked(report: Report, truth: Truth) -> Iterator[str]:
    """Secrets that were read and not yet used are the blast radius; only certain claims are judged as accusations."""
    said = report.get("leaked")
    if said is None:
        return
    read = set(truth["leaked_not_used"])
    for account in sorted(read - {secret["account"] for secret in said}):
        yield f"the secret of {account} was read by a stranger, the report does not say so"
    used = {account for account, theft in truth["compromised"].items() if theft["cause"] == "provisioning-leak"}
    certain = {secret["account"] for secret in said if secret["certain"]}
    for account in sorted(certain - read - used):
        yield f"the report is certain that the secret of {account} was read, and nobody read it"


def _list(verdicts: Iterable[str]) -> str:
    return " and ".join(sorted(verdicts)) or "nothing"
