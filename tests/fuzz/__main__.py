"""Random keys, clicks, pastes and resizes on the whole console, on a sandbox where things go wrong.

::

    python -m tests.fuzz --events 20000 --seeds 1,2,3
    python -m tests.fuzz --terminal --events 3000            on the real program
    python -m tests.fuzz --replay --seed 2 --events 1371     what a failure told to run
    python -m tests.fuzz --shrink --seed 2 --events 1371     the fewest events that still break it
"""

from __future__ import annotations

import argparse
import sys
import time

from tests.fuzz.seeds import Outcome, deeds_of, play, play_on_terminal
from tests.fuzz.shrink import shrink


def main() -> int:
    """Play every seed; 1 when one of them broke something."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--events", type=int, default=20_000, metavar="N", help="of each seed")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--seeds", default="", metavar="A,B,…", help="several, one after another")
    parser.add_argument("--replay", action="store_true", help="tell every event before it is done")
    parser.add_argument("--shrink", action="store_true", help="find the fewest that break it")
    parser.add_argument("--terminal", action="store_true",
                        help="on the real program behind a pseudo-terminal")  # fmt: skip
    args = parser.parse_args()
    seeds = [int(seed) for seed in args.seeds.split(",") if seed] or [args.seed]
    failed = False
    for seed in seeds:
        if args.shrink:
            sys.stdout.write(shrink(seed, list(deeds_of(seed, args.events))))
            continue
        began = time.monotonic()
        run = play_on_terminal if args.terminal else play
        outcome = run(seed, deeds_of(seed, args.events), aloud=args.replay)
        _tell(outcome, time.monotonic() - began)
        failed = failed or outcome.problem != ""
    return int(failed)


def _tell(outcome: Outcome, seconds: float) -> None:
    played = outcome.played
    if outcome.problem:
        sys.stdout.write(outcome.report + "\n")
        return
    where = ", ".join(f"{name} {n}" for name, n in sorted(played.visited.items()))
    sys.stdout.write(
        f"seed {outcome.seed}: {played.deeds} events, {played.starts} starts, {seconds:.0f} s; "
        f"nothing broke\n  in front: {where}\n"
    )
    for took, what in sorted(played.slow, reverse=True)[:5]:
        sys.stdout.write(f"  held the event loop for {took:.0f} ms: {what}\n")


if __name__ == "__main__":
    sys.exit(main())
