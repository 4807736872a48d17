"""One call through the whole pipeline, as a ratio to the bare HTTP engine on the same server.

::

    python -m tests.benchmarks.client
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from typing import TYPE_CHECKING

import httpx
from pydantic import SecretStr

from cognitui import CognigyClient, Credentials
from cognitui.sandbox import Sandbox, SandboxConfig

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

CALLS, ROUNDS = 200, 5
PLENTY = 1_000_000


async def per_call(call: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds of one call, one after another."""
    started = time.perf_counter()
    for _ in range(CALLS):
        await call()
    return (time.perf_counter() - started) / CALLS * 1000


async def main() -> None:
    """Print both medians and their ratio, the two taking turns."""
    with Sandbox(SandboxConfig(requests_per_minute=PLENTY)) as info:
        credentials = Credentials(SecretStr(info.api_key), SecretStr(info.api_secret))
        pair = (info.api_key, info.api_secret)
        async with (
            CognigyClient(info.base_url, credentials, requests_per_minute=PLENTY) as client,
            httpx.AsyncClient(base_url=info.base_url) as bare,
        ):
            body = {"grant_type": "client_credentials"}
            token = (await bare.post("/auth/token", auth=pair, json=body)).json()["access_token"]
            bare.headers["Authorization"] = f"Bearer {token}"
            path = f"/bots/{info.bot_id}/status"
            floors: list[float] = []
            ours: list[float] = []
            for _ in range(ROUNDS):
                floors.append(await per_call(lambda: bare.get(path)))
                ours.append(await per_call(lambda: client.status(info.bot_id)))
    floor, mine = statistics.median(floors), statistics.median(ours)
    sys.stdout.write(f"floor: bare httpx   {floor:6.2f} ms a call\n")
    sys.stdout.write(f"through cognitui    {mine:6.2f} ms a call   × {mine / floor:.2f}\n")


if __name__ == "__main__":
    asyncio.run(main())
