"""Notes what is being typed at once, and writes it to the disk a moment later."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from cognitui.logs import get_logger
from cognitui.tenants.errors import NotStored

if TYPE_CHECKING:
    from cognitui.webhooks.draft import Draft
    from cognitui.webhooks.drafts import DraftStore


@dataclass(frozen=True, slots=True)
class _Note:
    draft: Draft
    base: Draft | None


class DraftKeeper:
    """What has to be written, by key, and the store that it is written to.

    `note` and `give_up` only remember, so they may follow each key. `flush` writes, and may run in
    a thread while more is noted: what is noted last is what stays.

    Attributes:
        problem: Why the last flush could not write; ``None`` when it could. It is tried again.
    """

    def __init__(self, store: DraftStore) -> None:
        self._store = store
        self._notes: dict[str, _Note | None] = {}
        self._noting, self._writing = Lock(), Lock()
        self.problem: NotStored | None = None

    @property
    def is_written(self) -> bool:
        """Whether all that was noted is on the disk."""
        return not self._notes

    def note(self, key: str, draft: Draft, base: Draft | None) -> None:
        """Keep this draft, in place of the one of the same key.

        Args:
            key: From `drafts.new_key` or `drafts.key_of`.
            draft: What is being written.
            base: What the webhook was when its editing began; ``None`` for a new one.
        """
        with self._noting:
            self._notes[key] = _Note(draft, base)

    def give_up(self, key: str) -> None:
        """Do not keep the draft of this key any longer."""
        with self._noting:
            self._notes[key] = None

    def flush(self) -> None:
        """Write all that was noted. A disk that refuses stops nobody: see `problem`."""
        with self._writing:
            with self._noting:
                notes, self._notes = self._notes, {}
            problem = None
            for key, note in notes.items():
                try:
                    self._write(key, note)
                except NotStored as error:
                    problem = error
                    get_logger().warning("draft_not_saved", error_type=type(error).__name__)
                    with self._noting:
                        self._notes.setdefault(key, note)
            self.problem = problem

    def _write(self, key: str, note: _Note | None) -> None:
        if note is None:
            self._store.discard(key)
        else:
            self._store.save(key, note.draft, note.base)
