from __future__ import annotations

import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest

from .support import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Start
    from .support import Api


class _PostOnly(BaseHTTPRequestHandler):
    """Answers 501 to all that is not a POST, as servers without a router do."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        pass


@pytest.fixture
def post_only() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _PostOnly) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/hook"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("name", ["orders", "head-unfriendly", "strict", "gone"])
def test_an_endpoint_that_answers_passes(api: Api, name: str) -> None:
    webhook = api.webhook(url=f"{api.hooks}/{name}")
    assert api.register(webhook, testConnectivity=True).status_code == 201


def test_an_endpoint_that_only_takes_posts_passes(api: Api, post_only: str) -> None:
    assert api.register(api.webhook(url=post_only), testConnectivity=True).status_code == 201


def test_the_ping_is_marked_as_a_test_and_signed(api: Api) -> None:
    webhook = api.webhook(url=f"{api.hooks}/head-unfriendly")
    api.register(webhook, testConnectivity=True).raise_for_status()
    (ping,) = api.sandbox.tenant.endpoint_received
    assert b'"test":true' in ping.body
    assert ping.headers["x-cognigy-signature"].startswith("sha256=")
    assert SECRET not in str(ping)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing", "answered HEAD 404, OPTIONS 404, POST 404"),
        ("failing", "answered HEAD 500, OPTIONS 500, POST 500"),
        ("maintenance", "503"),
    ],
)
def test_an_endpoint_that_only_fails_does_not(api: Api, name: str, words: str) -> None:
    answer = api.register(api.webhook(url=f"{api.hooks}/{name}"), testConnectivity=True)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["field"]) == ("connectivity_failed", "webhook.url")
    assert words in error["message"]
    assert len(api.sandbox.tenant.webhooks(api.info.bot_id)) == 37


def test_without_the_flag_nothing_is_asked(api: Api) -> None:
    assert api.register(api.webhook(url=f"{api.hooks}/missing")).status_code == 201
    assert not [one for one in api.sandbox.tenant.requests if "/hooks/" in one.path]


def test_a_closed_port_a_foreign_protocol_and_silence_are_told_apart(start: Start) -> None:
    api = start(connectivity_timeout_s=1.0)

    def message(url: str) -> str:
        answer = api.register(api.webhook(url=url), testConnectivity=True)
        assert answer.status_code == 400
        words: str = answer.json()["error"]["message"]
        return words

    closed = next(
        hook.url
        for hook in api.sandbox.tenant.webhooks(api.info.bot_id)
        if not hook.url.startswith(api.root)
    )
    assert "the connection was refused" in message(closed)
    assert "no answer within 1 s" in message(f"{api.hooks}/slow")
    assert "TLS failed" in message(api.info.webhook_url.replace("http:", "https:"))
    assert "does not resolve" in message("http://nowhere.invalid/")
    with socket.create_server(("127.0.0.1", 0)) as server:

        def babble() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"220 mail.example ESMTP\r\n\r\n")

        thread = threading.Thread(target=babble)
        thread.start()
        assert "is not HTTP" in message(f"http://127.0.0.1:{server.getsockname()[1]}/")
        thread.join()


def test_a_change_is_tested_when_asked_for(api: Api) -> None:
    one = f"{api.webhooks_path}/{api.register().json()['id']}"
    body = {"webhook": {"url": f"{api.hooks}/missing"}, "testConnectivity": True}
    answer = api.call("PATCH", one, json=body)
    assert answer.json()["error"]["code"] == "connectivity_failed"
    assert api.get(one).json()["url"] == api.info.webhook_url
