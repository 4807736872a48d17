# ruff: noqa: ASYNC221  # nothing else runs while a test changes its disk
"""A disk that really is full, a file that may really not grow: said plainly, and nothing lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cognitui.audit.seal import Places
from cognitui.audit.store import AuditLog
from cognitui.audit.verify import verify_log

from .support import record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from cognitui.audit.errors import AuditError

WRITE = """
import asyncio, json, resource, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from support import record
from cognitui.audit.errors import AuditError
from cognitui.audit.store import AuditLog

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

async def write(path, state, most):
    written, error = [], None
    async with await AuditLog.open(path, state) as log:
        await log.append(record(0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
        for number in range(2000):
            try:
                one = await log.append(record(number, operation_id=f"op_{number}", detail="x" * 500))
            except AuditError as caught:
                error = caught
                break
            written.append(one.operation_id)
        kept = await log.count()
    print(json.dumps({"written": written, "kept": kept, "error": error and error.as_dict()}))

asyncio.run(write(Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])))
"""


def write_until_it_fails(places: Places, most: int, request: pytest.FixtureRequest) -> dict[str, object]:  # fmt: skip
    done = subprocess.run(
        [
            sys.executable, "-c", WRITE, str(request.path.parent), str(places.log),
            str(places.state), str(most),
        ],
        capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return told


async def nothing_is_lost(places: Places, told: dict[str, object]) -> None:
    """What was acknowledged is there, the log verifies, and it goes on."""
    written = told["written"]
    assert isinstance(written, list)
    assert len(written) > 20
    assert told["kept"] == len(written) + 1
    verdict = verify_log(places)
    assert (verdict.is_whole, verdict.records, verdict.uncovered) == (True, len(written) + 1, 0)
    async with await AuditLog.open(places.log, places.state) as log:
        kept = [one.operation_id for one in await log.recent(limit=5000)]
        assert kept == [*reversed(written), "op_0"]
        await log.append(record(9))
        assert (await log.verify()).is_whole


async def test_a_file_that_may_not_grow(path: Path, request: pytest.FixtureRequest) -> None:
    places = Places(path, path.parent.parent / "state")
    told = write_until_it_fails(places, 200_000, request)
    error = told["error"]
    assert isinstance(error, dict)
    assert str(path) in error["message"]
    assert error["hint"]
    await nothing_is_lost(places, told)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KiB, where this user may make one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("all_of_it", [True, False], ids=["log and head", "log"])
async def test_a_full_disk(
    small_disk: Path, tmp_path: Path, request: pytest.FixtureRequest, all_of_it: bool
) -> None:
    places = Places(small_disk / "audit.db", (small_disk if all_of_it else tmp_path) / "state")
    told = write_until_it_fails(places, 1 << 30, request)
    error = told["error"]
    assert isinstance(error, dict)
    assert error["code"] == "audit_disk_full"
    written = told["written"]
    assert isinstance(written, list)
    verdict = verify_log(places)
    assert (verdict.is_whole, verdict.records) == (True, len(written) + 1)
    subprocess.run(["mount", "-o", "remount,size=4m", str(small_disk)], check=True)
    await nothing_is_lost(places, told)


async def test_a_full_disk_has_no_room_for_a_new_log(small_disk: Path) -> None:
    with (small_disk / "filling").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, 256 * 1024 - 4096)
    places = Places(small_disk / "data" / "audit.db", small_disk / "state")
    with pytest.raises(Exception, match=r"cannot be written|is full") as caught:
        await AuditLog.open(places.log, places.state)
    error: AuditError = caught.value  # type: ignore[assignment]
    assert error.hint
    (small_disk / "filling").unlink()
    async with await AuditLog.open(places.log, places.state) as log:
        await log.append(record())
        assert (await log.verify()).is_whole


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
async def test_a_disk_that_becomes_read_only(small_disk: Path) -> None:
    places = Places(small_disk / "audit.db", small_disk / "state")
    async with await AuditLog.open(places.log, places.state) as log:
        await log.append(record())
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    try:
        assert verify_log(places).is_whole
        with pytest.raises(Exception, match="cannot be written") as caught:
            async with await AuditLog.open(places.log, places.state) as log:
                await log.append(record())
        assert str(places.state) in str(caught.value) or str(places.log) in str(caught.value)
    finally:
        subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    async with await AuditLog.open(places.log, places.state) as log:
        await log.append(record())
        assert (await log.verify()).records == 2
