"""Says what a file on a provisioning server is for, by its name alone: whose phone, all phones, or a backup.

The names are those that phones ask for (Yealink, Poly, Grandstream, Cisco, Snom, Aastra/Mitel, Panasonic, Fanvil, Htek,
Gigaset, Alcatel, Avaya, Algo, Uniden, VTech guides).
"""

import re
from dataclasses import dataclass

from ringfence.model.site import FileKind
from ringfence.readers.phones.oui import normalised, vendor_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a name says: the kind of file and, where the name has it, the phone and its vendor (else empty)."""

    kind: FileKind
    mac: str | None = None
    vendor: str = ""


_MAC = r"(?P<mac>[0-9a-f]{12})"
#: ``0015657a54b1.cfg`` (vendor by its prefix), ``0015657a54b1-local.cfg``, ``0015657a54b1_Security.enc``, ``….boot``
_ANY_VENDOR = re.compile(
    rf"{_MAC}(-(local|user|phone|web|registration|sip|license|app|boot|contact|contacts|calllog|smartblf|directory))?"
    rf"(_security)?\.(cfg|xml|boot|enc|tuz|txt|htm|log|e[123]c)",
    re.IGNORECASE,
)
_PER_PHONE = tuple(
    (re.compile(pattern.replace("MAC", _MAC), re.IGNORECASE), vendor)
    for pattern, vendor in (
        (r"cfgMAC(\.xml)?", "grandstream"),  # also Htek and Sangoma: the prefix of the address decides
        (r"sepMAC\.cnf\.xml(\.sgn|\.enc\.sgn)?", "cisco"),
        (r"sipMAC\.cnf", "cisco"),
        (r"ataMAC(\.txt|\.cnf\.xml)?", "cisco"),
        (r"spaMAC\.xml", "cisco-spa"),
        (r"snom[0-9a-z]+-MAC\.htm", "snom"),
        (r"mn_MAC\.cfg", "mitel"),
        (r"configMAC\.cfg", "panasonic"),
        (r"config\.MAC\.xml", "alcatel"),
        (r"sipMAC\.cfg", "avaya"),
        (r"vcs754_MAC\.cfg", "vtech"),
        (r"unidenMAC\.txt", "uniden"),
        (r"algom?MAC\.conf", "algo"),
    )
)
_COMMON = tuple(
    (re.compile(pattern, re.IGNORECASE), vendor)
    for pattern, vendor in (
        (r"y\d{12}(_security)?\.(cfg|boot|enc)", "yealink"),
        (r"(aeskey\.txt|private\.key|public\.key)", "yealink"),  # left behind by the encryption tool
        (r"0{12}(-directory|-license)?\.(cfg|xml)", "polycom"),
        (
            r"(sip|phone1|reg-basic|reg-advanced|site|features|applications|device|region|pstn|sip-basic)\.cfg",
            "polycom",
        ),
        (r"cfg(0\d{3}|[a-z]{2,3}\d{3,4}[a-z]*)?\.(xml|txt)", "grandstream"),
        (r"(sepdefault|sipdefault)\.cnf|xmldefault\.cnf\.xml|dialplan\.xml", "cisco"),
        (r"spa\d{3,4}[a-z0-9]*\.cfg|init\.cfg", "cisco-spa"),
        (r"snom[0-9a-z-]+\.(htm|xml)", "snom"),
        (r"(startup|aastra|mitel|mn_generic)\.(cfg|tuz)|security\.tuz", "mitel"),
        (r"config(common|com|kx-[a-z0-9]+)\.cfg|kx-[a-z0-9]+\.cfg", "panasonic"),
        (r"f0[0a-z0-9]{10}\.cfg", "fanvil"),
        (r"46xx(settings|upgrade)\.(txt|scr)|j100supgrade\.txt", "avaya"),
    )
)
#: ``phones.bak``, ``0015657a54b1.cfg~``, ``….cfg.20260801``, ``site.tar.gz``, ``config_bkup/x``, ``phones-backup.zip``
_BACKUP = re.compile(
    r"(^|/)(config_bkup|backups?|bkup|bak|old)/"
    r"|\.(tar|tgz|tbz2?|txz|sql|dump|bak|backup|bkup|old|orig|save|swp|rpmsave|dpkg-old)(\.(gz|bz2|xz|zst|zip|enc|gpg))?$"
    r"|\.(cfg|xml|conf|boot)\.(\d{1,14}|gz|bz2|xz|zst|zip)$"
    r"|(backup|bkup)[^/]*\.(zip|7z|rar|gz)$|(^|/)copy of |~$",
    re.IGNORECASE,
)
_MOST_CHARACTERS = 1024


def identify(name: str) -> Meaning:
    """Understand a name relative to the served root; folders count only for backups.

    A backup is a backup whatever it was made from, and keeps the phone's address where its name begins with one.
    """
    if len(name) > _MOST_CHARACTERS:
        return Meaning(kind=FileKind.OTHER)
    file = name.rpartition("/")[2]
    if _BACKUP.search(name):
        match = re.match(_MAC, file, re.IGNORECASE)
        mac = normalised(match["mac"]) if match else None
        return Meaning(kind=FileKind.BACKUP, mac=mac, vendor=vendor_of(mac or ""))
    return _phone(file) or _common(file) or Meaning(kind=FileKind.OTHER)


def _phone(file: str) -> Meaning | None:
    if match := _ANY_VENDOR.fullmatch(file):
        mac = normalised(match["mac"])
        return Meaning(kind=FileKind.PHONE, mac=mac, vendor=vendor_of(mac)) if mac else None
    for pattern, vendor in _PER_PHONE:
        if (match := pattern.fullmatch(file)) and (mac := normalised(match["mac"])):
            return Meaning(kind=FileKind.PHONE, mac=mac, vendor=vendor_of(mac) or vendor)
    return None


def _common(file: str) -> Meaning | None:
    return next(
        (Meaning(kind=FileKind.COMMON, vendor=vendor) for pattern, vendor in _COMMON if pattern.fullmatch(file)), None
    )
