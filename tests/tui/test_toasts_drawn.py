"""Toasts are seen whole, whatever they say and however wide the terminal is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets._toast import Toast

if TYPE_CHECKING:
    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("width", [60, 80, 90, 120])
async def test_the_last_word_is_seen(console: Console, width: int) -> None:
    await console.resize(width, 24)
    for length in range(30, 64):
        console.app.notify("word " * (length // 5) + "x" * (length % 5), markup=False)
        await console.settle()
        toast = console.app.screen.query_one(Toast)
        assert console.app.screen.region.contains_region(toast.region), length
        assert toast.region.bottom == 22, length
        console.app.clear_notifications()
        await console.settle()
