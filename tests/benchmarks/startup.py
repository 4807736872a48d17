"""Start-up, as a ratio to importing Textual alone.

::

    python -m tests.benchmarks.startup
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

RUNS = 7
FLOOR = "import textual.app"
CASES = {
    "cognitui --version": ["-m", "cognitui", "--version"],
    "cognitui --help": ["-m", "cognitui", "--help"],
    "webhooks list --help": ["-m", "cognitui", "webhooks", "list", "--help"],
    "import cognitui": ["-c", "import cognitui"],
    "import the client": ["-c", "from cognitui import CognigyClient"],
    "import the console": ["-c", "import cognitui.tui.app"],
}


def seconds(arguments: list[str]) -> float:
    """The wall time of one fresh interpreter."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def main() -> None:
    """Print each case's median and its ratio to the floor, floor and cases taking turns."""
    floor: list[float] = []
    found: dict[str, list[float]] = {name: [] for name in CASES}
    for _ in range(RUNS):
        floor.append(seconds(["-c", FLOOR]))
        for name, arguments in CASES.items():
            found[name].append(seconds(arguments))
    base = statistics.median(floor)
    sys.stdout.write(f"{'floor: ' + FLOOR:<28}{base * 1000:7.0f} ms\n")
    for name, times in found.items():
        median = statistics.median(times)
        sys.stdout.write(f"{name:<28}{median * 1000:7.0f} ms   × {median / base:.2f}\n")


if __name__ == "__main__":
    main()
