"""Tried as support staff would: one key, and every fault and its cause is there to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .planted import FAULTS, WELL, planted
from .support import run_console, with_sandbox

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.sandbox import Sandbox
    from cognitui.settings import Settings

ALL = WELL + sum(fault.number for fault in FAULTS.values())


@pytest.mark.asyncio(loop_scope="module")
async def test_seven_faults_and_their_causes_are_named_after_one_key(
    settings: Settings, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        planted(sandbox, tmp_path, monkeypatch),
        run_console(settings, with_sandbox(sandbox), size=(120, 36)) as console,
    ):
        await console.connected()
        await console.go("health")
        await console.press("s")
        assert console.last_told == f"{ALL} webhooks checked: 11 unhealthy."
        lines = console.text.splitlines()
        assert f"✓ {WELL} webhooks are well" in console.text
        for fault in FAULTS.values():
            title = f"{fault.number} webhook{'s' if fault.number > 1 else ''}: "
            assert [line for line in lines if title in line and fault.cause in line], fault
        # What does not arrive today comes before what will not in five days.
        headings = [line for line in lines if " webhook" in line and "▾" in line]
        ends = [headings.index(line) for line in headings if "5 days" in line or "off at" in line]
        assert ends == [5, 6]
        # And with the cursor on each: what to do, and whom to tell.
        await console.press("home")
        told = {}
        for _ in range(len(console.health.shown.rows())):
            group = console.health.shown.group(console.health.rows.cursor_key)
            if group is not None:
                told[group.sentence] = " ".join(console.shows("#health-detail").split())
            await console.press("down")
        for fault in FAULTS.values():
            (detail,) = [words for sentence, words in told.items() if fault.cause in sentence]
            assert fault.whom in detail
