"""The judgement of the engine against that of the kernel: made-up rule sets, real packets, no disagreement.

`make kernel-diff N=1000` tries so many rule sets; KERNEL_SEED is the first seed, and a failure names its own.
"""

import os

import pytest

from tests.reach.judgement import disagreements, observe
from tests.reach.kernel import missing

RULESETS = int(os.environ.get("KERNEL_RULESETS", "128"))
PACKETS = int(os.environ.get("KERNEL_PACKETS", "480"))
FIRST_SEED = int(os.environ.get("KERNEL_SEED", "1"))


@pytest.fixture(scope="module", autouse=True)
def _able() -> None:
    reason = missing()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + RULESETS))
def test_the_engine_agrees_with_the_kernel(seed: int) -> None:
    trial = observe(seed, PACKETS)
    if disagreements(trial):
        # The same rules and packets again: what a busy machine lost arrives this time, a fault of the engine stays.
        trial = observe(seed, PACKETS)
    assert disagreements(trial) == {}, f"{trial}: rerun with KERNEL_SEED={seed} KERNEL_RULESETS=1\n{trial.text}"
