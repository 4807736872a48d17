"""Which draft is in the editor, and the others that are kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cognitui.tui.screens.picker import Choice, Picker
from cognitui.webhooks.draft import NO_SECRET, Draft
from cognitui.webhooks.draft_keeper import DraftKeeper
from cognitui.webhooks.drafts import DraftStore, KeptDraft, key_of, new_key
from cognitui.webhooks.words import ago, counted, draft_detail, draft_title

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydantic import SecretStr
    from textual.timer import Timer

    from cognitui.tui.screens.webhook import WebhookPlace

WRITE_AFTER_S = 0.5


class DraftDesk:
    """Notes each change, writes it beside the event loop a moment later, and finds drafts again.

    A secret is kept in memory only, for as long as the console runs.

    Args:
        place: The editor.
        state: The directory that drafts are kept below.

    Attributes:
        key: The open draft's.
        base: What the open webhook was when its editing began; ``None`` for a new one.
    """

    def __init__(self, place: WebhookPlace, state: Path) -> None:
        self._place = place
        self._store = DraftStore(state / "drafts", former=state / "draft.json")
        self._keeper = DraftKeeper(self._store)
        self._kept: dict[str, KeptDraft] = {}
        self._secrets: dict[str, SecretStr] = {}
        self._timer: Timer | None = None
        self._is_told = False
        self.key = new_key()
        self.base: Draft | None = None

    @property
    def others(self) -> Sequence[KeptDraft]:
        """The drafts that are not open, the newest first."""
        others = [kept for kept in self._kept.values() if kept.key != self.key]
        return sorted(others, key=lambda kept: kept.at, reverse=True)

    @property
    def has_secrets(self) -> bool:
        """Whether a draft that is not open has a secret, which quitting would lose."""
        return any(key in self._secrets for key in self._kept if key != self.key)

    async def find(self) -> None:
        """Read what is on the disk."""
        found = await asyncio.to_thread(self._store.list)
        self._kept = {kept.key: kept for kept in found} | self._kept
        if self._store.damaged:
            names = ", ".join(path.name for path in self._store.damaged)
            words = (
                f"{counted(len(self._store.damaged), 'draft')} could not be read: kept as {names}."
            )
            self._place.tell(words, warning=True)

    def newest(self) -> KeptDraft | None:
        """The draft to go on with: the newest that no other console has open."""
        return next((kept for kept in self.others if not kept.is_open_elsewhere), None)

    def open(self, key: str, base: Draft | None) -> None:
        """Another webhook is in the editor from now on."""
        self.key, self.base = key, base

    def draft_for(self, webhook_id: str, home: str) -> KeptDraft | None:
        """The draft of a registered webhook, if there is one, with its secret if it is known."""
        kept = self._kept.get(key_of(webhook_id, home))
        return None if kept is None else self.with_secret(kept)

    def with_secret(self, kept: KeptDraft) -> KeptDraft:
        """The draft with the secret that was typed into it since the console began."""
        secret = self._secrets.get(kept.key, NO_SECRET)
        return replace(kept, draft=kept.draft.with_(secret_key=secret))

    # Keeping

    def note(self, draft: Draft, *, is_dirty: bool) -> None:
        """Something was typed: keep it, or keep nothing when it is what the tenant has."""
        if not is_dirty:
            self.give_up(self.key)
            return
        self._kept[self.key] = KeptDraft(self.key, draft, self.base, datetime.now(UTC))
        if draft.secret_key.get_secret_value():
            self._secrets[self.key] = draft.secret_key
        else:
            self._secrets.pop(self.key, None)
        self._keeper.note(self.key, draft, self.base)
        self._write_soon()

    def give_up(self, key: str) -> None:
        """Do not keep a draft any longer: it was registered, or given up."""
        self._secrets.pop(key, None)
        if self._kept.pop(key, None) is not None:
            self._keeper.give_up(key)
            self._write_soon()

    def write(self) -> None:
        """Write at once what was noted; for the end of the console, whatever ends it."""
        self._keeper.flush()

    def _write_soon(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._place.set_timer(WRITE_AFTER_S, self._write_beside)

    def _write_beside(self) -> None:
        self._timer = None
        self._place.start(self._write(), "drafts")

    async def _write(self) -> None:
        await asyncio.to_thread(self._keeper.flush)
        problem = self._keeper.problem
        if problem is not None and not self._is_told:
            self._place.tell(f"Your draft is not on the disk: {problem.message}", warning=True)
        self._is_told = problem is not None

    # Choosing

    def picker(self) -> Picker:
        """All drafts that are not open."""
        now = datetime.now(UTC)
        choices = [_choice(kept, now) for kept in self.others]
        return Picker("Go on with which draft?", choices, empty="no draft matches", noun="draft")

    def kept(self, key: str) -> KeptDraft | None:
        """A draft by its key, with its secret if it is known."""
        kept = self._kept.get(key)
        return None if kept is None else self.with_secret(kept)


def _choice(kept: KeptDraft, now: datetime) -> Choice:
    when = (
        "open in another console"
        if kept.is_open_elsewhere
        else ago((now - kept.at).total_seconds())
    )
    return Choice(kept.key, draft_title(kept.draft), f"{draft_detail(kept.draft)}  {when}")
