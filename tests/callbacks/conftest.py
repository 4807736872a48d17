from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cognitui.callbacks.receive import Receiver
from cognitui.callbacks.send import CallbackSender

from .support import SECRET, FakeClock

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture
def secret() -> str:
    return SECRET


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver([SECRET])
    receiver.start()
    yield receiver
    receiver.stop()


@pytest.fixture
async def sender(clock: FakeClock) -> AsyncIterator[CallbackSender]:
    async with CallbackSender(clock=clock, uniform=lambda: 1.0) as sender:
        yield sender
