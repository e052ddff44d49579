"""Writes the pages of the manual that come from the program: one per check, from its docstring, and their index."""

import inspect
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

CHECKS = Path(__file__).resolve().parent / "checks"
INDEX = """\
# Checks

Each check is named for the bad state that it looks for. Its page says what is wrong, how it is exploited, how to fix it
and when it is acceptable. A check can only judge what is in the evidence: that it did not fire means little where its
files were missing, so look at what the report says that it read.

| check | severity | what is wrong |
|---|---|---|
{rows}

```{{toctree}}
:hidden:
:maxdepth: 1

{names}
```
"""


class Check(Protocol):
    """What a page is made of."""

    @property
    def name(self) -> str:
        """The bad state, in words joined by hyphens."""
        ...

    @property
    def severity(self) -> str:
        """How bad it is."""
        ...

    @property
    def page(self) -> str:
        """The docstring of the check: first sentence, blank line, the rest in Markdown."""
        ...


def page(check: Check) -> str:
    """Give the page of one check."""
    return f"# {check.name}\n\nSeverity: **{check.severity}**\n\n{inspect.cleandoc(check.page).strip()}\n"


def pages(checks: Iterable[Check]) -> Mapping[str, str]:
    """Give the text of each file in docs/checks, by its name."""
    ordered = sorted(checks, key=lambda check: check.name)
    rows = [
        f"| [{check.name}]({check.name}.md) | {check.severity} | {inspect.cleandoc(check.page).splitlines()[0]} |"
        for check in ordered
    ]
    index = INDEX.format(rows="\n".join(rows), names="\n".join(check.name for check in ordered))
    return {"index.md": index} | {f"{check.name}.md": page(check) for check in ordered}


def main() -> int:
    """Write all pages and remove those of checks that are gone."""
    from ringfence.checks.registry import ALL  # noqa: PLC0415 - the pages can be made of any checks, the command's are ours

    wanted = pages(ALL)
    CHECKS.mkdir(exist_ok=True)
    for path in CHECKS.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (CHECKS / name).write_text(text)
    print(f"{len(wanted)} pages in {CHECKS}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
