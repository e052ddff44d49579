"""What the PBX does with a dialled number: contexts, patterns, applications, global variables (extensions.conf)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.site import Context, Dialplan, Extension
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.asterisk import configuration
from ringfence.readers.asterisk.configuration import Entry, Section

WANTS = configuration.WANTS
FILE = "etc/asterisk/extensions.conf"
MAX_PROBLEMS = 100

# n · n(label) · 1 · 1(label) · check+101(mbexist) · hint
_PRIORITY = re.compile(r"\A\s*([\w-]{1,80})\s*(?:\+\s*(\d{1,6}))?\s*(?:\(([^()]{0,80})\))?\s*\Z", re.ASCII)
_SECRET_NAME = re.compile(r"PASS|SECRET|PWD", re.IGNORECASE)
# SIP/line4711:FAKE-secret@voip.example/011…
_CREDENTIALS = re.compile(r"\b([A-Za-z0-9]{2,6}/[^:/@,&\s${}]{1,80}):[^@,&\s]{1,200}@")
#: Applications whose first argument is a PIN: Authenticate(4711), DISA(4711,from-internal).
_PIN_FIRST = frozenset({"authenticate", "disa"})
# Macro(dialout-trunk,1,${EXTEN},4711,off), since FreePBX 17 Gosub(macro-dialout-trunk,s,1(1,${EXTEN},4711,off))
_ROUTE_PIN = re.compile(r"(\bdialout-(?:trunk|enum|dundi),(?:s,1\(|(?!s,1\())[^,]*,[^,]*),[^,()]+")
_MASK = "***"


def read(artifacts: Artifacts) -> Reading[Dialplan | None]:
    """Read extensions.conf with all that it includes; None where there is no such file.

    Contexts of one name add up; where a priority is set twice, the first one counts (ast:pbx/pbx_config.c): FreePBX
    relies on that for extensions_override_freepbx.conf. Passwords in variables, dial strings and PINs are masked.
    """
    if not configuration.exists(artifacts, FILE):
        return Reading(facts=None)
    parsed = configuration.parse(artifacts, FILE)
    contexts: dict[str, _Draft] = {}
    variables: list[tuple[str, str, Citation]] = []
    problems: list[Problem] = []
    for section in configuration.plain(parsed.sections):
        if section.name.lower() == "globals":
            variables += _variables(section)
        elif section.name.lower() != "general":
            draft = contexts.setdefault(section.name, _Draft(name=section.name, citation=section.citation))
            problems += _fill(draft, section)
    problems += [
        Problem(citation=Citation(file=name), message="a dialplan in another language, which is not read")
        for name in ("etc/asterisk/extensions.ael", "etc/asterisk/extensions.lua")
        if configuration.exists(artifacts, name)
    ]
    facts = Dialplan(
        contexts=tuple(draft.context() for draft in contexts.values()),
        variables=tuple(variables),
        missing=parsed.missing,
    )
    return Reading(facts=facts, problems=(*parsed.problems, *problems[:MAX_PROBLEMS]))


@dataclass(slots=True)
class _Steps:
    citation: Citation
    steps: dict[int, tuple[str, str, Citation]] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Draft:
    name: str
    citation: Citation
    extensions: dict[str, _Steps] = field(default_factory=dict)
    includes: list[str] = field(default_factory=list)
    switches: list[str] = field(default_factory=list)

    def context(self) -> Context:
        return Context(
            name=self.name,
            extensions=tuple(_extension(pattern, steps) for pattern, steps in self.extensions.items()),
            includes=tuple(dict.fromkeys(self.includes)),
            switches=tuple(self.switches),
            citation=self.citation,
        )


def _extension(pattern: str, draft: _Steps) -> Extension:
    priorities = tuple(sorted(draft.steps))
    return Extension(
        pattern=pattern,
        steps=tuple(draft.steps[priority] for priority in priorities),
        priorities=priorities,
        labels=tuple(draft.labels.items()),
        citation=draft.citation,
    )


def _variables(section: Section) -> Iterator[tuple[str, str, Citation]]:
    for entry in section.entries:
        secret = bool(_SECRET_NAME.search(entry.key)) and entry.value
        yield entry.key, _MASK if secret else _CREDENTIALS.sub(rf"\1:{_MASK}@", entry.value), entry.citation


def _fill(draft: _Draft, section: Section) -> Iterator[Problem]:
    """Add the lines of one section; ``n`` counts on from the line before, whatever extension that was of."""
    pattern, last = "", -1
    for entry in section.entries:
        match entry.key.lower():
            case "exten" | "same":
                if entry.key.lower() == "exten":
                    pattern, _, rest = entry.value.partition(",")
                    pattern = pattern.strip()
                else:
                    rest = entry.value
                placed = _place(draft, pattern, rest, last, entry)
                if placed is None:
                    yield Problem(citation=entry.citation, message="a dialplan line that is not understood")
                else:
                    last = placed
            case "include":
                draft.includes.append(entry.value.partition(",")[0].strip())
            case "switch" | "lswitch" | "eswitch":
                draft.switches.append(entry.value)
            case "ignorepat" | "autohints":
                pass
            case _:
                yield Problem(citation=entry.citation, message="an unknown dialplan setting; Asterisk ignores it")


def _place(draft: _Draft, pattern: str, rest: str, last: int, entry: Entry) -> int | None:
    """Add one line and give its priority; None when it is not understood. A hint runs nothing and has no priority."""
    priority_text, _, call = rest.partition(",")
    match = _PRIORITY.match(priority_text)
    if not pattern or match is None:
        return None
    word, plus, label = match[1], int(match[2] or 0), (match[3] or "").strip()
    if word.lower() == "hint":
        return last
    steps = draft.extensions.get(pattern)
    if word in {"n", "next"}:
        priority: int | None = last + 1
    elif word in {"s", "same"}:
        priority = last
    elif word.isdecimal():
        priority = int(word[:9])
    else:
        priority = steps.labels.get(word) if steps else None
    if not priority:
        return None
    priority += plus
    if steps is None:
        steps = draft.extensions[pattern] = _Steps(citation=entry.citation)
    if priority not in steps.steps:
        name, arguments = split_call(call)
        steps.steps[priority] = (name, _masked(name, arguments), entry.citation)
        if label:
            steps.labels.setdefault(label, priority)
    return priority


def split_call(text: str) -> tuple[str, str]:
    """Split ``Dial(SIP/trunk/${EXTEN},300)`` into the application and its arguments."""
    name, _, arguments = text.strip().partition("(")
    return name.strip(), arguments.removesuffix(")")


def _masked(name: str, arguments: str) -> str:
    if name.lower() in _PIN_FIRST:
        pin, comma, rest = arguments.partition(",")
        if pin and not pin.startswith(("/", "$", "no-password")):
            return f"{_MASK}{comma}{rest}"
    return _CREDENTIALS.sub(rf"\1:{_MASK}@", _ROUTE_PIN.sub(rf"\1,{_MASK}", arguments))
