"""Place 4: send a signed callback, and see what arrives on this machine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Container, Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from cognitui.config import ConfigBroken
from cognitui.errors import CognituiError, UsageError
from cognitui.tui.bindings import bindings
from cognitui.tui.callback_text import (
    delivery_text,
    sending,
    waiting,
)
from cognitui.tui.commands import CALLBACKS
from cognitui.tui.parts import Part
from cognitui.tui.screens.callbacks_lab import Lab
from cognitui.tui.screens.picker import Choice, Picker
from cognitui.tui.screens.place import Place
from cognitui.tui.widgets.callback_form import CallbackForm
from cognitui.tui.widgets.receiver_panel import ReceiverPanel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from cognitui.callbacks.compose import Callback
    from cognitui.callbacks.received import Received
    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.cognigy.models import RegisteredWebhook
    from cognitui.tui.commands import Command

NOT_SENT = "Not sent yet. {callbacks.send} sends it."
SILENT = (
    "Nothing has arrived yet.\n\n{callbacks.use-receiver} makes this receiver the target, "
    "{callbacks.send} sends a callback to it."
)
STOPPED = (
    "The receiver is off.\n\n{callbacks.toggle-receiver} starts it on this machine; "
    "{callbacks.use-receiver} also makes it the target."
)


class CallbacksPlace(Place):
    """The simulator on the left, what came back and what arrived on the right."""

    PLACE = "callbacks"
    HELP = "The signature is made anew as you type, over exactly the bytes in the body."
    PLACE_COMMANDS: ClassVar[Sequence[Command]] = CALLBACKS
    PARTS: ClassVar[Sequence[Part]] = (
        Part("target", "Target", "The URL that the callback is sent to. F2 chooses a webhook."),
        Part("event", "Event", "What the bot tells of: it stands in the body as trigger."),
        Part("text", "Text", "What the user said: it stands in the body as the message."),
        Part(
            "secret",
            "Secret",
            "Signs the body. The receiver has to know the same one. It is never stored.",
        ),
        Part(
            "scheme",
            "Scheme",
            "How callbacks are signed, and how the receiver verifies them. It is kept per webhook.",
        ),
        Part(
            "body",
            "Body",
            "The bytes that are signed and sent. Edited by hand they are sent as they stand.",
        ),
        Part(
            "received-search",
            "Search",
            "Finds what arrived by words of the body, or by verdict:invalid, event:ON_MESSAGE.",
        ),
        Part(
            "received",
            "What arrived",
            "Callbacks that the receiver on this machine has got, each with its verdict. The one "
            "under the cursor is explained below.",
        ),
    )
    BINDINGS: ClassVar[list[BindingType]] = bindings(CALLBACKS)
    CSS_PATH = "../styles/callbacks.tcss"

    def __init__(self) -> None:
        super().__init__()
        self._form = CallbackForm(lambda: self.workspace.clock, self.app.with_keys)
        self._panel = ReceiverPanel()
        self._lab = Lab(self)
        self._sent: Callback | None = None
        self._listening = False
        self._suggested: RegisteredWebhook | None = None

    def compose_body(self) -> ComposeResult:
        """The form, the result, the receiver."""
        with Horizontal(id="callbacks"):
            yield self._form
            with Container(id="callbacks-right"):
                with Vertical(id="delivery-box"):
                    yield Static("Delivery", classes="panel-title")
                    yield Static(Content(self.app.with_keys(NOT_SENT)), id="delivery")
                yield self._panel

    def on_mount(self) -> None:
        """The first callback is composed."""
        self._form.sign()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Where there is little room, the side that one works in gets most of it."""
        self.set_class(event.widget.id in {"received", "received-search"}, "-at-receiver")

    def entered(self) -> None:
        """Catch up with what arrived meanwhile; the first time go into a field."""
        is_first = not self._listening
        if is_first:
            self._listening = True
            self.workspace.callbacks.listen(self._arrived)
            self.workspace.callbacks.follow(self._changed)
            try:
                self._form.offer(self.workspace.callbacks.schemes)
            except ConfigBroken as error:
                self.app.show_error(error)
            self._panel.take(self.workspace.callbacks.receiver.received)
        if self._suggested is not None and not self._form.url:
            self.target(self._suggested)
        self._suggested = None
        self._show_receiver()
        if is_first and self.focused is None:
            self.query_one("#text" if self._form.url else "#target").focus()

    def tenant_changed(self) -> None:
        """A webhook of the tenant before is no target any more."""
        self._form.webhook = None

    def suggest(self, webhook: RegisteredWebhook) -> None:
        """Aim at a webhook that was just registered, unless the person aims elsewhere."""
        if not self.is_running:
            self._suggested = webhook
        elif not self._form.url:
            self.target(webhook)

    def target(self, webhook: RegisteredWebhook) -> None:
        """Aim at a registered webhook."""
        actions = self.workspace.callbacks
        scheme = actions.scheme_of(webhook.id)
        actions.receiver.set_scheme(scheme)
        self._form.aim(webhook, actions.secret_of(webhook.id), scheme)

    @on(CallbackForm.SchemeChosen)
    def _scheme_chosen(self) -> None:
        self.workspace.callbacks.receiver.set_scheme(self.form.scheme)
        if self.target_id:
            self.start(self._keep_scheme(self.target_id, self.form.scheme), "scheme")

    async def _keep_scheme(self, webhook_id: str, scheme: Scheme) -> None:
        await self.workspace.callbacks.choose_scheme(webhook_id, scheme)

    @property
    def form(self) -> CallbackForm:
        """What is sent, and where."""
        return self._form

    @property
    def target_id(self) -> str:
        """The webhook that is aimed at; empty for a URL that is none of the tenant's."""
        return self._form.webhook.id if self._form.webhook else ""

    @property
    def selected_received(self) -> Received | None:
        """What the cursor is on, while the list has the focus."""
        return self._panel.selected if self._panel.rows.has_focus else None

    @property
    def listed_received(self) -> Received | None:
        """What the cursor of the list is on, wherever the focus is."""
        return self._panel.selected

    def require_received(self) -> Received:
        """What the cursor is on.

        Raises:
            UsageError: There is nothing.
        """
        received = self._panel.selected
        if received is None:
            raise UsageError("Nothing has arrived yet.", hint="Start the receiver, and send to it.")
        return received

    # Sending

    def action_send(self) -> None:
        """Send the callback."""
        self.start_once(self._send(), "send")

    async def _send(self) -> None:
        self._form.sign()
        self._form.require_target()
        if self._form.callback is None:
            raise UsageError("The callback cannot be sent.", hint="See the line under the body.")
        await self.deliver(self._form.callback)

    async def deliver(self, callback: Callback) -> None:
        """Send a callback to the target, and show what came of it."""
        from cognitui.network.resolve import remark_about

        if remark := await remark_about(self._form.url):
            self.tell(f"Note: {remark}")
        hook = self._form.webhook
        retries = hook.delivery.retries if hook else 0
        shown = self.query_one("#delivery", Static)
        shown.update(Content.styled("◌ sending …", "$warning"))
        try:
            with self.taking(sending(1, retries)) as work:

                def tell_wait(number: int, delay_s: float, _: datetime) -> None:
                    work.reword(waiting(number, delay_s, retries))
                    self.set_timer(delay_s, lambda: work.reword(sending(number, retries)))

                delivery = await self.workspace.callbacks.send(
                    self._form.url,
                    callback,
                    webhook_id=self.target_id,
                    timeout_ms=hook.delivery.timeout if hook else 3000,
                    retries=retries,
                    on_wait=tell_wait,
                )
        except CognituiError:
            shown.update(Content.styled("✗ not sent", "$error"))
            raise
        except asyncio.CancelledError:
            shown.update(Content.styled("– stopped: it may have arrived", "$warning"))
            raise
        self._sent = callback
        shown.update(delivery_text(delivery))

    def action_resend(self) -> None:
        """Send the very same bytes again."""
        self.start_once(self._resend(), "send")

    async def _resend(self) -> None:
        self._form.require_target()
        if self._sent is not None:
            await self.deliver(self._sent.resend())

    # The lab

    def action_probe(self) -> None:
        """Attack the target's verification, and see the report card."""
        self.start(self._lab.probe(), "lab")

    def action_burst(self) -> None:
        """Send many callbacks."""
        self.start(self._lab.burst(), "lab")

    def action_explain(self) -> None:
        """Say why a callback does not verify."""
        self.start(self._lab.explain(), "lab")

    def action_bytes(self) -> None:
        """Show the exact bytes."""
        self.start(self._lab.show_bytes(), "lab")

    def action_code(self) -> None:
        """Show code that verifies."""
        self.start(self._lab.show_code(), "lab")

    def action_export(self) -> None:
        """Show what the cursor is on in a form that other programs read."""
        self.start(self._lab.export(), "lab")

    def action_keep(self) -> None:
        """Keep what the cursor is on."""
        self.start(self._lab.keep(), "lab")

    def action_replay(self) -> None:
        """Send a capture again."""
        self.start_once(self._lab.replay(), "send")

    def action_order(self) -> None:
        """List what arrived in the other order."""
        self._panel.turn_order()

    def action_forward(self) -> None:
        """Hand what verifies to another program."""
        self.start(self._lab.forward(), "lab")

    def action_answers(self) -> None:
        """Tell the receiver how to answer."""
        self.start(self._lab.plan_answers(), "lab")

    def action_pick_target(self) -> None:
        """Choose one of the bot's webhooks as the target."""
        self.start(self._pick_target(), "pick")

    async def _pick_target(self) -> None:
        webhooks = await self.workspace.list_webhooks()
        choices = [Choice(hook.id, hook.id, hook.url) for hook in reversed(webhooks)]
        picker = Picker("Send to which webhook?", choices, empty="no webhook matches")
        chosen = await self.app.push_screen_wait(picker)
        if chosen is not None:
            self.target(next(hook for hook in webhooks if hook.id == chosen))

    def action_reset_body(self) -> None:
        """Compose the body anew from event and text."""
        self._form.reset_body()

    # Receiving

    def action_use_receiver(self) -> None:
        """Make the receiver on this machine the target."""
        self.start(self._use_receiver(), "receiver")

    async def _use_receiver(self) -> None:
        url = await self.app.ensure_receiver()
        actions = self.workspace.callbacks
        self._form.aim_at(url, self._form.secret or actions.receiver_secret())
        self._show_receiver()

    def action_toggle_receiver(self) -> None:
        """Start or stop the receiver."""
        self.start(self._toggle_receiver(), "receiver")

    async def _toggle_receiver(self) -> None:
        if self.workspace.callbacks.receiver.is_running:
            await self.workspace.callbacks.stop_receiver()
            self.tell("The receiver is off; what arrived stays listed.")
        else:
            await self.app.ensure_receiver()
        self._show_receiver()

    def action_search(self) -> None:
        """Search what arrived."""
        self._panel.start_search()

    def reason_against(self, command: Command) -> str:
        """Why something cannot be done here now."""
        if reason := super().reason_against(command):
            return reason
        if command.name in {"search", "order"} and not self._panel.has_any:
            return "Nothing has arrived yet."
        if command.name in {"export", "keep"} and self._panel.selected is None:
            return "Nothing has arrived yet."
        if command.name == "resend" and self._sent is None:
            return "Nothing was sent yet."
        return ""

    def action_clear(self) -> None:
        """Forget what arrived."""
        self.workspace.callbacks.receiver.clear()
        self._panel.forget()
        self._show_receiver()

    def _arrived(self, received: Sequence[Received]) -> None:
        if self.is_running:
            # It comes from outside of the app; timers need to be inside.
            self._panel.call_next(self._panel.take, received)

    def _changed(self, received: Received) -> None:
        if self.is_running:
            self._panel.call_next(self._panel.change, received)

    def _show_receiver(self) -> None:
        receiver = self.workspace.callbacks.receiver
        running = receiver.is_running
        mark = ("● ", "$success") if running else ("○ ", "$foreground-muted")
        where = receiver.url if running else "off"
        title = Content.assemble("Receiver  ", mark, where)
        self._panel.show_state(title, self.app.with_keys(SILENT if running else STOPPED))
        if not self._panel.rows.display:
            self.remove_class("-at-receiver")
