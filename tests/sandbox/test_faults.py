from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from cognitui.sandbox import parse_fault

if TYPE_CHECKING:
    from .conftest import Start
    from .support import Api


@pytest.mark.parametrize("status", [401, 403, 429, 500, 502, 503, 504, 599])
def test_a_status_on_demand(api: Api, status: int) -> None:
    api.token()
    api.sandbox.inject(f"{status}:times=1")
    answer = api.get("/bots")
    assert answer.status_code == status
    assert set(answer.json()["error"]) == {"code", "message", "field", "details"}
    assert api.get("/bots").status_code == 200


def test_how_long_to_wait_can_be_chosen(api: Api) -> None:
    api.token()
    api.sandbox.inject("429:times=1")
    assert api.get("/bots").headers["retry-after"] == "1"
    api.sandbox.inject("429:seconds=2.5,times=1")
    assert api.get("/bots").headers["retry-after"] == "3"
    api.sandbox.inject("503:times=1")
    assert "retry-after" not in api.get("/bots").headers
    api.sandbox.inject("503:seconds=7,times=1")
    assert api.get("/bots").headers["retry-after"] == "7"


def test_faults_from_the_start_and_lifted(start: Start) -> None:
    api = start(faults=(parse_fault("500"), parse_fault("503:path=auth/token,times=1")))
    assert api.exchange().status_code == 503
    assert api.get("/bots").status_code == 500
    api.sandbox.clear_faults()
    assert api.get("/bots").status_code == 200


def test_a_request_that_is_struck_has_no_effect(api: Api) -> None:
    for kind in ("500", "content-type", "redirect"):
        api.sandbox.inject(f"{kind}:method=POST,times=1,path=bots/*")
        api.register()
    assert len(api.sandbox.tenant.webhooks(api.info.bot_id)) == 37
    assert [one.faults for one in api.sandbox.tenant.requests][1:] == [
        ("500",), ("content-type",), ("redirect",),
    ]  # fmt: skip


def test_hanging_until_the_client_gives_up(api: Api) -> None:
    api.token()
    api.sandbox.inject("hang:times=1")
    with pytest.raises(httpx.ReadTimeout):
        api.get("/bots", timeout=0.1)
    assert api.sandbox.tenant.requests[-1].status is None
    assert api.get("/bots").status_code == 200


def test_hanging_for_a_while_ends_without_an_answer(api: Api) -> None:
    api.token()
    api.sandbox.inject("hang:seconds=0.1,times=1")
    began = time.monotonic()
    with pytest.raises(httpx.RemoteProtocolError):
        api.get("/bots")
    assert time.monotonic() - began >= 0.1


def test_slow_takes_effect_at_once_and_answers_late(api: Api) -> None:
    api.token()
    api.sandbox.inject("slow:seconds=0.15")
    began = time.monotonic()
    assert api.register().status_code == 201
    assert time.monotonic() - began >= 0.15
    body = {"webhook": api.webhook()}
    with pytest.raises(httpx.ReadTimeout):
        api.call("POST", api.webhooks_path, json=body, timeout=0.05)
    assert len(api.sandbox.tenant.webhooks(api.info.bot_id)) == 39


def test_slow_goes_with_other_faults(api: Api) -> None:
    api.token()
    api.sandbox.inject("slow:seconds=0.1")
    api.sandbox.inject("502")
    began = time.monotonic()
    assert api.get("/bots").status_code == 502
    assert time.monotonic() - began >= 0.1


@pytest.mark.parametrize("spec", ["cut", "cut:bytes=0", "cut:bytes=10", "cut:bytes=9999999"])
def test_a_cut_body_is_shorter_than_declared(api: Api, spec: str) -> None:
    api.token()
    api.sandbox.inject(f"{spec},times=1" if ":" in spec else f"{spec}:times=1")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        api.get("/bots")
    assert api.get("/bots").status_code == 200


def test_a_lost_answer_has_taken_effect(api: Api) -> None:
    api.token()
    api.sandbox.inject("lost-answer:method=POST,times=1")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        api.register()
    assert len(api.everything(api.webhooks_path)) == 38
    assert api.sandbox.tenant.requests[1].status is None


def test_a_wrong_content_type(api: Api) -> None:
    api.token()
    api.sandbox.inject("content-type")
    answer = api.get("/bots")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


def test_a_huge_body_has_no_declared_length(api: Api) -> None:
    api.token()
    api.sandbox.inject("huge:bytes=300000")
    answer = api.get("/bots")
    assert len(answer.content) > 300_000
    assert "content-length" not in answer.headers
    assert answer.json() == {"items": [], "nextPage": None}


def test_a_huge_body_ends_when_the_client_hangs_up(api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.token()}"}
    api.sandbox.inject("huge:bytes=1000000000,times=1")
    with httpx.stream("GET", f"{api.info.base_url}/bots", headers=headers) as answer:
        next(answer.iter_raw())
    assert api.get("/bots").status_code == 200


def test_redirects_lead_elsewhere(api: Api) -> None:
    api.token()
    api.sandbox.inject("redirect:times=1")
    answer = api.get("/bots")
    assert answer.status_code == 307
    assert answer.headers["location"] == f"{api.root}/elsewhere/bots".replace(
        "127.0.0.1", "localhost"
    )
    api.sandbox.inject("redirect:to=https://x.example/y")
    assert api.get("/bots").headers["location"] == "https://x.example/y"


def test_foreign_pages_lead_to_another_origin_where_the_ledger_sees_who_comes(api: Api) -> None:
    api.token()
    api.sandbox.inject("foreign-page")
    page = api.get(api.webhooks_path).json()
    assert len(page["items"]) == 10
    assert page["nextPage"].startswith("http://localhost:")
    assert api.get(page["nextPage"]).json() == {"items": [], "nextPage": None}
    visit = api.sandbox.tenant.requests[-1]
    assert visit.path.startswith("/elsewhere/")
    assert visit.authorized
    api.sandbox.clear_faults()
    api.sandbox.inject("foreign-page:to=https://evil.example/p")
    assert api.get("/bots").json()["nextPage"] == "https://evil.example/p"


def test_looping_pages_lead_to_themselves(api: Api) -> None:
    second = api.get(api.webhooks_path).json()["nextPage"]
    api.sandbox.inject("loop-page:after=1")
    assert api.get(api.webhooks_path).json()["nextPage"] == second
    assert api.get(second).json()["nextPage"] == second


def test_empty_pages_go_before_each_page_and_nothing_is_lost(api: Api) -> None:
    whole = api.everything(api.webhooks_path)
    api.sandbox.inject("empty-page")
    page = api.get(api.webhooks_path).json()
    assert page["items"] == []
    assert "cursor=" in page["nextPage"]
    assert api.everything(api.webhooks_path) == whole


def test_page_faults_leave_errors_alone(api: Api) -> None:
    api.sandbox.inject("empty-page")
    api.sandbox.inject("loop-page")
    assert api.get("/bots/nope/webhooks").status_code == 404
    assert api.get(f"{api.webhooks_path}?cursor=x").status_code == 400
    assert api.http.get(f"{api.info.base_url}/bots").status_code == 401


def test_the_monitor_and_the_endpoints_can_fail_too(api: Api) -> None:
    api.sandbox.inject("503:path=monitor")
    api.sandbox.inject("500:path=endpoints/receiver")
    assert api.http.post(api.info.monitor_url, json={}).status_code == 503
    assert api.http.post(api.info.webhook_url, json={}).status_code == 500


def test_faults_may_be_changed_while_requests_are_served(api: Api) -> None:
    api.token()
    end = time.monotonic() + 0.3

    def change() -> None:
        while time.monotonic() < end:
            api.sandbox.inject("500:every=2")
            api.sandbox.clear_faults()

    changing = threading.Thread(target=change)
    changing.start()
    statuses = set()
    while changing.is_alive() and len(api.sandbox.tenant.requests) < 90:
        statuses.add(api.get("/bots").status_code)
    changing.join()
    assert statuses <= {200, 500}
