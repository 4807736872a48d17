from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from cognitui import logs
from cognitui.audit.monitor_sync import MonitorSync, SyncPolicy
from cognitui.cognigy.retry import RetryPolicy
from tests.support.fixtures import sandbox, start

from .support import Cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cognitui.sandbox import Sandbox

__all__ = ["sandbox", "start"]


@pytest.fixture(autouse=True)
def _quick_and_quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Waits between attempts take no time, and no log file stays open."""
    impatient = partial(RetryPolicy, fixed_delay_s=0.01, backoff_base_s=0.01)
    monkeypatch.setattr("cognitui.cognigy.pipeline.RetryPolicy", impatient)
    impatient_sync = partial(MonitorSync, policy=SyncPolicy(backoff_base_s=0.01))
    monkeypatch.setattr("cognitui.workspace.reports.MonitorSync", impatient_sync)
    monkeypatch.delenv("CI", raising=False)
    yield
    logs.configure(None)


@pytest.fixture
def empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cli:
    """Commands that know of no tenant."""
    return Cli(tmp_path / "home", monkeypatch, capsys)


@pytest.fixture
def cli(empty: Cli, sandbox: Sandbox) -> Cli:
    """Commands whose environment names a sandbox."""
    empty.use(sandbox)
    return empty
