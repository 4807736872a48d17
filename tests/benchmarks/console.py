"""The console from outside, on a pseudo-terminal, as ratios to a minimal Textual application.

::

    python -m tests.benchmarks.console [--runs N] [--json | --markdown]
        [--peer posting=VENV] [--peer harlequin=VENV]

Floor, console and peers take turns in the same run. Nothing here fails for being slow.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from tests.benchmarks import subjects, table
from tests.benchmarks.rounds import Found, Plan, Stage, measure


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    usual = Plan()
    parser.add_argument("--runs", type=int, default=7, metavar="N", help="rounds (7)")
    parser.add_argument("--json", action="store_true", help="every number, for machines")
    parser.add_argument("--markdown", action="store_true", help="the table of the README")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=VENV",
                        help="posting or harlequin, and the virtual environment it is in")  # fmt: skip
    parser.add_argument("--only", action="append", default=[], metavar="NAME",
                        help="leave out the others; the floor is always there")  # fmt: skip
    parser.add_argument("--keys", type=int, default=usual.keys, metavar="N",
                        help=f"keys timed at each spot ({usual.keys})")  # fmt: skip
    parser.add_argument("--idle", type=float, default=usual.idle_s, metavar="S",
                        help=f"seconds that an idle program is watched ({usual.idle_s:g})")  # fmt: skip
    parser.add_argument("--most-busy", type=float, default=usual.most_busy, metavar="N",
                        help=f"processors busy elsewhere that delay a start ({usual.most_busy:g})")  # fmt: skip
    return parser.parse_args()


def main() -> int:
    """Measure, and print what was asked for."""
    args = arguments()
    plan = Plan(keys=args.keys, idle_s=args.idle, most_busy=args.most_busy)
    chosen = [subjects.FLOOR, *subjects.OWN, *subjects.peers(args.peer)]
    if args.only:
        chosen = [s for s in chosen if s is subjects.FLOOR or s.name in args.only]
    found = {subject.name: Found() for subject in chosen}
    with Stage() as stage:
        for number in range(args.runs):
            for subject in chosen:
                sys.stderr.write(f"\r\x1b[Kround {number + 1}/{args.runs}: {subject.name}")
                sys.stderr.flush()
                measure(subject, stage, plan, found[subject.name])
    sys.stderr.write("\r\x1b[K")
    if args.json:
        sys.stdout.write(json.dumps({name: asdict(one) for name, one in found.items()}) + "\n")
    elif args.markdown:
        sys.stdout.write(table.markdown(chosen, found))
    else:
        sys.stdout.write(table.full(chosen, found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
