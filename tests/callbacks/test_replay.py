from __future__ import annotations

import threading
from collections import Counter

from cognitui.callbacks.replay import ReplayCache, Sighting
from cognitui.callbacks.sign import sign
from cognitui.callbacks.verdict import Freshness, Replay, Verdict
from cognitui.callbacks.verify import DEFAULT_TOLERANCE_MS, verify

NOW = 1_795_467_214_085
KEEP = 2 * DEFAULT_TOLERANCE_MS
SECRET = "s" * 32


def see(cache: ReplayCache, key: bytes, now_ms: int = NOW, *, remember: bool = True) -> Sighting:
    return cache.observe(key, now_ms=now_ms, keep_ms=KEEP, remember=remember)


def check(cache: ReplayCache, body: bytes, timestamp: int, *, now_ms: int = NOW) -> Verdict:
    return verify(
        body, sign(body, SECRET), str(timestamp), secrets=[SECRET], now_ms=now_ms, replay=cache
    )


def test_sightings_are_counted_from_the_first() -> None:
    cache = ReplayCache()
    assert see(cache, b"a") == Sighting(Replay.NEW, 1, None)
    assert see(cache, b"a", NOW + 5) == Sighting(Replay.SEEN, 2, NOW)
    assert see(cache, b"a", NOW + 9) == Sighting(Replay.SEEN, 3, NOW)
    assert see(cache, b"b").replay is Replay.NEW


def test_it_remembers_for_twice_the_tolerance_and_no_longer() -> None:
    cache = ReplayCache()
    see(cache, b"a")
    assert see(cache, b"a", NOW + KEEP).replay is Replay.SEEN
    assert see(cache, b"a", NOW + KEEP + 1).replay is Replay.NEW
    assert len(cache) == 1


def test_a_full_memory_refuses_rather_than_forgets() -> None:
    cache = ReplayCache(max_entries=2)
    see(cache, b"a")
    see(cache, b"b", NOW + 1)
    assert see(cache, b"c", NOW + 2).replay is Replay.FULL
    assert see(cache, b"a", NOW + 3).replay is Replay.SEEN
    assert see(cache, b"c", NOW + KEEP + 1).replay is Replay.NEW
    assert len(cache) == 2


def test_looking_does_not_remember() -> None:
    cache = ReplayCache()
    assert see(cache, b"a", remember=False).replay is Replay.NEW
    assert see(cache, b"a").replay is Replay.NEW
    assert see(cache, b"a", remember=False).replay is Replay.SEEN


def test_one_of_many_threads_wins() -> None:
    cache = ReplayCache()
    barrier = threading.Barrier(8)
    found: list[Replay] = []

    def claim() -> None:
        barrier.wait()
        found.extend(see(cache, number.to_bytes(2)).replay for number in range(200))

    threads = [threading.Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(found) == {Replay.NEW: 200, Replay.SEEN: 1400}


def test_a_replayed_callback_is_refused_and_keeps_its_other_verdicts() -> None:
    cache = ReplayCache()
    assert check(cache, b"{}", NOW).accepted
    again = check(cache, b"{}", NOW + 1000, now_ms=NOW + 1000)
    assert (again.replay, again.seen_count, again.first_seen_ms) == (Replay.SEEN, 2, NOW)
    assert again.freshness is Freshness.FRESH
    assert not again.accepted


def test_a_callback_from_the_far_end_of_the_window_cannot_come_twice() -> None:
    cache = ReplayCache()
    ahead = NOW + DEFAULT_TOLERANCE_MS
    assert check(cache, b"{}", ahead).accepted
    last_moment = check(cache, b"{}", ahead, now_ms=NOW + KEEP)
    assert last_moment.freshness is Freshness.FRESH
    assert last_moment.replay is Replay.SEEN


def test_what_was_refused_does_not_make_an_honest_one_a_replay() -> None:
    cache = ReplayCache()
    forged = verify(
        b"{}", "sha256=" + "0" * 64, str(NOW), secrets=[SECRET], now_ms=NOW, replay=cache
    )
    assert forged.replay is Replay.UNCHECKED
    assert check(cache, b"{}", NOW - KEEP).freshness is Freshness.STALE
    assert len(cache) == 0
    assert check(cache, b"{}", NOW).accepted


def test_a_full_memory_accepts_nothing() -> None:
    cache = ReplayCache(max_entries=0)
    verdict = check(cache, b"{}", NOW)
    assert verdict.replay is Replay.FULL
    assert not verdict.accepted
