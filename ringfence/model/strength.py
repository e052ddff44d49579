"""How soon a secret is guessed, said in words that do not give it away."""

import re
from dataclasses import dataclass
from itertools import pairwise

from ringfence.model.finding import Severity
from ringfence.model.secret import Secret

#: What guessing tools try first, and what manuals and web pages show as examples; compared without case.
COMMON_WORDS = frozenset(
    {
        "123456",
        "12345678",
        "123456789",
        "1234567890",
        "abc123",
        "abcd1234",
        "abcdefgh",
        "admin",
        "admin123",
        "administrator",
        "amp109",
        "amp111",
        "asterisk",
        "asterisk123",
        "changeme",
        "default",
        "dragon",
        "elastix",
        "extension",
        "freepbx",
        "freepbx123",
        "iloveyou",
        "issabel",
        "letmein",
        "master",
        "monkey",
        "mypassword",
        "mysecret",
        "passw0rd",
        "password",
        "password1",
        "password123",
        "phone",
        "polycom",
        "qwerty",
        "qwerty123",
        "qwertyuiop",
        "sangoma",
        "school",
        "secret",
        "secret123",
        "sip",
        "sip123",
        "sipphone",
        "snom",
        "system",
        "telefon",
        "telephone",
        "test",
        "test123",
        "test1234",
        "trunk",
        "trustno1",
        "user",
        "voip",
        "voip123",
        "welcome",
        "welcome1",
        "yealink",
    }
)
#: Below this many characters a secret of any kind falls to a patient guesser or, from a captured answer, in hours.
SHORT = 8
#: Below this many, letters of one case or letters and digits alone are too few.
MODEST = 12
#: Names shorter than this turn up by chance.
SHORTEST_NAME = 3
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Weakness:
    """Why a secret is weak, as the end of the sentence "its secret …"."""

    reason: str
    severity: Severity


def equals_name(secret: Secret, names: tuple[str, ...]) -> bool:
    """Tell whether the secret is one of the account's own names, in any case."""
    text = secret.reveal().casefold()
    return bool(text) and any(text == name.casefold() for name in names if name)


def weakness(secret: Secret, names: tuple[str, ...] = ()) -> Weakness | None:
    """Say why the secret is weak, or None; ``names`` are what a stranger knows or guesses of the account.

    A secret that *is* a name is ``equals_name`` and is not judged here. The reason never tells the length itself.
    """
    text = secret.reveal()
    folded = text.casefold()
    if not text:
        return None
    if folded in COMMON_WORDS:
        return Weakness(reason="is one of the words that guessing tools try first", severity=Severity.HIGH)
    if _is_derived(folded, names):
        return Weakness(reason="is made from the extension or its name", severity=Severity.HIGH)
    if text.isdecimal() and len(text) < SHORT + 1:
        return Weakness(reason="has 8 digits or fewer and nothing else", severity=Severity.HIGH)
    if _is_monotonous(folded):
        return Weakness(reason="repeats or counts up the same few characters", severity=Severity.HIGH)
    if len(text) < SHORT:
        return Weakness(reason="is shorter than 8 characters", severity=Severity.HIGH)
    if text.isdecimal() and len(text) < 20:
        return Weakness(reason="consists of digits only", severity=Severity.MEDIUM)
    if len(text) < MODEST and text.isalnum():
        return Weakness(reason="is shorter than 12 characters, letters and digits only", severity=Severity.MEDIUM)
    return None


def _is_derived(folded: str, names: tuple[str, ...]) -> bool:
    """Tell whether little is left of the secret once the names are taken out of it (``ext2001!``, ``20012001``)."""
    for part in {part for name in names for part in _parts(name)}:
        if len(part) < SHORTEST_NAME:
            continue
        for form in (part, part[::-1]):
            if form in folded and len(folded.replace(form, "")) <= 4:
                return True
    return False


def _parts(name: str) -> tuple[str, ...]:
    folded = name.casefold()
    words = tuple(_WORD.findall(folded))
    return (folded, *words, "".join(words))


def _is_monotonous(folded: str) -> bool:
    """Tell whether the text has at most two different characters or counts by one (``aaaaaaaaaa``, ``abcdefgh``)."""
    if len(set(folded)) <= 2:
        return True
    steps = {ord(right) - ord(left) for left, right in pairwise(folded)}
    return steps in ({1}, {-1})
