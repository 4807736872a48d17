"""Snippets as servers on loopback, each in a process of its own."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from tests.support.toolchains import node_project, python_with_frameworks, tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import pytest

    from cognitui.callbacks.snippets import Snippet

START_S = 60.0
ANSWER_S = 20.0
DJANGO = """
import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
settings.configure(
    ROOT_URLCONF="callback", ALLOWED_HOSTS=["127.0.0.1"], SECRET_KEY="tests", LOGGING_CONFIG=None
)
application = get_wsgi_application()
"""


class Served:
    """A snippet that listens.

    Attributes:
        port: Where.
    """

    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self._log = log

    def post(
        self, path: str, headers: list[tuple[str, str | bytes]], body: bytes
    ) -> tuple[int, bytes]:
        """Send exactly these bytes; the status and the body of the answer."""
        head = [f"POST {path} HTTP/1.1".encode(), f"Host: 127.0.0.1:{self.port}".encode()]
        for name, value in headers:
            raw = value if isinstance(value, bytes) else value.encode()
            head.append(name.encode() + b": " + raw)
        head += [f"Content-Length: {len(body)}".encode(), b"Connection: close", b"", b""]
        with socket.create_connection(("127.0.0.1", self.port), ANSWER_S) as connection:
            with suppress(BrokenPipeError, ConnectionResetError):  # answered before it read all
                connection.sendall(b"\r\n".join(head) + body)
            answer = http.client.HTTPResponse(connection, method="POST")
            try:
                answer.begin()
                return answer.status, answer.read()
            except (http.client.HTTPException, OSError) as error:
                raise AssertionError(f"no answer: {error!r}; {self.log()}") from error
            finally:
                answer.close()

    def log(self) -> str:
        """The end of what the server has said."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-2000:]


@contextmanager
def serving(made: Snippet, secret: str, folder: Path, config: pytest.Config) -> Iterator[Served]:
    """The snippet, started as its notes say."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = folder if made.language != "javascript" else node_project(config) / folder.name
    folder.mkdir(exist_ok=True)
    (folder / made.filename).write_text(made.code, encoding="utf-8")
    command = _COMMANDS[made.stack](folder, port, config)
    environment = {**os.environ, "WEBHOOK_SECRET": secret, "PORT": str(port)}
    environment["HOME"] = str(folder)  # gunicorn leaves a socket there
    environment.pop("PYTHONPATH", None)
    log = folder / "log.txt"
    with log.open("wb") as out, subprocess.Popen(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out,
        stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        try:
            served = Served(port, log)
            _wait_for(served, process)
            yield served
        finally:
            process.terminate()
            process.wait(ANSWER_S)


def _wait_for(served: Served, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, served.log()
        try:
            socket.create_connection(("127.0.0.1", served.port), 1).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"does not listen; {served.log()}")


def _fastapi(folder: Path, port: int, config: pytest.Config) -> list[str]:
    python = python_with_frameworks(config)
    return [python, "-m", "uvicorn", "callback:app", "--host", "127.0.0.1", "--port", str(port)]


def _flask(folder: Path, port: int, config: pytest.Config) -> list[str]:
    python = python_with_frameworks(config)
    return [python, "-m", "flask", "--app", "callback", "run", "--port", str(port)]


def _django(folder: Path, port: int, config: pytest.Config) -> list[str]:
    python = python_with_frameworks(config)
    (folder / "served.py").write_text(DJANGO, encoding="utf-8")
    return [python, "-m", "gunicorn", "served:application", "-b", f"127.0.0.1:{port}"]


def _node(folder: Path, port: int, config: pytest.Config) -> list[str]:
    return [tool("node"), "callback.mjs"]


def _go(folder: Path, port: int, config: pytest.Config) -> list[str]:
    done = subprocess.run(
        [tool("go"), "build", "-o", "callback", "callback.go"],
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "GO111MODULE": "off", "GOFLAGS": ""},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [str(folder / "callback")]


def _java(folder: Path, port: int, config: pytest.Config) -> list[str]:
    done = subprocess.run(
        [tool("javac"), "-Xlint:all", "-Werror", "Callback.java"],
        cwd=folder, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return [tool("java"), "Callback"]


def _php(folder: Path, port: int, config: pytest.Config) -> list[str]:
    return [tool("php"), "-d", "display_errors=1", "-S", f"127.0.0.1:{port}", "callback.php"]


_COMMANDS: dict[str, Callable[[Path, int, pytest.Config], list[str]]] = {
    "fastapi": _fastapi,
    "flask": _flask,
    "django": _django,
    "express": _node,
    "fastify": _node,
    "go": _go,
    "java": _java,
    "php": _php,
}
RUNNABLE = tuple(_COMMANDS)
