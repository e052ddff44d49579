"""Reads Yealink configuration files: accounts and passwords, in all three notations, also mixed in one file.

- M7 (firmware V70 and later): ``account.1.password = x``; the key may begin with ``static.`` (V81 and later)
- M1 (older T1x/T2x): a section ``[ account ]``, in it ``path = /config/voip/sipAccount0.cfg`` and ``password = x``
- M2 (older T3x): ``[ cfg:/phone/config/voip/sipAccount0.cfg,account=0;reboot=0 ]``, in it ``account.password = x``

Line numbers of accounts are as on the phone, from 1. ``%NULL%`` clears a value; a repeated key counts as set last.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.secret import Secret
from ringfence.readers.artifacts import MAX_LINE_BYTES, decoded
from ringfence.readers.phones.names import identify


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneAccount:
    """One line of a phone; ``citation`` is where its password stands, or else its first key."""

    line: int
    user_name: str = ""
    auth_name: str = ""
    label: str = ""
    secret: Secret | None = None
    enabled: bool | None = None
    citation: Citation

    @property
    def names(self) -> tuple[str, ...]:
        """The account names on the PBX that this line can stand for, without repetition."""
        return tuple(dict.fromkeys(name for name in (self.auth_name, self.user_name) if name))


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherSecret:
    """A further password of the file, by its parameter: ``ldap.password``, ``[ AES_KEY ] aes_key_16``."""

    parameter: str
    secret: Secret
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneConfiguration:
    """What one file tells a phone; ``mac`` is None in files for all phones.

    ``includes`` are the files that a boot file names. ``encrypted`` means that the content could not be read, so that
    nothing is known of its accounts.
    """

    mac: str | None
    vendor: str = "yealink"
    accounts: tuple[PhoneAccount, ...] = ()
    web_admin_password: Secret | None = None
    web_admin_citation: Citation | None = None
    other_secrets: tuple[OtherSecret, ...] = ()
    includes: tuple[str, ...] = ()
    encrypted: bool = False
    citation: Citation


_MAX_ACCOUNTS = 64
_MAX_SECRETS = 200
_MAX_KEY_CHARACTERS = 200
_INCLUDE = re.compile(r'\s*(?:\[[^\]]{0,200}\]\s*)?include:config\s+[<"]?([^>"\s]{1,500})', re.IGNORECASE)
_M7_ACCOUNT = re.compile(r"(?:static\.)?account\.(\d{1,3})\.(enable|label|user_name|auth_name|password)", re.IGNORECASE)
_M1_ACCOUNT_PATH = re.compile(r"/config/voip/sipaccount(\d{1,3})\.cfg", re.IGNORECASE)
_M2_SECTION = re.compile(r"cfg:.*sipaccount\d*\.cfg(?:,account=(\d{1,3}))?", re.IGNORECASE)
_ACCOUNT_KEYS = {
    "enable": "enable",
    "label": "label",
    "username": "user_name",
    "authname": "auth_name",
    "password": "password",
}
#: Parameters of any notation whose value opens something; user passwords and accounts have their own rules.
_SECRET_KEY = re.compile(
    r"(?:static\.)?[\w.]*(?:password|_pswd|\.pwd|pppoepwd|unlock_pin|\.pin|pin_code(?:_for_register)?"
    r"|aes_key(?:_16)?(?:[._](?:com|mac))?|com_aes|mac_aes|\.token|encryptkey)",
    re.IGNORECASE,
)
#: ``[ AdminPassword ] password = x`` (M1), ``[ psw:/phone/config/.htpasswd ] admin = x`` (M2)
_ADMIN_PASSWORDS = frozenset({("password", "adminpassword"), ("admin", "psw")})
#: ``remote_phonebook.data.1.url = http://book:FAKE-book@192.0.2.10/book.xml``
_URL_PASSWORD = re.compile(r"^[a-z]{3,6}://[^/@\s:]{0,200}:([^/@\s]{1,200})@", re.IGNORECASE)
_USER_PASSWORD = re.compile(r"(?:static\.)?security\.user_password", re.IGNORECASE)
_NOTATION = re.compile(
    rb"^[ \t]*(static\.)?account\.\d+\.\w+[ \t]*=|^[ \t]*\[[ \t]*(account[ \t]*\]|cfg:|psw:)|^[ \t]*include:config\b",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(slots=True)
class _Line:
    """An account while it is being read."""

    values: dict[str, str] = field(default_factory=dict)
    citation: Citation | None = None


def looks_like_yealink(head: bytes) -> bool:
    """Tell whether a file's first bytes are in one of the notations (not merely named so): no XML, no other vendor."""
    text = head[:8192].removeprefix(b"\xef\xbb\xbf").lstrip()
    return text.startswith((b"#!version", b"#!encrypt")) or _NOTATION.search(text) is not None


def is_encrypted(head: bytes) -> bool:
    """Tell whether a configuration file's content hides from a reader: AES output, or the vendor's RSA container.

    Legacy AES files keep their name and have no header, so they are known by bytes that no text has; the RSA form
    begins ``#!encrypt:1.0.0.0``.
    """
    start = head[:4096]
    if start.lstrip().startswith(b"#!encrypt"):
        return True
    controls = sum(byte < 9 or 13 < byte < 32 or byte == 127 for byte in start)
    return controls * 50 > len(start)


def parse(numbered: Iterable[tuple[int, bytes]], file: str, *, head: bytes = b"") -> Reading[PhoneConfiguration]:
    """Read one file from its numbered lines; ``head`` are its first bytes, which tell whether it is encrypted."""
    mac = identify(file).mac
    citation = Citation(file=file)
    if is_encrypted(head):
        problem = Problem(
            citation=citation,
            message="is encrypted (AES) or no text: which accounts and passwords it holds is not known",
        )
        return Reading(facts=PhoneConfiguration(mac=mac, encrypted=True, citation=citation), problems=(problem,))
    return _Parser(file=file, mac=mac).read(numbered)


@dataclass(slots=True, kw_only=True)
class _Parser:
    """Keeps the place in the file: which section, which account."""

    file: str
    mac: str | None
    section: str = ""
    section_line: int | None = None
    sections_seen: int = 0
    lines: dict[int, _Line] = field(default_factory=dict)
    admin: tuple[Secret, Citation] | None = None
    others: list[OtherSecret] = field(default_factory=list)
    includes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def read(self, numbered: Iterable[tuple[int, bytes]]) -> Reading[PhoneConfiguration]:
        for number, raw in numbered:
            citation = Citation(file=self.file, line=number)
            if len(raw) >= MAX_LINE_BYTES:
                self.problems.append(Problem(citation=citation, message="is too long for a configuration line: cut"))
            self._line(decoded(raw.removeprefix(b"\xef\xbb\xbf")), citation)
        return Reading(
            facts=PhoneConfiguration(
                mac=self.mac,
                accounts=tuple(_accounts(self.lines)),
                web_admin_password=self.admin[0] if self.admin else None,
                web_admin_citation=self.admin[1] if self.admin else None,
                other_secrets=tuple(self.others[:_MAX_SECRETS]),
                includes=tuple(self.includes),
                citation=Citation(file=self.file),
            ),
            problems=tuple(self.problems),
        )

    def _line(self, text: str, citation: Citation) -> None:
        stripped = text.strip()
        if not stripped or stripped.startswith(("#", ";")):
            return
        if match := _INCLUDE.match(stripped):
            if len(self.includes) < _MAX_ACCOUNTS:
                self.includes.append(match[1])
        elif stripped.startswith("[") and stripped.endswith("]"):
            self._enter(stripped[1:-1].strip()[:_MAX_KEY_CHARACTERS])
        else:
            key, equals, value = (part.strip() for part in stripped.partition("="))
            if equals and len(key) <= _MAX_KEY_CHARACTERS:
                self._assign(key, "" if value == "%NULL%" else value, citation)

    def _enter(self, section: str) -> None:
        self.section = section
        self.section_line = None
        if section.lower() == "account":
            # ``[ account ]`` says by its path which line it is for; without one they count up.
            self.sections_seen += 1
            self.section_line = self.sections_seen
        elif match := _M2_SECTION.match(section):
            self.section_line = int(match[1] or 0) + 1

    def _assign(self, key: str, value: str, citation: Citation) -> None:
        plain = key.lower()
        if match := _M7_ACCOUNT.fullmatch(key):
            self._account(int(match[1]), match[2].lower(), value, citation)
        elif _USER_PASSWORD.fullmatch(key):
            self._user_password(key, value, citation)
        elif self.section_line is not None and "." not in plain.removeprefix("account."):
            self._in_account_section(plain.removeprefix("account."), value, citation)
        elif (plain, self.section.lower().partition(":")[0]) in _ADMIN_PASSWORDS:
            self._admin_password(value, citation)
        elif match := _URL_PASSWORD.search(value):
            self._other(key, match[1], citation)
        elif value and _SECRET_KEY.fullmatch(key):
            # M1 keys mean nothing without their section, M7 keys stand alone.
            parameter = key if "." in key or not self.section else f"[ {self.section} ] {key}"
            self._other(parameter, value, citation)

    def _in_account_section(self, key: str, value: str, citation: Citation) -> None:
        if key == "path" and (match := _M1_ACCOUNT_PATH.search(value)):
            self.section_line = int(match[1]) + 1
        elif self.section_line is not None and key in _ACCOUNT_KEYS:
            self._account(self.section_line, _ACCOUNT_KEYS[key], value, citation)

    def _user_password(self, key: str, value: str, citation: Citation) -> None:
        """Read ``admin:secret``; the key is repeated for each user of the phone's web page."""
        user, _, password = value.partition(":")
        if user.strip().lower() == "admin":
            self._admin_password(password, citation)
        elif password:
            self._other(f"{key} {user[:40]}", password, citation)

    def _admin_password(self, value: str, citation: Citation) -> None:
        self.admin = (Secret(value), citation) if value else None

    def _other(self, parameter: str, value: str, citation: Citation) -> None:
        if len(self.others) < _MAX_SECRETS:
            self.others.append(OtherSecret(parameter=parameter, secret=Secret(value), citation=citation))

    def _account(self, number: int, key: str, value: str, citation: Citation) -> None:
        if number not in self.lines and len(self.lines) >= _MAX_ACCOUNTS:
            return
        line = self.lines.setdefault(number, _Line())
        line.values[key] = value
        if line.citation is None or (key == "password" and value):
            line.citation = citation


def _accounts(lines: dict[int, _Line]) -> Iterator[PhoneAccount]:
    """Give the accounts that name a user or hold a password; templates list all lines of the phone, most blank."""
    for number, line in sorted(lines.items()):
        values = line.values
        password = values.get("password", "")
        if line.citation is None or not (password or values.get("user_name") or values.get("auth_name")):
            continue
        yield PhoneAccount(
            line=number,
            user_name=values.get("user_name", ""),
            auth_name=values.get("auth_name", ""),
            label=values.get("label", ""),
            secret=Secret(password) if password else None,
            enabled={"0": False, "1": True}.get(values.get("enable", "")),
            citation=line.citation,
        )
