"""How quick bursts and the receiver are, as ratios within one run.

::

    python -m tests.benchmarks.burst [--rounds N]

The burst is set beside the least that one can write with the same library and the same number of
connections, and beside httpx; each signs every callback afresh. The receiver, which verifies and
stores, is set beside the same server with an application that only answers.
"""

from __future__ import annotations

import argparse
import asyncio
import hmac
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import httpx

from cognitui.callbacks.burst.burst import Burst
from cognitui.callbacks.burst.plan import BurstPlan
from cognitui.callbacks.burst.request import BurstContent
from cognitui.cognigy.models import TriggerEvent
from tests.benchmarks.load_servers import SECRET

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    Client = Callable[[int, int, int], Awaitable[float]]

KEY = SECRET.encode()
CONTENT = BurstContent(TriggerEvent.ON_MESSAGE, "skill_1")
BODY = b'{"skillId":"skill_1","trigger":"ON_MESSAGE","timestamp":%d,"sessionId":"sess_%012x",'
BODY += b'"message":{"text":"Hello, this is a test callback.","type":"text"},'
BODY += b'"deliveryId":"msg_%024x","sentAt":"2026-05-17T12:00:00.000Z"}'
PATIENCE_S = 20.0


class Server:
    """A server in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.port = self._number()

    def count(self) -> int:
        """How many callbacks the receiver has received."""
        assert self._process.stdin is not None
        self._process.stdin.write("count\n")
        self._process.stdin.flush()
        return self._number()

    def _number(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


@contextmanager
def serving(kind: str) -> Iterator[Server]:
    """A server of this kind, until the block ends."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.load_servers", kind],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Server(process)
        assert process.stdin is not None
        process.stdin.close()
        process.wait(PATIENCE_S)


def signed(number: int) -> tuple[bytes, str, str]:
    """A callback of its own: the body, its signature and its time."""
    now = int(time.time() * 1000)
    body = BODY % (now, number, number)
    return body, hmac.digest(KEY, body, "sha256").hex(), str(now)


async def ours(port: int, count: int, in_flight: int) -> float:
    """Callbacks a second of our burst."""
    plan = BurstPlan(count, None, in_flight)
    final = await Burst(f"http://127.0.0.1:{port}/hook", plan, CONTENT, secret=SECRET).run()
    assert final.all_delivered, final
    return final.rate


async def streams(port: int, count: int, in_flight: int) -> float:
    """The same with asyncio's streams, with no limit of time, no counting and no plan."""
    numbers = iter(range(count))

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in numbers:
            body, signature, at = signed(number)
            head = (
                f"POST /hook HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {len(body)}\r\n"
                f"Content-Type: application/json\r\nX-Cognigy-Signature: sha256={signature}\r\n"
                f"X-Cognigy-Timestamp: {at}\r\n\r\n"
            )
            writer.write(head.encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 200")
            begin = answer.lower().find(b"content-length: ") + 16
            await reader.readexactly(int(answer[begin : answer.find(b"\r", begin)]))
        writer.close()
        await writer.wait_closed()

    return await _rate(count, in_flight, work)


async def httpx_client(port: int, count: int, in_flight: int) -> float:
    """The same with one httpx client."""
    numbers = iter(range(count))
    limits = httpx.Limits(max_connections=in_flight, max_keepalive_connections=in_flight)
    async with httpx.AsyncClient(trust_env=False, limits=limits) as client:

        async def work() -> None:
            for number in numbers:
                body, signature, at = signed(number)
                headers = {"X-Cognigy-Signature": f"sha256={signature}", "X-Cognigy-Timestamp": at}
                url = f"http://127.0.0.1:{port}/hook"
                response = await client.post(url, content=body, headers=headers)
                assert response.status_code == 200

        return await _rate(count, in_flight, work)


async def _rate(count: int, in_flight: int, work: Callable[[], Awaitable[None]]) -> float:
    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(in_flight)))
    return count / (time.perf_counter() - began)


async def lag_ms(load: Callable[[], Awaitable[object]]) -> float:
    """How late a timer of this loop is while there is load: the 95th percentile, in milliseconds."""
    late: list[float] = []

    async def tick() -> None:
        while True:
            due = time.perf_counter() + 0.01
            await asyncio.sleep(0.01)
            late.append((time.perf_counter() - due) * 1000)

    ticking = asyncio.create_task(tick())
    await load()
    ticking.cancel()
    return sorted(late)[int(0.95 * len(late))]


def line(words: str, mine: list[float], other: list[float], target: float) -> None:
    """One ratio: the median over the rounds of what was measured side by side."""
    ratio = statistics.median(a / b for a, b in zip(mine, other, strict=True))
    own, base = statistics.median(mine), statistics.median(other)
    mark = "ok" if ratio >= target else "BELOW"
    sys.stdout.write(
        f"  {words:<44}{own:8,.0f} to {base:8,.0f} a second  × {ratio:5.2f}  "
        f"(target {target:g}: {mark})\n"
    )


async def bursts(rounds: int) -> None:
    """The burst beside other clients."""
    clients: dict[str, tuple[Client, int]] = {
        "ours": (ours, 10_000),
        "streams": (streams, 10_000),
        "httpx": (httpx_client, 1000),
    }
    with serving("answering") as server:
        for in_flight in (10, 50):
            rates: dict[str, list[float]] = {name: [] for name in clients}
            for _ in range(rounds):
                for name, (client, count) in clients.items():
                    rates[name].append(await client(server.port, count, in_flight))
            sys.stdout.write(f"burst, {in_flight} in flight\n")
            line("to bare asyncio streams", rates["ours"], rates["streams"], 0.8)
            line("to httpx.AsyncClient", rates["ours"], rates["httpx"], 5)
        idle = await lag_ms(lambda: asyncio.sleep(2))
        busy = await lag_ms(lambda: ours(server.port, 20_000, 10))
        sys.stdout.write(
            f"lag of the caller's loop, p95: idle {idle:.1f} ms, burst {busy:.1f} ms\n"
        )


async def receivers(rounds: int) -> None:
    """The receiver beside the bare server."""
    count = 8000
    with ExitStack() as stack:
        receiver = stack.enter_context(serving("receiver"))
        plain = stack.enter_context(serving("bare"))
        mine: list[float] = []
        other: list[float] = []
        for _ in range(rounds):
            mine.append(await ours(receiver.port, count, 10))
            other.append(await ours(plain.port, count, 10))
        sys.stdout.write("receiver, 10 in flight\n")
        line("verify and store, to the bare server", mine, other, 0.5)
        lost = rounds * count - receiver.count()
        sys.stdout.write(f"  of {rounds * count:,} callbacks {lost} were lost\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    asyncio.run(bursts(rounds))
    asyncio.run(receivers(rounds))


if __name__ == "__main__":
    main()
