"""What of a configuration line is left without its comments, as Asterisk cuts them (ast:main/config.c, 11 to 22)."""

#: Asterisk gives up on deeper nesting (MAX_NESTED_COMMENTS).
MAX_NESTED_COMMENTS = 128


def uncommented(line: str, depth: int) -> tuple[str, int]:
    r"""Cut the comments out of one line; ``depth`` is the nesting of ``;-- … --;`` at its start and at its end.

    ``\;`` is a literal semicolon. ``;--`` opens a block unless a third dash follows, so that FreePBX's banner

        ;--------------------------------------------------------------------------------;

    is a plain comment, while ``;--== end of [ext-local] ==--;`` opens and closes a block. A ``--;`` that closes nothing
    makes the depth negative, and what follows a comment until the next ``;--``: so does Asterisk.
    """
    if ";" not in line:
        return ("" if depth else line), depth
    kept: list[str] = []
    keeping = depth == 0
    resumed = copied = 0
    while (at := line.find(";", resumed)) >= 0:
        if at > resumed and line[at - 1] == "\\":
            if keeping:
                kept.append(line[copied : at - 1])
            copied = at
            resumed = at + 1
        elif line.startswith("--", at + 1) and line[at + 3 : at + 4] != "-":
            if keeping:
                kept.append(line[copied:at])
            keeping = False
            depth = min(depth + 1, MAX_NESTED_COMMENTS)
            resumed = at + 3
        elif at >= resumed + 2 and line.startswith("--", at - 2):
            depth -= 1
            resumed = at + 1
            if depth == 0 and not keeping:
                keeping = True
                copied = resumed
        elif depth == 0:
            if keeping:
                kept.append(line[copied:at])
            return "".join(kept), depth
        else:
            resumed = at + 1
    if keeping:
        kept.append(line[copied:])
    return "".join(kept), depth
