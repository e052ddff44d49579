"""``ringfence collect``: carry the evidence away in one file."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def collect(
    source: str,
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"], negative="", show_default=False)] = False,
) -> int:
    """Collect the evidence into one file to check on another machine.

    The file holds the phone system's passwords, as its configuration does: it is readable by you only; keep it so.

    Parameters
    ----------
    source
        `local` for this very machine; it is read and nothing on it is changed.
    output
        The bundle to write (.tar.gz).
    quiet
        Print nothing.
    """
    from ringfence.commands.collect import CollectRequest, collect_evidence

    result = collect_evidence(CollectRequest(source=source, output=output))
    if not quiet:
        for problem in result.problems:
            sys.stderr.write(f"not collected: {problem}\n")
        sys.stderr.write(f"{result.files} files and command outputs are in {output}.\n")
    return 0
