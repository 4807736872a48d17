from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.support import Cli

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Commands that know of no tenant."""
    return Cli(tmp_path / "home", monkeypatch, capsys)
