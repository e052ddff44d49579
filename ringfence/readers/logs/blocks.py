"""Files as blocks of whole lines: fast where nearly every line is noise, and bounded however long a line is."""

from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.readers.artifacts import MAX_LINE_BYTES, Artifacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Whole lines, each with its newline.

    ``first_number`` is the number of the first line (1-based); ``cut`` are the numbers of lines that were longer than
    ``MAX_LINE_BYTES`` and are cut there; ``complete`` is False where the last line of the file has no newline.
    """

    text: bytes
    first_number: int
    cut: tuple[int, ...] = ()
    complete: bool = True


def blocks(artifacts: Artifacts, name: str) -> Iterator[Block]:
    """Go through a file in blocks about as large as the chunks it comes in; memory stays bounded."""
    number = 1
    pending = b""
    skipping = False
    for chunk in artifacts.chunks(name):
        piece = chunk
        if skipping:
            end = piece.find(b"\n")
            if end < 0:
                continue
            piece = piece[end + 1 :]
            skipping = False
        border = piece.rfind(b"\n") + 1
        if border:
            text = pending + piece[:border]
            yield Block(text=text, first_number=number)
            number += text.count(b"\n")
            pending = piece[border:]
        else:
            pending += piece
        if len(pending) > MAX_LINE_BYTES:
            yield Block(text=pending[:MAX_LINE_BYTES] + b"\n", first_number=number, cut=(number,))
            number += 1
            pending = b""
            skipping = True
    if pending:
        yield Block(text=pending + b"\n", first_number=number, complete=False)


def numbered(block: Block) -> Iterator[tuple[int, bytes]]:
    """Go through the lines of a block as ``(number, bytes without the line end)``, cut at ``MAX_LINE_BYTES``."""
    for number, line in enumerate(block.text[:-1].split(b"\n"), block.first_number):
        yield number, line[:MAX_LINE_BYTES].removesuffix(b"\r")
