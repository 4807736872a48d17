from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from cognitui.sandbox import Sandbox, SandboxConfig

from .support import Api

Start = Callable[..., Api]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts sandboxes with a client each, and stops them all."""
    with ExitStack() as stack:

        def start_one(**settings: Any) -> Api:
            sandbox = Sandbox(SandboxConfig(**settings))
            stack.enter_context(sandbox)
            return stack.enter_context(Api(sandbox))

        yield start_one


@pytest.fixture
def api(start: Start) -> Api:
    """A client of a sandbox as it comes."""
    return start()
