"""``ringfence demo``: the story on bundled evidence."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from ringfence.cli.output import Format, deliver, rendered


def demo(
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])] = Path("ringfence-demo.html"),
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"], negative="", show_default=False)] = False,
) -> int:
    """Check the evidence of a hijacked school that comes with the program.

    It needs no root and no network.

    Parameters
    ----------
    output
        Where to write the same report as HTML.
    quiet
        Print nothing but the report.
    """
    from ringfence.commands.demo import demo_report

    report = demo_report()
    deliver(rendered(report, Format.TERMINAL, colour=sys.stdout.isatty()), None)
    deliver(rendered(report, Format.HTML), output)
    if not quiet:
        sys.stderr.write(f"\nThe same report, with its pictures, is in {output}: open it in a browser.\n")
    return 0
