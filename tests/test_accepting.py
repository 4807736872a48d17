"""Servers that stop while others connect keep hold of every connection."""

from __future__ import annotations

import gc
import socket
import threading
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from cognitui.callbacks.receive import Receiver
from cognitui.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "a_secret_of_more_than_32_characters_for_tests"
STOPS = 15


def stopping_sandbox() -> tuple[str, Callable[[], None]]:
    sandbox = Sandbox()
    return sandbox.start().base_url, sandbox.stop


def stopping_receiver() -> tuple[str, Callable[[], None]]:
    receiver = Receiver([SECRET])
    receiver.start()
    return receiver.url, receiver.stop


@pytest.mark.parametrize("start", [stopping_sandbox, stopping_receiver])
def test_whoever_connects_while_a_server_stops_is_not_forgotten(
    start: Callable[[], tuple[str, Callable[[], None]]],
) -> None:
    """Such a connection would be complained about when it is collected, in any other test."""
    forgotten: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("always", ResourceWarning)
        warnings.showwarning = lambda message, *_, **__: forgotten.append(str(message))
        for _ in range(STOPS):
            url, stop = start()
            port, is_over = urlsplit(url).port or 0, threading.Event()
            callers = [threading.Thread(target=call_until, args=(port, is_over)) for _ in range(3)]
            for caller in callers:
                caller.start()
            stop()
            is_over.set()
            for caller in callers:
                caller.join()
            gc.collect()
    assert not [each for each in forgotten if "transport" in each]


def call_until(port: int, is_over: threading.Event) -> None:
    while not is_over.is_set():
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            pass
