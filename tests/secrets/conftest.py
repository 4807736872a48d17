from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import _quick_and_quiet, cli, empty
from tests.support.fixtures import sandbox, start

from .finder import Finder

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["_quick_and_quiet", "cli", "empty", "sandbox", "start"]


@pytest.fixture
def finder() -> Finder:
    """Knows every secret that a person may have given us."""
    found = Finder()
    found.plant(
        api_key="ck/Planted+Key=7f3a91d0b2",
        api_secret="cs/Planted+Secret=4e0c85aa17",
        token="tok/Planted+Bearer=d91b3370fe",
        webhook_secret="whs/Planted+Signing=0a6672c3d8e9f1b4",
        passphrase="correct/Planted+Passphrase=51 horse",
        otlp_header="otlp/Planted+Header=88d1f20c6b",
        monitor_token="mon-Planted-Token-3c5f7712aa",
        userinfo="user-Planted-Password-90bd24e1",
        database_password="pg-Planted-Password-6ac4410f",
        static_header="key/Planted+Header=bb27e6509d44c81f3302",
    )
    return found


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go."""
    path = tmp_path / "temporary"
    path.mkdir()
    monkeypatch.setenv("TMPDIR", str(path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return path
