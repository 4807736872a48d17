"""What is sent: target, event, text, secret, scheme, and the body and headers that they make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import SecretStr
from textual import on
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Select, Static, TextArea

from cognitui.callbacks.compose import Callback, compose, compose_raw
from cognitui.callbacks.schemes.ready import COGNIGY, READY
from cognitui.cognigy.models import RegisteredWebhook, TriggerEvent
from cognitui.errors import CognituiError, UsageError
from cognitui.tui.callback_text import headers_text
from cognitui.tui.render import plain
from cognitui.tui.soon import Soon
from cognitui.tui.widgets.chooser import Chooser
from cognitui.tui.widgets.entry import Entry
from cognitui.tui.widgets.field import Field
from cognitui.tui.widgets.show import show

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.app import ComposeResult

    from cognitui.callbacks.burst.request import BurstContent
    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.clock import Clock

DEFAULT_TEXT = "Hello, this is a test callback."
SKILL = "skill_test"
# Lets the body be seen before there is a secret; what it signs is neither shown nor sent. Every
# scheme can read it.
PLACEHOLDER = SecretStr("whsec_bm90IGEgc2VjcmV0")
UNSIGNED = Content.styled("not signed yet", "$foreground-muted")
BY_HAND = "edited by hand: sent as it stands ({callbacks.reset-body} resets)"


class CallbackForm(VerticalScroll):
    """The form; the callback is composed and signed anew as one types.

    Args:
        clock_of: Tells the clock that signs.
        with_keys: Puts keys into words.

    Attributes:
        webhook: The registered webhook that is aimed at; ``None`` for a URL that is none.
        callback: What would be sent; ``None`` when it cannot be.
    """

    class SchemeChosen(Message):
        """Callbacks are signed in another way from now on."""

    def __init__(self, clock_of: Callable[[], Clock], with_keys: Callable[[str], str]) -> None:
        super().__init__(id="callbacks-left", can_focus=False)
        self._clock_of, self._with_keys = clock_of, with_keys
        self._is_raw = False
        self._schemes: Mapping[str, Scheme] = READY
        self._soon = Soon(self, self.sign)
        self.webhook: RegisteredWebhook | None = None
        self.callback: Callback | None = None

    def compose(self) -> ComposeResult:
        """The fields, the headers, the body."""
        yield Static("Callback", classes="panel-title")
        yield Field("target", "Target", _input("target", "https://…  (F2: a webhook)"), "")
        events = [(event, str(event)) for event in TriggerEvent]
        yield Field("event", "Event", Chooser(events, str(TriggerEvent.ON_MESSAGE), id="event"))
        yield Field("text", "Text", _input("text", value=DEFAULT_TEXT))
        yield Field("secret", "Secret", _input("secret", "32 characters", secret=True), "")
        schemes = [(scheme.title, scheme.id) for scheme in READY.values()]
        yield Field("scheme", "Scheme", Chooser(schemes, COGNIGY.id, id="scheme"))
        yield Static("", id="headers")
        yield TextArea(id="body", compact=True)
        yield Static("", id="body-note")

    # What stands in it

    @property
    def url(self) -> str:
        """Where it goes; empty while nothing is typed."""
        return self.query_one("#target", Input).value.strip()

    @property
    def secret(self) -> SecretStr | None:
        """The secret; ``None`` when there is none."""
        value = self.query_one("#secret", Input).value
        return SecretStr(value) if value else None

    @property
    def scheme(self) -> Scheme:
        """How it is signed."""
        return self._schemes[str(self.query_one("#scheme", Select).value)]

    @property
    def event(self) -> TriggerEvent:
        """What it tells of."""
        return TriggerEvent(str(self.query_one("#event", Select).value))

    @property
    def burst_content(self) -> BurstContent:
        """What callbacks of a burst tell of."""
        from cognitui.callbacks.burst.request import BurstContent

        text = self.query_one("#text", Input).value
        return BurstContent(self.event, self._skill_id, text, self._template)

    @property
    def _skill_id(self) -> str:
        return self.webhook.skill_id if self.webhook else SKILL

    @property
    def _template(self) -> Mapping[str, Any] | None:
        hook = self.webhook
        templates = {t.event: t.payload_template for t in hook.triggers} if hook else {}
        return templates.get(self.event)

    def require_target(self) -> tuple[str, SecretStr]:
        """Where to send, and what to sign with.

        Raises:
            UsageError: One of them is missing; the cursor is where to type it.
        """
        secret = self.secret
        if not self.url:
            self.query_one("#target").focus()
            raise UsageError("There is no target.", hint="Type a URL, F2 picks a webhook.")
        if secret is None:
            self.query_one("#secret").focus()
            raise UsageError("The callback cannot be signed.", hint="Type the webhook's secret.")
        return self.url, secret

    # From outside

    def offer(self, schemes: Mapping[str, Scheme]) -> None:
        """Let one of these be chosen."""
        if schemes.keys() != self._schemes.keys():
            chosen, self._schemes = self.scheme.id, schemes
            select: Select[str] = self.query_one("#scheme", Select)
            with self.prevent(Select.Changed):
                select.set_options([(scheme.title, scheme.id) for scheme in schemes.values()])
                select.value = chosen

    def aim(self, webhook: RegisteredWebhook, secret: SecretStr | None, scheme: Scheme) -> None:
        """Aim at a registered webhook."""
        self.webhook = webhook
        with self.prevent(Input.Changed, Select.Changed):
            self.query_one("#target", Input).value = webhook.url
            self.query_one("#secret", Input).value = secret.get_secret_value() if secret else ""
            self.query_one("#scheme", Select).value = scheme.id
        events = [t.event for t in webhook.triggers if t.event in set(TriggerEvent)]
        if events:
            self.query_one("#event", Select).value = events[0]
        self.query_one("#field-target", Field).set_note(plain(webhook.id))
        self.sign()

    def aim_at(self, url: str, secret: SecretStr) -> None:
        """Aim at a URL."""
        self.query_one("#target", Input).value = url
        self.query_one("#secret", Input).value = secret.get_secret_value()

    def reset_body(self) -> None:
        """Compose the body anew from event and text."""
        self._is_raw = False
        self.sign()

    # Composing

    def sign(self) -> None:
        """Sign what stands there now, and show the signature."""
        body_field = self.query_one("#body-note", Static)
        try:
            self.callback = self._build(self.secret or PLACEHOLDER)
        except CognituiError as error:
            self.callback = None
            show(body_field, Content.styled(f"✗ {error.message}", "$error"))
            show(self.query_one("#headers", Static), "")
            return
        note = self._with_keys(BY_HAND) if self._is_raw else ""
        show(body_field, Content.styled(note, "$foreground-muted"))
        if not self._is_raw:
            with self.prevent(TextArea.Changed):
                self.query_one("#body", TextArea).text = self.callback.body.decode("utf-8")
        missing = "needed to sign: it is not known here" if self.webhook else "needed to sign"
        self.query_one("#field-secret", Field).set_note("" if self.secret else missing)
        headers = headers_text(self.callback) if self.secret else UNSIGNED
        show(self.query_one("#headers", Static), headers)

    def _build(self, secret: SecretStr) -> Callback:
        event, scheme, clock = self.event, self.scheme, self._clock_of()
        if self._is_raw:
            body = self.query_one("#body", TextArea).text.encode("utf-8")
            return compose_raw(body, secret=secret, event=event, scheme=scheme, clock=clock)
        return compose(
            event=event,
            skill_id=self._skill_id,
            secret=secret,
            text=self.query_one("#text", Input).value,
            session_id="sess_cognitui",
            template=self._template,
            scheme=scheme,
            tracked=True,
            clock=clock,
        )

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if event.input.id == "target" and self.webhook and event.value != self.webhook.url:
            self.webhook = None
            self.query_one("#field-target", Field).set_note("")
        self._soon.ask()

    @on(Select.Changed, "#event")
    def _event_chosen(self, event: Select.Changed) -> None:
        event.stop()
        self.sign()

    @on(Select.Changed, "#scheme")
    def _scheme_chosen(self, event: Select.Changed) -> None:
        event.stop()
        self.sign()
        self.post_message(self.SchemeChosen())

    @on(TextArea.Changed, "#body")
    def _body_typed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._is_raw = True
        self._soon.ask()

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()


def _input(name: str, placeholder: str = "", *, value: str = "", secret: bool = False) -> Input:
    return Entry(value, placeholder=placeholder, id=name, is_secret=secret)
