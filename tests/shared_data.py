"""Finds test data that lies beside the repository, in `../shared`."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def shared(relative: str) -> Path:
    """Return `../shared/<relative>`; where it is absent skip the test, or fail it when the environment says CI=true."""
    path = SHARED / relative
    if path.exists():
        return path
    reason = f"../shared/{relative} is not beside this repository"
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}, and in CI it must be")
    pytest.skip(reason)
