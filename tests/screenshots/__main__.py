"""Makes the pictures, or tells which are not as the console looks now."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING

from .files import HOME, stale, strangers, write
from .scenes import SCENES, play

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Return 0 when the pictures are made, or are as the console looks now."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("names", metavar="NAME", nargs="*", help=", ".join(SCENES))
    parser.add_argument("--check", action="store_true", help="only look; 1 when one is stale")
    args = parser.parse_args(argv)
    if unknown := set(args.names) - set(SCENES):
        parser.error(f"there is no picture {', '.join(sorted(unknown))}")
    return asyncio.run(_check(args.names) if args.check else _make(args.names))


async def _make(names: Sequence[str]) -> int:
    pictures = {name: await play(name) for name in names or SCENES}
    await write(pictures)
    if not names:
        for path in strangers():
            path.unlink()
    sys.stdout.write(f"{len(pictures)} pictures in {HOME.name}/\n")
    return 0


async def _check(names: Sequence[str]) -> int:
    wrong = []
    for name in names or SCENES:
        wrong += stale(name, await play(name))
    wrong += [] if names else [f"{path.name} is no picture any more" for path in strangers()]
    for sentence in wrong:
        sys.stdout.write(f"{sentence}\n")
    if wrong:
        sys.stdout.write("Make them anew: python -m tests.screenshots\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
