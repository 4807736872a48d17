from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .support import SECRET

if TYPE_CHECKING:
    from .conftest import Start
    from .support import Api


def fields_of(answer: Any) -> list[str]:
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert error["code"] == "validation_failed"
    assert error["field"] == error["details"][0]["field"]
    return [detail["field"] for detail in error["details"]]


def test_a_webhook_is_registered_and_then_listed(api: Api) -> None:
    answer = api.register(testConnectivity=True, validateFormat=True)
    assert answer.status_code == 201
    made = answer.json()
    assert made["id"].startswith("wh_")
    assert made["enabled"] is True
    assert made["auth"] == {"type": "hmac_sha256"}
    assert answer.headers["location"] == f"/api/v1{api.webhooks_path}/{made['id']}"
    assert api.get(f"{api.webhooks_path}/{made['id']}").json() == made
    assert api.everything(api.webhooks_path)[-1] == made
    assert api.sandbox.tenant.webhooks(api.info.bot_id)[-1].secret == SECRET


def test_registering_twice_makes_two(api: Api) -> None:
    assert api.register().json()["id"] != api.register().json()["id"]
    assert len(api.sandbox.tenant.webhooks(api.info.bot_id)) == 39


def test_delivery_settings_have_defaults(api: Api) -> None:
    webhook = api.webhook()
    del webhook["delivery"]
    assert api.register(webhook).json()["delivery"] == {"timeout": 3000, "retries": 3}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"skillId": "skill_1"}, "skillId"),
        ({"skillId": 7}, "skillId"),
        ({"url": "htps://x.example"}, "url"),
        ({"url": "https://"}, "url"),
        ({"url": "https://user:word@x.example"}, "url"),
        ({"url": "https://x.example/#here"}, "url"),
        ({"url": "https://x.example/a b"}, "url"),
        ({"url": "https://x.example:99999"}, "url"),
        ({"url": "https://x.example:0"}, "url"),
        ({"url": "https://[::1"}, "url"),
        ({"url": "https://ü.example"}, "url"),
        ({"url": "https://x.example/" + "a" * 3000}, "url"),
        ({"triggers": []}, "triggers"),
        ({"triggers": "ON_MESSAGE"}, "triggers"),
        ({"triggers": ["ON_MESSAGE"]}, "triggers[0]"),
        ({"triggers": [{}]}, "triggers[0].event"),
        ({"triggers": [{"event": "ON_MESAGE"}]}, "triggers[0].event"),
        ({"triggers": [{"event": "ON_MESSAGE"}] * 2}, "triggers[1].event"),
        ({"triggers": [{"event": "ON_MESSAGE", "x": 1}]}, "triggers[0].x"),
        (
            {"triggers": [{"event": "ON_MESSAGE", "payload_template": "text"}]},
            "triggers[0].payload_template",
        ),
        (
            {
                "triggers": [
                    {"event": "ON_MESSAGE"},
                    {"event": "ON_FALLBACK", "payload_template": {"a": [{"b": "{{user}}"}]}},
                ]
            },
            "triggers[1].payload_template.a[0].b",
        ),
        ({"auth": {"type": "hmac_sha256", "secret": "short"}}, "auth.secret"),
        ({"auth": {"type": "hmac_sha256"}}, "auth.secret"),
        ({"auth": {"type": "basic", "secret": SECRET}}, "auth.type"),
        ({"auth": {"secret": SECRET, "x": 1}}, "auth.x"),
        ({"delivery": {"timeout": 499}}, "delivery.timeout"),
        ({"delivery": {"timeout": 10_001}}, "delivery.timeout"),
        ({"delivery": {"timeout": "3000"}}, "delivery.timeout"),
        ({"delivery": {"timeout": True}}, "delivery.timeout"),
        ({"delivery": {"retries": 6}}, "delivery.retries"),
        ({"delivery": {"retries": -1}}, "delivery.retries"),
        ({"delivery": {"x": 1}}, "delivery.x"),
        ({"enabled": "yes"}, "enabled"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_field_is_named(api: Api, changes: dict[str, Any], field: str) -> None:
    found = fields_of(api.register(api.webhook(**changes), validateFormat=True))
    assert found == [f"webhook.{field}"]


def test_all_wrong_fields_are_named_at_once(api: Api) -> None:
    found = fields_of(
        api.register({"url": "ftp://x", "auth": {"secret": "x"}, "delivery": {"retries": "3"}})
    )
    assert found == [
        "webhook.skillId",
        "webhook.triggers",
        "webhook.delivery.retries",
        "webhook.url",
        "webhook.auth.secret",
    ]


def test_a_thousand_mistakes_get_a_short_answer(api: Api) -> None:
    webhook = api.webhook(**{f"field{number}": 1 for number in range(1000)})
    assert len(fields_of(api.register(webhook))) == 50


@pytest.mark.parametrize("limits", [(500, 0), (10_000, 5)])
def test_the_limits_themselves_are_allowed(api: Api, limits: tuple[int, int]) -> None:
    timeout, retries = limits
    webhook = api.webhook(delivery={"timeout": timeout, "retries": retries})
    webhook["auth"]["secret"] = "s" * 32
    assert api.register(webhook).status_code == 201


def test_an_old_engine_does_not_run_every_trigger(start: Start) -> None:
    api = start(webhook_limit=51)
    bot = api.everything("/bots")[1]
    skill = api.everything(f"/bots/{bot['id']}/skills")[0]["id"]
    triggers = [{"event": "ON_MESSAGE"}, {"event": "ON_FALLBACK"}]
    answer = api.register(api.webhook(skillId=skill, triggers=triggers), bot=bot["id"])
    assert fields_of(answer) == ["webhook.triggers[1].event"]
    assert "4.61.2" in answer.json()["error"]["message"]


def test_without_format_validation_only_the_shape_matters(api: Api) -> None:
    webhook = api.webhook(url="nonsense", delivery={"timeout": 1, "retries": 99})
    assert api.register(webhook, validateFormat=False).status_code == 201
    assert fields_of(api.register({"url": 1}, validateFormat=False)) == [
        "webhook.skillId",
        "webhook.triggers",
        "webhook.auth",
        "webhook.url",
    ]


def test_flags_must_be_booleans(api: Api) -> None:
    assert fields_of(api.register(testConnectivity="yes")) == ["testConnectivity"]


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "invalid_json"),
        (b"[]", "application/json", 400, "invalid_json"),
        (b"\xff", "application/json", 400, "invalid_json"),
        (b'{"a":NaN}', "application/json", 400, "invalid_json"),
        (b'{"a":1e999}', "application/json", 400, "invalid_json"),
        (b'{"a":"\\ud800"}', "application/json", 400, "invalid_json"),
        (b'{"a":' + b"9" * 5000 + b"}", "application/json", 400, "invalid_json"),
        (b'{"a":' * 100_000, "application/json", 400, "invalid_json"),
        (b"null", "application/json", 400, "invalid_json"),
        (b"{}", "text/plain", 415, "unsupported_media_type"),
        (b"{}", "", 415, "unsupported_media_type"),
        (b"{}", "application/json; charset=utf-8", 400, "validation_failed"),
        (b" " * (1 << 20) + b"{}", "application/json", 413, "body_too_large"),
        (b" " * (5 << 20), "application/json", 413, "body_too_large"),
    ],
)
def test_bodies_that_cannot_be_read(
    api: Api, body: bytes, kind: str, status: int, code: str
) -> None:
    headers = {"Content-Type": kind}
    answer = api.call("POST", api.webhooks_path, content=body, headers=headers)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code


def test_the_limit_of_webhooks_says_how_many_there_are(start: Start) -> None:
    api = start(webhooks=49)
    assert api.register().status_code == 201
    answer = api.register()
    assert answer.status_code == 409
    error = answer.json()["error"]
    assert error["code"] == "webhook_limit_reached"
    assert "50/50" in error["message"]
    assert (error["used"], error["limit"]) == (50, 50)
    first = api.everything(api.webhooks_path)[0]["id"]
    assert api.call("DELETE", f"{api.webhooks_path}/{first}").status_code == 204
    assert api.register().status_code == 201


def test_some_fields_can_be_changed_and_the_others_stay(api: Api) -> None:
    made = api.register().json()
    one = f"{api.webhooks_path}/{made['id']}"
    change = {"enabled": False, "delivery": {"retries": 0}}
    answer = api.call("PATCH", one, json={"webhook": change})
    assert answer.status_code == 200
    changed = {**made, "enabled": False, "delivery": {"timeout": 3000, "retries": 0}}
    assert answer.json() == changed == api.get(one).json()
    bare = api.call("PATCH", one, json={"url": f"{api.hooks}/orders"})
    assert bare.json() == {**changed, "url": f"{api.hooks}/orders"}
    assert api.sandbox.tenant.webhooks(api.info.bot_id)[-1].secret == SECRET


def test_the_secret_can_be_changed(api: Api) -> None:
    one = f"{api.webhooks_path}/{api.register().json()['id']}"
    answer = api.call("PATCH", one, json={"webhook": {"auth": {"secret": "n" * 40}}})
    assert answer.json()["auth"] == {"type": "hmac_sha256"}
    assert api.sandbox.tenant.webhooks(api.info.bot_id)[-1].secret == "n" * 40


def test_what_was_read_can_be_sent_back(api: Api) -> None:
    made = api.register().json()
    one = f"{api.webhooks_path}/{made['id']}"
    assert api.call("PATCH", one, json={"webhook": made}).json() == made
    moved = {**made, "id": "wh_other"}
    assert fields_of(api.call("PATCH", one, json={"webhook": moved})) == ["webhook.id"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "webhook"),
        ({"webhook": {}}, "webhook"),
        ({"webhook": 1}, "webhook"),
        ({"webhook": {"delivery": {"retries": 9}}}, "webhook.delivery.retries"),
        ({"webhook": {"delivery": None}}, "webhook.delivery"),
        ({"webhook": {"skillId": "nope"}}, "webhook.skillId"),
        ({"enabled": 1}, "webhook.enabled"),
    ],
)
def test_a_wrong_change_changes_nothing(api: Api, body: dict[str, Any], field: str) -> None:
    made = api.register().json()
    one = f"{api.webhooks_path}/{made['id']}"
    assert fields_of(api.call("PATCH", one, json=body)) == [field]
    assert api.get(one).json() == made


def test_a_deleted_webhook_is_gone(api: Api) -> None:
    one = f"{api.webhooks_path}/{api.register().json()['id']}"
    answer = api.call("DELETE", one)
    assert (answer.status_code, answer.content) == (204, b"")
    assert api.get(one).status_code == 404
    assert api.call("DELETE", one).status_code == 404
    assert api.call("PATCH", one, json={"enabled": True}).status_code == 404
