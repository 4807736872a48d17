"""Filters the webhooks of a bot by what is typed, a slice at a time. It knows no widget."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cognitui.fuzzy import SLICE_S, Query, Search, fold
from cognitui.tui.browse_cells import webhook_text

if TYPE_CHECKING:
    from cognitui.cognigy.models import RegisteredWebhook
    from cognitui.workspace.catalogue import LoadedBot

AT_A_TIME = 100


class BrowseFilter:
    """What is typed, and which of the loaded webhooks match it.

    Attributes:
        typed: As it is in the field.
        query: What that means; false when nothing is typed.
        found: The ids of those that match, best first; ``None`` while everything does, or until
            `advance` has been through all of them.
    """

    def __init__(self) -> None:
        self.typed = ""
        self.query = Query("")
        self.found: list[str] | None = None
        self._texts = _Texts()
        self._search: Search | None = None
        self._seen = 0

    def type(self, typed: str) -> None:
        """Filter by something else from now on."""
        goes_on = bool(self.query) and typed.startswith(self.typed)
        narrowed = sorted(self._search.ranked()) if goes_on and self._search else None
        is_whole = self._search is not None and self._search.advance(0)
        self.typed, self.query = typed, Query(typed)
        self._search = None
        if not self.query:
            self.found = None
        elif narrowed is not None and is_whole:
            # Nothing else can match what is typed now.
            self._search = Search(self.query, self._texts.folded, narrowed)
        if self._search is None:
            self._seen = 0

    def forget(self) -> None:
        """Another tenant or bot: only what is typed stays."""
        self._texts = _Texts()
        self._search, self._seen, self.found = None, 0, None

    def advance(self, loaded: LoadedBot, budget_s: float = SLICE_S) -> bool:
        """Go on with the search for about so long; whether it has been through what is loaded."""
        if not self.query:
            return True
        texts = self._texts
        if not texts.advance(loaded, budget_s):
            return False
        if self._search is None or texts.is_renewed:
            self._search, self._seen = Search(self.query, texts.folded, ()), 0
            texts.is_renewed = False
        if self._seen < len(texts.folded):
            self._search.extend(range(self._seen, len(texts.folded)))
            self._seen = len(texts.folded)
        if not self._search.advance(budget_s):
            return False
        self.found = [texts.ids[number] for number in self._search.ranked()]
        return True


class _Texts:
    """What the webhooks are searched in, made when they are searched for the first time.

    Attributes:
        is_renewed: Whether the numbers of the texts mean other webhooks than before.
    """

    def __init__(self) -> None:
        self.ids: list[str] = []
        self.folded: list[str] = []
        self.is_renewed = False
        self._loaded: LoadedBot | None = None
        self._edition = 0
        self._skills = 0
        self._kept: dict[str, tuple[RegisteredWebhook, str]] = {}

    def advance(self, loaded: LoadedBot, budget_s: float) -> bool:
        """Take in what has been loaded since, for about so long; whether that is all of it."""
        webhooks = loaded.webhooks
        if loaded is not self._loaded or len(loaded.skills.items) != self._skills:
            self._kept = {}
        elif webhooks.edition == self._edition:
            if len(webhooks.items) > len(self.ids):
                self.ids = list(webhooks.items)
            return self._fill(loaded, budget_s)
        self._loaded, self._skills = loaded, len(loaded.skills.items)
        self._edition = webhooks.edition
        self.ids, self.folded, self.is_renewed = list(webhooks.items), [], True
        return self._fill(loaded, budget_s)

    def _fill(self, loaded: LoadedBot, budget_s: float) -> bool:
        until = time.perf_counter() + budget_s
        held, kept = loaded.webhooks.items, self._kept
        while len(self.folded) < len(self.ids):
            begin = len(self.folded)
            for name in self.ids[begin : begin + AT_A_TIME]:
                webhook = held[name]
                known = kept.get(name)
                if known is None or known[0] is not webhook:
                    text = fold(webhook_text(webhook, loaded.skill_name(webhook)))
                    known = kept[name] = (webhook, text)
                self.folded.append(known[1])
            if time.perf_counter() >= until:
                break
        return len(self.folded) == len(self.ids)
