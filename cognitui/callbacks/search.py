"""Find callbacks among those that arrived, and put them in an order."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from cognitui.callbacks.received import Received

    Test: TypeAlias = Callable[[Received], bool]

MAX_QUERY = 500
_TERM = re.compile(r'(?P<not>-)?(?:(?P<key>[a-z]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<word>\S+))')


class Order(StrEnum):
    """Which comes first."""

    ARRIVAL = "arrival"
    """As they came in."""
    SENT = "sent"
    """As they were sent, by their own account; one without a time stands where it arrived."""


def search(received: Sequence[Received], query: str = "") -> tuple[Received, ...]:
    """Those that fit every term of the query, in the order they have.

    ``id:``, ``event:``, ``verdict:``, ``path:``, ``status:``, ``header:`` and ``body:`` look in
    one place, a bare word in all of them; ``-`` in front turns a term around; quotes keep spaces
    together. Case does not matter. Any text is a query: what is no such place is just a word.

    Args:
        received: What arrived.
        query: What somebody typed.
    """
    tests = _tests(query[:MAX_QUERY])
    if not tests:
        return tuple(received)
    return tuple(item for item in received if all(test(item) for test in tests))


def in_order(received: Sequence[Received], order: Order) -> tuple[Received, ...]:
    """What arrived in this order, the first one first."""
    if order is Order.ARRIVAL:
        return tuple(sorted(received, key=lambda item: item.number))
    return tuple(sorted(received, key=lambda item: (_sent_ms(item), item.number)))


def out_of_order(received: Sequence[Received]) -> frozenset[int]:
    """The numbers of those that arrived after one that was sent later."""
    late: set[int] = set()
    newest: int | None = None
    for item in in_order(received, Order.ARRIVAL):
        if item.sent_at_ms is None:
            continue
        if newest is not None and item.sent_at_ms < newest:
            late.add(item.number)
        else:
            newest = item.sent_at_ms
    return frozenset(late)


def _sent_ms(item: Received) -> float:
    return item.at.timestamp() * 1000 if item.sent_at_ms is None else item.sent_at_ms


def _tests(query: str) -> list[Test]:
    tests: list[Test] = []
    for match in _TERM.finditer(query):
        text = match["word"] if match["quoted"] is None else match["quoted"]
        key = match["key"]
        if key is not None and key not in _PLACES:
            text, key = f"{key}:{text}", None
        # What is still being typed leaves everything as it is.
        if text and text != "-" and not (text.endswith(":") and text[:-1] in _PLACES):
            test = _anywhere(text) if key is None else _PLACES[key](text.casefold())
            tests.append(_turned(test) if match["not"] else test)
    return tests


def _turned(test: Test) -> Test:
    return lambda item: not test(item)


def _anywhere(text: str) -> Test:
    wanted = text.casefold()
    tests = [make(wanted) for make in _PLACES.values()]
    return lambda item: any(test(item) for test in tests)


def _by_text(text_of: Callable[[Received], str]) -> Callable[[str], Test]:
    return lambda wanted: lambda item: wanted in text_of(item).casefold()


def _by_body(wanted: str) -> Test:
    if wanted.isascii():
        # Letters beyond ASCII keep their bytes, and none of those is a letter of ASCII.
        needle = wanted.encode("ascii")
        return lambda item: needle in item.body.lower()
    return lambda item: wanted in item.body.decode("utf-8", "replace").casefold()


def _by_status(wanted: str) -> Test:
    return lambda item: str(item.status).startswith(wanted.rstrip("x") or "?")


def _verdict_text(item: Received) -> str:
    verdict = item.verdict
    word = "accepted" if verdict.accepted else "refused"
    return f"{word} {verdict.signature} {verdict.freshness} {verdict.replay} {verdict.reason}"


def _by_verdict(wanted: str) -> Test:
    exact = {"valid", "accepted", "refused"}
    if wanted in exact:
        # "valid" is a part of "invalid", which is the opposite.
        return lambda item: wanted in _verdict_text(item).casefold().split()
    return lambda item: wanted in _verdict_text(item).casefold()


_PLACES: dict[str, Callable[[str], Test]] = {
    "id": _by_text(lambda item: f"#{item.number} {item.delivery_id or ''}"),
    "event": _by_text(lambda item: str(item.event or "")),
    "verdict": _by_verdict,
    "path": _by_text(lambda item: item.path),
    "status": _by_status,
    "header": _by_text(lambda item: "\n".join(": ".join(header) for header in item.headers)),
    "body": _by_body,
}
