from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .support import Api

METRICS = {"avg_latency_ms": 41.5, "success_rate": 0.9921, "total_registrations": 12}
ENTRY = {"webhook_id": "wh_1", "success": True}


def test_the_monitor_keeps_what_it_is_sent(api: Api) -> None:
    report = {"audit_trail": [ENTRY] * 10, "metrics": METRICS}
    answer = api.http.post(api.info.monitor_url, json=report)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "received": 10})
    (kept,) = api.sandbox.tenant.monitor_received
    assert {key: kept[key] for key in report} == report
    assert api.http.get(api.info.monitor_url).json()["items"] == [kept]


def test_an_empty_report_is_fine(api: Api) -> None:
    metrics = dict.fromkeys(METRICS, 0)
    answer = api.http.post(api.info.monitor_url, json={"audit_trail": [], "metrics": metrics})
    assert answer.json() == {"status": "ok", "received": 0}


@pytest.mark.parametrize(
    ("report", "fields"),
    [
        ({}, ["audit_trail", "metrics"]),
        ({"audit_trail": {}, "metrics": METRICS}, ["audit_trail"]),
        ({"audit_trail": [ENTRY, 1], "metrics": METRICS}, ["audit_trail[1]"]),
        ({"audit_trail": [ENTRY] * 11, "metrics": METRICS}, ["audit_trail"]),
        ({"audit_trail": [], "metrics": {}}, [f"metrics.{name}" for name in METRICS]),
        (
            {"audit_trail": [], "metrics": {**METRICS, "success_rate": 99.2}},
            ["metrics.success_rate"],
        ),
        (
            {"audit_trail": [], "metrics": {**METRICS, "avg_latency_ms": -1}},
            ["metrics.avg_latency_ms"],
        ),
        (
            {"audit_trail": [], "metrics": {**METRICS, "total_registrations": True}},
            ["metrics.total_registrations"],
        ),
    ],
)
def test_a_report_of_another_shape_is_refused_in_detail(
    api: Api, report: dict[str, Any], fields: list[str]
) -> None:
    answer = api.http.post(api.info.monitor_url, json=report)
    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json()["error"]["details"]] == fields
    assert not api.sandbox.tenant.monitor_received
