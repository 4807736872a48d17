"""From the core's values to what is drawn: pure functions, tested without a screen.

Everything remote passes through `safe_text`, and nothing remote is ever read as markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from cognitui.callbacks.display import safe_text
from cognitui.tui.places import PLACES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cognitui.workspace.status import TenantStatus

MAX_CELL = 200
LOW = 10
READ_ONLY = ("  read-only", "$warning")
PRODUCTION, PROD = "production", "prod"
TENANT_COLOURS = {
    "red": "#d9534f",
    "orange": "#d9863f",
    "yellow": "#c4a02a",
    "green": "#4ca66b",
    "blue": "#4a8fd4",
    "violet": "#9a6fd1",
}
"""What a tenant is told from others by, legible on dark and on light."""
DEFAULT_KEYS = {place.id: place.key for place in PLACES}
Part = str | tuple[str, str]


def plain(text: str, limit: int = MAX_CELL) -> Content:
    """Remote text, made harmless."""
    return Content(safe_text(text, limit))


@dataclass(frozen=True, slots=True)
class _Form:
    """How much the header says.

    Attributes:
        title: Whether the program's name stands in front.
        words: Whether a good state has a word beside its mark; a bad one always has.
        units: After the webhooks and after the requests.
        room: Columns for the names of tenant and bot.
    """

    title: bool
    words: bool
    units: tuple[str, str]
    room: int


_FORMS = (
    _Form(title=True, words=True, units=(" webhooks", " req left"), room=28),
    _Form(title=False, words=True, units=(" webhooks", " req left"), room=20),
    _Form(title=False, words=True, units=(" wh", " left"), room=14),
    _Form(title=False, words=False, units=(" wh", " left"), room=12),
    _Form(title=False, words=False, units=("", ""), room=9),
    _Form(title=False, words=False, units=("", ""), room=6),
)


def frame_line(status: TenantStatus | None, width: int, tenants_key: str = "1") -> Content:
    """The header's first line: the fullest form that fits.

    Args:
        status: ``None`` while the console is opening.
        width: In columns.
        tenants_key: The key that goes to the tenants; empty when none does.
    """
    if status is None:
        return Content.assemble(
            (" cognitui ", "bold $primary"), (" ▸ opening …", "$foreground-muted")
        )
    if not status.tenant:
        return _frame_without_tenant(status, tenants_key)
    lines = [_frame(status, form) for form in _FORMS]
    for line in lines:
        if line.cell_length <= width:
            return line
    return lines[-1].truncate(width, ellipsis=True)


def _frame(status: TenantStatus, form: _Form) -> Content:
    parts: list[Part] = [(" cognitui ", "bold $primary")] if form.title else []
    parts += [" ▸ ", *_connection(status, form)]
    if status.is_read_only:
        parts.append(READ_ONLY)
    if status.bot_name:
        parts += ["  ▸ ", *_bot(status, form)]
    used = "–" if status.webhooks_used is None else str(status.webhooks_used)
    is_full = status.webhooks_used is not None and status.webhooks_used >= status.webhook_limit
    most = str(status.requests_per_minute)
    # As wide as it can get, so that the header does not jump when the minute is fresh.
    left = f"{status.requests_left:>{len(most)}}/{most}"
    parts += [
        ("  ", ""),
        (f"{used}/{status.webhook_limit}{form.units[0]}", "$error" if is_full else ""),
        ("  ", ""),
        (f"{left}{form.units[1]}", "$error" if status.requests_left < LOW else ""),
        ("  ", ""),
        _breaker(status, form),
    ]
    return Content.assemble(*parts)


def _frame_without_tenant(status: TenantStatus, tenants_key: str) -> Content:
    advice = f": press {tenants_key}" if tenants_key else ""
    return Content.assemble(
        (" cognitui ", "bold $primary"),
        " ▸ ",
        (f"no tenant open{advice}", "$foreground-muted"),
        *([READ_ONLY] if status.is_read_only else []),
    )


def _connection(status: TenantStatus, form: _Form) -> list[Part]:
    colour = {"connected": "$success", "connecting": "$warning"}.get(status.connection, "$error")
    is_good = status.connection == "connected"
    word = f" {status.connection}" if form.words or not is_good else ""
    name = safe_text(status.tenant, form.room)
    own = TENANT_COLOURS.get(status.colour, "")
    parts: list[Part] = [(f" {name} ", f"bold reverse {own}") if own else (name, "bold")]
    if status.is_production:
        parts.append((f" {PRODUCTION if form.words else PROD} ", "bold reverse $error"))
    return [*parts, (f" {'●' if is_good else '○'}{word}", colour)]


def _bot(status: TenantStatus, form: _Form) -> list[Part]:
    name = safe_text(status.bot_name, form.room)
    if status.bot_is_healthy is None:
        return [name]
    is_good = status.bot_is_healthy
    word = (
        f" {safe_text(status.bot_status, min(12, form.room))}" if form.words or not is_good else ""
    )
    return [name, (f" {'●' if is_good else '▲'}{word}", "$success" if is_good else "$warning")]


def _breaker(status: TenantStatus, form: _Form) -> tuple[str, str]:
    is_closed = status.breaker == "closed"
    if is_closed and not form.title:
        return "breaker ✓", ""
    words = f"breaker {status.breaker}" if form.words else f"✗ {status.breaker}"
    return words, "" if is_closed else "$error"


def places_line(active: str, width: int, keys: Mapping[str, str] = DEFAULT_KEYS) -> Content:
    """The header's second line: where you can go.

    Args:
        active: The place that is shown.
        width: In columns.
        keys: The key of each place by its id; empty for one that has none.
    """
    gap, edge = ("  " if width >= 70 else " "), (" " if width >= 66 else "")  # noqa: PLR2004
    parts: list[Part] = [" "]
    for place in PLACES:
        style = f"@click=app.go('{place.id}')"
        if place.id == active:
            style += " bold reverse"
        words = f"{keys[place.id]} {place.title}".lstrip()
        parts += [(f"{edge}{words}{edge}", style), gap]
    return Content.assemble(*parts)


def error_sentence(message: str, hint: str) -> str:
    """An error as a toast says it."""
    return safe_text(f"{message}\n{hint}" if hint else message, 600, multiline=True)
