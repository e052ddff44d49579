"""Finds the values of password fields in configuration files of any phone vendor.

It serves secrets that are too short to be searched by value alone, such as a secret that equals the extension.
"""

import re
from collections.abc import Iterator

#: ``<authPassword>x<`` (Cisco), ``<Password_1_ ua="na">x<`` (SPA), ``<user_pass idx="1" perm="">x<`` (Snom),
#: ``<RegisterPswd>x<`` (Fanvil), ``<P34>x<`` and ``<P34 para="Account1.AuthenticatePassword">x<`` (Grandstream, Htek)
_ELEMENT = re.compile(
    rb"<(?:[\w.]{0,40}(?:pass|pswd|pwd)[\w.]{0,40}|P(?:34|[456]06|1[78]06|412\d))(?:\s[^<>]{0,100})?>([^<]{1,64})<",
    re.IGNORECASE,
)
#: ``account.1.password = x`` (Yealink), ``reg.1.auth.password="x"`` (Polycom), ``sip line1 password: x`` (Aastra),
#: ``SIP_PASS_1="x"`` (Panasonic), ``line1_password: "x"`` (Cisco 7940), ``secret=x`` (a copy of sip.conf)
_ASSIGNMENT = re.compile(
    rb"(?:pass|pswd|pwd|secret|&P(?:34|[456]06))[\w.]{0,40}[ \t]{0,3}[=:][ \t]{0,3}[\"']?([^\"'\s<>&]{1,64})",
    re.IGNORECASE,
)


def values(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Go through the values of all password fields with the byte where each begins."""
    for pattern in (_ELEMENT, _ASSIGNMENT):
        for match in pattern.finditer(content):
            yield match.start(1), match[1]
