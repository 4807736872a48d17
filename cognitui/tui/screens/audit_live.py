"""Audit follows what is done meanwhile, by this console or another one."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from cognitui.errors import CognituiError
from cognitui.tui.audit_rows import PAGE
from cognitui.tui.screens.audit_list import AuditList

if TYPE_CHECKING:
    from textual.worker import Worker

    from cognitui.audit.records import AuditRecord

POLL_S = 0.5
"""How often the log is asked for something new, while somebody looks."""
MOST_NEW = 5
"""Pages of new records that are read at once; when more came, all is read anew."""
LEAST_PAUSE_S = 0.3
"""The numbers are not worked out more often than this …"""
PAUSE_TIMES = 4
"""… nor so often that it takes more than a fifth of the time."""
STALE_S = 60.0
"""A range that ends now moves on; after so long its numbers are worked out again."""
_READING = {"audit.load", "audit.live", "audit.measure"}


class AuditLive(AuditList):
    """Shows new records above the others, and has the numbers worked out again now and then.

    The cursor follows what comes while it is on the first line; anywhere else it stays where it is.
    """

    def __init__(self) -> None:
        super().__init__()
        self._is_outdated = False
        self._measured_at = self._next_at = 0.0

    def on_mount(self) -> None:
        """Look again and again."""
        self.set_interval(POLL_S, self._look)

    @property
    def moves_on(self) -> bool:
        """Whether what is asked for ends now."""
        return False

    def entered(self) -> None:
        """Add what came since; whoever comes back finds the cursor where it was."""
        if self.is_answered:
            self._is_outdated |= self.moves_on
            self.start(self.catch_up(), "live")
        else:
            super().entered()

    def measure_anew(self) -> None:
        """Work the numbers out again."""
        if (wanted := self.asked) is not None:
            self.start(self.measure(wanted), "measure")

    def measured(self, begun: float) -> None:
        """The numbers were worked out; it began at this time of the event loop."""
        self._is_outdated = False
        self._measured_at = asyncio.get_running_loop().time()
        took = self._measured_at - begun
        self._next_at = self._measured_at + max(LEAST_PAUSE_S, PAUSE_TIMES * took)

    def _look(self) -> None:
        """Ask for something new, while somebody looks and nothing else is being read."""
        if self._is_whole and self.is_current and self.app.is_ready and not self._is_reading:
            _: Worker[None] = self.run_worker(self.catch_up, group="audit.live")

    @property
    def _is_reading(self) -> bool:
        return any(w.group in _READING and not w.is_finished for w in self.workers)

    async def catch_up(self) -> None:
        """Show what came since, if anything did, and numbers that are true."""
        try:
            newest = await self.workspace.reports.newest_id()
            if newest != self._newest:
                await self._show_newer(newest)
        except CognituiError:
            # Reading all of it again tells why, once rather than twice a second.
            self.reload()
            return
        now = asyncio.get_running_loop().time()
        is_stale = self.moves_on and now - self._measured_at > STALE_S
        if (self._is_outdated or is_stale) and now >= self._next_at:
            self.measure_anew()

    async def _show_newer(self, newest: int) -> None:
        source = self._source
        fresh = await self._newer_than(source.newest_id)
        if source is not self._source or not self.is_laid_out:
            return
        if fresh is None:
            self.reload()
            return
        self._newest = newest
        if fresh:
            self._is_outdated = True
            is_following = self.rows.cursor == 0 and not self.is_in_detail
            self.new_above = 0 if is_following else self.new_above + len(fresh)
            source.prepend(fresh)
            self.draw()
            if is_following:
                self.rows.move_cursor(0)

    async def _newer_than(self, known_id: int) -> list[AuditRecord] | None:
        """The records that are asked for and came since; ``None`` when there are too many."""
        fresh: list[AuditRecord] = []
        wanted = self._wanted
        for _ in range(MOST_NEW):
            page = await self.workspace.reports.page(wanted, PAGE)
            found = [record for record in page if (record.id or 0) > known_id]
            fresh += found
            if len(found) < PAGE:
                return fresh
            wanted = replace(wanted, before_id=found[-1].id)
        return None
