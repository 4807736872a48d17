"""Sends many callbacks to one endpoint, and shows how that goes while it does."""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from cognitui.callbacks.burst.plan import BurstPlan
from cognitui.errors import CognituiError, UsageError
from cognitui.tui.garbage import collected_rarely
from cognitui.tui.lab_text import burst_text
from cognitui.tui.render import error_sentence, plain
from cognitui.tui.screens.dialog import Dialog
from cognitui.tui.widgets.entry import Entry
from cognitui.tui.widgets.field import Field
from cognitui.tui.widgets.show import show

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.worker import Worker

    from cognitui.callbacks.burst.burst import Burst as CallbackBurst
    from cognitui.callbacks.burst.snapshot import BurstSnapshot
    from cognitui.tui.parts import Keys

    Prepare = Callable[[BurstPlan, str], CallbackBurst]
    Run = Callable[[CallbackBurst, Callable[[BurstSnapshot], object]], Awaitable[BurstSnapshot]]

TYPING_S = 0.5
RARELY_S = 1.0
AFTER_A_KEY_S = 0.04
"""While somebody types, what is drawn beside comes once a second, shortly after a letter: one that
has to wait for it is felt, a number that is a second old is not."""
EMPTY = Content.styled(
    "Nothing is sent before ctrl+s. Then this shows how many arrived, how quickly they were "
    "answered, and what went wrong; each has an id of its own and is signed when it is sent.",
    "$foreground-muted",
)
HELP = "ctrl+s starts · esc stops, then closes"


class Burst(Dialog[None]):
    """How many, how quickly; then how it goes.

    Args:
        title: Which endpoint.
        host: What has to be typed before it goes to another machine; empty for this one.
        prepare: Makes a burst of a plan and the host that was typed.
        run: Runs it, and tells how it stands.
        note: What a person should know about that machine.
    """

    AUTO_FOCUS = "#burst-count"
    KEYS: ClassVar[Keys] = (("ctrl+s", "Start"), ("esc", "Stop; when it is over, close"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="dialog.cancel"),
        Binding("ctrl+s", "start", "Start", priority=True, id="burst.start"),
    ]

    def __init__(
        self, title: str, host: str, prepare: Prepare, run: Run, *, note: str = ""
    ) -> None:
        super().__init__()
        self._note = note
        self._title, self._host = title, host
        self._prepare, self._run_burst = prepare, run
        self._burst: CallbackBurst | None = None
        self._worker: Worker[None] | None = None
        self._snapshot: BurstSnapshot | None = None
        self._waiting: BurstSnapshot | None = None
        self._typed_at = self._drawn_at = 0.0

    def compose(self) -> ComposeResult:
        """The plan above, how it goes below."""
        with Vertical(classes="dialog lab"):
            yield Static(plain(self._title, 200), classes="dialog-title")
            if self._note:
                yield Static(plain(f"! {self._note}", 200), classes="dialog-note")
            with Horizontal(id="burst-plan"):
                yield Field("burst-count", "Count", _number("burst-count", "1000"))
                yield Field("burst-rate", "Rate/s", Entry("", placeholder="all", id="burst-rate"))
                yield Field("burst-flight", "At once", _number("burst-flight", "10"))
            if self._host:
                words = f"type {self._host}: it is another machine, so only load what you may load"
                yield Field("burst-host", "Confirm", Entry("", placeholder=words, id="burst-host"))
            with VerticalScroll(id="burst-result-box", can_focus=False):
                yield Static(EMPTY, id="burst-result")
            yield Static(HELP, classes="dialog-help")

    @on(Input.Changed)
    def _typed(self) -> None:
        self._typed_at = monotonic()
        if self._waiting is not None and self._typed_at - self._drawn_at >= RARELY_S:
            self.set_timer(AFTER_A_KEY_S, self._show_waiting)

    def _show_waiting(self) -> None:
        if self._waiting is not None:
            self._draw(self._waiting)

    @on(Input.Submitted)
    def _next(self) -> None:
        self.focus_next()

    def action_start(self) -> None:
        """Begin, if it does not run."""
        if self._worker is not None and not self._worker.is_finished:
            return
        typed = self.query_one("#burst-host", Input).value.strip() if self._host else ""
        try:
            self._burst = self._prepare(self._plan(), typed)
            self._snapshot = None
        except CognituiError as error:
            self._say(f"✗ {error_sentence(error.message, error.hint)}")
            return
        self._say("◌ starting …")
        work = partial(self._run, self._burst)
        self._worker = self.run_worker(work, group="burst", exit_on_error=True)

    async def _run(self, burst: CallbackBurst) -> None:
        try:
            with collected_rarely():
                self._show(await self._run_burst(burst, self._show))
        except CognituiError as error:
            self._say(f"✗ {error_sentence(error.message, error.hint)}")

    def _plan(self) -> BurstPlan:
        rate = self._number("burst-rate", float)
        return BurstPlan(
            count=int(self._number("burst-count", int) or 0),
            rate_per_s=rate,
            in_flight=int(self._number("burst-flight", int) or 0),
        )

    def _number(self, name: str, kind: Callable[[str], float]) -> float | None:
        text = self.query_one(f"#{name}", Input).value.strip()
        if not text:
            return None
        try:
            return kind(text)
        except ValueError:
            self.query_one(f"#{name}").focus()
            raise UsageError(f"{text[:20]} is not a number.") from None

    def _show(self, snapshot: BurstSnapshot) -> None:
        if monotonic() - self._typed_at < TYPING_S and not snapshot.is_over:
            self._waiting = snapshot
        elif self.is_mounted:
            self._draw(snapshot)

    def _draw(self, snapshot: BurstSnapshot) -> None:
        self._snapshot, self._waiting, self._drawn_at = snapshot, None, monotonic()
        width, height = self.query_one("#burst-result-box").size
        text = burst_text(snapshot, width)
        # As many lines each time: with more or fewer of them all would be laid out anew.
        missing = height - len(text.plain.splitlines())
        if missing > 0:
            text = Content.assemble(text, "\n" * missing)
        show(self.query_one("#burst-result", Static), text)

    def _say(self, words: str) -> None:
        show(self.query_one("#burst-result", Static), plain(words, 600))

    def action_close(self) -> None:
        """Stop it while it runs; else close."""
        is_running = self._worker is not None and not self._worker.is_finished
        is_over = self._snapshot is not None and self._snapshot.is_over
        if self._burst is not None and is_running and not is_over:
            self._burst.stop()
        else:
            self.dismiss(None)


def _number(name: str, usual: str) -> Entry:
    """What is typed over it takes its place."""
    return Entry(usual, id=name, select_on_focus=True)
