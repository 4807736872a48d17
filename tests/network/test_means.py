"""What many checks share."""

from __future__ import annotations

import asyncio
import ssl
import threading

import pytest

from cognitui.network.means import Means, in_daemon_thread
from cognitui.network.resolve import lookup


async def test_a_context_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ssl.SSLContext] = []
    genuine = ssl.create_default_context

    def counted() -> ssl.SSLContext:
        made.append(genuine())
        return made[-1]

    monkeypatch.setattr(ssl, "create_default_context", counted)
    means = Means()
    verifying = await asyncio.gather(*(means.tls_context(verify=True) for _ in range(5)))
    assert set(verifying) == {made[0]}
    reading = await means.tls_context(verify=False)
    assert (made[0].verify_mode, reading.verify_mode) == (ssl.CERT_REQUIRED, ssl.CERT_NONE)
    assert len(made) == 2


async def test_a_name_is_looked_up_once_by_all_who_ask_meanwhile_and_later() -> None:
    asked: list[tuple[str, int]] = []

    async def slow(host: str, port: int) -> list[str]:
        asked.append((host, port))
        await asyncio.sleep(0)
        return ["127.0.0.1"]

    means = Means()
    found = await asyncio.gather(*(means.addresses("a.example", 443, slow) for _ in range(5)))
    assert found == [["127.0.0.1"]] * 5
    await means.addresses("a.example", 443, slow)
    await means.addresses("b.example", 443, slow)
    assert asked == [("a.example", 443), ("b.example", 443)]


async def test_one_who_gives_up_does_not_spoil_it_for_the_others() -> None:
    go_on = asyncio.Event()

    async def waits(_host: str, _port: int) -> list[str]:
        await go_on.wait()
        return ["127.0.0.1"]

    means = Means()
    impatient = asyncio.create_task(means.addresses("a.example", 443, waits))
    patient = asyncio.create_task(means.addresses("a.example", 443, waits))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.gather(impatient, return_exceptions=True)
    go_on.set()
    assert await patient == ["127.0.0.1"]


async def test_a_failure_is_everybodys() -> None:
    async def fails(_host: str, _port: int) -> list[str]:
        raise OSError("no such host")

    means = Means()
    for _ in range(2):
        with pytest.raises(OSError, match="no such host"):
            await means.addresses("a.example", 443, fails)
    means.close()


async def test_closing_waits_for_nothing() -> None:
    async def hangs(_host: str, _port: int) -> list[str]:
        await asyncio.Event().wait()
        return []

    means = Means()
    waiting = asyncio.create_task(means.addresses("a.example", 443, hangs))
    await asyncio.sleep(0)
    means.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_what_blocks_is_done_beside_the_event_loop() -> None:
    assert await in_daemon_thread(threading.current_thread) is not threading.main_thread()
    assert (await in_daemon_thread(threading.current_thread)).daemon
    with pytest.raises(ZeroDivisionError):
        await in_daemon_thread(lambda: 1 // 0)


async def test_nobody_has_to_wait_for_it() -> None:
    stuck = threading.Event()
    task = asyncio.create_task(in_daemon_thread(stuck.wait))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    stuck.set()


@pytest.mark.parametrize(
    ("host", "found"),
    [("127.0.0.1", ["127.0.0.1"]), ("::1", ["::1"]), ("0:0::1", ["::1"]), ("127.1", ["127.0.0.1"])],
)
async def test_an_address_needs_no_resolver_and_an_odd_one_does(
    host: str, found: list[str]
) -> None:
    assert await lookup(host, 80) == found
