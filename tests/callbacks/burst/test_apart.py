"""Bursts in a process of their own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cognitui.callbacks.burst.snapshot import BurstSnapshot, BurstState
from cognitui.callbacks.errors import BurstError
from tests.callbacks.support import SECRET

from .support import OK, Post, burst, endpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

HANG_S = 30.0


def children(parent: int) -> dict[int, str]:
    """The bursts that a process has started; their command lines."""
    found = {}
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                stat, line = ((process / name).read_text() for name in ("stat", "cmdline"))
            except OSError:
                continue  # it has ended meanwhile
            _state, its_parent, *_ = stat.rpartition(")")[2].split()
            if int(its_parent) == parent and "burst" in line:
                found[int(process.name)] = line.replace("\0", " ")
    return found


@pytest.fixture(autouse=True)
def _no_process_is_left() -> Iterator[None]:
    yield
    assert children(os.getpid()) == {}


async def hang(post: Post) -> bytes:
    await asyncio.sleep(HANG_S)
    return OK


def apart(url: str, count: int = 20, **changes: Any) -> Any:
    return burst(url, count, apart=True, **changes)


async def test_it_does_what_a_burst_does() -> None:
    seen: list[BurstSnapshot] = []
    async with endpoint() as there:
        final = await apart(there.url, 60, rate_per_s=100.0).run(seen.append)
    assert final.all_delivered
    assert (final.state, final.sent, dict(final.statuses)) == (BurstState.COMPLETE, 60, {200: 60})
    assert len(there.posts) == 60
    assert seen[-1] == final
    assert [each.state for each in seen[:-1]] == [BurstState.RUNNING] * (len(seen) - 1)


async def test_it_stops_at_once_and_keeps_its_secret() -> None:
    async with endpoint(hang) as there:
        running = apart(there.url, 1000, in_flight=4, timeout_ms=60_000)
        task = asyncio.create_task(running.run())
        await there.arrived.wait()
        (line,) = children(os.getpid()).values()
        running.stop()
        running.stop()
        final = await asyncio.wait_for(task, 10)
    assert final.is_stopped
    assert SECRET not in line
    assert line.endswith("-m cognitui.callbacks.burst.child ")


async def test_stopped_before_it_begins() -> None:
    async with endpoint() as there:
        running = apart(there.url, 1000)
        running.stop()
        final = await running.run()
    assert (final.state, final.sent, there.posts) == (BurstState.STOPPED, 0, [])


async def test_to_cancel_it_stops_it() -> None:
    async with endpoint(hang) as there:
        task = asyncio.create_task(apart(there.url, 1000, timeout_ms=60_000).run())
        await there.arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_why_it_could_not_begin_is_told() -> None:
    running = apart("http://nobody.invalid/", confirmed_host="nobody.invalid")
    with pytest.raises(BurstError, match=r"nobody\.invalid") as here:
        await running.run()
    with pytest.raises(BurstError) as there:
        await burst("http://nobody.invalid/", confirmed_host="nobody.invalid").run()
    assert here.value.as_dict() == there.value.as_dict()


async def test_a_process_that_is_killed_is_told_of() -> None:
    async with endpoint(hang) as there:
        task = asyncio.create_task(apart(there.url, 1000, timeout_ms=60_000).run())
        await there.arrived.wait()
        (pid,) = children(os.getpid())
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(BurstError, match="ended by itself"):
            await asyncio.wait_for(task, 10)


async def test_it_ends_when_nobody_listens_any_more(tmp_path: Path) -> None:
    """A console that is killed leaves no burst behind."""
    async with endpoint(hang) as there:
        script = tmp_path / "parent.py"
        script.write_text(
            "import asyncio\n"
            "from tests.callbacks.burst.support import burst\n"
            f"asyncio.run(burst({there.url!r}, 1000, timeout_ms=60_000, apart=True).run())\n"
        )
        parent = await asyncio.create_subprocess_exec(
            sys.executable, str(script), env=os.environ | {"PYTHONPATH": str(Path.cwd())}
        )
        await there.arrived.wait()
        (pid,) = children(parent.pid)
        parent.kill()
        await parent.wait()
        async with asyncio.timeout(10):
            while is_running(pid):  # noqa: ASYNC110 - it is not our child
                await asyncio.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
