"""`webhooks apply`, killed: a short run of ``python -m tests.webhooks.apply_kills``."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.timeout(120)
def test_a_second_apply_ends_where_one_would_have() -> None:
    # In a process without threads, since it forks.
    command = [sys.executable, "-m", "tests.webhooks.apply_kills", "--count", "7"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert done.stdout.startswith("7 kills (3 at random, ")
    assert " 0 faults" in done.stdout
