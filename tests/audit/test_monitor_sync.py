"""Nothing is lost and nothing is told twice, whatever becomes of the answers."""

from __future__ import annotations

import asyncio
import json
import random
import threading
from collections import defaultdict
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from cognitui.audit.errors import MonitorBusy, MonitorRefused, MonitorUnreachable, SpoolFailed
from cognitui.audit.monitor_post import KEY_HEADER
from cognitui.audit.monitor_sync import MonitorSync, SyncPolicy
from cognitui.audit.spool import MAX_POSTINGS, Spool
from tests.support.clock import FakeClock

from .support import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from cognitui.audit.store import AuditLog

SWALLOW = 0
"""As an answer: take the request, have its effect, and end the connection without a word."""

KEYS = ("audit_trail", "metrics")
# A number, or an answer with headers.
Answer = int | tuple[int, dict[str, str]]


class Monitor:
    """A real HTTP server that has an effect once for each key, and answers as it is told.

    Attributes:
        posts: Each POST's key and body, in the order in which they came.
        effects: The bodies that were new to it.
        told: What it answers next; 200 when nothing is left.
    """

    def __init__(self) -> None:
        self.posts: list[tuple[str, bytes]] = []
        self.effects: list[dict[str, Any]] = []
        self.told: list[Answer] = []
        self.chance: Callable[[], Answer] = lambda: 200
        self.url = ""
        self._seen: set[str] = set()

    def take(self, key: str, body: bytes) -> Answer:
        self.posts.append((key, body))
        answer = self.told.pop(0) if self.told else self.chance()
        status = answer if isinstance(answer, int) else answer[0]
        if status in {200, SWALLOW} and key not in self._seen:
            self._seen.add(key)
            self.effects.append(json.loads(body))
        return answer

    @property
    def keys(self) -> list[str]:
        """The keys in the order in which they were first seen."""
        return list(dict.fromkeys(key for key, _ in self.posts))

    def check(self) -> None:
        """Each key came with one body only, and had one effect only."""
        bodies: defaultdict[str, set[bytes]] = defaultdict(set)
        for key, body in self.posts:
            bodies[key].add(body)
        assert all(len(each) == 1 for each in bodies.values())
        assert len(self.effects) <= len(bodies)
        assert all(tuple(effect) == KEYS for effect in self.effects)


@contextmanager
def serving(monitor: Monitor) -> Iterator[Monitor]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = monitor.take(self.headers[KEY_HEADER], body)
            status, headers = (answer, {}) if isinstance(answer, int) else answer
            if status == SWALLOW:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    monitor.url = f"http://127.0.0.1:{server.server_address[1]}/sync?token=t0ken-1234"
    try:
        yield monitor
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def monitor() -> Iterator[Monitor]:
    with serving(Monitor()) as running:
        yield running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def syncing(log: AuditLog, tmp_path: Path, clock: FakeClock) -> MonitorSync:
    return MonitorSync(log, tmp_path / "monitor", clock)


def kept(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "monitor").glob("*/*.json"))


async def test_a_lost_answer_is_asked_for_with_the_same_key_and_the_same_bytes(
    syncing: MonitorSync, monitor: Monitor, tmp_path: Path, clock: FakeClock
) -> None:
    await syncing.log.append(record(1))
    monitor.told = [SWALLOW, SWALLOW]
    result = await syncing.sync(monitor.url)
    assert (result.status, result.entries, result.caught_up) == (200, 1, 0)
    assert len(monitor.posts) == 3
    assert len(set(monitor.posts)) == 1
    assert len(monitor.effects) == 1
    assert kept(tmp_path) == []
    assert [0 <= slept <= ceiling for slept, ceiling in zip(clock.slept, (0.5, 1.0), strict=True)]


async def test_what_was_not_taken_is_sent_first_next_time_oldest_first(
    syncing: MonitorSync, monitor: Monitor, tmp_path: Path
) -> None:
    monitor.chance = lambda: 503
    for number in range(3):
        await syncing.log.append(record(number))
        with pytest.raises(MonitorRefused) as caught:
            await syncing.sync(monitor.url)
        assert "Nothing is lost" in caught.value.hint
        assert len(kept(tmp_path)) == number + 1
        # The oldest is tried alone: nothing overtakes it.
        assert len(monitor.keys) == 1
    monitor.chance = lambda: 200
    await syncing.log.append(record(3))
    result = await syncing.sync(monitor.url)
    assert (result.caught_up, result.entries) == (3, 4)
    assert [effect["metrics"]["total_registrations"] for effect in monitor.effects] == [1, 2, 3, 4]
    assert kept(tmp_path) == []
    monitor.check()


async def test_a_monitor_that_swallows_answers_at_random_has_one_effect_for_each(
    syncing: MonitorSync, monitor: Monitor, tmp_path: Path
) -> None:
    chance = random.Random(17)
    monitor.chance = lambda: chance.choice([200, SWALLOW, SWALLOW, 500, 429])
    failed = 0
    for number in range(40):
        await syncing.log.append(record(number))
        try:
            await syncing.sync(monitor.url)
        except (MonitorRefused, MonitorUnreachable):
            failed += 1
    assert failed > 3
    monitor.chance = lambda: 200
    await syncing.sync(monitor.url)
    monitor.check()
    assert kept(tmp_path) == []
    # Every sync had its effect, once, and in order.
    totals = [effect["metrics"]["total_registrations"] for effect in monitor.effects]
    assert sorted(set(totals)) == list(range(1, 41))
    assert totals == sorted(totals)
    assert len(monitor.effects) == len(monitor.keys)


async def test_after_a_kill_the_same_post_goes_out_again(
    log: AuditLog, monitor: Monitor, tmp_path: Path, clock: FakeClock
) -> None:
    """The process ends when the monitor has it and we do not know."""
    monitor.told = [SWALLOW]
    await log.append(record(1))
    once = MonitorSync(log, tmp_path / "monitor", clock, SyncPolicy(attempts=1))
    with pytest.raises(MonitorUnreachable):
        await once.sync(monitor.url)
    await log.append(record(2))
    result = await MonitorSync(log, tmp_path / "monitor", clock).sync(monitor.url)
    assert result.caught_up == 1
    (first, _), (again, _), (second, _) = monitor.posts
    assert first == again != second
    assert [len(effect["audit_trail"]) for effect in monitor.effects] == [1, 2]


async def test_what_says_the_same_is_kept_once(
    syncing: MonitorSync, monitor: Monitor, tmp_path: Path
) -> None:
    monitor.chance = lambda: 503
    for _ in range(5):
        with pytest.raises(MonitorRefused):
            await syncing.sync(monitor.url)
    assert len(kept(tmp_path)) == 1
    monitor.chance = lambda: 200
    assert (await syncing.sync(monitor.url)).caught_up == 0
    assert len(monitor.keys) == 1


async def test_a_sync_that_was_taken_is_not_taken_for_the_next_one(
    syncing: MonitorSync, monitor: Monitor
) -> None:
    for _ in range(3):
        await syncing.sync(monitor.url)
    assert len(monitor.keys) == len(monitor.effects) == 3


async def test_a_body_that_is_never_taken_does_not_stand_in_the_way(
    syncing: MonitorSync, monitor: Monitor, tmp_path: Path
) -> None:
    monitor.chance = lambda: 503
    await syncing.log.append(record(1))
    with pytest.raises(MonitorRefused):
        await syncing.sync(monitor.url)
    await syncing.log.append(record(2))
    monitor.chance = lambda: 200
    monitor.told = [422]
    result = await syncing.sync(monitor.url)
    assert (result.dropped, result.caught_up, result.status) == (1, 0, 200)
    monitor.told = [422]
    with pytest.raises(MonitorRefused) as caught:
        await syncing.sync(monitor.url)
    assert "Nothing is lost" not in caught.value.hint
    assert kept(tmp_path) == []


@pytest.mark.parametrize("status", [301, 401, 403, 404, 405])
async def test_what_a_person_can_mend_is_kept_and_not_repeated(
    syncing: MonitorSync, monitor: Monitor, tmp_path: Path, status: int
) -> None:
    monitor.chance = lambda: status
    with pytest.raises(MonitorRefused):
        await syncing.sync(monitor.url)
    assert (len(monitor.posts), len(kept(tmp_path))) == (1, 1)


async def test_it_is_never_asked_earlier_than_it_wants(
    syncing: MonitorSync, monitor: Monitor, clock: FakeClock
) -> None:
    monitor.told = [(429, {"Retry-After": "7"}), (503, {"Retry-After": "20"})]
    await syncing.sync(monitor.url)
    first, second = clock.slept
    assert 7 <= first <= 7.5
    assert 20 <= second <= 20.5
    monitor.told = [(503, {"Retry-After": "600"})]
    with pytest.raises(MonitorRefused) as caught:
        await syncing.sync(monitor.url)
    assert len(clock.slept) == 2
    assert caught.value.retry_after_s == 600


async def test_the_spool_is_private_and_holds_no_token(
    syncing: MonitorSync, monitor: Monitor, tmp_path: Path
) -> None:
    monitor.chance = lambda: 503
    with pytest.raises(MonitorRefused):
        await syncing.sync(monitor.url)
    (path,) = kept(tmp_path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    everything = f"{path} {path.read_text()}"
    assert "t0ken-1234" not in everything


async def test_two_monitors_have_a_spool_each(
    syncing: MonitorSync, monitor: Monitor, tmp_path: Path
) -> None:
    monitor.chance = lambda: 503
    with pytest.raises(MonitorRefused):
        await syncing.sync(monitor.url)
    with serving(Monitor()) as other:
        result = await syncing.sync(other.url)
        assert result.caught_up == 0
        assert set(other.keys).isdisjoint(monitor.keys)
    assert len(kept(tmp_path)) == 1


async def test_two_at_once_send_what_is_kept_one_after_the_other(
    log: AuditLog, monitor: Monitor, tmp_path: Path
) -> None:
    both = [MonitorSync(log, tmp_path / "monitor") for _ in range(2)]
    await asyncio.gather(*(each.sync(monitor.url) for each in both))
    assert len(monitor.posts) == len(monitor.effects) == 2


async def test_another_program_that_does_not_end(
    syncing: MonitorSync, monitor: Monitor, tmp_path: Path
) -> None:
    with Spool(tmp_path / "monitor", monitor.url).alone() as is_alone:
        assert is_alone
        with pytest.raises(MonitorBusy):
            await syncing.sync(monitor.url)
    assert monitor.posts == []


def test_the_oldest_makes_way(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "http://monitor.example/", most=3)
    with spool.alone():
        dropped = [spool.put(b"%d" % number, number)[1] for number in range(5)]
        assert dropped == [0, 0, 0, 1, 1]
        assert [posting.body for posting in spool.waiting()] == [b"2", b"3", b"4"]
        for posting in spool.waiting():
            spool.remove(posting)
        assert spool.waiting() == []


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"key": "x\\r\\nA: b", "body": "{}", "entries": 1}',
        '{"key": 1}',
        "x" * 300_000,
    ],
    ids=["empty", "cut", "list", "injection", "number", "huge"],
)
def test_a_file_of_somebody_else_is_passed_over(tmp_path: Path, content: str) -> None:
    spool = Spool(tmp_path, "http://monitor.example/")
    with spool.alone():
        spool.put(b"{}", 0)
        (path,) = tmp_path.glob("*/*.json")
        path.with_name(f"{2:012d}.json").write_text(content)
        path.with_name("notes.json").write_text("mine")
        newest, _ = spool.put(b"[]", 0)
        assert newest.number == 3
        assert [posting.number for posting in spool.waiting()] == [1, 3]


async def test_what_made_way_is_told_with_the_error_and_logged(
    syncing: MonitorSync, monitor: Monitor, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monitor.chance = lambda: 404
    told: list[int] = []
    for number in range(MAX_POSTINGS + 2):
        await syncing.log.append(record(number))
        with pytest.raises(MonitorRefused) as caught:
            await syncing.sync(monitor.url, given_up=told.append)
        is_lost = number >= MAX_POSTINGS
        assert ("Nothing is lost" in caught.value.hint) is not is_lost
        assert ("Given up: 1 of earlier syncs" in caught.value.hint) is is_lost
    assert told == [1, 1]
    assert len(kept(tmp_path)) == MAX_POSTINGS
    lines = [json.loads(each) for each in caplog.messages if "monitor_given_up" in each]
    assert [(line["level"], line["count"]) for line in lines] == [("warning", 1)] * 2


async def test_what_cannot_be_read_any_more_is_told_once_and_kept_aside(
    syncing: MonitorSync, monitor: Monitor, tmp_path: Path
) -> None:
    monitor.chance = lambda: 503
    for number in range(2):
        await syncing.log.append(record(number))
        with pytest.raises(MonitorRefused):
            await syncing.sync(monitor.url)
    first, _ = kept(tmp_path)
    first.write_text(torn := first.read_text()[:40])
    told: list[int] = []
    with pytest.raises(MonitorRefused) as caught:
        await syncing.sync(monitor.url, given_up=told.append)
    assert "Given up: 1 of earlier syncs" in caught.value.hint
    assert told == [1]
    assert first.with_name(f"{first.name}.unreadable").read_text() == torn
    monitor.chance = lambda: 200
    result = await syncing.sync(monitor.url)
    assert (result.dropped, result.caught_up) == (0, 0)


async def test_ids_of_any_length_make_a_body_that_can_be_kept(
    syncing: MonitorSync, monitor: Monitor, tmp_path: Path
) -> None:
    for number in range(10):
        changes = {"webhook_id": "\U0001f512" * 40_000, "skill_id": '"' * 40_000}
        await syncing.log.append(record(number, **changes))
    assert (await syncing.sync(monitor.url)).entries == 10
    (body,) = monitor.effects
    ids = {entry["webhook_id"] for entry in body["audit_trail"]}
    assert ids == {"\U0001f512" * 200 + "…"}
    assert kept(tmp_path) == []


def test_what_could_not_be_read_again_is_not_kept(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "http://monitor.example/")
    with spool.alone():
        with pytest.raises(SpoolFailed, match="too large"):
            spool.put(b"x" * 300_000, 1)
        assert spool.waiting() == []
        assert [path.name for path in tmp_path.glob("*/*")] == [".lock"]


async def test_a_spool_that_cannot_be_written_is_said(
    syncing: MonitorSync, monitor: Monitor, tmp_path: Path
) -> None:
    (tmp_path / "monitor").write_text("a file")
    with pytest.raises(SpoolFailed) as caught:
        await syncing.sync(monitor.url)
    assert caught.value.hint
    assert monitor.posts == []


@pytest.mark.parametrize(
    ("attempt", "asked", "wait"),
    [
        (1, None, 0.25),
        (2, None, 0.5),
        (3, None, None),
        (1, 5.0, 5.25),
        (1, 31.0, None),
        (3, 1.0, None),
    ],
)
def test_the_wait_after_an_attempt(attempt: int, asked: float | None, wait: float | None) -> None:
    assert SyncPolicy().wait_s(attempt, asked, lambda: 0.5) == wait
