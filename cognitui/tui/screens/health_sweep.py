"""Health checks webhooks: all, one, or all again and again."""

from __future__ import annotations

from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from cognitui.callbacks.display import safe_text
from cognitui.tui.garbage import collected_in_pieces, leave_alone
from cognitui.tui.health_text import check_words, news_words, sweep_words
from cognitui.tui.screens.health_list import HealthList
from cognitui.webhooks.health.course import has_changed
from cognitui.webhooks.health.errors import HealthLogError
from cognitui.webhooks.health.lines import log_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from textual.timer import Timer

    from cognitui.tui.under_way import Work
    from cognitui.webhooks.health.check import Check, WebhookRef
    from cognitui.workspace.scope import Scope
    from cognitui.workspace.sweep import Sweep

MOST_TROUBLES = 3
COUNTED_EVERY_S = 0.25


class Seen(NamedTuple):
    """As much of a check as tells whether the next one is news."""

    at: datetime
    is_unhealthy: bool
    group_key: str
    is_pinged: bool

    @classmethod
    def of(cls, check: Check) -> Seen:
        """What is kept of a check."""
        return cls(check.at, check.is_unhealthy, check.group_key, check.is_pinged)


@dataclass(slots=True)
class Followed:
    """What came of sweeps.

    Attributes:
        news: The checks that somebody who knows those before has to be told of.
        last: The check that came last.
    """

    checked: int = 0
    unhealthy: int = 0
    news: list[Check] = field(default_factory=list)
    last: Check | None = None


class HealthSweep(HealthList):
    """Begins sweeps, follows them, and tells what changed.

    Attributes:
        stopped_sweep: The sweep over what is shown that did not come to its end; else empty.
        is_sweeping: Whether webhooks are being checked.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stopped_sweep = ""
        self.is_sweeping = False
        self._watching: Timer | None = None
        self._known: dict[WebhookRef, Seen] = {}
        self._told_of_log: set[str] = set()

    @property
    def is_watching(self) -> bool:
        """Whether all are checked again and again."""
        return self._watching is not None

    @property
    def _every(self) -> int:
        """Minutes from one check of all to the next."""
        return self.app.settings.config.watch_minutes

    def state_words(self) -> str:
        """What is going on by itself."""
        words = []
        if self.stopped_sweep and not self.is_sweeping:
            words.append(self.app.with_keys("{health.resume} goes on where it was stopped"))
        if self.is_watching:
            words.append(f"watching, every {self._every} min")
        return " · ".join(words)

    async def _load(self) -> None:
        await super()._load()
        # While checks come in, what was read may be older than what was told.
        if self.is_current and not self.is_sweeping:
            self._known |= {ref: Seen.of(one.latest) for ref, one in self.shown.courses.items()}
        await self._find_stopped()

    async def _find_stopped(self) -> None:
        """Find out whether a sweep can be gone on with."""
        self._tell_log()
        if self.is_laid_out and self.has_scope:
            self.stopped_sweep = await self.workspace.health.unfinished(self.wanted())
            self.show_state()

    def _tell_log(self) -> None:
        """Tell, once, what is wrong with the log of checks."""
        health = self.workspace.health
        for words in log_words(health.problem, health.set_aside):
            if words not in self._told_of_log:
                self._told_of_log.add(words)
                self.tell(words, warning=True)

    # What is asked for

    def action_sweep(self) -> None:
        """Check all webhooks that are meant."""
        self.start_once(self._sweep_all(), "sweep")

    def action_resume(self) -> None:
        """Go on with the sweep that was stopped."""
        self.start_once(self._sweep_all(self.stopped_sweep), "sweep")

    def action_check(self) -> None:
        """Check what the cursor is on again."""
        self.start_once(self._check(self.shown.refs(self.rows.cursor_key)), "sweep")

    def action_ping(self) -> None:
        """Send a signed ping to the webhook that the cursor is on, after asking."""
        if (course := self.course) is not None:
            self.start_once(self._ping(course.latest), "sweep")

    def action_watch(self) -> None:
        """Check all again and again, or no more."""
        if self._watching is not None:
            self._watching.stop()
            self._watching = None
            self.tell("No longer watching.")
        else:
            self._watching = self.set_interval(self._every * 60, self._look_again)
            often = "minute" if self._every == 1 else f"{self._every} minutes"
            self.tell(
                f"Watching: all are checked every {often}, and you are told what changes, "
                "wherever you are in the console."
            )
            if not self.is_sweeping:
                self.action_sweep()
        self.show_state()

    def _look_again(self) -> None:
        if not self.is_sweeping and self.app.is_ready and self.has_scope:
            self.start_once(self._sweep_all(is_by_itself=True), "sweep")

    # Doing it

    async def _sweep_all(self, resume: str = "", *, is_by_itself: bool = False) -> None:
        sweep = self._sweep_of(self.wanted(), resume=resume)
        found = await self._follow([sweep], "checking all webhooks")
        troubles = [
            f"{safe_text(one.bot_id or one.tenant, 40)}: {one.error.message}"
            for one in sweep.troubles[:MOST_TROUBLES]
        ]
        if sweep.left_out:
            names = safe_text(", ".join(sweep.left_out), 100)
            troubles.append(f"Left out, as their keys are locked away: {names}.")
        if sweep.problem is not None:
            troubles.append(f"The checks are not kept: {sweep.problem.message}")
        if self.is_watching:
            self._notify(found.news)
        if not is_by_itself:
            words, is_good = sweep_words(found.checked, found.unhealthy, troubles)
            self.tell(words, warning=not is_good)

    async def _check(self, refs: Sequence[WebhookRef]) -> None:
        sweeps = [self._sweep_of(scope) for scope in _scopes(refs)]
        self._tell_found(await self._follow(sweeps, "checking"), sweeps)

    def _tell_found(self, found: Followed, sweeps: Sequence[Sweep]) -> None:
        """What became of what the cursor was on."""
        troubles = [one.error.message for sweep in sweeps for one in sweep.troubles]
        if found.checked == 1 and found.last is not None:
            words, is_good = check_words(found.last)
        elif found.checked or troubles:
            words, is_good = sweep_words(found.checked, found.unhealthy, troubles[:MOST_TROUBLES])
        else:
            words, is_good = "The tenant does not list it any more.", False
        self.tell(words, warning=not is_good)

    async def _ping(self, check: Check) -> None:
        from cognitui.tui.screens.confirm import Confirm

        question = Confirm(
            f"Send a ping to {safe_text(check.url, 100)}?",
            'It is a signed callback with "test": true in it. A program that does not look for '
            "that takes it for a real one.",
            action="Send",
            key="y",
        )
        if not await self.app.push_screen_wait(question):
            return
        scope = next(iter(_scopes([check.ref])))
        sweeps = [self._sweep_of(scope, consents=lambda _: True)]
        self._tell_found(await self._follow(sweeps, "sending a ping"), sweeps)

    def _sweep_of(
        self, scope: Scope, *, consents: Callable[[str], bool] | None = None, resume: str = ""
    ) -> Sweep:
        access = self.workspace.tenants.access
        return self.workspace.health.sweep(
            scope, consents=consents, resume=resume, idle_s=lambda: access.idle_s
        )

    async def _follow(self, sweeps: Sequence[Sweep], words: str) -> Followed:
        """Run them, one after the other."""
        found, is_over = Followed(), False
        self.is_sweeping = True
        self.refresh_bindings()
        try:
            with (
                self.taking(words) as work,
                self._counting(work, sweeps),
                collected_in_pieces(),
            ):
                for sweep in sweeps:
                    await self._recall(sweep.scope)
                    async with aclosing(sweep.run()) as checks:
                        async for check in checks:
                            found.checked += 1
                            found.unhealthy += check.is_unhealthy
                            found.last = check
                            if has_changed(self._known.get(check.ref), check):
                                found.news.append(check)
                            self._known[check.ref] = Seen.of(check)
                            self.note(check)
            is_over = True
        finally:
            self.is_sweeping = False
            self._show_end(sweeps, is_over=is_over)
        return found

    def _show_end(self, sweeps: Sequence[Sweep], *, is_over: bool) -> None:
        """Show all that came of them.

        The log is read again only where it may hold more than was told: checks that were under way
        when a sweep was stopped, or what nobody could read before.
        """
        if self.app.is_leaving or not self.is_laid_out:
            return
        is_told = is_over or any(sweep.problem is not None for sweep in sweeps)
        if is_told and self._is_read and not self._is_due:
            self.start(self._end_news(), "news")
        else:
            self.reload()

    async def _end_news(self) -> None:
        """Show the last that was found, and no more what the tenant does not list any more."""
        self.show_news()
        try:
            gone = await self.workspace.health.unlisted(set(self.shown.courses))
            if gone and self.is_laid_out:
                self.shown.drop(gone)
                self.draw()
            leave_alone(len(self.shown.courses))
        finally:
            await self._find_stopped()

    @contextmanager
    def _counting(self, work: Work, sweeps: Sequence[Sweep]) -> Iterator[None]:
        """Let the line tell how far they are, also while nothing answers."""

        def count() -> None:
            made = [sweep.progress for sweep in sweeps]
            work.total = sum(one.total for one in made)
            work.done = sum(one.ended for one in made)

        timer = self.set_interval(COUNTED_EVERY_S, count)
        try:
            yield
        finally:
            timer.stop()

    async def _recall(self, scope: Scope) -> None:
        """What was known of these before, to tell only what is new.

        What this console has told or shown counts for more than the log: another program may have
        written there meanwhile what nobody was told of here.
        """
        with suppress(HealthLogError):  # the sweep meets it too, and is no worse for it
            for course in await self.workspace.health.courses(scope):
                self._known.setdefault(course.latest.ref, Seen.of(course.latest))

    def _notify(self, news: Sequence[Check]) -> None:
        """Tell what changed, where the person is, and to a desktop that listens."""
        if not news:
            return
        words = news_words(news)
        is_bad = any(check.is_unhealthy for check in news)
        self.app.notify(words, severity="warning" if is_bad else "information", markup=False)
        self.app.bell()
        self.app.tell_desktop(words.partition("\n")[0])


def _scopes(refs: Sequence[WebhookRef]) -> list[Scope]:
    """The webhooks by their bots."""
    from cognitui.workspace.scope import Scope

    found: dict[tuple[str, str], set[str]] = {}
    for ref in refs:
        found.setdefault((ref.tenant, ref.bot_id), set()).add(ref.webhook_id)
    return [Scope(tenant, bot, frozenset(ids)) for (tenant, bot), ids in found.items()]
