"""The fewest deeds that still break the console the same way."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tests.fuzz.hands import shown
from tests.fuzz.seeds import play

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.fuzz.hands import Deed


def shrink(seed: int, deeds: Sequence[Deed]) -> str:
    """Leave out ever smaller parts, as long as what is left breaks it; the report of that."""
    outcome = play(seed, deeds)
    if not outcome.problem:
        return f"seed {seed}: {len(deeds)} events break nothing\n"
    kept, kind = list(deeds[: outcome.played.deeds]), outcome.kind
    part = max(1, len(kept) // 2)
    while True:
        at = 0
        while at < len(kept):
            fewer = kept[:at] + kept[at + part :]
            tried = play(seed, fewer)
            if tried.kind == kind:
                kept, outcome = fewer, tried
                sys.stderr.write(f"{len(kept)} events left\n")
            else:
                at += part
        if part == 1:
            break
        part //= 2
    return f"seed {seed}: {len(kept)} events\n{shown(kept)}\n\n{outcome.problem}\n"
