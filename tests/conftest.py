"""What holds for all tests."""

from __future__ import annotations

import signal

import pytest
from hypothesis import settings

# Every run tries the same examples, however busy the machine is. What others would break is
# looked for apart: `pytest --hypothesis-profile explore`; what it finds becomes an `@example`.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=1000, deadline=None)
settings.load_profile("same")


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_works() -> None:
    """Programs that are started hear of ctrl-c also where the tests run in the background.

    A shell makes its background jobs ignore it, and what they start ignores it too.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
