"""What a channel's name tells: the driver, the account that made the call, and the line that it left through."""

import re
from dataclasses import dataclass

# SIP/2001-0000000c, PJSIP/ITSP-00000000; chan_iax2 counts in decimal: IAX2/branch-1234
_CHANNEL = re.compile(
    r"(?P<kind>SIP|PJSIP|IAX2|DAHDI|Local)/(?P<peer>.{1,200}?)-(?P<number>[0-9a-f]{8}(?:;[12])?|\d{1,5})"
)
# SIP/lakeside/5551239,300,…   PJSIP/0112…@ITSP,300,…   but SIP/1002,,… and PJSIP/2001/sip:2001@10.30.0.106 are phones
_THROUGH_TRUNK = re.compile(
    r"(?:(?:SIP|IAX2)/(?P<peer>[^/&,@]{1,80})/[+*#\d][^&,]{0,80}|PJSIP/[+*#\d][^@/&,]{0,80}@(?P<endpoint>[^/&,]{1,80}))"
)
_DRIVERS = {"SIP": "chan_sip", "PJSIP": "pjsip", "IAX2": "iax2", "DAHDI": "dahdi", "Local": "local"}
#: The contexts where FreePBX lets callers without an account in: their channel's name is text of the caller.
GUEST_CONTEXTS = frozenset({"from-sip-external", "anonymous"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """The parts of a channel's name; ``account`` is empty for guests and for drivers without accounts."""

    driver: str
    account: str
    peer: str


def read_channel(name: str, context: str) -> Channel:
    """Take a channel's name apart; an unknown form gives the name up to the slash as driver and no account."""
    match = _CHANNEL.fullmatch(name)
    if match is None:
        kind, _, rest = name.partition("/")
        return Channel(driver=_DRIVERS.get(kind, kind.lower()), account="", peer=rest)
    driver = _DRIVERS[match["kind"]]
    peer = match["peer"]
    guest = context in GUEST_CONTEXTS or (driver == "pjsip" and peer == "anonymous")
    has_account = driver in ("chan_sip", "pjsip", "iax2") and not guest
    return Channel(driver=driver, account=peer if has_account else "", peer=peer)


def read_trunk(dial: str, outgoing: str = "") -> str:
    """Give the trunk that a Dial leaves through, or empty where it rings phones.

    ``dial`` are the arguments of Dial, ``outgoing`` the name of the channel that it made, where known.
    """
    made = read_channel(outgoing, "").peer if outgoing else ""
    for part in dial.partition(",")[0].split("&"):
        match = _THROUGH_TRUNK.fullmatch(part)
        if match:
            trunk = match["peer"] or match["endpoint"]
            if not made or made == trunk:
                return trunk
    return ""
