"""A sandbox tenant in a process of its own, so that a console's costs are the console's alone.

It tells where it is in one line, and stays up until whoever started it closes its input.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cognitui.sandbox import Sandbox, SandboxConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

PLENTY = 1_000_000
PAGE_SIZE = 100


@contextmanager
def tenant(webhooks: int) -> Iterator[tuple[int, dict[str, str]]]:
    """A tenant whose first bot has so many webhooks: its process, and what a client has to know."""
    command = [sys.executable, "-m", "tests.benchmarks.tenant", "--webhooks", str(webhooks)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield process.pid, json.loads(process.stdout.readline())


def main() -> None:
    """Serve until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--webhooks", type=int, default=37)
    webhooks = parser.parse_args().webhooks
    config = SandboxConfig(
        webhooks=webhooks,
        webhook_limit=max(50, webhooks),
        page_size=PAGE_SIZE,
        requests_per_minute=PLENTY,
    )
    with Sandbox(config) as info:
        sys.stdout.write(json.dumps(info.as_dict()) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
