"""The form for a tenant: where it is, the key, and whether to remember it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from pydantic import SecretStr, ValidationError
from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Checkbox, Input, Select, Static

from cognitui.cognigy.credentials import Credentials
from cognitui.tenants.profiles import Colour, Profile, explain_profile_error
from cognitui.tui.parts import Part
from cognitui.tui.screens.dialog import Dialog
from cognitui.tui.soon import Soon
from cognitui.tui.widgets.chooser import Chooser
from cognitui.tui.widgets.entry import Entry
from cognitui.tui.widgets.field import Field
from cognitui.tui.widgets.tick import Tick

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from cognitui.tui.parts import Keys

NO_COLOUR = "no colour"
FIELDS = ("name", "base_url", "api_key", "api_secret", "bot_id", "monitor_url")


@dataclass(frozen=True, slots=True)
class TenantForm:
    """What was entered, valid."""

    profile: Profile
    credentials: Credentials | None
    remember: bool


class ProfileDialog(Dialog[TenantForm | None]):
    """Answers a valid form, or ``None``. With a profile it edits; a blank key keeps the old one.

    Args:
        profile: The one to edit; without it one is added.
        taken: The names that one that is added cannot have.
    """

    PARTS: ClassVar[Sequence[Part]] = (
        Part("name", "Name", "What the tenant is called here and in the audit log. It stays."),
        Part("base_url", "Base URL", "Where its API is: https, up to and with the version."),
        Part("api_key", "API key", "Names you to the tenant."),
        Part("api_secret", "API secret", "Proves that you are the one. It is never shown again."),
        Part("bot_id", "Bot", "The bot to begin with; without it the first one is taken."),
        Part("monitor_url", "Monitor", "Takes the report, when you send it from Audit."),
        Part("colour", "Colour", "Tells the tenant from others, in the header and in the list."),
        Part(
            "is_production",
            "Production",
            "Marks a tenant that people depend on: before each change its name has to be typed.",
        ),
        Part(
            "remember",
            "Remember",
            "Keeps the key in an encrypted file on this machine, under a passphrase of yours. "
            "Otherwise it is gone when the console is closed.",
        ),
    )
    KEYS: ClassVar[Keys] = (("ctrl+s", "Save"), ("esc", "Cancel: nothing is changed"))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", id="dialog.cancel"),
        Binding("ctrl+s", "save", "Save", id="dialog.save"),
    ]

    def __init__(self, profile: Profile | None = None, taken: Collection[str] = ()) -> None:
        super().__init__()
        self._profile = profile
        self._taken = taken
        self._touched: set[str] = set()
        self._soon = Soon(self, self._show_touched)

    def compose(self) -> ComposeResult:
        """The form."""
        old = self._profile
        kept = "unchanged while empty" if old else ""
        with Vertical(classes="dialog wide"):
            yield Static("Edit tenant" if old else "Add a tenant", classes="dialog-title")
            yield Field("name", "Name", _input("name", old.name if old else "", "acme-prod"))
            yield Field(
                "base_url",
                "Base URL",
                _input("base_url", old.base_url if old else "", "https://acme.cognigy.ai/api/v1"),
            )
            yield Field("api_key", "API key", _input("api_key", "", kept, secret=True))
            yield Field("api_secret", "API secret", _input("api_secret", "", kept, secret=True))
            bot = (old.bot_id or "") if old else ""
            yield Field("bot_id", "Bot", _input("bot_id", bot, "optional"))
            monitor = (old.monitor_url or "") if old else ""
            yield Field("monitor_url", "Monitor", _input("monitor_url", monitor, "optional URL"))
            colours = [(NO_COLOUR if one is Colour.NONE else str(one), str(one)) for one in Colour]
            colour = str(old.colour if old else Colour.NONE)
            yield Field(
                "colour",
                "Colour",
                Chooser(colours, colour, id="colour"),
            )
            yield Tick(
                "Production: each change asks for the name",
                value=bool(old and old.is_production),
                id="is_production",
                compact=True,
            )
            yield Tick("Remember the key in the vault", id="remember", compact=True)
            with Horizontal(classes="dialog-buttons"):
                yield Button("Cancel (esc)", id="cancel", compact=True)
                yield Button("Save (ctrl+s)", id="save", variant="primary", compact=True)

    def on_mount(self) -> None:
        """A name is not changed afterwards: the audit log speaks of it."""
        if self._profile is not None:
            self.query_one("#name", Input).disabled = True
            self.query_one("#base_url").focus()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._touched.add(event.input.id or "")
        self._soon.ask()

    @on(Input.Submitted)
    def _next(self) -> None:
        self.focus_next()

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Nothing was changed."""
        self.dismiss(None)

    @on(Button.Pressed, "#save")
    def action_save(self) -> None:
        """Answer the form, or go to the first field that is wrong."""
        self._soon.cancel()
        self._touched = set(FIELDS)
        problems = self._show_problems(only=self._touched)
        if problems:
            self.query_one(f"#{next(name for name in FIELDS if name in problems)}").focus()
            return
        profile, _ = self._validate()
        if profile is not None:
            remember = self.query_one("#remember", Checkbox).value
            self.dismiss(TenantForm(profile, self._credentials(), remember))

    def _show_touched(self) -> None:
        self._show_problems(only=self._touched)

    def _show_problems(self, only: set[str]) -> dict[str, str]:
        _, problems = self._validate()
        for name in FIELDS:
            text = problems.get(name, "") if name in only else ""
            self.query_one(f"#field-{name}", Field).set_problem(text)
        return problems

    def _validate(self) -> tuple[Profile | None, dict[str, str]]:
        values = {name: self.query_one(f"#{name}", Input).value.strip() for name in FIELDS}
        problems: dict[str, str] = {}
        profile = None
        # Built on the old one, so that what the form does not show is kept.
        data = self._profile.model_dump() if self._profile is not None else {}
        data |= {name: values[name] for name in ("name", "base_url")}
        data |= {name: values[name] or None for name in ("bot_id", "monitor_url")}
        data["colour"] = self.query_one("#colour", Select).value
        data["is_production"] = self.query_one("#is_production", Checkbox).value
        try:
            profile = Profile.model_validate(data)
        except ValidationError as error:
            problems = explain_profile_error(error)
        if self._profile is None and values["name"] in self._taken:
            name = values["name"]
            problems["name"] = f"There is a tenant called {name} already: edit that one."
        key, secret = values["api_key"], values["api_secret"]
        if self._profile is None or key or secret:
            if not key:
                problems["api_key"] = "The key is needed."
            if not secret:
                problems["api_secret"] = "The secret is needed."  # noqa: S105
        return profile, problems

    def _credentials(self) -> Credentials | None:
        key = self.query_one("#api_key", Input).value.strip()
        secret = self.query_one("#api_secret", Input).value.strip()
        return Credentials(SecretStr(key), SecretStr(secret)) if key and secret else None


def _input(name: str, value: str, placeholder: str, *, secret: bool = False) -> Input:
    return Entry(value, placeholder=placeholder, id=name, is_secret=secret)


__all__ = ["ProfileDialog", "TenantForm"]
