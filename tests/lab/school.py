"""Who works at the school: accounts, phones, secrets, all made up and the same in every run of a scenario."""

import hashlib
import ipaddress
import random
from dataclasses import dataclass, field, replace
from typing import Literal

Driver = Literal["chan_sip", "pjsip"]

FIRST_PHONE = ipaddress.IPv4Address("10.20.8.11")
SCHOOL_NAME = "Lakeside School"
DID = "3125550100"
_ROLES = ("Main Office", "Principal", "Nurse", "Library", "Counselor", "Cafeteria", "Gym", "Custodian")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One extension and the desk phone that carries it."""

    extension: str
    driver: Driver
    name: str
    secret: str = field(repr=False)
    mac: str
    model: str
    address: str

    @property
    def port(self) -> int:
        """Return the PBX's SIP port for this account's driver."""
        return 5160 if self.driver == "chan_sip" else 5060

    @property
    def user_agent(self) -> str:
        """Return what the phone calls itself: ``Yealink SIP-T28P 2.73.0.50``."""
        return f"Yealink SIP-{self.model} {'2' if self.model == 'T28P' else '7'}.73.0.50"

    @property
    def file_name(self) -> str:
        """Return the phone's own file on the TFTP server."""
        return f"{self.mac}.cfg"

    @property
    def common_file_name(self) -> str:
        """Return the model's file on the TFTP server."""
        return f"y{0 if self.model == 'T28P' else 5:012d}.cfg"


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """What the PBX is configured for."""

    asterisk: int
    accounts: tuple[Account, ...]
    security_log: bool = True
    guests_reach_trunk: bool = False

    def account(self, extension: str) -> Account:
        """Return the account with that number."""
        return next(account for account in self.accounts if account.extension == extension)

    def with_secret(self, extension: str, secret: str) -> "School":
        """Return the same school with another secret for one account."""
        accounts = tuple(
            replace(account, secret=secret) if account.extension == extension else account for account in self.accounts
        )
        return replace(self, accounts=accounts)

    def of(self, driver: Driver) -> tuple[Account, ...]:
        """Return the accounts of one driver."""
        return tuple(account for account in self.accounts if account.driver == driver)


def found(*, asterisk: int, phones: int, seed: str, security_log: bool = True) -> School:
    """Return a school with that many phones: 1001… on chan_sip and 2001… on PJSIP, or all on PJSIP from 21 on."""
    dice = random.Random(f"{seed}-{asterisk}")
    on_chan_sip = phones // 2 if asterisk < 21 else 0
    numbers = [str(1001 + n) for n in range(on_chan_sip)] + [str(2001 + n) for n in range(phones - on_chan_sip)]
    macs = dice.sample(range(0x7A0000, 0x7B0000), phones)
    accounts = tuple(
        Account(
            extension=number,
            driver="chan_sip" if index < on_chan_sip else "pjsip",
            name=_ROLES[index] if index < len(_ROLES) else f"Room {101 + index}",
            secret=hashlib.md5(f"FAKE-{seed}-{number}".encode(), usedforsecurity=False).hexdigest(),
            mac=f"001565{macs[index]:06x}",
            model="T28P" if index % 3 == 0 else "T22P",
            address=str(FIRST_PHONE + index),
        )
        for index, number in enumerate(numbers)
    )
    return School(asterisk=asterisk, accounts=accounts, security_log=security_log)
