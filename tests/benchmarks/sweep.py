"""How quick a sweep is, as ratios within one run.

::

    python -m tests.benchmarks.sweep [--endpoints N] [--hanging PERCENT] [--refused PERCENT] [--https]

The endpoints are all on loopback, each at an address of its own, so that each counts as a host of
its own. They are answered by another process. The sweep is set beside

* the least time that is possible: the longest stage there is, which is the wait for one that hangs,
  or all the waiting together divided by the checks that are under way at once;
* the tutorial's check, one endpoint after the other: a sample of each kind is measured, and the
  time for all of them computed from it.

While it runs, a timer on the same event loop tells how late it is called: that is what somebody who
moves about in the console meanwhile would feel. With --https each endpoint speaks TLS, with names
that are found in a table; a handshake costs some milliseconds of processor time on both sides.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import trustme

from cognitui.cognigy.models import RegisteredWebhook
from cognitui.network import way
from cognitui.settings import Environment, Paths, Settings
from cognitui.webhooks.health.check import WebhookRef
from cognitui.workspace import Workspace
from cognitui.workspace.health import STAGE_TIMEOUT_S
from cognitui.workspace.scope import Scope, Target
from cognitui.workspace.sweep import IN_FLIGHT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cognitui.webhooks.health.check import Check

TICK_S = 0.01
SAMPLE = 60
HANGING_SAMPLE = 2
DOMAIN = "sweep.test"
SERVER = [sys.executable, "-m", "tests.benchmarks.sweep_server"]


@dataclass(frozen=True)
class Endpoints:
    """Where the endpoints are: the ports of those that answer, that hang, and that refuse."""

    scheme: str
    ports: dict[str, int]

    def url(self, kind: str, number: int) -> str:
        """The URL of one; each has an address of its own."""
        host = f"h{number}.{DOMAIN}" if self.scheme == "https" else address(number)
        return f"{self.scheme}://{host}:{self.ports[kind]}/callbacks/{number}"


def address(number: int) -> str:
    """One of the machine's own addresses."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


@contextmanager
def served(*, https: bool) -> Iterator[Endpoints]:
    """Endpoints in another process."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as refusing:
        refusing.bind(("127.0.0.1", 0))
        command = list(SERVER)
        if https:
            authority = trustme.CA()
            certificate = Path(folder) / "server.pem"
            authority.issue_cert(f"*.{DOMAIN}").private_key_and_cert_chain_pem.write_to_path(
                certificate
            )
            authority.cert_pem.write_to_path(Path(folder) / "authority.pem")
            os.environ["SSL_CERT_FILE"] = str(Path(folder) / "authority.pem")
            command.append(str(certificate))
            vars(way)["lookup"] = in_table
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as server:
            assert server.stdout is not None
            good, hanging = (int(port) for port in server.stdout.readline().split())
            ports = {"good": good, "hanging": hanging, "refused": refusing.getsockname()[1]}
            yield Endpoints("https" if https else "http", ports)
            server.communicate()


async def in_table(host: str, port: int) -> list[str]:
    """The address that a name of ours stands for."""
    return [address(int(host.partition(".")[0].removeprefix("h")))]


def kinds_of(count: int, hanging: int, refused: int) -> list[str]:
    """What each endpoint does, in an order that is the same in each run."""
    kinds = ["hanging"] * (count * hanging // 100) + ["refused"] * (count * refused // 100)
    kinds += ["good"] * (count - len(kinds))
    random.Random(20).shuffle(kinds)
    return kinds


async def late(found: list[tuple[float, float]]) -> None:
    """When the event loop called back, and how many milliseconds late, until cancelled."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(TICK_S)
        now = time.perf_counter()
        found.append((now, (now - began - TICK_S) * 1000))


@dataclass(frozen=True)
class Swept:
    """What a sweep took.

    Attributes:
        busy_s: Seconds until all but those that hang were checked.
        late: How late the event loop was meanwhile, in milliseconds; afterwards it only waits.
    """

    seconds: float
    cpu_s: float
    busy_s: float
    late: list[float]


async def swept(endpoints: Endpoints, kinds: list[str]) -> Swept:
    """Sweep over all of them."""
    targets = []
    for number, kind in enumerate(kinds):
        webhook = RegisteredWebhook(id=f"wh_{number}", url=endpoints.url(kind, number))
        targets.append(Target.of(WebhookRef("bench", "bot_1", webhook.id), webhook))
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings(Paths(home / "config", home / "data", home / "state"), Environment())
        async with Workspace(settings) as workspace:
            lateness: list[tuple[float, float]] = []
            ticking = asyncio.create_task(late(lateness))
            began, cpu = time.perf_counter(), time.process_time()
            busy_until, checks = began, []
            async for check in workspace.health.sweep(Scope("bench"), targets=targets).run():
                checks.append(check)
                if len(checks) == len(kinds) - kinds.count("hanging"):
                    busy_until = time.perf_counter()
            ended, cpu = time.perf_counter(), time.process_time() - cpu
            ticking.cancel()
    require_right(kinds, checks)
    busy = [ms for at, ms in lateness if at <= busy_until]
    return Swept(ended - began, cpu, busy_until - began, busy)


def require_right(kinds: list[str], checks: list[Check]) -> None:
    """Make sure that the sweep found what is there."""
    wanted = Counter(
        {"good": "present", "hanging": "no answer in time", "refused": "connection refused"}[kind]
        for kind in kinds
    )
    found = Counter(str(check.cause or check.verdict) for check in checks)
    if wanted != found:
        raise SystemExit(f"The sweep found {found}, and there is {wanted}.")


def tutorial_check(client: httpx.Client, url: str) -> None:
    """The reachability check of the tutorial, its outcome aside."""
    try:
        client.head(url, follow_redirects=True)
    except httpx.RequestError:
        return


def one_after_another(endpoints: Endpoints, kinds: list[str]) -> float:
    """Seconds that the tutorial's check takes for all, computed from a sample of each kind."""
    total = 0.0
    with httpx.Client(timeout=STAGE_TIMEOUT_S, verify=False) as client:
        for kind, count in Counter(kinds).items():
            sample = min(count, HANGING_SAMPLE if kind == "hanging" else SAMPLE)
            began = time.perf_counter()
            for number in range(sample):
                url = endpoints.url(kind, number)
                if endpoints.scheme == "https":
                    url = url.replace(f"h{number}.{DOMAIN}", address(number))
                tutorial_check(client, url)
            total += (time.perf_counter() - began) / sample * count
    return total


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--endpoints", type=int, default=1000)
    parser.add_argument("--hanging", type=int, default=5, help="per cent")
    parser.add_argument("--refused", type=int, default=5, help="per cent")
    parser.add_argument("--https", action="store_true")
    args = parser.parse_args()
    kinds = kinds_of(args.endpoints, args.hanging, args.refused)
    counts = Counter(kinds)
    with served(https=args.https) as endpoints:
        found = asyncio.run(swept(endpoints, kinds))
        slow = one_after_another(endpoints, kinds)
    hanging = counts["hanging"] * STAGE_TIMEOUT_S
    floor = max(STAGE_TIMEOUT_S if hanging else 0, hanging / IN_FLIGHT)
    cuts = statistics.quantiles(found.late, n=100)
    took = found.seconds
    lines = [
        f"{endpoints.scheme}, {args.endpoints:,} endpoints: {dict(counts)}, {IN_FLIGHT} at once",
        f"sweep              {took:7.2f} s   {found.cpu_s:.2f} s of processor time",
        f"one after another  {slow:7.2f} s   {slow / took:.0f} times the sweep (extrapolated)",
        f"event loop late    p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms while it was busy",
        f"                   at most {max(found.late):.1f} ms in {found.busy_s:.2f} s",
    ]
    if floor:
        ratio = took / floor
        lines.insert(
            2, f"least possible     {floor:7.2f} s   the sweep takes {ratio:.2f} times that"
        )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
