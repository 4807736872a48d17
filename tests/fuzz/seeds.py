"""A run for a seed, and what to say when it breaks something."""

from __future__ import annotations

import asyncio
import sys
import tempfile
import traceback
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from textual.worker import WorkerFailed

from tests.fuzz.hands import Deed, Hands, shown
from tests.fuzz.on_terminal import TerminalPlayer
from tests.fuzz.play import FIRST_SIZE, Played, Player

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a run.

    Attributes:
        problem: What broke, with its traceback; empty when nothing did.
        kind: The error's name, which tells whether two runs broke the same way.
        again: The command that sees it again.
    """

    seed: int
    played: Played
    problem: str = ""
    kind: str = ""
    again: str = "python -m tests.fuzz"

    @property
    def report(self) -> str:
        """What broke, what led to it, and how to see it again."""
        last = self.played.last
        return (
            f"seed {self.seed}, event {self.played.deeds}: {self.problem}\n"
            f"the last {len(last)} events:\n{shown(last)}\n\n"
            f"again: {self.again} --replay --seed {self.seed} "
            f"--events {self.played.deeds}"
        )


def deeds_of(seed: int, count: int) -> Iterable[Deed]:
    """The first deeds of a seed."""
    return islice(Hands(seed, FIRST_SIZE), count)


def play(seed: int, deeds: Iterable[Deed], *, aloud: bool = False) -> Outcome:
    """Play deeds in a home of their own."""
    return asyncio.run(play_here(seed, deeds, aloud=aloud))


def play_on_terminal(seed: int, deeds: Iterable[Deed], *, aloud: bool = False) -> Outcome:
    """Play deeds on the real program, behind a pseudo-terminal."""
    with tempfile.TemporaryDirectory(prefix="fuzz-", ignore_cleanup_errors=True) as home:
        player = TerminalPlayer(Path(home), seed, _say if aloud else lambda *_: None)
        try:
            player.play(deeds)
        except AssertionError as error:
            again = "python -m tests.fuzz --terminal"
            return Outcome(seed, player.played, str(error), type(error).__name__, again)
        return Outcome(seed, player.played)


async def play_here(seed: int, deeds: Iterable[Deed], *, aloud: bool = False) -> Outcome:
    """Play deeds in this event loop."""
    with tempfile.TemporaryDirectory(prefix="fuzz-", ignore_cleanup_errors=True) as home:
        player = Player(Path(home), seed, _say if aloud else lambda *_: None)
        try:
            await player.play(deeds)
        except Exception as error:  # noqa: BLE001 (finding out which ones there are is the point)
            cause = error.error if isinstance(error, WorkerFailed) else error
            problem = "".join(traceback.format_exception(cause))
            return Outcome(seed, player.played, problem, type(cause).__name__)
        return Outcome(seed, player.played)


def _say(number: int, deed: Deed) -> None:
    sys.stdout.write(f"{number}: {deed.what}\n")
