"""A crash at any moment leaves the old or the new vault. `kills` does this a thousand times."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.tenants.vault import Vault

COUNT = 200
STORING = """
import sys
from pathlib import Path
from tests.tenants.support import OTHER, PASSPHRASE, vault
one = vault(Path(sys.argv[1]))
one.unlock(PASSPHRASE)
one.put("beta", OTHER)
"""


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


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_what_a_power_cut_needs_is_asked_for_in_this_order(
    path: Path, opened: Vault, tmp_path: Path
) -> None:
    """A killed process tells nothing of what a disk still had to write; the order of calls does."""
    log = tmp_path / "calls"
    calls = "trace=openat,write,fsync,rename,renameat,renameat2,flock"
    command = ["strace", "-f", "-y", "-o", str(log), "-e", calls]
    done = subprocess.run(
        [*command, sys.executable, "-c", STORING, str(path)],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    if "Operation not permitted" in done.stderr:
        pytest.skip("this machine does not let us trace")
    assert done.returncode == 0, done.stderr
    about = [line for line in log.read_text().splitlines() if str(path.parent) in line]
    steps = [line.split()[1].partition("(")[0] for line in about if "O_RDONLY" not in line]
    assert steps == ["openat", "flock", "openat", "write", "fsync", "rename", "fsync"]
