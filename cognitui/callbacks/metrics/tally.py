"""Counts what the receiver does. The number of its counters is bounded, whoever sends what."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cognitui.callbacks.verdict import Freshness, Replay, SignatureVerdict

if TYPE_CHECKING:
    from cognitui.callbacks.received import Received
    from cognitui.callbacks.verdict import Verdict

BOUNDS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The handling times' buckets, in seconds; a bound belongs to the bucket below it."""

NO_EVENT = "none"


@dataclass(frozen=True, slots=True)
class Counts:
    """All counts at one moment.

    Attributes:
        received: How many, by verdict, reason and event.
        refused: Requests that were turned away before they were judged, by HTTP status.
        buckets: Handling times in each of the buckets; the last one holds what is longer.
        total_s: All handling times together, in seconds.
        size: All bodies together, in bytes.
    """

    received: dict[tuple[str, str, str], int]
    refused: dict[int, int]
    buckets: tuple[int, ...]
    total_s: float
    size: int


class CallbackTally:
    """Counts, in the receiver's thread, what others read in theirs."""

    def __init__(self) -> None:
        self._received: Counter[tuple[str, str, str]] = Counter()
        self._refused: Counter[int] = Counter()
        self._buckets = [0] * (len(BOUNDS_S) + 1)
        self._total_s = 0.0
        self._size = 0
        self._lock = threading.Lock()

    def handled(self, received: Received, seconds: float) -> None:
        """A callback was judged and answered.

        Args:
            received: The callback.
            seconds: From the end of its body to its answer.
        """
        verdict = received.verdict
        key = (
            "accepted" if verdict.accepted else "refused",
            reason_of(verdict),
            str(received.event or NO_EVENT),
        )
        with self._lock:
            self._received[key] += 1
            self._buckets[bisect_left(BOUNDS_S, seconds)] += 1
            self._total_s += seconds
            self._size += len(received.body)

    def refused(self, status: int) -> None:
        """A request was turned away before it was judged."""
        with self._lock:
            self._refused[status] += 1

    def counts(self) -> Counts:
        """What was counted so far."""
        with self._lock:
            return Counts(
                dict(self._received),
                dict(self._refused),
                tuple(self._buckets),
                self._total_s,
                self._size,
            )


def reason_of(verdict: Verdict) -> str:
    """Why, in one of a few words: the sentence for people has numbers in it."""
    if verdict.signature is not SignatureVerdict.VALID:
        return f"signature_{verdict.signature}"
    if verdict.freshness not in {Freshness.FRESH, Freshness.UNTIMED}:
        return f"timestamp_{verdict.freshness}"
    if verdict.timestamp_matches_body is False:
        return "timestamp_contradicted"
    if verdict.replay is Replay.SEEN:
        return "replayed"
    if verdict.replay is Replay.FULL:
        return "replay_memory_full"
    return "ok"
