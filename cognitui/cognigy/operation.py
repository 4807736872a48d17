"""What is asked of a tenant, what came of each attempt, and which attempts belong together."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Operation:
    """One call.

    Attributes:
        method: The HTTP method.
        url: Absolute, of the tenant's own origin.
        path: What logs and errors call it: below the base URL, without a query.
        scope: The scope that the tenant asks for.
        body: Makes what is sent as JSON, so that its secrets are in clear only while it is sent.
        bot_id: The bot concerned; its status is asked when the tenant keeps failing.
        repeatable: Whether doing it twice does no more than doing it once.
        secrets: Values that must not be shown should the tenant echo them.
    """

    method: str
    url: str
    path: str
    scope: str
    body: Callable[[], dict[str, Any]] | None = field(default=None, repr=False)
    bot_id: str | None = None
    repeatable: bool = True
    secrets: tuple[SecretStr, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    """One HTTP request and what came of it.

    Attributes:
        number: From 1, within its call.
        status: ``None`` when there was no answer.
        ms: Milliseconds from sending to the last byte.
        error: The code of the error; ``None`` when it went well.
    """

    number: int
    method: str
    path: str
    status: int | None
    ms: float
    error: str | None


@dataclass(slots=True)
class Trace:
    """The attempts made on behalf of one thing that a person asked for."""

    operation_id: str
    attempts: list[Attempt] = field(default_factory=list)


_current: ContextVar[Trace | None] = ContextVar("cognitui_trace", default=None)


def new_operation_id() -> str:
    """A short random name that links log lines, attempts and audit records."""
    return f"op_{secrets.token_hex(6)}"


@contextmanager
def traced(operation_id: str | None = None) -> Iterator[Trace]:
    """Collect every attempt made inside this block, tasks started in it included."""
    trace = Trace(operation_id or new_operation_id())
    token = _current.set(trace)
    try:
        yield trace
    finally:
        _current.reset(token)


def current_trace() -> Trace:
    """The trace of the block we are in, or a new one of its own."""
    return _current.get() or Trace(new_operation_id())
