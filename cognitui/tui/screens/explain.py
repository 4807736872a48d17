"""Says why a request does not verify: one that the receiver caught, or one that is pasted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static, TextArea

from cognitui.errors import CognituiError
from cognitui.tui.explain_text import explanation_text
from cognitui.tui.parts import Part
from cognitui.tui.render import error_sentence, plain
from cognitui.tui.screens.dialog import Dialog, is_at_work
from cognitui.tui.widgets.show import show

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.worker import Worker

    from cognitui.callbacks.explain.explain import Explanation
    from cognitui.callbacks.explain.paste import PastedRequest
    from cognitui.tui.parts import Keys

    Start = Callable[[PastedRequest], Awaitable[Explanation]]

HELP = "ctrl+s explains · esc stops, then closes"
PLACEHOLDER = """\
Paste a request: raw HTTP, or a curl command.

POST /cognigy HTTP/1.1
X-Cognigy-Signature: sha256=…
X-Cognigy-Timestamp: …

{"skillId": …}"""


class Explain(Dialog[None]):
    """A request above, what is wrong with it below.

    Args:
        title: What it is judged by.
        start: Explains a request.
        caught: One that the receiver caught; its bytes are judged as they came until something
            else is pasted.
        text: The same, as it is shown.
    """

    AUTO_FOCUS = "#explain-request"
    KEYS: ClassVar[Keys] = (("ctrl+s", "Explain"), ("esc", "Stop; when it is over, close"))
    PARTS: ClassVar[Sequence[Part]] = (
        Part("explain-request", "Request", "The request: raw HTTP, or a curl command."),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", id="dialog.cancel"),
        Binding("ctrl+s", "explain", "Explain", priority=True, id="explain.start"),
    ]

    def __init__(
        self, title: str, start: Start, *, caught: PastedRequest | None = None, text: str = ""
    ) -> None:
        super().__init__()
        self._title, self._start = title, start
        self._caught, self._text = caught, text
        self._worker: Worker[None] | None = None

    def compose(self) -> ComposeResult:
        """The request, the explanation."""
        with Vertical(classes="dialog lab"):
            yield Static(plain(self._title, 300), classes="dialog-title")
            yield TextArea(self._text, id="explain-request", placeholder=PLACEHOLDER, compact=True)
            with VerticalScroll(id="explain-result-box", can_focus=True):
                yield Static("", id="explain-result")
            yield Static(HELP, classes="dialog-help")

    def on_mount(self) -> None:
        """What was caught is explained at once."""
        if self._caught is not None:
            self.query_one("#explain-result-box").focus()
            self.action_explain()

    def action_explain(self) -> None:
        """Explain what stands there."""
        if self._worker is not None:
            self._worker.cancel()
        self._worker = self.run_worker(partial(self._run), group="explain", exit_on_error=True)

    async def _run(self) -> None:
        result = self.query_one("#explain-result", Static)
        try:
            request = self._request()
            show(result, plain("◌ looking for the reason …"))
            show(result, explanation_text(await self._start(request)))
        except CognituiError as error:
            show(result, plain(f"✗ {error_sentence(error.message, error.hint)}", 600))

    def _request(self) -> PastedRequest:
        text = self.query_one("#explain-request", TextArea).text
        if self._caught is not None and text == self._text:
            return self._caught
        from cognitui.callbacks.explain.paste import read_request

        return read_request(text)

    def action_close(self) -> None:
        """Stop it while it runs; else close."""
        if is_at_work(self._worker):
            self._worker.cancel()
            show(self.query_one("#explain-result", Static), plain("– stopped; esc closes"))
        else:
            self.dismiss(None)
