"""Fixtures of the tests that need a tenant: their conftest.py imports them from here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from typing import TYPE_CHECKING, Any

import pytest

from cognitui.cognigy.bots_v1 import CognigyClient
from cognitui.cognigy.pipeline import Pipeline
from cognitui.sandbox import Sandbox, SandboxConfig
from tests.support.clock import FakeClock
from tests.support.tenants import UNLIMITED, credentials_of

if TYPE_CHECKING:
    from cognitui.cognigy.credentials import Credentials

Connect = Callable[..., CognigyClient]
Start = Callable[..., Sandbox]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts sandboxes without a limit on requests, unless told otherwise, and stops them all."""
    with ExitStack() as stack:

        def start_one(**settings: Any) -> Sandbox:
            sandbox = Sandbox(SandboxConfig(**{"requests_per_minute": UNLIMITED, **settings}))
            stack.enter_context(sandbox)
            return sandbox

        yield start_one


@pytest.fixture
def sandbox(start: Start) -> Sandbox:
    return start()


@pytest.fixture
async def connect(clock: FakeClock) -> AsyncIterator[Connect]:
    """Makes clients whose waits take no time, without a limit on requests, and closes them all."""
    async with AsyncExitStack() as stack:

        def connect_one(
            to: Sandbox | str, credentials: Credentials | None = None, **options: Any
        ) -> CognigyClient:
            base_url = to if isinstance(to, str) else to.info.base_url
            credentials = credentials or credentials_of(to)
            options = {"clock": clock, "requests_per_minute": UNLIMITED, **options}
            pipeline = Pipeline(base_url, credentials, **options)
            client = CognigyClient(base_url, credentials, pipeline=pipeline)
            stack.push_async_callback(client.aclose)
            return client

        yield connect_one


@pytest.fixture
def client(sandbox: Sandbox, connect: Connect) -> CognigyClient:
    return connect(sandbox)
