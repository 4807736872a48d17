"""The sums of a large log are compared in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from cognitui.audit import sums_apart
from cognitui.audit.sums import Sums
from cognitui.audit.threads import Stopped
from cognitui.audit.verdict import DamageKind
from cognitui.audit.verify import verify_log
from cognitui.audit.wanted import Wanted

from .support import record
from .test_sums import change

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cognitui.audit.seal import Places
    from cognitui.audit.store import AuditLog


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """However few records there are. Afterwards none of the processes is left."""
    begun: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            begun.append(self)

    monkeypatch.setattr(sums_apart, "LEAST_RECORDS", 1)
    monkeypatch.setattr(subprocess, "Popen", Noted)
    yield
    assert all(process.returncode is not None for process in begun)


@pytest.fixture
async def kept(log: AuditLog, places: Places) -> Places:
    """A few records, all of them added up."""
    for number in range(5):
        await log.append(record(number))
    await log.overview(Wanted())
    return places


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was compared in this process after all."""
    compared: list[str] = []
    compare_all = Sums.compare_all

    def noted(sums: Sums, go_on: object) -> None:
        compared.append("here")
        compare_all(sums, go_on)  # type: ignore[arg-type]

    monkeypatch.setattr(Sums, "compare_all", noted)
    return compared


async def test_it_finds_what_was_changed(log: AuditLog, kept: Places, here: list[str]) -> None:
    assert verify_log(kept).is_whole
    change(log, "UPDATE cells SET total = total + 1")
    damage = verify_log(kept).damage
    assert damage is not None
    assert damage.kind is DamageKind.SUMS_WRONG
    assert "table cells" in damage.sentence
    assert here == []


@pytest.mark.parametrize("module", ["cognitui.no_such_module", "platform"], ids=str)
async def test_without_an_answer_it_is_done_here(
    log: AuditLog, kept: Places, here: list[str], monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setattr(sums_apart, "MODULE", module)
    change(log, "UPDATE cells SET total = total + 1")
    assert not verify_log(kept).is_whole
    assert here == ["here"]


async def test_without_a_second_process_it_is_done_here(
    kept: Places, here: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert verify_log(kept).is_whole
    assert here == ["here"]


async def test_it_ends_with_whoever_no_longer_wants_to_know(kept: Places) -> None:
    stopped = threading.Event()
    stopped.set()
    with pytest.raises(Stopped):
        verify_log(kept, None, stopped)
