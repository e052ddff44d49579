"""Gives cog what the manual takes from the program: help texts, and the commands whose output a bundle holds."""

import os
import subprocess
import sys


def print_help(*verb: str) -> None:
    """Print the help of a verb (none: of the whole program) as a Markdown code block, 80 columns, without colour."""
    environment = os.environ | {"COLUMNS": "80", "NO_COLOR": "1", "TERM": "dumb"}
    text = subprocess.run(  # noqa: S603 - this Python and words from our own manual
        [sys.executable, "-m", "ringfence", *verb, "--help"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    lines = [line.rstrip() for line in text.strip().splitlines()]
    print("```text", *lines, "```", sep="\n")


def print_commands() -> None:
    """Print a table of the commands that the readers want, and the file in a bundle that holds the output of each."""
    from ringfence.readers.catalogue import WANTS  # noqa: PLC0415 - a help text does not need the readers
    from ringfence.readers.wants import Command  # noqa: PLC0415 - as above

    commands = sorted({(want.name, want.argv) for want in WANTS if isinstance(want, Command)})
    print("", "| file | command |", "|---|---|", sep="\n")
    for name, (program, *words) in commands:
        line = " ".join([program, *(f"'{word}'" if " " in word else word for word in words)])
        print(f"| `commands/{name}.txt` | `{line}` |")
    print()
