"""What is wrong with the timestamp of a callback."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cognitui.callbacks.body import timestamp_of
from cognitui.callbacks.explain.cause import Finding
from cognitui.callbacks.schemes.scheme import TIMESTAMP, SignedHeaders, StaticHeader, Unit
from cognitui.callbacks.verdict import Freshness, Replay

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cognitui.callbacks.verdict import Verdict

_HALF_HOUR_MS = 30 * 60 * 1000
_ZONE_SLACK_MS = 60 * 1000
_MAX_ZONE = 28
_SAME_UNIT = "Let the sender write Unix time in {}."
_ISO = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ].*", re.DOTALL)
_DATE = re.compile(rb"[A-Z][a-z]{2}, [0-9]{1,2} [A-Z][a-z]{2} .*", re.DOTALL)


def timestamp_faults(
    part: SignedHeaders | StaticHeader,
    verdict: Verdict,
    body: bytes,
    found: dict[str, list[bytes]],
) -> Iterator[Finding]:
    """What is wrong with the timestamp, and whether the callback is a replay."""
    if isinstance(part, SignedHeaders):
        name = part.timestamp_header or part.header
        if verdict.freshness is Freshness.MISSING and TIMESTAMP not in part.value:
            yield Finding(
                "timestamp_missing",
                f"There is no {name} header.",
                "Without it nobody can tell whether this is a fresh callback or an old one.",
                "Let the sender add it; look for a proxy that drops it.",
            )
        elif verdict.freshness is Freshness.MALFORMED:
            yield _malformed(part, name, found)
        elif verdict.age_ms is not None and verdict.freshness is not Freshness.FRESH:
            yield _not_fresh(verdict.freshness, verdict.age_ms)
        if verdict.timestamp_matches_body is False:
            in_body = timestamp_of(body)
            yield Finding(
                "timestamp_mismatch",
                f"{name} is not the timestamp inside the signed body, {in_body}.",
                "The signature does not cover the header. Somebody has replaced it, to make an old "
                "callback look fresh, or the sender takes the time twice.",
                "Take the time once. If the sender does, then treat this callback as a forgery.",
            )
    if verdict.replay is Replay.SEEN:
        yield Finding(
            "replayed",
            f"It was accepted before, and has now arrived {verdict.seen_count} times.",
            "The sender repeats a delivery whose answer it did not hear, or somebody replays it.",
            "Answer a repeated delivery as the first one, and do the work once.",
        )
    elif verdict.replay is Replay.FULL:
        yield Finding(
            "replay_full",
            "The memory of accepted callbacks is full, so a replay cannot be ruled out.",
            "More callbacks arrive than are remembered for as long as they are fresh.",
            "Wait until the oldest are out of the window, or shorten the window.",
        )


def _malformed(part: SignedHeaders, name: str, found: dict[str, list[bytes]]) -> Finding:
    unit = "milliseconds" if part.unit is Unit.MS else "seconds"
    remedy = _SAME_UNIT.replace("{}", f"{unit}: {part.unit.digits} digits and nothing else")
    values = found.get(part.timestamp_header.lower(), []) if part.timestamp_header else []
    if len(values) > 1:
        return Finding(
            "timestamp_duplicate", f"{name} is there {len(values)} times.",
            "A verifier must not choose between several.", "Send it once.",
        )  # fmt: skip
    value = values[0] if values else _in_signature(part, found)
    code, sentence, meaning = _shape(value, name, unit)
    return Finding(code, sentence, meaning, remedy)


def _in_signature(part: SignedHeaders, found: dict[str, list[bytes]]) -> bytes:
    for value in found.get(part.header.lower(), []):
        match = re.search(rb"(?:^|,)t=([0-9]{1,20})", value[:1000])
        if match is not None:
            return match[1]
    return b""


def _shape(value: bytes, name: str, unit: str) -> tuple[str, str, str]:
    """The code, the sentence and the meaning for a value that is no moment in the unit."""
    digits = len(value) if value.isdigit() else 0
    if not value.strip():
        return "timestamp_empty", f"{name} is empty.", "The sender did not fill it in."
    if value != value.strip():
        return (
            "timestamp_whitespace",
            f"{name} has whitespace around its value.",
            "The sender writes a line end or a space with it.",
        )
    looks = {10: "seconds", 13: "milliseconds", 16: "microseconds", 19: "nanoseconds"}
    if digits in looks:
        return (
            f"timestamp_{looks[digits]}",
            f"{name} looks like {looks[digits]}; it should be {unit}.",
            "Date.now() counts milliseconds, time() seconds: the sender uses the other one.",
        )
    if _ISO.fullmatch(value) or _DATE.fullmatch(value):
        return (
            "timestamp_date",
            f"{name} is a written date; it should be {unit} since 1970.",
            "The sender formats the time as text.",
        )
    if re.fullmatch(rb"[0-9]{1,20}[.,][0-9]{0,20}", value):
        return (
            "timestamp_fraction",
            f"{name} has a fraction; it should be whole {unit}.",
            "The sender does not round the time: time.time() in Python is a fraction.",
        )
    return (
        "timestamp_malformed",
        f"{name} is not the digits of a moment in {unit}.",
        "The sender writes something else there.",
    )


def _not_fresh(freshness: Freshness, age_ms: int) -> Finding:
    ahead = freshness is Freshness.FUTURE
    told = f"{_duration(abs(age_ms))} {'ahead of' if ahead else 'behind'} this clock"
    halves = round(abs(age_ms) / _HALF_HOUR_MS)
    if 0 < halves <= _MAX_ZONE and abs(abs(age_ms) - halves * _HALF_HOUR_MS) <= _ZONE_SLACK_MS:
        return Finding(
            "timestamp_time_zone",
            f"The timestamp is {told}: almost exactly {halves / 2:g} h.",
            "Local time was taken for UTC when it was made; or it is that old by chance.",
            "Compute Unix time from UTC: datetime.now(UTC), not utcnow().timestamp().",
        )
    if ahead:
        return Finding(
            "timestamp_future",
            f"The timestamp is {told}.",
            "The sender's clock is ahead or this one is behind. A timestamp made to last is a "
            "forger's.",
            "Let both machines keep their time by NTP.",
        )
    return Finding(
        "timestamp_stale",
        f"The timestamp is {told}.",
        "It was held up or is sent again: a queue, a retry that is not signed anew, a capture that "
        "is replayed, or a clock that is wrong. A request that is only looked at later is stale "
        "too.",
        "Sign each attempt anew. To judge a request of the past, say when it arrived (--now).",
    )


def _duration(ms: int) -> str:
    seconds = ms // 1000
    for size, unit in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size:,} {unit}"
    return f"{seconds} seconds"
