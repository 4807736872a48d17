"""What the palette lists, as values and as lines: no palette is needed to make or find them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content, Span

from cognitui.callbacks.display import safe_text
from cognitui.fuzzy import Match, Query
from cognitui.tui.places import PLACES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cognitui.tui.commands import Command

KEY_WIDTH, TITLE_WIDTH = 7, 23
# What one can do goes before what it could be done to, unless that matches better.
COMMANDS_FIRST = 150


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the palette.

    Attributes:
        title: What it is.
        help: What it does or is, in a sentence.
        call: Does it, or tells why not.
        key: Its key as it is shown, if it has one.
        reason: Why it cannot be used now; empty when it can.
    """

    title: str
    help: str
    call: Callable[[], object]
    key: str = ""
    reason: str = ""

    @property
    def text(self) -> str:
        """What is searched: its name, then everything else."""
        return f"{self.title}\n{self.help}"


def title_of(command: Command, here: str) -> str:
    """What the palette calls a command in a place: with its own place in front elsewhere."""
    info = {place.id: place.title for place in PLACES}
    if command.name.startswith("go-"):
        return f"Go to {command.title}"
    if command.scope in {here, "app"}:
        return command.title
    return f"{info[command.scope]}: {command.title}"


def help_of(command: Command) -> str:
    """What it does, without repeating its title."""
    if command.name.startswith("go-"):
        return next(place.help for place in PLACES if command.name == f"go-{place.id}")
    return command.help


def found(entries: Iterable[Entry], typed: str) -> list[tuple[Entry, Match]]:
    """Those that match, with how well."""
    query = Query(typed)
    pairs = [(entry, query.match(entry.text)) for entry in entries]
    return [(entry, match) for entry, match in pairs if match is not None]


def entry_line(entry: Entry, positions: Sequence[int] = (), style: str = "") -> Content:
    """One line: key, title, help. What cannot be used now is dim and says why instead.

    Args:
        entry: What to show.
        positions: Which characters of its title were typed; those beyond it are not marked.
        style: For these characters.
    """
    title = safe_text(entry.title, 80)
    is_off = bool(entry.reason)
    key = Content.styled(f"{entry.key:<{KEY_WIDTH}}", "$foreground-muted not bold")
    name = Content(
        f"{title:<{TITLE_WIDTH}}",
        spans=[Span(at, at + 1, style) for at in positions if style and at < len(title)],
    )
    words = f"✗ {entry.reason}" if is_off else entry.help
    return Content.assemble(
        key,
        name.stylize_before("$foreground-disabled" if is_off else ""),
        " ",
        Content.styled(safe_text(words, 300), "$foreground-muted not bold"),
    )
