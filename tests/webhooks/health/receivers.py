"""Endpoints as people write them, in seven frameworks, each in a process of its own.

Each takes POST at ``/hook``, verifies the signature, insists on a body that says it is a test, and
knows no other route.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.support.toolchains import node_project, python_with_frameworks, tool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

START_S = 60.0
STOP_S = 20.0
SECRET = "the secret of the receivers, long enough"

_JUDGE = """
import hashlib, hmac, json, os

PORT = int(os.environ["PORT"])

def judge(body, headers):
    digest = hmac.digest(os.environ["WEBHOOK_SECRET"].encode(), body, "sha256").hex()
    if not hmac.compare_digest("sha256=" + digest, headers.get("X-Cognigy-Signature", "")):
        return 401
    return 204 if json.loads(body)["test"] is True else 400
"""
_STARLETTE = """
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

async def hook(request):
    return Response(status_code=judge(await request.body(), request.headers))

app = Starlette(routes=[Route("/hook", hook, methods=["POST"])])
uvicorn.run(app, port=PORT)
"""
_AIOHTTP = """
from aiohttp import web

async def hook(request):
    return web.Response(status=judge(await request.read(), request.headers))

app = web.Application()
app.router.add_post("/hook", hook)
web.run_app(app, host="127.0.0.1", port=PORT)
"""
_FLASK = """
from flask import Flask, request

app = Flask(__name__)

@app.post("/hook")
def hook():
    return "", judge(request.get_data(), request.headers)

app.run(port=PORT)
"""
_DJANGO = """
import sys
import django
from django.conf import settings
from django.core.servers.basehttp import run
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

@csrf_exempt
@require_POST
def hook(request):
    return HttpResponse(status=judge(request.body, request.headers))

urlpatterns = [path("hook", hook)]
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["127.0.0.1"], SECRET_KEY="tests")
django.setup()
run("127.0.0.1", PORT, get_wsgi_application())
"""
_HTTP_SERVER = """
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(judge(body, self.headers) if self.path == "/hook" else 404)
        self.end_headers()

ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
"""
_NODE_JUDGE = """
import { createHmac } from "node:crypto"

function judge(body, headers) {
  const digest = createHmac("sha256", process.env.WEBHOOK_SECRET).update(body).digest("hex")
  if (headers["x-cognigy-signature"] !== "sha256=" + digest) return 401
  return JSON.parse(body).test === true ? 204 : 400
}
"""
_EXPRESS = """
import express from "express"

const app = express()
app.post("/hook", express.raw({ type: "*/*" }), (request, response) => {
  response.status(judge(request.body, request.headers)).end()
})
app.listen(Number(process.env.PORT), "127.0.0.1")
"""
_FASTIFY = """
import Fastify from "fastify"

const app = Fastify()
const whole = { parseAs: "buffer" }
app.addContentTypeParser("application/json", whole, (request, body, done) => done(null, body))
app.post("/hook", async (request, reply) => {
  return reply.code(judge(request.body, request.headers)).send()
})
await app.listen({ port: Number(process.env.PORT), host: "127.0.0.1" })
"""
_OURS = {"starlette": _STARLETTE, "aiohttp": _AIOHTTP, "http.server": _HTTP_SERVER}
_PYTHON = {"flask": _FLASK, "django": _DJANGO}
_NODE = {"express": _EXPRESS, "fastify": _FASTIFY}
RECEIVERS = (*_OURS, *_PYTHON, *_NODE)


@contextmanager
def receiving(name: str, folder: Path, config: pytest.Config) -> Iterator[str]:
    """The receiver of this name; where it is, without a path."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "WEBHOOK_SECRET": SECRET, "PORT": str(port)}
    log = folder / "log.txt"
    with log.open("wb") as out, subprocess.Popen(
        _command(name, folder, config), cwd=folder, env=environment,
        stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        try:
            _wait_for(port, process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(STOP_S)
            if name in _NODE:
                _script(name, config).unlink()


def _command(name: str, folder: Path, config: pytest.Config) -> list[str]:
    if name in _NODE:
        script = _script(name, config)
        script.write_text(_NODE_JUDGE + _NODE[name], encoding="utf-8")
        return [tool("node"), str(script)]
    script = folder / "receiver.py"
    script.write_text(_JUDGE + (_OURS | _PYTHON)[name], encoding="utf-8")
    python = sys.executable if name in _OURS else python_with_frameworks(config)
    return [python, str(script)]


def _script(name: str, config: pytest.Config) -> Path:
    """Beside the packages, which are found from where the script is."""
    return node_project(config) / f"receiver-{name}-{os.getpid()}.mjs"


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(errors="replace")[-2000:]
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"does not listen; {log.read_text(errors='replace')[-2000:]}")
