"""Asterisk's configuration files as Asterisk itself reads them (ast:main/config.c, 11 to 22)."""

from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.readers.artifacts import Artifacts, decoded, lines
from ringfence.readers.asterisk.comments import uncommented
from ringfence.readers.wants import Glob

#: An include may name any file, so every reader of this folder wants them all.
WANTS = (Glob(pattern="/etc/asterisk/*.conf"), Glob(pattern="/etc/asterisk/*/*.conf"))

FOLDER = "etc/asterisk"
#: Asterisk reads lines into 8,192 bytes and skips a longer one.
MAX_LINE_BYTES = 8190
#: Asterisk's own limit on includes within includes (MAX_INCLUDE_LEVEL).
MAX_DEPTH = 10
MAX_FILES = 2_000
MAX_LINES = 500_000
MAX_ENTRIES = 1_000_000
MAX_VALUE_CHARACTERS = 64 * 1024
MAX_PROBLEMS = 200
#: ``ast_strip`` takes everything up to the blank for white space.
_BLANKS = "".join(map(chr, range(33)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One ``key=value`` (``object_syntax``: ``key=>value``); the value may be a password, so it is never in a repr."""

    key: str
    value: str = field(repr=False)
    object_syntax: bool = False
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A section with what it inherits first; keys repeat, and their order matters."""

    name: str
    entries: tuple[Entry, ...] = ()
    is_template: bool = False
    citation: Citation

    def all(self, *keys: str) -> tuple[Entry, ...]:
        """Give all entries with one of these lower-case keys, in file order; keys are compared without case."""
        return tuple(entry for entry in self.entries if entry.key.lower() in keys)

    def last(self, *keys: str) -> Entry | None:
        """Give the entry that counts where the last one wins."""
        return next((entry for entry in reversed(self.entries) if entry.key.lower() in keys), None)

    def text(self, *keys: str) -> str:
        """Give the value of the last entry, or nothing."""
        entry = self.last(*keys)
        return entry.value if entry else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a file and all that it includes say; ``missing`` are the includes that are not in the evidence."""

    sections: tuple[Section, ...] = ()
    missing: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def exists(artifacts: Artifacts, name: str) -> bool:
    """Tell whether the file was in the evidence at all; an empty file exists."""
    return name in artifacts.names()


def load(artifacts: Artifacts, name: str) -> Reading[tuple[Section, ...]]:
    """Read one file (``etc/asterisk/sip.conf``) and what it includes; templates are among the sections, and marked."""
    parsed = parse(artifacts, name)
    return Reading(facts=parsed.sections, problems=parsed.problems)


def parse(artifacts: Artifacts, name: str) -> Parsed:
    """Read as ``load`` does, and tell which included files are missing."""
    loading = _Loading(artifacts)
    if exists(artifacts, name):
        loading.read((name,), ())
    return loading.parsed()


def plain(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Leave out the templates."""
    return tuple(section for section in sections if not section.is_template)


def named(sections: tuple[Section, ...], name: str) -> Section | None:
    """Find the first section of that name (compared without case): drivers look at no other ``[general]``."""
    return next((section for section in plain(sections) if section.name.lower() == name), None)


@dataclass(slots=True)
class _Draft:
    name: str
    citation: Citation
    is_template: bool = False
    entries: list[Entry] = field(default_factory=list)


class _Loading:
    """Reads files into sections; ``current`` is the section that an included file starts in."""

    def __init__(self, artifacts: Artifacts) -> None:
        self.artifacts = artifacts
        self.names = frozenset(artifacts.names())
        self.drafts: list[_Draft] = []
        self.by_name: dict[str, list[_Draft]] = {}
        self.current: _Draft | None = None
        self.problems: list[Problem] = []
        self.missing: list[str] = []
        self.files = self.lines = self.entries = 0

    def parsed(self) -> Parsed:
        sections = tuple(
            Section(
                name=draft.name, entries=tuple(draft.entries), is_template=draft.is_template, citation=draft.citation
            )
            for draft in self.drafts
        )
        return Parsed(sections=sections, missing=tuple(dict.fromkeys(self.missing)), problems=tuple(self.problems))

    def problem(self, citation: Citation, message: str) -> None:
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(citation=citation, message=message))
        elif len(self.problems) == MAX_PROBLEMS:
            self.problems.append(Problem(citation=citation, message="there are more problems, not listed"))

    def read(self, names: tuple[str, ...], chain: tuple[str, ...]) -> None:
        section = self.current
        depth = 0
        for name in names:
            for number, raw in lines(self.artifacts, name):
                citation = Citation(file=name, line=number)
                self.lines += 1
                if self.lines > MAX_LINES or self.entries > MAX_ENTRIES:
                    self.problem(citation, "the configuration is too large; the rest is not read")
                    self.missing.append(name)
                    return
                if len(raw) > MAX_LINE_BYTES:
                    self.problem(citation, "the line is too long; Asterisk skips it")
                    continue
                text, depth = uncommented(decoded(raw.partition(b"\0")[0]), depth)
                text = text.strip(_BLANKS)
                if text:
                    section = self.line(text, citation, section, (*chain, name))
            if depth:
                self.problem(
                    Citation(file=name), "a block comment (;--) is not closed; the rest of the file is ignored"
                )

    def line(self, text: str, citation: Citation, section: _Draft | None, chain: tuple[str, ...]) -> _Draft | None:
        if text[0] == "[":
            return self.header(text, citation) or section
        if text[0] == "#":
            self.directive(text, citation, chain)
        elif section is None:
            self.problem(citation, "a setting outside any section; Asterisk refuses the whole file")
        else:
            self.setting(text, citation, section)
        return section

    def header(self, text: str, citation: Citation) -> _Draft | None:
        name, bracket, rest = text[1:].partition("]")
        if not bracket:
            self.problem(citation, "the section's name has no closing ']'; Asterisk refuses the whole file")
            return None
        draft = _Draft(name, citation)
        added_to: _Draft | None = None
        options = rest[1:].partition(")")[0].split(",") if rest.startswith("(") else []
        for option in map(str.strip, options):
            target = added_to or draft
            if option == "!":
                target.is_template = True
            elif option.startswith("+"):
                added_to = self.first(name, option[1:], citation)
                if added_to is None:
                    self.problem(
                        citation, f"nothing to add to: there is no section {name!r} before; Asterisk refuses this"
                    )
                else:
                    self.extend(added_to, target.entries)
            elif base := self.first(option, "", citation):
                self.extend(target, list(base.entries))
            else:
                self.problem(citation, f"there is no section {option!r} to inherit from; Asterisk refuses this")
        if added_to is None:
            self.drafts.append(draft)
            self.by_name.setdefault(name.lower(), []).append(draft)
        self.current = added_to or draft
        return self.current

    def extend(self, draft: _Draft, entries: list[Entry]) -> None:
        self.entries += len(entries)
        if self.entries <= MAX_ENTRIES:
            draft.entries.extend(entries)

    def first(self, name: str, restriction: str, citation: Citation) -> _Draft | None:
        """Find the section that ``(+)`` or an inheritance means: the first, or the first with ``(+type=endpoint)``."""
        for draft in self.by_name.get(name.lower(), []):
            if all(_holds(draft, part) for part in restriction.split("&") if part):
                return draft
        if restriction and name.lower() in self.by_name:
            self.problem(citation, "no section fits the restriction of (+…)")
        return None

    def directive(self, text: str, citation: Citation, chain: tuple[str, ...]) -> None:
        at = next((index for index, character in enumerate(text) if character in _BLANKS), len(text))
        word = text[1:at].lower()
        target = text[at:].strip(_BLANKS)
        if word == "exec":
            self.problem(citation, "#exec is not run here; what it would add is unknown")
            self.missing.append("#exec")
        elif word not in {"include", "tryinclude"}:
            self.problem(citation, "an unknown directive; Asterisk ignores it")
        elif not target:
            self.problem(citation, f"#{word} without a file name")
        else:
            if len(target) > 1 and (target[0], target[-1]) in {('"', '"'), ("<", ">")}:
                target = target[1:-1]
            self.include(target, citation, chain, optional=word == "tryinclude")

    def include(self, target: str, citation: Citation, chain: tuple[str, ...], *, optional: bool) -> None:
        self.files += 1
        path = bundle_path(target)
        if len(chain) > MAX_DEPTH or self.files > MAX_FILES:
            self.problem(citation, "includes are nested too deeply or are too many; this one is not read")
            self.missing.append(path)
            return
        found = self.matching(path)
        if not found and not optional:
            self.problem(citation, f"#include of {target!r}: the file is not in the evidence, what it sets is unknown")
            self.missing.append(path)
        for name in found:
            if name in chain:
                self.problem(citation, f"{target!r} includes itself; it is read once")
        self.read(tuple(name for name in found if name not in chain), chain)

    def matching(self, path: str) -> tuple[str, ...]:
        if not any(mark in path for mark in "*?["):
            return (path,) if path in self.names else ()
        parts = path.split("/")
        return tuple(sorted(name for name in self.names if _fits(name.split("/"), parts)))

    def setting(self, text: str, citation: Citation, draft: _Draft) -> None:
        escaped = text[0] == "\\"  # a key that starts with [ or #
        text = text[1:] if escaped else text
        at = text.find("=", 1 if escaped else 0)
        if at < 0:
            self.problem(citation, "the line has no '='; Asterisk ignores it")
            return
        appends = at > 0 and text[at - 1] == "+"
        key = (text[: at - 1] if appends else text[:at]).strip(_BLANKS)
        value = text[at + 1 :]
        object_syntax = not appends and value.startswith(">")
        value = (value[1:] if object_syntax else value).strip(_BLANKS)
        if not key:
            self.problem(citation, "the line has no key; Asterisk ignores it")
            return
        self.entries += 1
        if appends:
            for index in range(len(draft.entries) - 1, -1, -1):
                if draft.entries[index].key == key:
                    value = (draft.entries[index].value + text[at + 1 :]).strip(_BLANKS)[:MAX_VALUE_CHARACTERS]
                    draft.entries[index] = Entry(key=key, value=value, citation=citation)
                    return
        draft.entries.append(Entry(key=key, value=value, object_syntax=object_syntax, citation=citation))


def bundle_path(target: str) -> str:
    """Give the bundle name of a path as a configuration file writes it: relative ones start in /etc/asterisk."""
    parts: list[str] = []
    for part in (target if target.startswith("/") else f"{FOLDER}/{target}").split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _fits(name: list[str], pattern: list[str]) -> bool:
    """Match as glob(3) does: ``*`` stays within a folder and does not match a leading dot."""
    return len(name) == len(pattern) and all(
        fnmatchcase(part, shape) and (not part.startswith(".") or shape.startswith("."))
        for part, shape in zip(name, pattern, strict=True)
    )


def _holds(draft: _Draft, restriction: str) -> bool:
    """Tell whether a section has ``key=value``; the regular expressions that Asterisk allows are not interpreted."""
    key, _, value = restriction.partition("=")
    if key == "TEMPLATES":
        return value != "restrict" or draft.is_template
    return any(entry.key == key and entry.value == value for entry in draft.entries)
