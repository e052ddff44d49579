"""``ringfence reach``: who can talk to the phone system, and through which rules."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from ringfence.cli.app import INCOMPLETE, OK
from ringfence.cli.output import deliver

if TYPE_CHECKING:
    from ringfence.reach.answer import ReachResult


class ReachFormat(StrEnum):
    """How the answer is written."""

    TERMINAL = "terminal"
    JSON = "json"


def reach(
    source: str,
    /,
    *,
    origin: Annotated[str, Parameter(name="--from", show_default=False)] = "",
    target: Annotated[str, Parameter(name="--to", show_default=False)] = "",
    sources: Annotated[str, Parameter(show_default=False)] = "",
    needed: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    diff: Annotated[str, Parameter(show_default=False)] = "",
    dead: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    edge: Annotated[tuple[Path, ...], Parameter(negative="", show_default=False)] = (),
    format: Annotated[ReachFormat, Parameter(name=["--format", "-f"])] = ReachFormat.TERMINAL,  # noqa: A002 - the option's name
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"], negative="", show_default=False)] = False,
) -> int:
    """Say who can talk to the phone system, and through which rules.

    Without a question: every exposure, from the Internet and from each network of the site.

    Parameters
    ----------
    source
        `local` for this very machine, or a bundle: a directory or a .tar, .tar.gz, .tar.zst or .zip archive.
    origin
        Follow a packet from here, hop by hop: an address, a network, `internet`, or a name of the site.
    target
        … to this listener of the PBX: tftp, chan_sip, 5060/udp, 10.20.0.10:5060/udp. Left out: to each.
    sources
        Give the exact set of addresses that reach this listener, with their names.
    needed
        Compare who is let in from outside with who needs it, and give the rule to write at the edge.
    diff
        Say what the change from this older source to SOURCE opens and closes.
    dead
        Name forwards that lead to nobody, and rules that can never match.
    edge
        A file with the rules of the edge firewall (iptables-save, nft list ruleset); may be given several times.
    format
        How to write the answer.
    output
        Write the answer to this file instead of the terminal.
    quiet
        Print nothing but the answer.
    """
    from ringfence.commands.reach import ReachRequest, answer_reach

    request = ReachRequest(
        source=source,
        edge=edge,
        origin=origin,
        target=target,
        sources_of=sources,
        needed=needed,
        old=diff,
        dead=dead,
    )
    if not quiet and sys.stderr.isatty():
        sys.stderr.write(f"Reading {source} …\n")
    result = answer_reach(request)
    deliver(_rendered(result, format, colour=output is None and sys.stdout.isatty()), output)
    if not quiet:
        for text in result.missing:
            sys.stderr.write(f"not completed: {text}\n")
        if output is not None:
            sys.stderr.write(f"The answer is in {output}.\n")
    return OK if result.complete else INCOMPLETE


def _rendered(result: "ReachResult", form: ReachFormat, *, colour: bool) -> str:
    match form:
        case ReachFormat.TERMINAL:
            from ringfence.render.reach import to_text

            return to_text(result, colour=colour)
        case ReachFormat.JSON:
            from ringfence.render.reach_json import to_json

            return to_json(result)
