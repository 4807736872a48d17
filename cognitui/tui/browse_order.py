"""The orders that Browse lists webhooks in. It knows no widget."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from cognitui.tui.browse_cells import state_rank

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cognitui.network.outcome import Outcome
    from cognitui.workspace.catalogue import LoadedBot


class Sort(StrEnum):
    """By what webhooks are sorted; the value is the key of the column, where there is one."""

    TENANT = "tenant"
    ID = "id"
    SKILL = "skill"
    ENDPOINT = "endpoint"
    STATE = "state"


class BrowseOrder:
    """Keeps the order of a bot's webhooks until it has to be another one.

    Attributes:
        sort: In the tenant's own order, or by a column.
    """

    def __init__(self) -> None:
        self.sort = Sort.TENANT
        self.is_descending = False
        self._state: tuple[object, ...] = ()
        self._ids: list[str] = []

    def ids(
        self, loaded: LoadedBot, outcomes: Mapping[str, Outcome], edition: int
    ) -> Sequence[str]:
        """The ids of all webhooks in order.

        Args:
            loaded: The bot.
            outcomes: How the last check of each ended.
            edition: Changes when the outcomes do.
        """
        webhooks, by_state = loaded.webhooks, self.sort is Sort.STATE
        state = (
            loaded,
            webhooks.edition,
            len(webhooks.items),
            len(loaded.skills.items),
            self.sort,
            self.is_descending,
            edition if by_state else 0,
        )
        if state != self._state:
            ids = list(webhooks.items)
            if self.sort is not Sort.TENANT:
                ids = [name for _, name in sorted(_keys(self.sort, loaded, outcomes))]
            self._state, self._ids = state, ids[::-1] if self.is_descending else ids
        return self._ids

    def narrowed(self, found: list[str], ids: Sequence[str]) -> Sequence[str]:
        """Those of a search: best first, unless the person chose an order.

        Args:
            found: What was found, best first.
            ids: All of them in order.
        """
        if self.sort is Sort.TENANT:
            held = set(ids)
            found = [name for name in found if name in held]
            return found[::-1] if self.is_descending else found
        wanted = set(found)
        return [name for name in ids if name in wanted]


def _keys(
    sort: Sort, loaded: LoadedBot, outcomes: Mapping[str, Outcome]
) -> list[tuple[str | int, str]]:
    """What is compared, and whose it is; equal ones follow each other by id."""
    hooks = loaded.webhooks.items.values()
    if sort is Sort.SKILL:
        return [(loaded.skill_name(hook).casefold(), hook.id) for hook in hooks]
    if sort is Sort.ENDPOINT:
        return [(hook.url, hook.id) for hook in hooks]
    if sort is Sort.STATE:
        return [(state_rank(hook, outcomes.get(hook.id)), hook.id) for hook in hooks]
    return [(hook.id.casefold(), hook.id) for hook in hooks]
