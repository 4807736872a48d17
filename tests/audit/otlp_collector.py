"""A collector of the tests' own: a real HTTP server that reads OTLP with the protocol's own types."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Labels = tuple[tuple[str, Any], ...]


@dataclass
class Collector:
    """What a collector was sent.

    Attributes:
        status: What it answers.
        hangs: Whether it never answers.
        headers: The headers of each request.
        raw: Each body.
        logs: The attributes of each log, with its ``body``, ``severity`` and ``resource``.
        counters: The last value of each counter, by name and labels.
        histograms: Count and sum of each histogram, by name and labels.
    """

    status: int = 200
    hangs: bool = False
    url: str = ""
    headers: list[dict[str, str]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    logs: list[dict[str, Any]] = field(default_factory=list)
    counters: dict[str, dict[Labels, float]] = field(default_factory=dict)
    histograms: dict[str, dict[Labels, tuple[int, float]]] = field(default_factory=dict)

    def take(self, path: str, body: bytes) -> None:
        self.raw.append(body)
        if path.endswith("/v1/logs"):
            self._take_logs(ExportLogsServiceRequest.FromString(body))
        elif path.endswith("/v1/metrics"):
            self._take_metrics(ExportMetricsServiceRequest.FromString(body))
        else:
            raise AssertionError(path)

    def _take_logs(self, request: ExportLogsServiceRequest) -> None:
        for resource in request.resource_logs:
            of_resource = _values(resource.resource.attributes)
            for scope in resource.scope_logs:
                self.logs += [
                    {
                        **_values(record.attributes),
                        "body": record.body.string_value,
                        "severity": record.severity_text,
                        "time": record.time_unix_nano,
                        "event": record.event_name,
                        "resource": of_resource,
                    }
                    for record in scope.log_records
                ]

    def _take_metrics(self, request: ExportMetricsServiceRequest) -> None:
        for resource in request.resource_metrics:
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    for point in metric.sum.data_points:
                        labels = tuple(sorted(_values(point.attributes).items()))
                        value = point.as_int or point.as_double
                        self.counters.setdefault(metric.name, {})[labels] = value
                    for one in metric.histogram.data_points:
                        labels = tuple(sorted(_values(one.attributes).items()))
                        self.histograms.setdefault(metric.name, {})[labels] = one.count, one.sum


def _values(attributes: Iterable[Any]) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, pair.value.WhichOneof("value")) for pair in attributes}


@contextmanager
def collecting(**options: Any) -> Iterator[Collector]:
    """A collector on loopback."""
    state, ended = Collector(**options), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.headers.append({name.lower(): value for name, value in self.headers.items()})
            if state.hangs:
                ended.wait(60)
                self.close_connection = True
                return
            if state.status == 200:
                state.take(self.path, body)
            self.send_response(state.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield state
    finally:
        ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
