"""Attacks on freshness: too old, too new, unreadable, exchanged, and sent once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.schemes.scheme import SignedHeaders, Unit
from cognitui.callbacks.tamper.case import Case, Expect, Level, Shot, Topic
from cognitui.callbacks.tamper.workshop import Letter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.callbacks.tamper.workshop import Workshop

HOUR_MS = 3_600_000


def _at(offset_ms: int) -> Callable[[Workshop], Sequence[Shot]]:
    def build(workshop: Workshop) -> Sequence[Shot]:
        at_ms = workshop.now_ms + offset_ms
        return (workshop.shot(Letter(workshop.body(at_ms), at_ms)),)

    return build


def _changed(**changes: Any) -> Callable[[Workshop], Sequence[Shot]]:
    return lambda workshop: (workshop.shot(Letter(workshop.body(), workshop.now_ms, **changes)),)


def _exchanged(workshop: Workshop) -> Sequence[Shot]:
    old_ms = workshop.now_ms - HOUR_MS
    letter = Letter(workshop.body(old_ms), old_ms, header_ms=workshop.now_ms)
    return (workshop.shot(letter),)


def _replayed(workshop: Workshop) -> Sequence[Shot]:
    return (workshop.shot(workshop.letter()),) * 2


def _replayed_with_new_time(workshop: Workshop) -> Sequence[Shot]:
    body = workshop.body()
    first = Letter(body, workshop.now_ms, delivery_id="msg_probe_replayed")
    # Far enough to be another second, near enough to be fresh.
    later = Letter(body, workshop.now_ms, "msg_probe_replayed", header_ms=workshop.now_ms + 2000)
    return (workshop.shot(first), workshop.shot(later))


def _other_id(workshop: Workshop) -> Sequence[Shot]:
    letter = Letter(workshop.body(), workshop.now_ms, sent_id="msg_probe_another_delivery")
    return (workshop.shot(letter),)


def _other_unit(part: SignedHeaders, at_ms: int) -> str:
    return str(at_ms // (Unit.S if part.unit is Unit.MS else Unit.MS).in_ms)


def _nothing(_part: SignedHeaders, _at_ms: int) -> None:
    return None


def _word(_part: SignedHeaders, _at_ms: int) -> str:
    return "soon"


def _and_an_old_one(text: str) -> tuple[str, ...]:
    return (str(int(text) // 2),)


def _is_timed(scheme: Scheme) -> bool:
    parts = [part for part in scheme.parts if isinstance(part, SignedHeaders)]
    return all(part.has_timestamp for part in parts)


def _has_timestamp_headers(scheme: Scheme) -> bool:
    parts = [part for part in scheme.parts if isinstance(part, SignedHeaders)]
    return all(part.timestamp_header for part in parts)


def _covers_id(scheme: Scheme) -> bool:
    parts = [part for part in scheme.parts if isinstance(part, SignedHeaders)]
    return all(part.covers_id for part in parts)


_MUST, _SHOULD, _INFO = Level.MUST, Level.SHOULD, Level.INFO
_REFUSED, _EITHER = Expect.REFUSED, Expect.EITHER

TIME_CASES = (
    Case(
        "stale", "An hour old",
        "a rightly signed callback with the timestamp of an hour ago",
        "A callback that was captured stays good for ever.",
        Topic.FRESHNESS, _MUST, _REFUSED, _at(-HOUR_MS), applies=_is_timed,
    ),
    Case(
        "future", "An hour ahead",
        "a rightly signed callback with the timestamp of an hour from now",
        "It stays fresh long after the memory of replays has forgotten it.",
        Topic.FRESHNESS, _SHOULD, _REFUSED, _at(HOUR_MS), applies=_is_timed,
    ),
    Case(
        "wrong-unit", "Seconds for milliseconds, or the other way round",
        "a rightly signed callback whose timestamp counts in the other unit",
        "A timestamp that is guessed at, or not read at all, proves no freshness.",
        Topic.FRESHNESS, _SHOULD, _REFUSED, _changed(time_text=_other_unit), applies=_is_timed,
    ),
    Case(
        "missing-timestamp", "No timestamp",
        "a callback whose timestamp is left out",
        "Whoever leaves the timestamp out also leaves the check out.",
        Topic.FRESHNESS, _SHOULD, _REFUSED, _changed(time_text=_nothing),
        unsigned_time_level=_MUST, applies=_is_timed,
    ),
    Case(
        "timestamp-no-number", "A word as the timestamp",
        "a callback whose timestamp says `soon`",
        "In many languages nothing is greater than not-a-number, so it never counts as too old.",
        Topic.FRESHNESS, _SHOULD, _REFUSED, _changed(time_text=_word),
        unsigned_time_level=_MUST, applies=_is_timed,
    ),
    Case(
        "timestamp-exchanged", "An old callback with a new timestamp",
        "a callback that was signed an hour ago, with a timestamp of now put in its place",
        "Where the timestamp is not signed, an old callback is made fresh by writing a new one; "
        "only an endpoint that compares it with the timestamp inside the signed body notices.",
        Topic.UNSIGNED_TIME, _MUST, _REFUSED, _exchanged,
        unsigned_time_level=_SHOULD, applies=_is_timed,
    ),
    Case(
        "duplicate-timestamp", "Two timestamps",
        "the timestamp's header twice: the honest one, then an old one",
        "The honest one is there, so nothing is forged; refusing it is the stricter answer.",
        Topic.HEADERS, _INFO, _EITHER, _changed(more_times=_and_an_old_one),
        applies=_has_timestamp_headers,
    ),
    Case(
        "replay", "The same callback twice",
        "an honest callback, and then the same bytes and headers again",
        "What a callback sets off happens as often as somebody sends it again.",
        Topic.REPLAY, _MUST, _REFUSED, _replayed,
    ),
    Case(
        "replay-new-timestamp", "The same callback with a later timestamp",
        "an honest callback, and then the same again with a timestamp two seconds later",
        "A memory of replays that goes by the timestamp is passed by with another one.",
        Topic.REPLAY, _MUST, _REFUSED, _replayed_with_new_time, applies=_is_timed,
    ),
    Case(
        "id-changed", "Another delivery id",
        "an honest callback under an id that it was not signed with",
        "A replay under a new id is not recognised as one.",
        Topic.SIGNATURE, _MUST, _REFUSED, _other_id, applies=_covers_id,
    ),
)  # fmt: skip
