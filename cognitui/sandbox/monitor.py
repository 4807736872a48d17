"""The external monitor: it keeps what it is sent, if it has the right shape."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from cognitui.sandbox.answers import Detail, invalid, read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from cognitui.sandbox.state import Tenant

MONITOR_PATH = "/monitor"
MAX_ENTRIES = 10
METRICS = ("avg_latency_ms", "success_rate", "total_registrations")


class MonitorRoutes:
    """What answers at ``/monitor``."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant = tenant

    def routes(self) -> list[Route]:
        """Where what is served."""
        return [Route(MONITOR_PATH, self.monitor, methods=["GET", "POST"])]

    async def monitor(self, request: Request) -> Response:
        """Take a report in, or show those that came."""
        if request.method != "POST":
            return JSONResponse({"items": self._tenant.monitor_received})
        report = await read_json(request)
        found = [*_check_trail(report.get("audit_trail")), *_check_metrics(report.get("metrics"))]
        if found:
            raise invalid(found)
        self._tenant.monitor_log.add({"receivedAt": time.time(), **report})
        return JSONResponse({"status": "ok", "received": len(report["audit_trail"])})


def _check_trail(trail: Any) -> Iterator[Detail]:
    if not isinstance(trail, list):
        yield Detail("audit_trail", "must be a list")
        return
    if len(trail) > MAX_ENTRIES:
        yield Detail("audit_trail", f"must hold the last {MAX_ENTRIES} entries, not {len(trail)}")
    for index, entry in enumerate(trail):
        if not isinstance(entry, dict):
            yield Detail(f"audit_trail[{index}]", "must be an object")


def _check_metrics(metrics: Any) -> Iterator[Detail]:
    if not isinstance(metrics, dict):
        yield Detail("metrics", "must be an object")
        return
    for name in METRICS:
        value = metrics.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
            yield Detail(f"metrics.{name}", "must be a number from 0")
        elif name == "success_rate" and value > 1:
            yield Detail("metrics.success_rate", "must be 0 to 1")
