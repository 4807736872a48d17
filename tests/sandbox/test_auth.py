from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING

import pytest

from .support import Api

if TYPE_CHECKING:
    from .conftest import Start


def test_a_key_and_its_secret_are_exchanged_for_a_token(api: Api) -> None:
    answer = api.exchange()
    assert answer.status_code == 200
    told = answer.json()
    assert told["token_type"] == "Bearer"
    assert told["expires_in"] == 3600
    assert told["scope"].split() == ["bot:read", "bot:write", "webhook:manage"]
    assert answer.headers["cache-control"] == "no-store"
    assert api.get("/bots").status_code == 200
    assert api.sandbox.tenant.token_requests == 2


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "credentials_missing"),
        ("Bearer x", "credentials_missing"),
        ("Basic ???", "invalid_credentials"),
        ("Basic " + base64.b64encode(b"nobody:nothing").decode(), "invalid_credentials"),
        ("Basic " + base64.b64encode(b"no colon").decode(), "invalid_credentials"),
    ],
)
def test_wrong_credentials_are_refused(api: Api, header: str | None, code: str) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = api.http.post(
        f"{api.info.base_url}/auth/token", headers=headers, json={"grant_type": "x"}
    )
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == code
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_a_wrong_secret_is_refused_and_not_repeated(api: Api) -> None:
    answer = api.exchange(auth=(api.key.key, "wrong-secret"))
    assert answer.status_code == 401
    assert "wrong-secret" not in answer.text


@pytest.mark.parametrize("body", [{}, {"grant_type": "password"}])
def test_another_grant_is_refused(api: Api, body: dict[str, str]) -> None:
    answer = api.exchange(json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == "grant_type"


def test_a_token_expires(start: Start) -> None:
    api = start(token_lifetime_s=0.05)
    assert api.exchange().json()["expires_in"] == 0.05
    assert api.get("/bots").status_code == 200
    time.sleep(0.06)
    answer = api.get("/bots")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "token_expired"
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_tokens_can_be_revoked(api: Api) -> None:
    assert api.get("/bots").status_code == 200
    api.sandbox.revoke_tokens()
    answer = api.get("/bots")
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "token_invalid"


@pytest.mark.parametrize("header", ["", "Basic eA==", "Bearer", "Bearer nonsense"])
def test_nothing_is_shown_without_a_good_token(api: Api, header: str) -> None:
    answer = api.http.get(f"{api.info.base_url}/bots", headers={"Authorization": header})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("key", "missing"),
    [("read-only", ["bot:write", "webhook:manage"]), ("no-webhook-manage", ["webhook:manage"])],
)
def test_a_key_may_only_do_what_its_scopes_say(api: Api, key: str, missing: list[str]) -> None:
    with Api(api.sandbox, api.sandbox.tenant.keys[key]) as other:
        webhooks = other.get(other.webhooks_path).raise_for_status().json()["items"]
        one = f"{other.webhooks_path}/{webhooks[0]['id']}"
        for answer in (
            other.register(),
            other.call("PATCH", one, json={"enabled": False}),
            other.call("DELETE", one),
        ):
            assert answer.status_code == 403
            error = answer.json()["error"]
            assert error["code"] == "insufficient_scope"
            assert error["missingScopes"] == missing
            assert all(scope in error["message"] for scope in missing)


def test_the_ledger_knows_whose_request_it_was(api: Api) -> None:
    api.get("/bots")
    api.http.get(f"{api.info.base_url}/bots")
    token, good, anonymous = api.sandbox.tenant.requests
    assert (token.method, token.path, token.key_id) == ("POST", "/api/v1/auth/token", "full")
    assert (good.key_id, good.status, good.authorized) == ("full", 200, True)
    assert (anonymous.key_id, anonymous.status, anonymous.authorized) == (None, 401, False)
    assert token.time <= good.time <= anonymous.time
