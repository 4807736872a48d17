"""From the core's values to what is drawn: pure functions, tested without a screen.

Everything remote passes through `safe_text`, and nothing remote is ever read as markup.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.content import Content

from cognitui.callbacks.display import safe_text
from cognitui.tui.places import PLACES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cognitui.workspace.workspace import TenantStatus

MAX_CELL = 200
LOW = 10
Part = str | tuple[str, str]
Runs = list[tuple[str, str]]


def plain(text: str, limit: int = MAX_CELL) -> Content:
    """Remote text, made harmless."""
    return Content(safe_text(text, limit))


def runs_text(runs: Runs, theme: Mapping[str, str]) -> Text:
    """Runs as the older widgets want them: trees and tables know nothing of theme variables.

    Args:
        runs: Texts, each with the name of a theme colour or nothing.
        theme: The theme's variables.
    """
    text = Text(no_wrap=True, overflow="ellipsis")
    for words, colour in runs:
        text.append(words, theme.get(colour, "") if colour else "")
    return text


def row_texts(cells: Runs, theme: Mapping[str, str]) -> list[Text]:
    """The cells of one row of a table."""
    return [runs_text([cell], theme) for cell in cells]


def frame_line(status: TenantStatus, width: int) -> Content:
    """The header's first line: the longest form that fits."""
    forms = [_frame(status, level) for level in range(3)]
    for form in forms:
        if form.cell_length <= width:
            return form
    return forms[-1].truncate(width, ellipsis=True)


def _frame(status: TenantStatus, level: int) -> Content:
    name: list[Part] = [(" cognitui ", "bold $primary")] if level < 2 else []  # noqa: PLR2004
    if not status.tenant:
        hint = "no tenant open · press 1 to choose one" if level == 0 else "no tenant open"
        return Content.assemble(*name, " ▸ ", (hint, "$text-muted"))
    gap = "   " if level == 0 else "  "
    parts: list[Part] = [*name, " ▸ ", *_connection(status, level)]
    if status.bot_name:
        parts += [" ", "▸ ", *_bot(status, level)]
    parts += [gap, *_used(status, level), gap, *_left(status, level), gap, *_breaker(status, level)]
    return Content.assemble(*parts)


def _connection(status: TenantStatus, level: int) -> list[Part]:
    colour = {"connected": "$success", "connecting": "$warning"}.get(status.connection, "$error")
    word = "" if level == 2 and status.connection == "connected" else f" {status.connection}"  # noqa: PLR2004
    return [
        (safe_text(status.tenant, 24 if level == 0 else 14), "bold"),
        (" ●" if status.connection == "connected" else " ○", colour),
        (word, colour),
        " ",
    ]


def _bot(status: TenantStatus, level: int) -> list[Part]:
    name = safe_text(status.bot_name, (28, 16, 12)[level])
    if status.bot_is_healthy is None:
        return [name]
    colour = "$success" if status.bot_is_healthy else "$warning"
    mark = "●" if status.bot_is_healthy else "▲"
    word = safe_text(status.bot_status, 12)
    hidden = level == 2 and status.bot_is_healthy  # noqa: PLR2004
    return [name, (f" {mark}" if hidden else f" {mark} {word}", colour)]


def _used(status: TenantStatus, level: int) -> list[Part]:
    used = "–" if status.webhooks_used is None else str(status.webhooks_used)
    full = status.webhooks_used is not None and status.webhooks_used >= status.webhook_limit
    words = (" webhooks", " webhooks", " wh")[level]
    return [(f"{used}/{status.webhook_limit}{words}", "$error" if full else "")]


def _left(status: TenantStatus, level: int) -> list[Part]:
    words = (" req/min", " req/min", "/min")[level]
    low = status.requests_left < LOW
    return [
        (f"{status.requests_left}/{status.requests_per_minute}{words}", "$error" if low else "")
    ]


def _breaker(status: TenantStatus, level: int) -> list[Part]:
    closed = status.breaker == "closed"
    word = f"breaker {status.breaker}" if level == 0 or not closed else "breaker ✓"
    return [(word, "" if closed else "$error")]


def places_line(active: str, width: int) -> Content:
    """The header's second line: where you can go."""
    gap = "  " if width >= 70 else " "  # noqa: PLR2004
    parts: list[Part] = [" "]
    for place in PLACES:
        style = f"@click=app.go('{place.id}')"
        if place.id == active:
            style += " bold reverse"
        parts += [(f" {place.key} {place.title} ", style), gap]
    return Content.assemble(*parts)


def error_sentence(message: str, hint: str) -> str:
    """An error as a toast says it."""
    return safe_text(f"{message}\n{hint}" if hint else message, 600)
