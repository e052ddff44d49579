"""Finds the site's own secrets by value in any bytes, however they are written down.

Forms: ``raw``, ``base64`` (in all three alignments, so also inside a longer text, and across line breaks), ``hex``,
``url``, ``escaped`` (XML entities, backslashes, doubled quotes) and ``ha1`` (MD5 of ``user:asterisk:secret``, which
opens an account as well as the secret does).
"""

import base64
import hashlib
import re
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

from ringfence.model.site import Account, Driver

#: Shorter secrets turn up by chance everywhere; they count only where a phone's password field holds them.
SHORTEST = 6
#: From this length a match is no accident, whatever stands around it.
_SURE_LENGTH = 12
#: Asterisk's realm where nobody set another (sip.conf, pjsip.conf).
_REALM = "asterisk"
_BLOCK_BYTES = 64 * 1024
_PIECE_BYTES = 1024 * 1024
#: How far a judgement about a match looks around it.
_AROUND_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A secret found: whose, in which form, and at which byte of the searched piece."""

    account: Account
    form: str
    offset: int


class Needles:
    """All forms of all secrets, made ready once and searched in one pass, however many there are.

    A pattern of thousands of literals costs seconds per 50 MB. So each block is first looked at as an array of machine
    words: wherever a text of 15 bytes or more stands, it covers an aligned 8-byte word whole, which is one of the first
    eight words of the text; with 4-byte words 7 bytes are enough. Only texts that share a word with the block are
    searched in it.
    """

    def __init__(self, accounts: Iterable[Account]) -> None:
        """Take the accounts whose secrets are known; a secret that several share belongs to all of them."""
        meanings: dict[bytes, dict[tuple[Driver, str, str], tuple[Account, str]]] = {}
        for account in accounts:
            for form, text in _forms(account):
                meanings.setdefault(text, {})[account.driver, account.name, form] = (account, form)
        self._meanings = {text: tuple(found.values()) for text, found in meanings.items()}
        self._longest = max(map(len, meanings), default=0)
        self._always = frozenset(text for text in meanings if len(text) < 7)
        self._by_short_word = _by_word([text for text in meanings if 7 <= len(text) < 15], 4)
        self._by_long_word = _by_word([text for text in meanings if len(text) >= 15], 8)

    def find(self, piece: bytes) -> list[Hit]:
        """Find all secrets in the piece, in order of their place."""
        hits: list[Hit] = []
        for start in range(0, len(piece), _BLOCK_BYTES):
            # Each block reads on into the next by the longest text, and reports only what begins in its own part.
            block = piece[start : start + _BLOCK_BYTES + self._longest]
            for text in self._candidates(block):
                at = block.find(text)
                while 0 <= at < _BLOCK_BYTES:
                    hits += self._judged(text, piece, start + at)
                    at = block.find(text, at + 1)
        hits += self._find_across_lines(piece)
        return sorted(hits, key=lambda hit: (hit.offset, hit.account.name, hit.form))

    def find_in_stream(self, chunks: Iterable[bytes]) -> Iterator[tuple[int, Hit]]:
        """Go through the secrets of a stream with the number of the line (from 1) that each begins in."""
        if not self._meanings:
            return
        piece, judged, line = b"", 0, 1
        for chunk in chunks:
            piece += chunk
            if len(piece) < _PIECE_BYTES:
                continue
            # What begins near the end waits for what follows it; a wrapped text is half as long again.
            end = len(piece) - 2 * self._longest - _AROUND_BYTES
            yield from self._numbered(piece, judged, end, line)
            kept = max(0, end - _AROUND_BYTES)
            line += piece.count(b"\n", 0, kept)
            piece, judged = piece[kept:], end - kept
        yield from self._numbered(piece, judged, len(piece), line)

    def _numbered(self, piece: bytes, begin: int, end: int, line: int) -> Iterator[tuple[int, Hit]]:
        counted_to = 0
        for hit in self.find(piece):
            line += piece.count(b"\n", counted_to, hit.offset)
            counted_to = hit.offset
            if begin <= hit.offset < end:
                yield line, hit

    def _candidates(self, block: bytes) -> set[bytes]:
        padded = memoryview(block + bytes(-len(block) % 8))
        found = set(self._always)
        for word in self._by_short_word.keys() & padded.cast("I"):
            found.update(self._by_short_word[word])
        for word in self._by_long_word.keys() & padded.cast("Q"):
            found.update(self._by_long_word[word])
        return found

    def _judged(self, text: bytes, piece: bytes, offset: int) -> Iterator[Hit]:
        for account, form in self._meanings[text]:
            if form != "raw" or _stands_alone(text, piece, offset):
                yield Hit(account=account, form=form, offset=offset)

    def _find_across_lines(self, piece: bytes) -> Iterator[Hit]:
        """Find Base64 that is wrapped, as mail and ``base64`` wrap it after 76 or 64 characters."""
        breaks = [match.span() for match in _WRAPPED.finditer(piece)]
        if not breaks:
            return
        joined = _WRAPPED.sub(b"", piece)
        taken = [0]  # bytes left out up to each break
        starts = [0]  # where, in the joined text, the part after each break begins
        for begin, end in breaks:
            starts.append(begin - taken[-1])
            taken.append(taken[-1] + end - begin)
        for text in self._candidates(joined):
            at = joined.find(text)
            while at >= 0:
                if bisect_right(starts, at) != bisect_right(starts, at + len(text) - 1):
                    original = at + taken[bisect_right(starts, at) - 1]
                    for account, form in self._meanings[text]:
                        if form == "base64":
                            yield Hit(account=account, form=form, offset=original)
                at = joined.find(text, at + 1)


_WRAPPED = re.compile(rb"(?<=[0-9A-Za-z+/]{40})\r?\n(?=[0-9A-Za-z+/=])")


def _by_word(texts: Iterable[bytes], size: int) -> dict[int, tuple[bytes, ...]]:
    """Order the texts by each of their first ``size`` words of ``size`` bytes."""
    found: dict[int, set[bytes]] = {}
    for text in texts:
        for start in range(size):
            word = int.from_bytes(text[start : start + size], sys.byteorder)
            found.setdefault(word, set()).add(text)
    return {word: tuple(sorted(members)) for word, members in found.items()}


def _forms(account: Account) -> Iterator[tuple[str, bytes]]:
    """Give each way in which the account's secret can stand in a file; only the hash for a short one."""
    if not account.secret:
        return
    text = account.secret.reveal()
    raw = _encoded(text)
    for user in {account.name, account.username or account.name}:
        ha1 = hashlib.md5(_encoded(f"{user}:{_REALM}:") + raw, usedforsecurity=False).hexdigest().encode()
        yield from (("ha1", ha1), ("ha1", ha1.upper()))
    if len(raw) < SHORTEST:
        return
    yield "raw", raw
    yield from (("base64", part) for part in _base64_parts(raw))
    yield from (("hex", raw.hex().encode()), ("hex", raw.hex().upper().encode()))
    urls = {quote(raw, safe=""), quote(raw, safe="!*'()"), quote_plus(raw), quote(raw)}
    urls |= {re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), url) for url in urls}
    yield from (("url", url.encode()) for url in sorted(urls - {text}))
    escaped = {
        *(escape(text, {'"': "&quot;", "'": apostrophe}) for apostrophe in ("'", "&apos;", "&#39;")),
        escape(text),
        re.sub(r"([\\\"'])", r"\\\1", text),
        re.sub(r"([\\\"])", r"\\\1", text),
        text.replace("'", "''"),
    }
    yield from (("escaped", _encoded(one)) for one in sorted(escaped - {text}))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _base64_parts(raw: bytes) -> set[bytes]:
    """Give the characters of a Base64 text that the secret alone decides, for each place that it can begin at."""
    parts: set[bytes] = set()
    for before in range(3):
        first, last = -(-8 * before // 6), 8 * (before + len(raw)) // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            parts.add(encode(bytes(before) + raw)[first:last])
    return parts


_WORD_CHARACTER = re.compile(rb"[0-9A-Za-z]")
#: ``password = ``, ``<pass>``, ``('1001','``, ``secret: "``, or the beginning of the line
_VALUE_BEFORE = re.compile(rb"[=:>]\s{0,8}[\"']?$|[,(\[{]\s{0,2}[\"']$|\n\s{0,8}$")
#: The end of a value; a quote before a colon ends the name of a value instead.
_VALUE_AFTER = re.compile(rb"[\"'](?!\s?:)|[<\s;,)\]}&]|$")


def _stands_alone(text: bytes, piece: bytes, offset: int) -> bool:
    """Tell whether a secret found as such is one, not a part of something longer or an ordinary word.

    A secret like ``password`` or ``123456`` counts only as the value of something (``password = password``,
    ``<pass>123456<``, ``('1001','123456')``): all key names and numbers would be it otherwise.
    """
    if len(text) >= _SURE_LENGTH:
        return True
    end = offset + len(text)
    before = piece[max(0, offset - _AROUND_BYTES) : offset] if offset >= _AROUND_BYTES else b"\n" + piece[:offset]
    after = piece[end : end + _AROUND_BYTES]
    if _WORD_CHARACTER.fullmatch(before[-1:]) or _WORD_CHARACTER.fullmatch(after[:1]):
        return False
    if not (text.isalpha() or text.isdigit()):
        return True
    return _VALUE_BEFORE.search(before) is not None and _VALUE_AFTER.match(after) is not None
