from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cognitui.audit.store import AuditLog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "audit.db"


@pytest.fixture
async def log(path: Path) -> AsyncIterator[AuditLog]:
    async with await AuditLog.open(path) as log:
        yield log
