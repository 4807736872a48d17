"""The check against real frameworks: its verdicts on a live route and on one that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cognitui.cognigy.models import TriggerEvent
from cognitui.network.outcome import Outcome
from cognitui.network.stage import Cause
from cognitui.webhooks.endpoint import check_endpoint
from cognitui.webhooks.endpoint_report import EndpointVerdict
from cognitui.webhooks.health.ping import ping_for
from tests.webhooks.health.receivers import RECEIVERS, SECRET, receiving

if TYPE_CHECKING:
    from collections.abc import Iterator

V = EndpointVerdict
QUIET = {"http.server", "fastify"}
"""They answer the same to OPTIONS and HEAD, whether a route takes POST or is not there."""
PINGED = TriggerEvent.ON_MESSAGE, "skill_1"


@pytest.fixture(scope="module", params=RECEIVERS)
def receiver(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """A receiver's name, and where it is."""
    name = request.param
    with receiving(name, tmp_path_factory.mktemp("receiver"), request.config) as origin:
        yield name, origin


async def test_without_a_ping_a_live_route_is_never_called_missing(
    receiver: tuple[str, str],
) -> None:
    name, origin = receiver
    report = await check_endpoint(f"{origin}/hook")
    assert report.verdict is (V.INCONCLUSIVE if name in QUIET else V.PRESENT)
    assert not report.is_pinged
    assert report.outcome is not Outcome.FAIL


async def test_without_a_ping_a_missing_route_is_inconclusive(receiver: tuple[str, str]) -> None:
    _, origin = receiver
    report = await check_endpoint(f"{origin}/hoook")
    assert (report.verdict, report.outcome) == (V.INCONCLUSIVE, Outcome.WARN)


async def test_a_ping_is_taken_by_a_live_route(receiver: tuple[str, str]) -> None:
    _, origin = receiver
    report = await check_endpoint(f"{origin}/hook", ping=ping_for(*PINGED, SECRET))
    assert (report.verdict, report.outcome) == (V.ACCEPTING, Outcome.OK)
    assert report.is_pinged
    assert report.stages[-1].name == "http POST"


async def test_a_ping_tells_that_a_route_is_missing(receiver: tuple[str, str]) -> None:
    _, origin = receiver
    report = await check_endpoint(f"{origin}/hoook", ping=ping_for(*PINGED, SECRET))
    assert (report.verdict, report.outcome) == (V.MISSING, Outcome.FAIL)
    assert report.summary == "it has no such route (POST 404)"


async def test_a_ping_with_another_secret_is_refused_and_the_route_is_there(
    receiver: tuple[str, str],
) -> None:
    _, origin = receiver
    report = await check_endpoint(f"{origin}/hook", ping=ping_for(*PINGED, "another" * 6))
    assert (report.verdict, report.cause) == (V.PRESENT, Cause.SIGNATURE)
    assert report.outcome is Outcome.FAIL
    assert report.summary == "it answers, but refuses our signature (POST 401)"
