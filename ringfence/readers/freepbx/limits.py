"""How many calls an extension may place at once, as FreePBX keeps it in Asterisk's own database.

The key is ``/AMPUSER/1001/concurrency_limit``; empty or ``0`` means no limit (fpbx:core, macro user-callerid).
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from ringfence.model.site import Account

_KEY = re.compile(r"/AMPUSER/([^/]{1,80})/concurrency_limit")
_NUMBER = re.compile(r"[0-9]{0,6}")


def with_call_limits(accounts: tuple[Account, ...], rows: Iterable[tuple[str, str]]) -> tuple[Account, ...]:
    """Give the accounts with their limits; an account that the database does not name keeps what it has."""
    limits: dict[str, int] = {}
    for key, value in rows:
        match = _KEY.fullmatch(key)
        if match and _NUMBER.fullmatch(value.strip()):
            limits[match[1]] = int(value.strip() or "0")
    return tuple(
        replace(account, call_limit=limits[account.name]) if account.name in limits else account for account in accounts
    )
