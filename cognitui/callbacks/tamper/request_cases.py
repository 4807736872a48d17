"""Honest callbacks to compare with, and requests that are odd in what is around the body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.tamper.case import Case, Expect, Level, Shot, Topic
from cognitui.callbacks.tamper.workshop import USER_AGENT, Letter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from cognitui.callbacks.tamper.workshop import Workshop

INJECTED = "x-cognitui-injected"
# The encoded line end, the one that looks like it, and the two characters whose low bytes are it.
_INJECTION = f"probe%0d%0a{INJECTED}:%201\\r\\n{INJECTED}:\\x201"
_WIDE = f"\u560d\u560a{INJECTED}: 1"


def _honest(**changes: Any) -> Callable[[Workshop], Sequence[Shot]]:
    return lambda workshop: (workshop.shot(workshop.letter(), **changes),)


def _injected(workshop: Workshop) -> Sequence[Shot]:
    letter = Letter(workshop.body(), workshop.now_ms, _INJECTION)
    agent = f"{USER_AGENT} {_INJECTION}{_WIDE}"
    return (workshop.shot(letter, user_agent=agent, more=(("X-Delivery-Id", _INJECTION),)),)


def _get(workshop: Workshop) -> Sequence[Shot]:
    letter = Letter(b"", workshop.now_ms, values=lambda _part, _value: ())
    return (workshop.shot(letter, method="GET"),)


CONTROL = Case(
    "honest", "An honest callback",
    "a callback as the tenant sends it",
    "Without it nothing that is refused means anything.",
    Topic.SETUP, Level.MUST, Expect.ACCEPTED, _honest(),
)  # fmt: skip
AFTERMATH = Case(
    "still-honest", "An honest callback after all that",
    "one more callback as the tenant sends it",
    "An endpoint that no longer takes callbacks was put out of action by one of the attacks.",
    Topic.LIMITS, Level.MUST, Expect.ACCEPTED, _honest(),
)  # fmt: skip
REQUEST_CASES = (
    Case(
        "wrong-content-type", "Another content type",
        "an honest callback that says it is text/plain",
        "The signature is right; some frameworks then hand over no body, or a decoded one.",
        Topic.PARSING, Level.INFO, Expect.EITHER, _honest(content_type="text/plain"),
    ),
    Case(
        "header-injection", "Line ends in the delivery id and the user agent",
        "an honest callback with encoded line ends and a header after them in both",
        "Whoever copies them into an answer or a log unescaped lets a stranger write there.",
        Topic.HEADERS, Level.INFO, Expect.EITHER, _injected,
    ),
    Case(
        "query-changed", "Another query",
        "an honest callback with `cognitui=1` added to the URL's query",
        "The URL is not signed, so the signature is right; nothing may depend on the query.",
        Topic.METHODS, Level.INFO, Expect.EITHER, _honest(query="cognitui=1"),
    ),
    Case(
        "path-changed", "Another path",
        "an honest callback with `/cognitui` added to the URL's path",
        "The URL is not signed, so the signature is right; most endpoints answer 404.",
        Topic.METHODS, Level.INFO, Expect.EITHER, _honest(path="/cognitui"),
    ),
    Case(
        "put", "PUT instead of POST",
        "an honest callback with the method PUT",
        "What answers to methods that it was not made for may go round what guards it.",
        Topic.METHODS, Level.SHOULD, Expect.REFUSED, _honest(method="PUT"), may_lack=True,
    ),
    Case(
        "get", "GET instead of POST",
        "the URL, as a browser asks for it",
        "A page for people at the same URL is fine; an exception is not.",
        Topic.METHODS, Level.INFO, Expect.EITHER, _get, may_lack=True,
    ),
)  # fmt: skip
