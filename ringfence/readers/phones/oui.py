"""Tells the vendor of a phone by the first three bytes of its MAC address (IEEE registry; phone vendors only)."""

import re

#: A hint, never proof: a MAC address is what a device says it has. Tiptel sells Yealink phones under 001565,
#: Spectralink made Polycom phones under 00907a, and Linksys routers share prefixes with Cisco SPA phones.
_PREFIXES = {
    "2n": "7c1eb3",
    "akuvox": "0c1105",
    "alcatel": "00118b 0020da 00d095 00e0b1 00e0da 2cfaa2 782459 883c93 901c9e 9424e1 dc0856 e8e732",
    "algo": "0022ee",
    "audiocodes": "001719 00908f",
    "avaya": (
        "00040d 001b4f 00549f 00e007 048a15 10cdae 14612f 24b209 24d921 2cf4c5 3475c7 38bb3c 3c3a73 3cb15b "
        "44322a 506184 50cd22 581626 6049c1 646a52 64a7dd 64c354 6ca849 6cfa58 703018 7038ee 7052c5 707c69 "
        "801daa 848371 90fb5b a009ed a01290 a051c6 a4251b a47886 a4d530 b0adaa b4475e b4a95a b4b017 bcadab "
        "c057bc c4bed4 c81fea c8f406 ccf954 d47856 d4ea0e e45d52 f81547 f873a2 fc8399 fca841"
    ),
    "cisco-spa": (
        "00045a 000625 000c41 000e08 000f66 001217 001310 0014bf 0016b6 001839 0018f8 001a70 001c10 001d7e "
        "001ee5 002129 00226b 002369 00259c 20aa4b 48f8b3 586d8f 687f74 98fc11 c0c1c0 c8b373 c8d719"
    ),
    "digium": "000fd3",
    "escene": "00268b",
    "fanvil": "00a859 0c383e e0e656",
    "flyingvoice": "0021f2 789912",
    "gigaset": "002104 14b370 589ec6 7c2f80",
    "grandstream": "000b82 144cff c074ad ec74d7",
    "htek": "001fc1",
    "mitel": "00085d 0010bc 08000f 1400e9",
    "obihai": "9cadef",
    "panasonic": "0080f0 080023 bcc342",
    "patton": "00a0ba",
    "polycom": ("000389 0004f2 00197f 00237f 0ce0e4 385c76 482567 48c1ac 64167f 8c9b2d bcf292 e422a5 f4b688"),
    "rtx": "00087b",
    "sangoma": "005058",
    "snom": "000413 1c7126",
    "spectralink": "00907a",
    "unify": "000208 001ae8 60dbef",
    "vtech": "00122a 14aedb 1c8ee6 a4975c c468d0",
    "yealink": "001565 249ad8 3497d7 44dbd2 644f56 805e0c 805ec0 b061a9 c4fc22 ec1da9 f01653",
}
_VENDORS = {prefix: vendor for vendor, prefixes in _PREFIXES.items() for prefix in prefixes.split()}
_SEPARATORS = re.compile(r"[:.-]")
_MAC = re.compile(r"[0-9a-f]{12}")


def normalised(mac: str) -> str | None:
    """Give the address as 12 lower-case hex digits, whatever its separators; None when it is none.

    The all-zero address is none: Polycom's ``000000000000.cfg`` is for every phone.
    """
    digits = _SEPARATORS.sub("", mac).lower() if len(mac) <= 17 else ""
    return digits if _MAC.fullmatch(digits) and digits.strip("0") else None


def vendor_of(mac: str) -> str:
    """Name the vendor in lower case (``yealink``, ``grandstream``); empty when the prefix is not a phone vendor's."""
    digits = normalised(mac)
    return _VENDORS.get(digits[:6], "") if digits else ""
