"""``ringfence check``: the main job."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ringfence.cli.output import FailOn, Format, deliver, exit_code, rendered


def check(
    source: str,
    /,
    *,
    format: Annotated[Format, Parameter(name=["--format", "-f"])] = Format.TERMINAL,  # noqa: A002 - the option's name
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    edge: Annotated[tuple[Path, ...], Parameter(negative="", show_default=False)] = (),
    tariff: Path | None = None,
    timezone: Annotated[str, Parameter(show_default=False)] = "",
    fail_on: FailOn = FailOn.HIGH,
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"], negative="", show_default=False)] = False,
) -> int:
    """Say how the system is exposed, whether it was hijacked, and what to do.

    Parameters
    ----------
    source
        `local` for this very machine, or a bundle: a directory or a .tar, .tar.gz, .tar.zst or .zip archive.
    format
        How to write the report.
    output
        Write the report to this file instead of the terminal.
    edge
        A file with the rules of the edge firewall (iptables-save, nft list ruleset); may be given several times.
    tariff
        CSV with prefix,name,price_per_minute: what calls cost.
    timezone
        The PBX's time zone, such as America/Chicago; needed only where the logs do not tell.
    fail_on
        Exit with 1 when a finding is at least this severe.
    quiet
        Print nothing but the report.
    """
    from ringfence.commands.check import CheckRequest, check_site

    request = CheckRequest(source=source, edge=edge, tariff=tariff, timezone=timezone)
    if not quiet and sys.stderr.isatty():
        sys.stderr.write(f"Reading {source} …\n")
    report = check_site(request)
    on_terminal = output is None and sys.stdout.isatty()
    deliver(rendered(report, format, colour=on_terminal), output)
    if output is not None and not quiet:
        sys.stderr.write(f"{report.verdict}\nThe report is in {output}.\n")
    return exit_code(report, fail_on)
