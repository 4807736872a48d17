"""Real endpoints in real frameworks: the probe finds the bugs that each of them has, and no other."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import shutil
import subprocess
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from cognitui.callbacks.schemes.ready import COGNIGY
from cognitui.callbacks.tamper.probe import probe

from .support import (
    MAX_BODY,
    NO_FRESHNESS,
    NO_REPLAY_CHECK,
    QUICK,
    READ_LIMIT_S,
    RESERIALISES,
    SECRET,
    U,
    W,
    findings,
    own_time,
    serving,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

HERE = Path(__file__).parent
EXPRESS = "express@5.3.0"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")


def signed(body: bytes, signature: str) -> bool:
    digits = re.fullmatch("sha256=([0-9a-f]{64})", signature)
    right = hmac.new(SECRET.encode(), body, hashlib.sha256).digest()
    return digits is not None and hmac.compare_digest(right, bytes.fromhex(digits[1]))


def timely(body: bytes, stamp: str) -> bool:
    if not re.fullmatch("[0-9]{13}", stamp) or abs(int(stamp) - time.time() * 1000) > 300_000:
        return False
    return own_time(body) in {None, int(stamp)}


# Starlette, as it should be


def starlette_app() -> Starlette:
    seen: set[str] = set()

    async def hook(request: Request) -> Response:
        body = bytearray()
        try:
            async with asyncio.timeout(READ_LIMIT_S):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > MAX_BODY:
                        return Response(status_code=413)
        except TimeoutError:
            return Response(status_code=408, headers={"Connection": "close"})
        raw = bytes(body)
        signature = request.headers.get("x-cognigy-signature", "")
        stamp = request.headers.get("x-cognigy-timestamp", "")
        if not signed(raw, signature) or not timely(raw, stamp) or signature in seen:
            return Response(status_code=401)
        seen.add(signature)
        return Response(status_code=204)

    return Starlette(routes=[Route("/hook", hook, methods=["POST"])])


async def test_starlette_done_right_is_sound() -> None:
    with serving(starlette_app()) as url:
        card = await probe(url, COGNIGY, SECRET, limits=QUICK)
    assert findings(card) == {}
    assert not card.has_failed
    assert card.conclusion == "Sound: every case was answered as it should be."


# aiohttp, which unpacks what it is sent before anybody has verified it


async def test_aiohttp_verifies_what_it_has_unpacked() -> None:
    seen: set[str] = set()

    async def hook(request: web.Request) -> web.Response:
        try:
            async with asyncio.timeout(READ_LIMIT_S):
                body = await request.read()
        except TimeoutError:
            return web.Response(status=408)
        signature = request.headers.get("X-Cognigy-Signature", "")
        stamp = request.headers.get("X-Cognigy-Timestamp", "")
        if not signed(body, signature) or not timely(body, stamp) or signature in seen:
            return web.Response(status=401)
        seen.add(signature)
        return web.Response(text="ok")

    app = web.Application(client_max_size=MAX_BODY)
    app.add_routes([web.post("/hook", hook)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
        card = await probe(url, COGNIGY, SECRET, limits=QUICK)
    finally:
        await runner.cleanup()
    assert findings(card) == {"gzip-signed-plain": W}
    assert not card.has_failed
    assert card.is_weak


# http.server, with a handler that verifies the JSON that it has parsed


class Reserialising(BaseHTTPRequestHandler):
    seen: set[str]

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        if length > MAX_BODY:
            self.close_connection = True
            return self.say(413)
        body = self.read(length)
        try:
            body = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            return self.say(400)
        signature = self.headers.get("X-Cognigy-Signature", "")
        stamp = self.headers.get("X-Cognigy-Timestamp", "")
        if not signed(body, signature) or not timely(body, stamp) or signature in self.seen:
            return self.say(401)
        self.seen.add(signature)
        return self.say(200)

    def read(self, length: int) -> bytes:
        # A timeout of the socket begins anew with each byte.
        deadline = time.monotonic() + READ_LIMIT_S
        body = b""
        while len(body) < length:
            self.connection.settimeout(max(0.001, deadline - time.monotonic()))
            body += self.rfile.read1(length - len(body))
        return body

    def say(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: tests are quiet."""


async def test_http_server_verifies_what_it_has_printed() -> None:
    handler = type("Handler", (Reserialising,), {"seen": set()})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_address[1]}/hook"
            card = await probe(url, COGNIGY, SECRET, limits=QUICK)
        finally:
            server.shutdown()
            thread.join()
    assert findings(card) == RESERIALISES
    assert card.topics == ("raw-body",)


# Node


@contextmanager
def node(script: str, folder: Path) -> Iterator[str]:
    """Run a script that says its port on the first line; kill it at the end."""
    assert NODE is not None
    environment = {"SECRET": SECRET, "NODE_ENV": "production", "PATH": "/usr/bin:/bin"}
    path = folder / script  # node looks for modules beside the script
    if folder != HERE:
        shutil.copy(HERE / script, path)
    with subprocess.Popen(
        [NODE, str(path)], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/hook"
        finally:
            process.kill()


@needs_node
async def test_node_without_a_clock_or_a_memory_and_with_a_comparison_that_throws() -> None:
    with node("node_http.cjs", HERE) as url:
        card = await probe(url, COGNIGY, SECRET, limits=QUICK)
    throws = [
        "prefix-only", "truncated-signature", "long-signature", "non-ascii-signature",
        "wrong-prefix", "no-prefix", "other-algorithm", "duplicate-good-bad", "duplicate-bad-good",
    ]  # fmt: skip
    expected = NO_FRESHNESS | NO_REPLAY_CHECK | dict.fromkeys(throws, W)
    assert findings(card) == expected
    assert set(card.topics) == {"freshness", "unsigned-time", "replay", "parsing"}


@pytest.fixture
def express(tmp_path: Path) -> Path:
    """A folder that has Express in it."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    installed = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", EXPRESS],
        cwd=tmp_path, capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    if installed.returncode:
        pytest.skip(f"{EXPRESS} cannot be installed here: {installed.stderr[-300:]}")
    return tmp_path


@needs_node
async def test_express_with_a_comparison_that_stops_early(express: Path) -> None:
    with node("express_hook.cjs", express) as url:
        card = await probe(url, COGNIGY, SECRET, limits=QUICK)
    begins = ["empty-signature", "prefix-only", "truncated-signature"]
    assert findings(card) == dict.fromkeys(begins, U)
    assert set(card.topics) == {"signature", "compare"}
