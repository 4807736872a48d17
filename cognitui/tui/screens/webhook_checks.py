"""Runs the preflight of the editor, and again what a change makes worth asking again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.network.outcome import Outcome
from cognitui.tui.soon import Soon
from cognitui.tui.webhook_text import correct_first
from cognitui.tui.widgets.steps import Steps
from cognitui.webhooks.draft import question_of
from cognitui.webhooks.preflight import ALL_STEPS, StepName, outdated

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from cognitui.tui.screens.webhook import WebhookPlace
    from cognitui.webhooks.preflight import Question

AGAIN_AFTER_PAUSES = 20
SPARE_REQUESTS = 20
# What a step needs before it can ask anything.
NEEDS = {
    StepName.LIMIT: (),
    StepName.SKILL: ("skill_id",),
    StepName.ENGINE: ("triggers",),
    StepName.ENDPOINT: ("endpoint_url",),
}


class Checks:
    """The preflight in the editor. Once it was asked for, it follows what is typed.

    Args:
        place: The editor.
    """

    def __init__(self, place: WebhookPlace) -> None:
        self._place = place
        self._asked: Question | None = None
        self._wanted: frozenset[StepName] = frozenset()
        self._run_number = 0
        self._soon = Soon(place, self._again, pauses=AGAIN_AFTER_PAUSES)

    @property
    def steps(self) -> Steps:
        """Where the steps are shown."""
        return self._place.query_one(Steps)

    def reset(self) -> None:
        """Another webhook is in the editor: forget what was found."""
        self._asked, self._wanted = None, frozenset()
        self._soon.cancel()
        self.steps.reset()

    def cancel(self) -> None:
        """Stop what is under way."""
        self._soon.cancel()
        self.steps.close("– stopped: F5 checks again", "$foreground-muted")

    async def run(self) -> None:
        """Ask everything anew.

        Raises:
            UsageError: No tenant is open, or no bot is chosen.
        """
        question = self._question()
        self._asked = question
        self._soon.cancel()
        await self._run(question, ALL_STEPS)

    def submitted(self) -> None:
        """A registration runs the steps itself: what it finds is about this."""
        self._soon.cancel()
        self._wanted = frozenset()
        self._asked = self._question()

    def follow(self) -> None:
        """The draft has changed: forget what that makes untrue, and ask again after a pause."""
        if self._asked is None or self._place.workspace.bot is None:
            return
        question = self._question()
        stale = outdated(self._asked, question)
        if not stale:
            return
        self._asked = question
        self._wanted |= stale
        self.steps.forget(stale)
        self._soon.ask()

    def _again(self) -> None:
        if not self._wanted or self._place.is_submitting:
            return
        if self._place.workspace.status.requests_left < SPARE_REQUESTS and self._wanted != {
            StepName.ENDPOINT
        }:
            words = "– few requests are left in this minute: F5 checks all the same"
            self.steps.close(words, "$foreground-muted")
            return
        self._place.start(self._run_again(), "checks")

    async def _run_again(self) -> None:
        # Newer ones of this group replace older ones, whose steps are still wanted then.
        if self._asked is not None:
            await self._run(self._asked, self._wanted)

    async def _run(self, question: Question, names: Collection[StepName]) -> None:
        problems = self._place.problems
        able = [name for name in names if not any(need in problems for need in NEEDS[name])]
        self._wanted = frozenset(names)
        self._run_number += 1
        number, steps = self._run_number, self.steps
        steps.begin(able)
        # Only its events are compared anew when they were ticked: the engine is asked by F5.
        status = None if names == ALL_STEPS else self._place.workspace.bot_status
        try:
            async for step in self._place.workspace.webhooks.preflight(
                question, only=able, status=status
            ):
                self._wanted -= {step.name}
                steps.end(step)
        finally:
            # One that was replaced ends when the newer one has begun already.
            if number == self._run_number:
                steps.stop()
        self._wanted = frozenset()
        self._close(problems)

    def _close(self, problems: Mapping[str, str]) -> None:
        if any(step.outcome is Outcome.FAIL for step in self.steps.outcomes.values()):
            self.steps.close("✗ it would not go well", "$error")
        elif problems:
            self.steps.close(f"✗ {correct_first(problems)}", "$error")
        else:
            what = "saves" if self._place.draft.webhook_id else "registers"
            self.steps.close(f"✓ ready: ctrl+s {what} it", "$success")

    def _question(self) -> Question:
        return question_of(self._place.draft, self._place.workspace.bot_id)
