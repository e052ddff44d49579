"""The made-up rule sets prove themselves: faults planted in the engine, one at a time, are all seen by the kernel test.

A fault is a change of the engine's source; it must leave some packet of the rule sets that the kernel test tries by
default with another end than the kernel gave it.
"""

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import NamedTuple

import pytest

from tests.reach import judgement
from tests.reach.kernel import missing
from tests.reach.test_kernel import FIRST_SEED, PACKETS, RULESETS

PACKAGE = "ringfence.reach"


class Fault(NamedTuple):
    """A planted fault: what it does, and the change in a module's source."""

    name: str
    module: str
    right: str
    wrong: str


FAULTS = (
    Fault("a goto comes back", "filters", "_merge(present if returns else returned,", "_merge(present,"),
    Fault("a return accepts", "filters", "_merge(returned, after)", "self.decide(path, after, passed=True)"),
    Fault("the policy is forgotten", "filters", "passed=chain.policy_accepts", "passed=True"),
    Fault("priorities are reversed", "filters", "key=lambda chain: chain.priority",
          "key=lambda chain: -chain.priority"),
    Fault("later chains of a hook are left out", "filters", "return sorted(found, key=lambda chain: chain.priority)",
          "return sorted(found, key=lambda chain: chain.priority)[:1]"),
    Fault("a range ends one too early", "atoms", "bisect_left(self._starts, high + 1)",
          "bisect_left(self._starts, high)"),
    Fault("filters see the port before translation", "conditions", "return header.port in ports",
          "return (header.original or (None, header.port))[1] in ports"),
    Fault("the original destination is today's", "conditions",
          "address, port = header.original or (header.destination, header.port)",
          "address, port = header.destination, header.port"),
    Fault("translated connections are not told", "conditions", '("dnat" in states and header.translated)', "False"),
    Fault("a translation to itself counts", "translate", "translated=header.translated or changed", "translated=True"),
    Fault("marks are added, not changed", "flow", "& ~mask ^ value", "& ~mask | value"),
    Fault("the mask of a mark is forgotten", "flow", "(mark & match.mask == match.value)", "(mark == match.value)"),
    Fault("marks are copied the wrong way", "filters", "marks._replace(connection=marks.packet)",
          "marks._replace(packet=marks.connection)"),
    Fault("marks are lost in jumps", "filters", "self.chain(target, after, path)",
          "self.chain(target, {Marks(): all_bits(after)}, path)"),
    Fault("untracked packets are translated", "filters", "if settled or not marks.tracked", "if settled"),
    Fault("notrack is forgotten", "filters", "tracked=marks.tracked and not early", "tracked=marks.tracked"),
    Fault("a wildcard is a name", "conditions", "name.startswith(pattern[:-1])", "name == pattern[:-1]"),
    Fault("local is elsewhere", "conditions", 'header.local is (kind == "local")',
          'header.local is not (kind == "local")'),
    Fault("flags do not matter", "conditions", '(mask & {"syn"} == flags)', "(flags <= mask)"),
    Fault("a negated protocol is none", "conditions", "(header.protocol in names) is not negated",
          "header.protocol in names"),
    Fault("a moved network loses the place in it", "translate", "intervals[0][0] | host", "intervals[0][0]"),
    Fault("a redirect stays where it was", "translate", "addresses: list[Address | None] = [chosen]",
          "addresses: list[Address | None] = [header.destination]"),
    Fault("the last rule wins", "columns", "np.minimum.at(first, start[here], numbers[here])",
          "first[start[here]] = numbers[here]"),
    Fault("what is returned in a row of rules is lost", "filters", "_merge(returned, _part(present, stretch.returned))",
          "_merge(returned, {})"),
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _able() -> None:
    reason = missing()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="module")
def trials() -> list[judgement.Trial]:
    """The rule sets tried so far; more are tried when a fault wants them."""
    return []


@contextmanager
def planted(fault: Fault) -> Iterator[ModuleType]:
    """Give the judgement of an engine that has the fault; afterwards everything is as before."""
    package = sys.modules[PACKAGE]
    ours = {name for name in sys.modules if name.startswith(f"{PACKAGE}.") or name == judgement.__name__}
    before = {name: sys.modules.pop(name) for name in ours}
    for one in ours:
        # else `from ringfence.reach import filters` finds the old one
        parent, _, child = one.rpartition(".")
        delattr(sys.modules[parent], child)
    name = f"{PACKAGE}.{fault.module}"
    try:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.loader is not None
        source = spec.loader.get_source(name)  # type: ignore[attr-defined]
        assert source.count(fault.right) == 1, "the engine's source has changed; plant the fault anew"
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        exec(compile(source.replace(fault.right, fault.wrong), name, "exec"), module.__dict__)  # noqa: S102
        setattr(package, fault.module, module)
        yield importlib.import_module(judgement.__name__)
    finally:
        for name in [name for name in sys.modules if name.startswith(f"{PACKAGE}.")]:
            del sys.modules[name]
        sys.modules.update(before)
        for name, old in before.items():
            parent, _, child = name.rpartition(".")
            setattr(sys.modules[parent], child, old)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_seen(fault: Fault, trials: list[judgement.Trial]) -> None:
    for number in range(RULESETS):
        if number == len(trials):
            trials.append(judgement.observe(FIRST_SEED + number, PACKETS))
        with planted(fault) as faulty:
            if faulty.disagreements(trials[number]):
                return
    pytest.fail(f"{RULESETS} rule sets do not show it")
