from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .support import CREDENTIALS, PASSPHRASE, vault

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.tenants.vault import Vault


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "vault.json"


@pytest.fixture
def opened(path: Path) -> Vault:
    """An open vault that holds acme's credentials."""
    new = vault(path)
    new.create(PASSPHRASE)
    new.put("acme", CREDENTIALS)
    return new
