from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .support import Api


def test_faults_are_shown_added_and_lifted(api: Api) -> None:
    made = api.control("POST", "faults", json={"fault": "429:every=2"})
    assert (made.status_code, made.json()) == (201, {"fault": "429:every=2"})
    assert [api.get("/bots").status_code for _ in range(2)] == [200, 429]
    shown = api.control("GET", "faults").json()["items"]
    assert shown == [{"fault": "429:every=2", "seen": 2, "struck": 1}]
    assert api.control("DELETE", "faults").status_code == 204
    assert api.control("GET", "faults").json() == {"items": []}


@pytest.mark.parametrize("body", [{"fault": "hnag"}, {"fault": 1}, {}])
def test_a_fault_that_cannot_be_read_is_refused(api: Api, body: dict[str, Any]) -> None:
    answer = api.control("POST", "faults", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == "fault"


def test_tokens_are_revoked(api: Api) -> None:
    api.token()
    assert api.control("POST", "tokens/revoke").json() == {"revoked": 1}
    assert api.get("/bots").status_code == 401


def test_requests_are_listed_but_not_those_that_steer(api: Api) -> None:
    api.get("/bots?limit=3")
    token, bots = api.control("GET", "requests").json()["items"]
    assert token["path"] == "/api/v1/auth/token"
    assert (bots["method"], bots["query"], bots["status"]) == ("GET", "limit=3", 200)
    assert api.token() not in str(bots)


@pytest.mark.parametrize("path", ["faults", "requests", "deliveries"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "[::1"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_other_web_pages_cannot_steer(api: Api, path: str, headers: dict[str, str]) -> None:
    answer = api.control("GET", path, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "not_local"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1", "[::1]:80"])
def test_this_machine_can(api: Api, host: str) -> None:
    assert api.control("GET", "faults", headers={"Host": host}).status_code == 200
    assert api.control("GET", "faults", headers={"Origin": f"http://{host}"}).status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"botId": "nope"}, "botId"),
        ({"botId": None}, "botId"),
        ({"skillId": "nope"}, "skillId"),
        ({"skillId": []}, "skillId"),
        ({"event": "ON_NOTHING"}, "event"),
        ({"text": 7}, "text"),
        ({"sessionId": {}}, "sessionId"),
    ],
)
def test_an_event_that_cannot_happen_is_refused(
    api: Api, changes: dict[str, Any], field: str
) -> None:
    answer = api.fire(**changes)
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == field


def test_an_old_engine_cannot_fire_every_event(api: Api) -> None:
    bot = api.everything("/bots")[1]["id"]
    skill = api.everything(f"/bots/{bot}/skills")[0]["id"]
    answer = api.fire("ON_FALLBACK", botId=bot, skillId=skill)
    assert answer.json()["error"]["field"] == "event"
