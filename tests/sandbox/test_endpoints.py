from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from cognitui.sandbox.signing import signed_headers

if TYPE_CHECKING:
    from .support import Api

BODY = b'{"skillId":"skill_67890"}'


def test_the_receiver_is_alive(api: Api) -> None:
    assert api.http.head(api.info.webhook_url).status_code == 200
    options = api.http.options(api.info.webhook_url)
    assert (options.status_code, options.headers["allow"]) == (204, "OPTIONS, POST")
    assert api.http.get(api.info.webhook_url).status_code == 405


def test_the_receiver_takes_what_is_signed_right_and_keeps_it(api: Api) -> None:
    headers = dict(signed_headers(BODY, api.info.webhook_secret, 1_700_000_000_000))
    answer = api.http.post(api.info.webhook_url, content=BODY, headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    (received,) = api.sandbox.tenant.endpoint_received
    assert (received.body, received.verified, received.status) == (BODY, True, 200)
    assert received.path == "/endpoints/receiver"
    assert received.headers["x-cognigy-timestamp"] == "1700000000000"


@pytest.mark.parametrize(
    "signature", [None, "", "sha256=", "sha256=00", "md5=1", "sha256=" + "0" * 64, "ü"]
)
def test_the_receiver_refuses_everything_else_without_a_word(
    api: Api, signature: str | None
) -> None:
    headers = {} if signature is None else {b"X-Cognigy-Signature": signature.encode()}
    answer = api.http.post(api.info.webhook_url, content=BODY, headers=headers)
    assert (answer.status_code, answer.content) == (401, b"")
    assert api.sandbox.tenant.endpoint_received[0].verified is False


@pytest.mark.parametrize(
    ("name", "head", "post"),
    [
        ("orders", 405, 204),
        ("missing", 404, 404),
        ("failing", 500, 500),
        ("maintenance", 503, 503),
        ("gone", 410, 410),
        ("moved", 308, 308),
        ("head-unfriendly", 404, 204),
        ("strict", 405, 401),
    ],
)
def test_hooks_answer_as_they_are_called(api: Api, name: str, head: int, post: int) -> None:
    assert api.http.head(f"{api.hooks}/{name}").status_code == head
    assert api.http.post(f"{api.hooks}/{name}", content=BODY).status_code == post


def test_a_hook_says_what_it_allows_and_when_to_come_back(api: Api) -> None:
    assert api.http.head(f"{api.hooks}/orders").headers["allow"] == "OPTIONS, POST"
    assert api.http.options(f"{api.hooks}/orders").status_code == 204
    assert api.http.post(f"{api.hooks}/maintenance").headers["retry-after"] == "30"
    assert api.http.post(f"{api.hooks}/moved").headers["location"] == "/endpoints/hooks/orders"


def test_any_status_and_any_delay_on_demand(api: Api) -> None:
    assert api.http.get(f"{api.root}/endpoints/status/418").status_code == 418
    assert api.http.get(f"{api.root}/endpoints/status/99").status_code == 404
    began = time.monotonic()
    assert api.http.post(f"{api.root}/endpoints/slow/60").status_code == 204
    assert time.monotonic() - began >= 0.06


def test_what_is_kept_is_bounded(api: Api) -> None:
    api.http.post(f"{api.hooks}/orders", content=b"x" * 100_000)
    assert len(api.sandbox.tenant.endpoint_received[0].body) == 65_536
    answer = api.http.post(f"{api.hooks}/orders", content=b"x" * ((1 << 20) + 1))
    assert answer.status_code == 413
