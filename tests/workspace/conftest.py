from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from cognitui.audit.monitor_sync import MonitorSync, SyncPolicy
from cognitui.cognigy.retry import RetryPolicy
from cognitui.workspace import Workspace
from tests.support.fixtures import sandbox, start

from .support import connect, settings_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from cognitui.sandbox import Sandbox
    from cognitui.settings import Settings

__all__ = ["sandbox", "start"]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between attempts take no time."""
    impatient = partial(RetryPolicy, fixed_delay_s=0.01, backoff_base_s=0.01)
    monkeypatch.setattr("cognitui.cognigy.pipeline.RetryPolicy", impatient)
    impatient_sync = partial(MonitorSync, policy=SyncPolicy(backoff_base_s=0.01))
    monkeypatch.setattr("cognitui.workspace.reports.MonitorSync", impatient_sync)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
async def alone(settings: Settings) -> AsyncIterator[Workspace]:
    """A workspace without a tenant."""
    async with Workspace(settings) as workspace:
        yield workspace


@pytest.fixture
async def workspace(alone: Workspace, sandbox: Sandbox) -> Workspace:
    """A workspace that is connected to the sandbox, with its first bot chosen."""
    await connect(alone, sandbox)
    return alone
