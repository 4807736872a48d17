"""The log of checks, on real files."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cognitui.webhooks.health import file as file_module
from cognitui.webhooks.health.file import MAX_KEPT, WHOLE_KEPT, HealthFile
from cognitui.webhooks.health.log import HealthLog
from cognitui.webhooks.health.schema import STEPS
from tests.webhooks.health.support import START, check, ref, refused, run_of, well

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "health.db"


def content_of(path: Path) -> bytes:
    return path.read_bytes()


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def delete(path: Path) -> None:
    path.unlink()


def write(path: Path, content: bytes) -> None:
    """Over what is there, in the same file."""
    path.parent.mkdir(exist_ok=True)
    with path.open("r+b" if path.exists() else "wb") as file:
        file.write(content)


async def test_what_was_kept_is_there_the_next_time(path: Path) -> None:
    kept = check(refused(), sweep_id="sw_1", url="https://u:p@hooks.acme.example/a?token=t#x")
    async with await HealthLog.at(path) as log:
        await log.add(kept)
    async with await HealthLog.at(path) as log:
        assert await log.latest() == [kept]
        assert (log.problem, log.set_aside) == (None, None)
    assert kept.url == "https://hooks.acme.example/a"
    assert b"token" not in content_of(path)
    assert mode_of(path) == 0o600


async def test_the_latest_of_each_webhook_and_of_one_tenant_or_bot(path: Path) -> None:
    refs = [ref("wh_1"), ref("wh_2"), ref("wh_1", "bot_2"), ref("wh_1", "bot_1", "other")]
    async with await HealthLog.at(path) as log:
        for minute in (0, 1):
            await log.add(*(check(well(), minute, webhook=one) for one in refs))
        assert [one.ref for one in await log.latest()] == refs
        assert {one.at for one in await log.latest()} == {START + timedelta(minutes=1)}
        assert [one.ref for one in await log.latest("acme")] == refs[:3]
        assert [one.ref for one in await log.latest("acme", "bot_2")] == [refs[2]]
        assert await log.latest("nobody") == []


async def test_history_is_newest_first_and_bounded(path: Path) -> None:
    checks = run_of("..x.x")
    async with await HealthLog.at(path) as log:
        await log.add(*checks)
        assert await log.history(ref(), 3) == checks[:1:-1]
        assert await log.history(ref("wh_other")) == []


@pytest.mark.parametrize(
    ("pattern", "since", "good"),
    [
        (".", None, 0),
        ("x", 0, None),
        ("xx", 0, None),
        ("..x", 2, 1),
        (".xx.", None, 3),
        (".x.xx", 3, 2),
    ],
)
async def test_since_when_and_the_last_good_check(
    pattern: str, since: int | None, good: int | None, path: Path
) -> None:
    checks = run_of(pattern)
    async with await HealthLog.at(path) as log:
        for one in checks:
            await log.add(one)
        assert await log.since(ref()) == (None if since is None else checks[since].at)
        assert await log.last_good(ref()) == (None if good is None else checks[good])
        (course,) = await log.courses()
    assert course.latest == checks[-1]
    assert course.unhealthy_since == (None if since is None else checks[since].at)
    assert [mark.is_unhealthy for mark in reversed(course.marks)] == [c == "x" for c in pattern]


async def test_nothing_is_known_of_a_webhook_that_was_never_checked(path: Path) -> None:
    async with await HealthLog.at(path) as log:
        assert await log.since(ref()) is None
        assert await log.last_good(ref()) is None
        assert await log.courses() == []


def test_the_oldest_make_way_but_the_last_good_one_and_since_when_stay(path: Path) -> None:
    with closing(HealthFile(path, max_kept=5)) as file:
        file.add(run_of(".." + "x" * 20))
        assert len(file.history(ref(), 100)) == 6
        assert file.since(ref()) == START + timedelta(minutes=2)
        good = file.last_good(ref())
    assert good is not None
    assert good.at == START + timedelta(minutes=1)


def test_of_earlier_checks_marks_are_kept_and_of_the_last_good_one_all(path: Path) -> None:
    with closing(HealthFile(path)) as file:
        file.add(run_of("." + "x" * 50))
        whole = file.history(ref(), 100)
        assert len(whole) == WHOLE_KEPT + 1  # the last good one is older
        assert whole[0].at == START + timedelta(minutes=50)
        good = file.last_good(ref())
        (course,) = file.courses(None, None, 100)
    assert good is not None
    assert good.stages
    assert len(course.marks) == 51 <= MAX_KEPT


def test_sweeps_of_long_ago_are_forgotten(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_module, "SWEEPS_KEPT", 5)
    with closing(HealthFile(path)) as file:
        for number in range(5 + 2):
            file.begin_sweep(f"sw_{number}", f"scope {number}", START)
        assert file.last_sweep("scope 1") is None
        assert file.last_sweep("scope 2") is not None


async def test_a_webhook_that_was_deleted_is_not_told_of_until_it_is_checked_again(
    path: Path,
) -> None:
    async with await HealthLog.at(path) as log:
        await log.add(*(check(webhook=ref(name)) for name in ("wh_1", "wh_2")))
        await log.add(check(webhook=ref("wh_9", "bot_2")))
        await log.list_only("acme", "bot_1", ["wh_2"])
        assert [one.webhook_id for one in await log.latest()] == ["wh_2", "wh_9"]
        asked = {ref(name) for name in ("wh_1", "wh_2", "wh_never")}
        assert await log.unlisted(asked) == {ref("wh_1")}
        assert len(await log.courses("acme", "bot_1")) == 1
        await log.add(check(webhook=ref("wh_1")))
        assert len(await log.latest()) == 3
        assert await log.unlisted(asked) == set()
        assert len(await log.history(ref("wh_1"))) == 2


async def test_half_a_character_in_a_name_is_no_obstacle(path: Path) -> None:
    odd = ref("wh_\ud800", "bot_\udfff")
    async with await HealthLog.at(path) as log:
        await log.add(check(refused(), webhook=odd))
        assert [one.ref for one in await log.latest("acme", "bot_\udfff")] == [odd]
        assert await log.since(odd) == START
        await log.list_only("acme", "bot_\udfff", ["wh_\ud800"])
        assert len(await log.history(odd)) == len(await log.courses()) == 1


async def test_a_sweep_is_known_and_what_it_has_done(path: Path) -> None:
    async with await HealthLog.at(path) as log:
        assert await log.last_sweep("bot acme/bot_1") is None
        await log.begin_sweep("sw_1", "bot acme/bot_1", START)
        await log.add(check(webhook=ref("wh_1"), sweep_id="sw_1"), check(webhook=ref("wh_2")))
        begun = await log.last_sweep("bot acme/bot_1")
        assert begun is not None
        assert (begun.id, begun.began, begun.ended) == ("sw_1", START, None)
        assert await log.done_in("sw_1") == {ref("wh_1")}
        assert await log.done_in("") == set()
        await log.end_sweep("sw_1", START + timedelta(minutes=1))
        ended = await log.last_sweep("bot acme/bot_1")
        assert ended is not None
        assert ended.ended == START + timedelta(minutes=1)
        await log.begin_sweep("sw_2", "bot acme/bot_1", START)
        assert (await log.last_sweep("bot acme/bot_1") or ended).id == "sw_2"


def test_an_older_file_is_brought_up_to_date(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as old:
        old.executescript(STEPS[0])
        old.execute("PRAGMA user_version = 1")
        old.execute("INSERT INTO webhooks (tenant, bot, webhook) VALUES ('acme', 'bot_1', 'wh_1')")
    with closing(HealthFile(path)) as file:
        assert file.set_aside is None
        file.begin_sweep("sw_1", "all", START)
        file.add([check()])
        assert len(file.latest(None, None)) == 1


async def test_a_newer_file_is_left_alone_and_checks_are_kept_in_memory(path: Path) -> None:
    HealthFile(path).close()
    with closing(sqlite3.connect(path)) as newer:
        newer.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    before = content_of(path)
    async with await HealthLog.at(path) as log:
        assert log.problem is not None
        assert log.problem.code == "health_log_too_new"
        await log.add(check())
        assert len(await log.latest()) == 1
    assert content_of(path) == before


@pytest.mark.parametrize(
    "content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 9000]
)
async def test_a_damaged_file_is_moved_aside(content: bytes, path: Path) -> None:
    write(path, content)
    async with await HealthLog.at(path) as log:
        assert log.problem is None
        assert log.set_aside is not None
        assert content_of(log.set_aside) == content
        await log.add(check())
        assert len(await log.latest()) == 1
    assert mode_of(path) == 0o600


async def test_a_file_that_is_damaged_while_it_is_open(path: Path) -> None:
    async with await HealthLog.at(path) as log:
        await log.add(*run_of("." * 300))
        write(path, b"\xff" * len(content_of(path)))
        await log.add(check())
        assert log.set_aside is not None
        assert len(await log.history(ref(), 10)) == 1


async def test_a_file_that_another_console_has_replaced(path: Path) -> None:
    """Its journal would be taken for that of the new file."""
    async with await HealthLog.at(path) as one, await HealthLog.at(path) as two:
        await one.add(check())
        write(path, b"\xff" * len(content_of(path)))
        await two.add(check(minute=1))
        assert two.set_aside is not None
        await one.add(check(minute=2))
        assert one.set_aside is None
        assert [found.at for found in await two.history(ref())] == [
            START + timedelta(minutes=minute) for minute in (2, 1)
        ]


async def test_a_file_that_somebody_deleted(path: Path) -> None:
    async with await HealthLog.at(path) as log:
        await log.add(check())
        delete(path)
        await log.add(check(minute=1))
        assert len(await log.history(ref())) == 1
    assert mode_of(path) == 0o600


async def test_a_log_that_cannot_be_written_is_one_in_memory(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a directory should be")
    async with await HealthLog.at(tmp_path / "state" / "health.db") as log:
        assert log.problem is not None
        assert "cannot be used" in log.problem.message
        await log.add(check())
        assert len(await log.latest()) == 1


async def test_one_row_that_cannot_be_read_hides_no_other(path: Path) -> None:
    async with await HealthLog.at(path) as log:
        await log.add(*(check(webhook=ref(name)) for name in ("wh_1", "wh_2")))
        with closing(sqlite3.connect(path)) as other:
            other.execute("UPDATE checks SET whole = '{}' WHERE id = 1")
            other.commit()
        assert [one.webhook_id for one in await log.latest()] == ["wh_2"]


async def test_two_consoles_write_at_once(path: Path) -> None:
    async with await HealthLog.at(path) as one, await HealthLog.at(path) as two:
        await asyncio.gather(
            *(
                log.add(replace(check(minute=n), sweep_id=f"sw_{number}"))
                for n in range(40)
                for number, log in enumerate((one, two))
            )
        )
        (course,) = await one.courses(marks=100)
        assert len(course.marks) == 80
        assert await two.courses(marks=100) == [course]


def test_two_processes_open_a_new_file_at_once(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from cognitui.webhooks.health.file import HealthFile;"
        "file = HealthFile(Path(sys.argv[1])); file.close(); print(file.set_aside)"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(path)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(os.environ),
        )
        for _ in range(3)
    ]  # fmt: skip
    ends = [process.communicate() for process in processes]
    assert [(out.strip(), err) for out, err in ends] == [(b"None", b"")] * 3


async def test_a_line_that_makes_no_sense_hides_no_other(path: Path) -> None:
    """As a newer cognitui may write it, or a disk that forgets."""
    async with await HealthLog.at(path) as log:
        await log.add(*run_of("..x"))
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("UPDATE checks SET verdict = 'haunted' WHERE id = 2")
            other.execute("UPDATE checks SET at = x'ff00' WHERE id = 1")
            other.execute("UPDATE webhooks SET unhealthy_since = 'the day before'")
        (course,) = await log.courses()
        assert [mark.is_unhealthy for mark in course.marks] == [True]
        assert course.unhealthy_since is None
        assert await log.since(ref()) is None
        await log.add(check(refused(), 9))
        assert await log.since(ref()) == START + timedelta(minutes=9)
