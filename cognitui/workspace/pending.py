"""Registrations that were sent and whose end nobody has seen, kept from one run to the next.

A tenant may still be at work on a registration when the program that sent it was killed: it tests
the endpoint first. Whoever runs the same again at once would not find the webhook in the list and
register it twice. So each is noted before it is sent, again and again while it is under way, and
the note goes when its end is known.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from cognitui.callbacks.display import safe_text
from cognitui.errors import FileTrouble

if TYPE_CHECKING:
    from pathlib import Path

SETTLED_S = 20.0
"""After so long a registration has either arrived or never will."""
MAX_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Pending:
    """One registration that is under way.

    Attributes:
        at: When it was last known to be under way, in seconds of the wall clock.
        known_ids: What the bot held before.
    """

    base_url: str
    bot_id: str
    skill_id: str
    endpoint_url: str
    at: float
    known_ids: tuple[str, ...]

    def seconds_left(self, now: float) -> float:
        """How long it may still arrive; a clock that was set back does not make it for ever."""
        return min(max(0.0, self.at + SETTLED_S - now), SETTLED_S)


class PendingStore:
    """The notes, one file for each, so that two programs do not disturb each other."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def put(self, operation: str, pending: Pending) -> None:
        """Note that a registration is about to be sent.

        Raises:
            FileTrouble: It cannot be noted.
        """
        path = self._path(operation)
        draft = path.with_suffix(".new")
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(asdict(pending)), encoding="utf-8")
            os.replace(draft, path)  # noqa: PTH105  # atomic, also over one that is there
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise FileTrouble(
                f"{path} cannot be written: {reason}.",
                hint="Without it a second run could register something twice.",
            ) from None

    def remove(self, operation: str) -> None:
        """Its end is known. A note that cannot be removed is soon too old to matter."""
        with suppress(OSError):
            self._path(operation).unlink()

    def of(self, base_url: str, bot_id: str, now: float) -> dict[str, Pending]:
        """What may still arrive at a bot; notes that are too old to matter go.

        Raises:
            FileTrouble: They cannot be read.
        """
        found: dict[str, Pending] = {}
        try:
            for path in sorted(self._directory.glob("*.json")):
                pending = _read(path)
                if pending is None or not pending.seconds_left(now):
                    path.unlink(missing_ok=True)
                elif (pending.base_url, pending.bot_id) == (base_url, bot_id):
                    found[path.stem] = pending
        except OSError as error:
            reason = error.strerror or type(error).__name__
            where = safe_text(str(self._directory))
            raise FileTrouble(f"{where} cannot be read: {reason}.") from None
        return found

    def _path(self, operation: str) -> Path:
        return self._directory / f"{operation}.json"


def _read(path: Path) -> Pending | None:
    """A note; ``None`` where somebody else removed it, or the file is none."""
    try:
        with path.open("rb") as file:
            fields: Any = json.loads(file.read(MAX_BYTES))
        return Pending(**{**fields, "known_ids": tuple(fields["known_ids"])})
    except (FileNotFoundError, ValueError, TypeError, KeyError, RecursionError):
        return None
