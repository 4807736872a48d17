from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cognitui.audit.seal import Places
from cognitui.audit.store import AuditLog

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from cognitui.audit.server import Server

    from .postgres import PostgresServer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "audit.db"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server that nobody stops."""
    yield from _server("-c fsync=off -c full_page_writes=off")


@pytest.fixture(scope="module")
def durable() -> Iterator[PostgresServer]:
    """A server that tests may stop and kill, and that keeps what it has acknowledged."""
    yield from _server("-c fsync=on -c synchronous_commit=off")  # as a careless team may have it


def _server(options: str) -> Iterator[PostgresServer]:
    from . import postgres as servers

    found = servers.binaries()
    if found is None:
        pytest.skip("there is no PostgreSQL on this machine: apt-get install postgresql")
    with servers.started(found, options) as server:
        yield server


@pytest.fixture
def database(postgres: PostgresServer) -> Iterator[Server]:
    with postgres.database() as server:
        yield server


@pytest.fixture
def store(request: pytest.FixtureRequest) -> str:
    """What the log is kept with: a file, unless a test asks for both."""
    return getattr(request, "param", "file")


@pytest.fixture
def places(store: str, path: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Places:
    if store == "file":
        return Places(path, path.parent)
    return Places.shared(request.getfixturevalue("database"), tmp_path / "state")


@pytest.fixture
async def log(places: Places) -> AsyncIterator[AuditLog]:
    async with await AuditLog.at(places) as log:
        yield log
