"""A crash at any moment leaves the old or the new vault. `kills` does this a thousand times."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

COUNT = 200


def test_no_crash_costs_a_vault() -> None:
    # A process of its own, because only one with a single thread should be forked.
    command = [sys.executable, "-m", "tests.tenants.kills", "--count", str(COUNT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    if done.returncode == 2:
        pytest.skip(done.stderr.strip())
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert told["kills"] == sum(told["found"].values()) == COUNT
    assert told["found"]["old"] > 100
    assert told["found"]["new"] > 5
    assert told["left_behind"] > 5
    assert all(stops > 20 for stops in told["stops"].values())
