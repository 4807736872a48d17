from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Start
    from .support import Api


def test_the_tenant_has_several_bots_and_dozens_of_skills(api: Api) -> None:
    bots = api.everything("/bots")
    assert [bot["name"] for bot in bots] == ["Support Bot", "Sales Assistant", "HR Helper"]
    assert bots[0]["id"] == api.info.bot_id
    skills = {bot["id"]: api.everything(f"/bots/{bot['id']}/skills") for bot in bots}
    assert [len(found) for found in skills.values()] == [14, 11, 9]
    assert skills[api.info.bot_id][0] == {"id": api.info.skill_id, "name": "Order status"}
    ids = [skill["id"] for found in skills.values() for skill in found]
    assert len(set(ids)) == len(ids)


def test_webhooks_fill_several_pages_and_one_bot_is_full_and_one_empty(start: Start) -> None:
    api = start(bots=4)
    counts = []
    for bot in api.everything("/bots"):
        webhooks = api.everything(f"/bots/{bot['id']}/webhooks")
        assert len({webhook["id"] for webhook in webhooks}) == len(webhooks)
        counts.append(len(webhooks))
    assert counts == [37, 50, 0, 49]


def test_as_many_bots_and_webhooks_as_asked_for(start: Start) -> None:
    api = start(bots=20, webhooks=3, page_size=7)
    assert len(api.everything("/bots")) == 20
    assert len(api.everything(api.webhooks_path)) == 3


def test_one_bot_one_skill(api: Api) -> None:
    bot = api.get(f"/bots/{api.info.bot_id}").json()
    assert bot["name"] == "Support Bot"
    assert set(bot) == {"id", "name", "description", "createdAt"}
    skill = api.get(f"/bots/{api.info.bot_id}/skills/{api.info.skill_id}").json()
    assert skill["name"] == "Order status"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/bots/nope", "bot_not_found"),
        ("/bots/nope/skills", "bot_not_found"),
        ("/bots/nope/status", "bot_not_found"),
        ("/bots/nope/webhooks", "bot_not_found"),
        ("/bots/bot_12345/skills/nope", "skill_not_found"),
        ("/bots/bot_12345/webhooks/nope", "webhook_not_found"),
        ("/nope", "not_found"),
        ("/bots/", "not_found"),
    ],
)
def test_what_is_not_there_is_a_404_with_a_reason(api: Api, path: str, code: str) -> None:
    answer = api.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == code


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/bots/bot_12345/webhooks", {"GET", "HEAD", "POST"}),
        ("POST", "/bots/bot_12345/webhooks/wh_1", {"GET", "HEAD", "PATCH", "DELETE"}),
        ("DELETE", "/bots", {"GET", "HEAD"}),
        ("GET", "/auth/token", {"POST"}),
    ],
)
def test_a_wrong_method_is_a_405_that_names_the_right_ones(
    api: Api, method: str, path: str, allowed: set[str]
) -> None:
    answer = api.call(method, path)
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == allowed
    assert answer.json()["error"]["code"] == "method_not_allowed"


def test_engines_differ_in_health_and_in_the_triggers_they_run(api: Api) -> None:
    states = [api.get(f"/bots/{bot['id']}/status").json() for bot in api.everything("/bots")]
    assert [state["status"] for state in states] == ["healthy", "healthy", "degraded"]
    assert [state["engineVersion"] for state in states] == ["4.92.0", "4.61.2", "4.92.0"]
    assert [len(state["supportedTriggers"]) for state in states] == [5, 3, 5]
    assert states[0]["webhooks"] == {"used": 37, "limit": 50}
    assert states[2]["issues"]


def test_pages_are_as_long_as_asked_for_up_to_a_maximum(api: Api) -> None:
    page = api.get(f"{api.webhooks_path}?limit=4").json()
    assert len(page["items"]) == 4
    assert "limit=4" in page["nextPage"]
    assert len(api.get(page["nextPage"]).json()["items"]) == 4
    assert len(api.get(f"{api.webhooks_path}?limit=1000").json()["items"]) == 25
    assert api.get(f"{api.webhooks_path}?limit=25&cursor=YWZ0ZXI6MTI").json()["nextPage"] is None


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1.5", "9" * 5000, "²"])
def test_a_limit_that_is_no_number_is_refused(api: Api, limit: str) -> None:
    answer = api.get(api.webhooks_path, params={"limit": limit})
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == "limit"


@pytest.mark.parametrize("cursor", ["x", "", "YWZ0ZXI", "YWZ0ZXI6eA", "ü", "a" * 4000])
def test_a_cursor_that_is_not_one_of_ours_is_refused(api: Api, cursor: str) -> None:
    answer = api.get(api.webhooks_path, params={"cursor": cursor})
    assert answer.status_code == 400
    assert answer.json()["error"]["field"] == "cursor"


def test_a_list_survives_a_deletion_between_two_pages(api: Api) -> None:
    page = api.get(api.webhooks_path).json()
    last = page["items"][-1]["id"]
    assert api.call("DELETE", f"{api.webhooks_path}/{last}").status_code == 204
    rest = api.everything(page["nextPage"])
    assert len(rest) == 27


def test_page_links_keep_the_name_that_the_client_calls_the_server_by(api: Api) -> None:
    url = f"{api.info.base_url}{api.webhooks_path}".replace("127.0.0.1", "localhost")
    assert api.get(url).json()["nextPage"].startswith("http://localhost:")
    forged = api.get(api.webhooks_path, headers={"Host": "evil.example"}).json()
    assert forged["nextPage"].startswith(api.info.base_url)


def test_listed_webhooks_have_the_wire_format_and_no_secret(api: Api) -> None:
    listed = api.everything(api.webhooks_path)
    for webhook in listed:
        assert set(webhook) == {
            "id", "skillId", "url", "triggers", "auth", "delivery", "enabled", "createdAt",
        }  # fmt: skip
        assert webhook["auth"] == {"type": "hmac_sha256"}
    for stored in api.sandbox.tenant.webhooks(api.info.bot_id):
        assert stored.secret not in str(listed)
        assert stored.secret not in repr(stored)


def test_some_webhooks_are_ill_and_some_switched_off(api: Api) -> None:
    listed = api.everything(api.webhooks_path)
    ends = {webhook["url"].rsplit("/", 1)[-1] for webhook in listed}
    assert {"missing", "failing", "slow", "maintenance", "gone", "strict"} <= ends
    assert {webhook["enabled"] for webhook in listed} == {True, False}
    assert any(each["payload_template"] for hook in listed for each in hook["triggers"])
