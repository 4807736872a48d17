from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from cognitui.audit.metrics import EfficiencyReport
from cognitui.audit.records import Action, Outcome
from cognitui.audit.tally import percentile

from .support import BOTH, record

if TYPE_CHECKING:
    from cognitui.audit.store import AuditLog

OK, FAILED = Outcome.OK, Outcome.FAILED
UNCONFIRMED, CANCELLED = Outcome.UNCONFIRMED, Outcome.CANCELLED


def as_the_tutorial_defines_it(done: list[tuple[float, bool]]) -> dict[str, float]:
    if not done:
        return {"avg_latency_ms": 0, "success_rate": 0, "total_registrations": 0}
    latencies = [latency for latency, _ in done]
    successes = [1.0 if success else 0.0 for _, success in done]
    return {
        "avg_latency_ms": round(sum(latencies) / len(latencies), 2),
        "success_rate": round(sum(successes) / len(successes), 4),
        "total_registrations": len(latencies),
    }


@BOTH
@pytest.mark.parametrize(
    ("done", "expected"),
    [
        ([], (0, 0, 0)),
        ([(12.344, OK)], (12.34, 1.0, 1)),
        ([(100.0, OK), (300.0, FAILED)], (200.0, 0.5, 2)),
        ([(1.0, OK), (1.0, OK), (2.0, FAILED)], (1.33, 0.6667, 3)),
        ([(10.0, OK), (20.0, UNCONFIRMED)], (15.0, 0.5, 2)),
        ([(10.0, FAILED)], (10.0, 0.0, 1)),
        ([(10.0, OK), (9999.0, CANCELLED)], (10.0, 1.0, 1)),
        ([(9999.0, CANCELLED)], (0, 0, 0)),
    ],
)
async def test_the_efficiency_report(
    log: AuditLog, done: list[tuple[float, Outcome]], expected: tuple[float, float, int]
) -> None:
    for number, (latency, outcome) in enumerate(done):
        await log.append(record(number, latency_ms=latency, outcome=outcome))
    report = (await log.report()).as_dict()
    assert tuple(report.values()) == expected
    assert report == as_the_tutorial_defines_it(
        [(latency, outcome is OK) for latency, outcome in done if outcome is not CANCELLED]
    )
    assert list(report) == ["avg_latency_ms", "success_rate", "total_registrations"]


@BOTH
async def test_the_report_equals_the_tutorials_on_many_numbers(log: AuditLog) -> None:
    dice = random.Random(5)
    done = [(dice.expovariate(1 / 80), dice.random() < 0.9) for _ in range(400)]
    for latency, success in done:
        await log.append(record(latency_ms=latency, outcome=OK if success else FAILED))
    assert (await log.report()).as_dict() == as_the_tutorial_defines_it(done)


@BOTH
async def test_only_registrations_count_in_the_report(log: AuditLog) -> None:
    await log.append(record(latency_ms=50.0))
    for action in Action:
        if action is not Action.WEBHOOK_REGISTER:
            await log.append(record(action=action, outcome=FAILED, latency_ms=1.0))
    assert await log.report() == EfficiencyReport(50.0, 1.0, 1)


@BOTH
async def test_the_report_of_one_tenant(log: AuditLog) -> None:
    await log.append(record(latency_ms=50.0))
    await log.append(record(latency_ms=150.0, tenant="beta", outcome=FAILED))
    assert await log.report(tenant="acme") == EfficiencyReport(50.0, 1.0, 1)
    assert await log.report(tenant="beta") == EfficiencyReport(150.0, 0.0, 1)
    assert await log.report(tenant="gamma") == EfficiencyReport()
    assert (await log.report()).total_registrations == 2


@BOTH
async def test_a_registration_that_was_not_timed_counts_but_does_not_slow(log: AuditLog) -> None:
    await log.append(record(latency_ms=None, outcome=FAILED))
    assert await log.report() == EfficiencyReport(0.0, 0.0, 1)
    await log.append(record(latency_ms=30.0))
    assert await log.report() == EfficiencyReport(30.0, 0.5, 2)


@pytest.mark.parametrize("size", [1, 2, 3, 19, 20, 21, 99, 100, 101])
@pytest.mark.parametrize("percent", [50, 95, 99, 100])
def test_the_nearest_rank(size: int, percent: int) -> None:
    ordered = [float(number) for number in range(1, size + 1)]
    found = percentile(ordered, percent)
    # The smallest value that at least so many percent of the values do not exceed.
    assert found == min(v for v in ordered if 100 * sum(w <= v for w in ordered) >= percent * size)


def test_no_values_have_no_percentile() -> None:
    assert percentile([], 50) is None
