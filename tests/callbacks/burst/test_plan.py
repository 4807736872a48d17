"""What may be asked of a burst."""

from __future__ import annotations

import math
from typing import Any

import pytest

from cognitui.callbacks.burst.plan import MAX_COUNT, MAX_IN_FLIGHT, MAX_RATE, BurstPlan
from cognitui.errors import UsageError


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("count", 0),
        ("count", -1),
        ("count", MAX_COUNT + 1),
        ("in_flight", 0),
        ("in_flight", MAX_IN_FLIGHT + 1),
        ("timeout_ms", 0),
        ("timeout_ms", 60_001),
        ("rate_per_s", 0.0),
        ("rate_per_s", -1.0),
        ("rate_per_s", math.nan),
        ("rate_per_s", math.inf),
        ("rate_per_s", MAX_RATE + 1),
    ],
)
def test_what_is_out_of_bounds_is_named(field: str, value: float) -> None:
    fields: dict[str, Any] = {"count": 1, field: value}
    with pytest.raises(UsageError) as caught:
        BurstPlan(**fields)
    assert caught.value.field == field
    assert caught.value.message.endswith(".")


def test_the_bounds_themselves_will_do() -> None:
    assert BurstPlan(1, 0.001, 1, 1).least_s == 0
    most = BurstPlan(MAX_COUNT, MAX_RATE, MAX_IN_FLIGHT, 60_000)
    assert most.least_s == pytest.approx(MAX_COUNT / MAX_RATE, rel=1e-3)
    assert BurstPlan(3, in_flight=9).connections == 3
    assert BurstPlan(9).least_s == 0
