"""Place 4: send a signed callback, and see what arrives on this machine."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import SecretStr
from textual import on
from textual.containers import Container, Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Select, Static, TextArea

from cognitui.callbacks.compose import Callback, compose, compose_raw
from cognitui.callbacks.schemes.ready import COGNIGY, READY
from cognitui.cognigy.models import RegisteredWebhook, TriggerEvent
from cognitui.errors import CognituiError, UsageError
from cognitui.tui.bindings import bindings
from cognitui.tui.callback_text import (
    delivery_text,
    headers_text,
    sending,
)
from cognitui.tui.commands import CALLBACKS
from cognitui.tui.parts import Part
from cognitui.tui.render import plain
from cognitui.tui.screens.callbacks_lab import Lab
from cognitui.tui.screens.picker import Choice, Picker
from cognitui.tui.screens.place import Place
from cognitui.tui.soon import Soon
from cognitui.tui.widgets.entry import Entry
from cognitui.tui.widgets.field import Field
from cognitui.tui.widgets.receiver_panel import ReceiverPanel
from cognitui.tui.widgets.show import show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from cognitui.callbacks.burst.request import BurstContent
    from cognitui.callbacks.received import Received
    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.tui.commands import Command

DEFAULT_TEXT = "Hello, this is a test callback."
SKILL = "skill_test"
# Lets the body be seen before there is a secret; what it signs is neither shown nor sent.
PLACEHOLDER = SecretStr("not a secret")
UNSIGNED = Content.styled("not signed yet", "$foreground-muted")
BY_HAND = "edited by hand: sent as it stands ({callbacks.reset-body} resets)"
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
        self._target: RegisteredWebhook | None = None
        self._is_raw = False
        self._callback: Callback | None = None
        self._sent: Callback | None = None
        self._lab = Lab(self)
        self._panel = ReceiverPanel()
        self._listening = False
        self._soon = Soon(self, self._sign)
        self._suggested: RegisteredWebhook | None = None

    def compose_body(self) -> ComposeResult:
        """The form, the result, the receiver."""
        with Horizontal(id="callbacks"):
            with VerticalScroll(id="callbacks-left", can_focus=False):
                yield Static("Callback", classes="panel-title")
                yield Field("target", "Target", _input("target", "https://…  (F2: a webhook)"))
                yield Field(
                    "event",
                    "Event",
                    Select(
                        [(event, str(event)) for event in TriggerEvent],
                        value=str(TriggerEvent.ON_MESSAGE),
                        allow_blank=False,
                        compact=True,
                        id="event",
                    ),
                )
                yield Field("text", "Text", _input("text", value=DEFAULT_TEXT))
                yield Field("secret", "Secret", _input("secret", "32 characters", secret=True))
                yield Field(
                    "scheme",
                    "Scheme",
                    Select(
                        [(scheme.title, scheme.id) for scheme in READY.values()],
                        value=COGNIGY.id,
                        allow_blank=False,
                        compact=True,
                        id="scheme",
                    ),
                )
                yield Static("", id="headers")
                yield TextArea(id="body", compact=True)
                yield Static("", id="body-note")
            with Container(id="callbacks-right"):
                with Vertical(id="delivery-box"):
                    yield Static("Delivery", classes="panel-title")
                    yield Static(Content(self.app.with_keys(NOT_SENT)), id="delivery")
                yield self._panel

    def on_mount(self) -> None:
        """The first callback is composed."""
        self._sign()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Where there is little room, the side that one works in gets most of it."""
        self.set_class(event.widget.id in {"received", "received-search"}, "-at-receiver")

    def entered(self) -> None:
        """Catch up with what arrived meanwhile; the first time go into a field."""
        is_first = not self._listening
        if is_first:
            self._listening = True
            self.workspace.callbacks.listen(self._arrived)
            self._panel.take(self.workspace.callbacks.receiver.received)
        if self._suggested is not None and not self._url:
            self.target(self._suggested)
        self._suggested = None
        self._show_receiver()
        if is_first and self.focused is None:
            self.query_one("#text" if self._url else "#target").focus()

    def tenant_changed(self) -> None:
        """A webhook of the tenant before is no target any more."""
        self._target = None

    def suggest(self, webhook: RegisteredWebhook) -> None:
        """Aim at a webhook that was just registered, unless the person aims elsewhere."""
        if not self.is_running:
            self._suggested = webhook
        elif not self._url:
            self.target(webhook)

    def target(self, webhook: RegisteredWebhook) -> None:
        """Aim at a registered webhook."""
        self._target = webhook
        secret = self.workspace.callbacks.secret_of(webhook.id)
        with self.prevent(Input.Changed, Select.Changed):
            self.query_one("#target", Input).value = webhook.url
            self.query_one("#secret", Input).value = secret.get_secret_value() if secret else ""
            scheme = self.workspace.callbacks.scheme_of(webhook.id)
            self.query_one("#scheme", Select).value = scheme.id
        self.workspace.callbacks.receiver.set_scheme(scheme)
        events = [t.event for t in webhook.triggers if t.event in set(TriggerEvent)]
        if events:
            self.query_one("#event", Select).value = events[0]
        self.query_one("#field-target", Field).set_note(plain(webhook.id))
        self._sign()

    @property
    def _url(self) -> str:
        return self.query_one("#target", Input).value.strip()

    # Composing

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        if event.input.id == "target" and self._target and event.value != self._target.url:
            self._target = None
            self.query_one("#field-target", Field).set_note("")
        self._soon.ask()

    @on(Select.Changed, "#event")
    def _event_chosen(self) -> None:
        self._sign()

    @on(Select.Changed, "#scheme")
    def _scheme_chosen(self) -> None:
        self.workspace.callbacks.receiver.set_scheme(self.scheme)
        self._sign()
        if self._target is not None:
            self.start(self._keep_scheme(self._target.id, self.scheme), "scheme")

    async def _keep_scheme(self, webhook_id: str, scheme: Scheme) -> None:
        await self.workspace.callbacks.choose_scheme(webhook_id, scheme)

    @property
    def scheme(self) -> Scheme:
        """How callbacks are signed and verified here."""
        return READY[str(self.query_one("#scheme", Select).value)]

    @property
    def secret(self) -> SecretStr | None:
        """The secret in the form; ``None`` when there is none."""
        value = self.query_one("#secret", Input).value
        return SecretStr(value) if value else None

    @property
    def target_id(self) -> str:
        """The webhook that is aimed at; empty for a URL that is none of the tenant's."""
        return self._target.id if self._target else ""

    @property
    def composed(self) -> Callback | None:
        """What would be sent; ``None`` when it cannot be."""
        return self._callback

    @property
    def selected_received(self) -> Received | None:
        """What the cursor is on, while the list has the focus."""
        return self._panel.selected if self._panel.rows.has_focus else None

    def require_received(self) -> Received:
        """What the cursor is on.

        Raises:
            UsageError: There is nothing.
        """
        received = self._panel.selected
        if received is None:
            raise UsageError("Nothing has arrived yet.", hint="Start the receiver, and send to it.")
        return received

    def require_target(self) -> tuple[str, SecretStr]:
        """Where to send, and what to sign with.

        Raises:
            UsageError: One of them is missing; the cursor is where to type it.
        """
        secret = self.secret
        if not self._url:
            self.query_one("#target").focus()
            raise UsageError("There is no target.", hint="Type a URL, F2 picks a webhook.")
        if secret is None:
            self.query_one("#secret").focus()
            raise UsageError("The callback cannot be signed.", hint="Type the webhook's secret.")
        return self._url, secret

    def burst_content(self) -> BurstContent:
        """What callbacks of a burst tell of."""
        from cognitui.callbacks.burst.request import BurstContent

        event, template = self._event, self._template
        skill_id = self._target.skill_id if self._target else SKILL
        return BurstContent(event, skill_id, self.query_one("#text", Input).value, template)

    @property
    def _event(self) -> TriggerEvent:
        return TriggerEvent(str(self.query_one("#event", Select).value))

    @property
    def _template(self) -> Mapping[str, Any] | None:
        hook = self._target
        templates = {t.event: t.payload_template for t in hook.triggers} if hook else {}
        return templates.get(self._event)

    @on(TextArea.Changed, "#body")
    def _body_typed(self) -> None:
        self._is_raw = True
        self._soon.ask()

    @on(Input.Submitted)
    def _next(self) -> None:
        self.focus_next()

    def _sign(self) -> None:
        """Sign what stands there now, and show the signature."""
        field = self.query_one("#field-secret", Field)
        body_field = self.query_one("#body-note", Static)
        try:
            self._callback = self._build(self.secret or PLACEHOLDER)
        except CognituiError as error:
            self._callback = None
            show(body_field, Content.styled(f"✗ {error.message}", "$error"))
            show(self.query_one("#headers", Static), "")
            return
        note = self.app.with_keys(BY_HAND) if self._is_raw else ""
        show(body_field, Content.styled(note, "$foreground-muted"))
        if not self._is_raw:
            with self.prevent(TextArea.Changed):
                self.query_one("#body", TextArea).text = self._callback.body.decode("utf-8")
        missing = "needed to sign: it is not known here" if self._target else "needed to sign"
        field.set_note("" if self.secret else missing)
        headers = headers_text(self._callback) if self.secret else UNSIGNED
        show(self.query_one("#headers", Static), headers)

    def _build(self, secret: SecretStr) -> Callback:
        event, scheme = self._event, self.scheme
        if self._is_raw:
            body = self.query_one("#body", TextArea).text.encode("utf-8")
            return compose_raw(
                body, secret=secret, event=event, scheme=scheme, clock=self.workspace.clock
            )
        hook = self._target
        return compose(
            event=event,
            skill_id=hook.skill_id if hook else SKILL,
            secret=secret,
            text=self.query_one("#text", Input).value,
            session_id="sess_cognitui",
            template=self._template,
            scheme=scheme,
            tracked=True,
            clock=self.workspace.clock,
        )

    # Sending

    def action_send(self) -> None:
        """Send the callback."""
        self.start_once(self._send(), "send")

    async def _send(self) -> None:
        self._sign()
        self.require_target()
        if self._callback is None:
            raise UsageError("The callback cannot be sent.", hint="See the line under the body.")
        await self.deliver(self._callback)

    async def deliver(self, callback: Callback) -> None:
        """Send a callback to the target, and show what came of it."""
        hook = self._target
        retries = hook.delivery.retries if hook else 0
        shown = self.query_one("#delivery", Static)
        shown.update(Content.styled("◌ sending …", "$warning"))
        try:
            with self.taking(sending(1, retries)) as work:
                delivery = await self.workspace.callbacks.send(
                    self._url,
                    callback,
                    webhook_id=self.target_id,
                    timeout_ms=hook.delivery.timeout if hook else 3000,
                    retries=retries,
                    on_attempt=lambda attempt: work.reword(sending(attempt.number + 1, retries)),
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
        self.require_target()
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
        self._is_raw = False
        self._sign()

    # Receiving

    def action_use_receiver(self) -> None:
        """Make the receiver on this machine the target."""
        self.start(self._use_receiver(), "receiver")

    async def _use_receiver(self) -> None:
        self.query_one("#target", Input).value = await self.app.ensure_receiver()
        if not self.query_one("#secret", Input).value:
            secret = self.workspace.callbacks.receiver_secret()
            self.query_one("#secret", Input).value = secret.get_secret_value()
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
        if command.name in {"search", "order"} and not self._panel.has_any:
            return "Nothing has arrived yet."
        if command.name in {"export", "keep"} and self._panel.selected is None:
            return "Nothing has arrived yet."
        if command.name == "resend" and self._sent is None:
            return "Nothing was sent yet."
        return super().reason_against(command)

    def action_clear(self) -> None:
        """Forget what arrived."""
        self.workspace.callbacks.receiver.clear()
        self._panel.forget()
        self._show_receiver()

    def _arrived(self, received: Sequence[Received]) -> None:
        if self.is_running:
            # It comes from outside of the app; timers need to be inside.
            self._panel.call_next(self._panel.take, received)

    def _show_receiver(self) -> None:
        receiver = self.workspace.callbacks.receiver
        running = receiver.is_running
        mark = ("● ", "$success") if running else ("○ ", "$foreground-muted")
        where = receiver.url if running else "off"
        title = Content.assemble("Receiver  ", mark, where)
        self._panel.show_state(title, self.app.with_keys(SILENT if running else STOPPED))
        if not self._panel.rows.display:
            self.remove_class("-at-receiver")


def _input(name: str, placeholder: str = "", *, value: str = "", secret: bool = False) -> Input:
    return Entry(value, placeholder=placeholder, id=name, is_secret=secret)
