"""The command line: every verb is imported only when it is used, so that ``--help`` is quick."""

import sys

import cyclopts
from cyclopts.help import DefaultFormatter, PanelSpec
from rich import box
from rich.console import Console

from ringfence import __version__
from ringfence.model.errors import RingfenceError, UsageError

OK, FINDINGS, USAGE, INCOMPLETE = 0, 1, 2, 3

app = cyclopts.App(
    name="ringfence",
    help="Tells the people who run a phone system how it is exposed, whether it was hijacked, and what to do.",
    version=__version__,
    help_format="plaintext",
    help_formatter=DefaultFormatter(panel_spec=PanelSpec(box=box.SIMPLE, padding=(0, 0))),
    result_action="return_value",
)
# The one-line helps stand here because a verb's module is not imported until the verb is used.
app.command("ringfence.cli.demo:demo", help="Check the evidence of a hijacked school that comes with the program.")
app.command("ringfence.cli.check:check", help="Say how the system is exposed, whether it was hijacked, and what to do.")
app.command("ringfence.cli.reach:reach", help="Say who can talk to the phone system, and through which rules.")
app.command("ringfence.cli.collect:collect", help="Collect the evidence into one file to check on another machine.")


def main() -> None:
    """Run the program and leave with its exit code.

    0: nothing at or above ``--fail-on``; 1: findings; 2: usage; 3: the answer could not be completed.
    """
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and give the exit code; what goes wrong is one clear line on standard error."""
    errors = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    try:
        code = app(arguments, exit_on_error=False, print_error=False, error_console=errors)
    except cyclopts.CycloptsError as error:
        errors.print(f"ringfence: {error}")
        return USAGE
    except UsageError as error:
        errors.print(f"ringfence: {error}")
        return USAGE
    except RingfenceError as error:
        errors.print(f"ringfence: {error}")
        return INCOMPLETE
    except BrokenPipeError:
        # The reader (`| head`) went away: nothing is wrong on this side.
        sys.stderr.close()
        return OK
    except KeyboardInterrupt:
        errors.print("ringfence: interrupted; nothing was changed")
        return INCOMPLETE
    return code if isinstance(code, int) else OK
