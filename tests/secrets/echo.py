"""A tenant, monitor and endpoint that says back, in every way it can, what it was told."""

from __future__ import annotations

import base64
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

STATUSES = (200, 302, 400, 401, 403, 404, 405, 409, 429, 500, 503)
SHAPES = ("not json", "wrong shape", "huge", "cut", "hang up", "hostile page", "garbage")


@dataclass
class Echo:
    """How it answers.

    Attributes:
        mode: A status, or one of `SHAPES`.
        token: What its token endpoint hands out.
        at_token: Whether the token endpoint answers like the others.
    """

    mode: int | str = 200
    token: str = "token-of-the-echo"
    at_token: bool = False
    retry_after_s: int = 0
    origin: str = ""
    heard: list[str] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        return f"{self.origin}/api/v1"


def echo_of(handler: BaseHTTPRequestHandler, body: bytes) -> str:
    """All that the request said, the basic pair in clear as well."""
    proof = handler.headers.get("Authorization", "")
    kind, _, value = proof.partition(" ")
    plain = base64.b64decode(value).decode("utf-8", "replace") if kind == "Basic" else value
    headers = "; ".join(f"{name}: {value}" for name, value in handler.headers.items())
    return f"{handler.path} {headers} ({plain}) {body.decode('utf-8', 'replace')}"


@contextmanager
def echoing(**settings: Any) -> Iterator[Echo]:  # noqa: C901 - its handler is within it
    """It, in a thread of its own."""
    state = Echo(**settings)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            state.heard.append(self.path)
            if self.path.endswith("/auth/token") and not state.at_token:
                self._say(200, json.dumps({"access_token": state.token, "expires_in": 3600}), "")
                return
            echo = echo_of(self, body)
            if isinstance(state.mode, int):
                said: dict[str, Any] = {"error": {"message": echo, "field": echo, "code": echo}, "items": [],
                        "nextPage": None, "id": "wh_echo", "status": "healthy"}  # fmt: skip
                self._say(state.mode, json.dumps(said), echo)
            else:
                self._shape(state.mode, echo)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_GET  # noqa: N815

        def _shape(self, shape: str, echo: str) -> None:
            if shape == "hang up":
                self.close_connection = True
            elif shape == "garbage":
                self.wfile.write(echo.encode())
                self.close_connection = True
            elif shape == "cut":
                self._say(200, json.dumps({"echo": echo}), echo, short=5)
                self.close_connection = True
            elif shape == "huge":
                self._say(200, json.dumps({"echo": echo}) + " " * 9_000_000, echo)
            elif shape == "wrong shape":
                wrong = {
                    "items": {echo: echo},
                    "nextPage": [echo],
                    "expires_in": echo,
                    "id": [echo],
                }
                self._say(200, json.dumps(wrong), echo)
            elif shape == "hostile page":
                self._say(200, f"<html>\x1b]0;{echo}\a[link={echo}]</html>", echo, "text/html")
            else:
                self._say(200, echo, echo)

        def _say(
            self, status: int, text: str, echo: str, kind: str = "application/json", short: int = 0
        ) -> None:
            safe = "".join(c for c in echo if c.isprintable() and c.isascii())
            raw = text.encode()
            try:
                self.send_response(status, safe[:200] or None)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(raw)))
                self.send_header("Retry-After", str(state.retry_after_s))
                if safe:
                    for name in ("Location", "X-Request-Id", "Server-Says", "WWW-Authenticate"):
                        self.send_header(name, safe)
                    self.send_header("Set-Cookie", f"echo={safe}")
                    self.send_header("Allow", safe)
                self.end_headers()
                self.wfile.write(raw[: len(raw) - short])
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.origin = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
