"""What holds for all tests."""

from __future__ import annotations

import signal

import pytest


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_works() -> None:
    """Programs that are started hear of ctrl-c also where the tests run in the background.

    A shell makes its background jobs ignore it, and what they start ignores it too.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
