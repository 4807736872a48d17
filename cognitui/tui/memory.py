"""What is kept from one run to the next: where you were, and the colours you chose.

It is read before the first frame, so it is small; it is written in a thread, so that no key waits
for the disk. A file that is damaged is as good as none.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from threading import Lock
from typing import TYPE_CHECKING, Any

from cognitui.config import THEMES, Source

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cognitui.config import Config

FILE = "console.json"
MAX_BYTES = 64 * 1024
View = dict[str, Any]
"""How a place is looked at, such as its order and filter: text, numbers, truths, lists of them."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept.

    Attributes:
        theme: The theme that was chosen in the palette.
        theme_over: The one that was configured then: a newer word in the file wins.
        place: The place that was shown last.
        tenant: The tenant that was open last.
        bot: The bot of that tenant that was chosen last.
        views: How each place was looked at, by its id.
    """

    theme: str = ""
    theme_over: str = ""
    place: str = ""
    tenant: str = ""
    bot: str = ""
    views: Mapping[str, View] = field(default_factory=dict)


class Memory:
    """The file that holds what is kept.

    Attributes:
        kept: What is kept now, written or not.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self.kept = self._written = _read(path)

    def keep(self, **changes: Any) -> bool:
        """Keep something else; whether there is anything to write now."""
        self.kept = replace(self.kept, **changes)
        return self.kept != self._written

    def choose_theme(self, name: str, config: Config) -> bool:
        """Keep a theme that was chosen; whether there is anything to write now."""
        return self.keep(theme=name, theme_over=config.in_file("theme"))

    def theme(self, config: Config) -> str:
        """The theme to begin with.

        A variable or a flag wins for its run; then the choice, unless the file has changed since.
        """
        if config.source("theme") in {Source.ENVIRONMENT, Source.FLAG}:
            return config.theme
        is_newer = self.kept.theme_over == config.theme
        return self.kept.theme if self.kept.theme in THEMES and is_newer else config.theme

    def write(self) -> None:
        """Write what is kept, if it is not written yet. Call it beside the event loop.

        A disk that refuses is logged: it is no reason to disturb anybody.
        """
        from cognitui.tenants import files
        from cognitui.tenants.errors import NotStored

        with self._lock:
            kept = self.kept
            if kept == self._written:
                return
            try:
                with files.exclusive(self._path):
                    files.replace(self._path, json.dumps(asdict(kept)).encode())
            except NotStored as error:
                _log("memory_not_written", error)
                return
            self._written = kept


def _read(path: Path) -> Kept:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ValueError("it is larger than it can be")  # noqa: TRY301
        document = json.loads(content)
        found = {one.name: document[one.name] for one in fields(Kept) if one.name in document}
        kept = Kept(**found)
        if not _is_whole(kept):
            raise TypeError("it holds something else")  # noqa: TRY301
    except FileNotFoundError:
        return Kept()
    except (OSError, ValueError, TypeError, RecursionError) as error:
        _log("memory_not_read", error)
        return Kept()
    return kept


def _is_whole(kept: Kept) -> bool:
    texts = (kept.theme, kept.theme_over, kept.place, kept.tenant, kept.bot)
    return all(isinstance(text, str) for text in texts) and _is_views(kept.views)


def _is_views(views: object) -> bool:
    return isinstance(views, dict) and all(isinstance(view, dict) for view in views.values())


def _log(event: str, error: Exception) -> None:
    from cognitui.logs import get_logger

    get_logger().warning(event, error_type=type(error).__name__)
