"""Whether a call that enters the dialplan in some context can leave through a trunk, and which steps it takes."""

from dataclasses import dataclass

from ringfence.model.evidence import Citation, Excerpt
from ringfence.model.exposure import Verdict
from ringfence.model.site import Dialplan, Extension
from ringfence.readers.asterisk import expressions
from ringfence.readers.asterisk.dialplan import split_call
from ringfence.readers.asterisk.lookup import Lookup

MAX_STEPS = 200_000
MAX_PROOF = 60
#: ExecIf(…?ExecIf(…?…))
MAX_NESTING = 20

#: After these nothing follows in the same extension (``Return`` and ``MacroExit``: the caller's next step does).
_LAST = frozenset({"goto", "hangup", "congestion", "busy", "return", "macroexit"})
#: These run a program or send the call where no file says.
_OPAQUE = frozenset({"agi", "eagi", "deadagi", "fastagi", "stasis", "externalivr", "followme", "lua", "originate"})
_CONDITIONAL = {"gotoif": "goto", "gotoiftime": "goto", "gosubif": "gosub", "macroif": "macro"}
_LINES = frozenset(
    {"SIP", "PJSIP", "IAX2", "DAHDI", "ZAP", "MOTIF", "H323", "OOH323", "MGCP", "SKINNY", "SCCP", "CAPI"}
)
#: FreePBX's own way out: Macro(dialout-trunk,1,…), since FreePBX 17 Gosub(macro-dialout-trunk,s,1(1,…))
_WAYS_OUT = frozenset({"dialout-trunk", "dialout-enum", "dialout-dundi"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WayOut:
    """A step that dials through a trunk: in which context and for which pattern, and the jumps that lead there."""

    context: str
    pattern: str
    trunk: str
    citation: Citation
    steps: tuple[Excerpt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachability:
    """Whether a context reaches a trunk: ``unknown`` where nothing is seen to, but some jump cannot be followed."""

    verdict: Verdict
    ways_out: tuple[WayOut, ...] = ()
    unknowns: tuple[Excerpt, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """A step of a call: ``entered`` is the context that the call is in, ``home`` the one that holds the extension."""

    entered: str
    home: str
    extension: Extension
    index: int


def reachable_trunks(dialplan: Dialplan, context: str) -> Reachability:
    """Say whether a caller who enters in ``context`` can dial out through a trunk with a number of his choice.

    Conditions on global variables that nothing changes are decided, all others may go either way. A call that is only
    forwarded to a number kept in the database counts as unknown: the caller does not choose it.
    """
    return _Walk(dialplan).answer(context)


class _Walk:
    def __init__(self, dialplan: Dialplan) -> None:
        self.dialplan = dialplan
        self.lookup = Lookup(dialplan)
        self.values = expressions.constants(dialplan)
        self.chosen = expressions.caller_chosen(dialplan)
        self.came_from: dict[tuple[str, str, str, int], _Place | None] = {}
        self.waiting: list[_Place] = []
        self.entered: set[str] = set()
        self.ways_out: dict[tuple[Citation, str], WayOut] = {}
        self.unknowns: dict[Citation, Excerpt] = {}

    def answer(self, context: str) -> Reachability:
        if context not in self.lookup.contexts:
            return Reachability(verdict=Verdict.UNKNOWN)
        self.enter_all(context, None)
        while self.waiting and len(self.came_from) <= MAX_STEPS:
            self.step(self.waiting.pop())
        complete = not (self.unknowns or self.waiting or self.dialplan.missing or self.lookup.exhausted)
        verdict = Verdict.REACHABLE if self.ways_out else Verdict.BLOCKED if complete else Verdict.UNKNOWN
        return Reachability(
            verdict=verdict,
            ways_out=tuple(sorted(self.ways_out.values(), key=lambda way: way.citation)),
            unknowns=tuple(sorted(self.unknowns.values())),
        )

    def go(self, place: _Place, origin: _Place | None) -> None:
        key = (place.entered, place.home, place.extension.pattern, place.index)
        if place.index < len(place.extension.steps) and key not in self.came_from:
            self.came_from[key] = origin
            self.waiting.append(place)

    def enter_all(self, context: str, origin: _Place | None) -> None:
        """Go everywhere that a caller gets who may dial any number in this context."""
        if context in self.entered:
            return
        self.entered.add(context)
        for home, extension in self.lookup.everything(context):
            self.go(_Place(context, home, extension, self.lookup.index(extension, 1)), origin)
        for place in self.lookup.switches(context):
            self.unknown(place, "Switch", "the dialplan goes on in a place that is not in the evidence")

    def step(self, here: _Place) -> None:
        application, arguments, _ = here.extension.steps[here.index]
        stays = self.run(application, arguments, here)
        following = here.index + 1
        priorities = here.extension.priorities
        goes_on = following < len(priorities) and priorities[following] == priorities[here.index] + 1
        if goes_on and stays:
            self.go(_Place(here.entered, here.home, here.extension, following), here)

    def run(self, application: str, arguments: str, here: _Place, depth: int = 0) -> bool:
        """Follow what one application does, and tell whether the step after it may run."""
        name = application.lower()
        if depth > MAX_NESTING:
            self.unknown(here.extension.steps[here.index][2], application, "calls are nested too deeply")
            return True
        if name in _CONDITIONAL:
            branches = self.branches(arguments, timed=name == "gotoiftime")
            stays = [self.run(_CONDITIONAL[name], branch, here, depth + 1) if branch else True for branch in branches]
            return any(stays)
        if name in {"goto", "gosub"}:
            self.jump(arguments, here)
        elif name in {"macro", "macroexclusive"}:
            self.macro(arguments, here)
        elif name in {"execif", "exec", "tryexec"}:
            calls = self.branches(arguments) if name == "execif" else (arguments,)
            stays = [self.run(*split_call(call), here, depth + 1) if call else True for call in calls]
            return any(stays)
        elif name == "dial":
            for target in expressions.split(expressions.split(arguments, ",")[0], "&"):
                self.dial(target, here)
        elif name in {"background", "waitexten", "disa"}:
            self.listen(name, arguments, here)
        elif name in _OPAQUE:
            self.unknown(here.extension.steps[here.index][2], application, "what it does is not in the dialplan")
        return name not in _LAST

    def branches(self, arguments: str, *, timed: bool = False) -> tuple[str, ...]:
        """Give the branches of ``condition?this:that`` that may be taken; an empty one goes on with the next step."""
        test, _, rest = _first(arguments, "?")
        this, _, that = _first(rest, ":")
        holds = None if timed else expressions.condition(test, self.values)
        branches = (this.strip(), that.strip())
        return branches if holds is None else (branches[0 if holds else 1],)

    def jump(self, arguments: str, here: _Place) -> None:
        """Follow ``context,extension,priority``, of which only the last is required; a Gosub adds its arguments."""
        parts = [part.strip() for part in expressions.split(self.known(arguments, here), ",")]
        priority = parts[-1].partition("(")[0] if "${" not in parts[-1].partition("(")[0] else parts[-1]
        if len(parts) > 2 and parts[0].startswith("macro-") and parts[0].removeprefix("macro-") in _WAYS_OUT:
            trunk = parts[-1].partition("(")[2].partition(",")[0].removesuffix(")")
            self.dial_out(parts[0].removeprefix("macro-"), trunk, here)
            return
        if len(parts) == 1:
            self.arrive(here.entered, [(here.home, here.extension)], priority, here)
        else:
            self.find(parts[-3] if len(parts) > 2 else here.entered, parts[-2], priority, here)

    def find(self, context: str, number: str, priority: str, here: _Place) -> None:
        cited = here.extension.steps[here.index][2]
        if "$" in context:
            self.unknown(cited, "jump", f"the context {context} is known only when it runs")
        elif "$" not in number:
            self.arrive(context, self.lookup.find(context, number), priority, here)
        elif context == here.entered or expressions.is_chosen(number, self.chosen):
            self.arrive(context, self.lookup.resembling(context, number), priority, here)
        else:
            self.unknown(
                cited, "jump", f"the number {number} is known only when it runs; the caller does not choose it"
            )

    def arrive(self, entered: str, found: list[tuple[str, Extension]], priority: str, here: _Place) -> None:
        if "$" in priority:
            self.unknown(here.extension.steps[here.index][2], "jump", "where it leads is known only when it runs")
            return
        for home, extension in found:
            number = int(priority[:9]) if priority.isdecimal() else dict(extension.labels).get(priority, -1)
            self.go(_Place(entered, home, extension, self.lookup.index(extension, number)), here)

    def macro(self, arguments: str, here: _Place) -> None:
        name, *rest = expressions.split(self.known(arguments, here), ",")
        if name.strip() in _WAYS_OUT:
            self.dial_out(name.strip(), rest[0] if rest else "", here)
        else:
            self.find(f"macro-{name.strip()}", "s", "1", here)

    def dial_out(self, name: str, trunk: str, here: _Place) -> None:
        """Note FreePBX's own way out, unless the trunk of that number is switched off for good."""
        if self.values.get(f"OUTDISABLE_{trunk}") != "on":
            line = self.values.get(f"OUT_{trunk}", "") + self.values.get(f"OUT_{trunk}_SUFFIX", "")
            self.found(line or f"{name} {trunk}".strip(), here)

    def dial(self, target: str, here: _Place) -> None:
        text = self.known(target.strip(), here)
        technology, _, rest = text.partition("/")
        cited = here.extension.steps[here.index][2]
        if text.startswith("${PJSIP_DIAL_CONTACTS("):
            return  # the registered phones of an account
        if "$" in technology:
            self.unknown(cited, "Dial", "what it dials is known only when it runs")
        elif technology.upper() == "LOCAL":
            number, _, context = rest.partition("@")
            self.find(context.partition("/")[0] or "default", number, "1", here)
        elif technology.upper() in _LINES and _is_line(technology.upper(), rest):
            self.found(text, here)

    def listen(self, name: str, arguments: str, here: _Place) -> None:
        """Follow what the caller dials next: in this context, in Background's fourth argument, in DISA's second."""
        parts = [part.strip() for part in expressions.split(self.known(arguments, here), ",")]
        position = {"background": 3, "disa": 1}.get(name, len(parts))
        context = parts[position] if position < len(parts) else "disa" if name == "disa" else here.entered
        if "$" in context:
            self.unknown(here.extension.steps[here.index][2], name, f"the context {context} is known only when it runs")
        else:
            self.enter_all(context, here)

    def known(self, text: str, here: _Place) -> str:
        pattern = here.extension.pattern
        own = {} if pattern.startswith("_") else {"EXTEN": pattern.partition("/")[0]}
        return expressions.substitute(text, self.values | own)

    def unknown(self, citation: Citation, what: str, why: str) -> None:
        self.unknowns.setdefault(citation, Excerpt(citation=citation, text=f"{what}: {why}"))

    def found(self, trunk: str, here: _Place) -> None:
        citation = here.extension.steps[here.index][2]
        if (citation, trunk) not in self.ways_out:
            self.ways_out[citation, trunk] = WayOut(
                context=here.home,
                pattern=here.extension.pattern,
                trunk=trunk,
                citation=citation,
                steps=self.proof(here),
            )

    def proof(self, here: _Place) -> tuple[Excerpt, ...]:
        """Give the steps that led here, from the first on, where the call changed its extension."""
        steps: list[Excerpt] = []
        following: Extension | None = None
        place: _Place | None = here
        while place is not None and len(steps) < MAX_PROOF:
            application, arguments, citation = place.extension.steps[place.index]
            if following is not place.extension:
                steps.append(Excerpt(citation=citation, text=f"{place.extension.pattern}: {application}({arguments})"))
            following = place.extension
            place = self.came_from[place.entered, place.home, place.extension.pattern, place.index]
        return tuple(reversed(steps))


def _first(text: str, separator: str) -> tuple[str, str, str]:
    """Cut at the first separator outside all brackets, as ``str.partition`` does."""
    parts = expressions.split(text, separator, 1)
    return (parts[0], separator, parts[1]) if len(parts) == 2 else (text, "", "")


def _is_line(technology: str, rest: str) -> bool:
    """Tell a trunk with a number (``SIP/lakeside/9011``, ``PJSIP/9011@sipgw``, ``DAHDI/g0``) from a phone."""
    if technology in {"DAHDI", "ZAP"} and rest[:1].lower() in {"g", "r"} and rest[1:2].isdecimal():
        return True
    return "/" in rest or "@" in rest
