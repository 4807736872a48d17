"""The OpenTelemetry SDK, set up for one collector. Imported only where one is configured.

It keeps everything to itself: no global provider, nothing that runs at exit, no word on the
terminal.
"""

from __future__ import annotations

import json
import logging
import threading
import uuid
from typing import TYPE_CHECKING

import requests
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource

from cognitui.__about__ import __version__
from cognitui.audit.records import Outcome
from cognitui.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognitui.audit.otlp.target import OtlpTarget
    from cognitui.audit.records import AuditRecord

SCOPE = "cognitui.audit"
EXPORT_TIMEOUT_S = 2.0
METRICS_EVERY_S = 15.0
LOGS_EVERY_S = 1.0
MAX_QUEUE = 2048
MAX_BATCH = 256
BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_SEVERITIES = {
    Outcome.OK: (SeverityNumber.INFO, "INFO"),
    Outcome.FAILED: (SeverityNumber.ERROR, "ERROR"),
    Outcome.UNCONFIRMED: (SeverityNumber.WARN, "WARN"),
    Outcome.CANCELLED: (SeverityNumber.WARN, "WARN"),
}
_TEXTS = (
    "operation_id", "actor", "tenant", "bot_id", "webhook_id", "skill_id", "endpoint", "event",
)  # fmt: skip


class Pipeline:
    """Counters, histograms and logs of one collector."""

    def __init__(self, target: OtlpTarget) -> None:
        _keep_quiet()
        resource = Resource.create({
            "service.name": "cognitui",
            "service.version": __version__,
            "service.instance.id": str(uuid.uuid4()),
        })  # fmt: skip
        reader = PeriodicExportingMetricReader(
            OTLPMetricExporter(
                endpoint=f"{target.endpoint}/v1/metrics",
                headers=target.headers,
                timeout=EXPORT_TIMEOUT_S,
                session=_session(target),
            ),
            export_interval_millis=METRICS_EVERY_S * 1000,
        )
        self._meters = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
        self._loggers = LoggerProvider(resource, shutdown_on_exit=False)
        self._loggers.add_log_record_processor(
            BatchLogRecordProcessor(
                OTLPLogExporter(
                    endpoint=f"{target.endpoint}/v1/logs",
                    headers=target.headers,
                    timeout=EXPORT_TIMEOUT_S,
                    session=_session(target),
                ),
                schedule_delay_millis=LOGS_EVERY_S * 1000,
                max_export_batch_size=MAX_BATCH,
                max_queue_size=MAX_QUEUE,
            )
        )
        self._logger = self._loggers.get_logger(SCOPE, __version__)
        meter = self._meters.get_meter(SCOPE, __version__)
        self._operations = meter.create_counter(
            "cognitui.operations", "{operation}", "Operations by what came of them."
        )
        self._attempts = meter.create_counter(
            "cognitui.operation.attempts", "{request}", "HTTP requests that operations took."
        )
        self._durations = meter.create_histogram(
            "cognitui.operation.duration",
            "s",
            "How long operations took.",
            explicit_bucket_boundaries_advisory=BOUNDS_S,
        )

    def emit(self, record: AuditRecord) -> None:
        """Count a record, and queue it as a log."""
        labels = {
            "cognitui.action": str(record.action),
            "cognitui.outcome": str(record.outcome),
            "cognitui.tenant": record.tenant,
        }
        self._operations.add(1, labels)
        if record.attempts:
            self._attempts.add(len(record.attempts), labels)
        if record.latency_ms is not None:
            self._durations.record(record.latency_ms / 1000, labels)
        self._logger.emit(_log_of(record))

    def close(self, patience_s: float) -> None:
        """Send what is queued: logs and metrics at once, so that neither waits for the other."""
        ends = [self._meters.shutdown, self._loggers.shutdown]
        threads = [
            threading.Thread(target=_quietly, args=(end,), name="cognitui-otlp-end", daemon=True)
            for end in ends
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(patience_s)


def _log_of(record: AuditRecord) -> LogRecord:
    """A record as a log; like the record it holds no secret."""
    number, severity = _SEVERITIES[record.outcome]
    attributes: dict[str, str | int | float] = {
        "cognitui.action": str(record.action),
        "cognitui.outcome": str(record.outcome),
        "cognitui.attempts": len(record.attempts),
    }
    for name in _TEXTS:
        if value := getattr(record, name):
            attributes[f"cognitui.{name}"] = _text(value)
    if record.id is not None:
        attributes["cognitui.record_id"] = record.id
    if record.latency_ms is not None:
        attributes["cognitui.latency_ms"] = record.latency_ms
    if record.error_code:
        attributes["error.type"] = _text(record.error_code)
    for name, configuration in (("before", record.before), ("after", record.after)):
        if configuration is not None:
            attributes[f"cognitui.{name}"] = json.dumps(configuration, sort_keys=True)
    return LogRecord(
        timestamp=int(record.at.timestamp() * 1_000_000) * 1000,  # in ns
        severity_number=number,
        severity_text=severity,
        body=_text(record.detail) or f"{record.action}: {record.outcome}",
        attributes=attributes,
        event_name=f"cognitui.{record.action}",
    )


def _text(value: str) -> str:
    # Half a surrogate pair is not text to protobuf.
    return value.encode("utf-8", "backslashreplace").decode("utf-8")


def _session(target: OtlpTarget) -> requests.Session:
    session = requests.Session()
    session.trust_env = not target.is_local  # for this machine no proxy is asked
    # With none of its own it would send a password from a .netrc, in the place of our headers.
    session.auth = _as_it_is
    session.max_redirects = 0  # the headers are for this collector alone
    return session


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _quietly(end: Callable[[], object]) -> None:
    try:
        end()
    except Exception as error:  # noqa: BLE001 - nobody waits for this thread, so it is logged
        get_logger().error("otlp_failed", error_type=type(error).__name__)


def _keep_quiet() -> None:
    """Send the SDK's complaints to our log, which a console has in a file."""
    for name in ("opentelemetry", "urllib3"):
        logger = logging.getLogger(name)
        logger.propagate = False
        if not any(isinstance(handler, _ToOurLog) for handler in logger.handlers):
            logger.addHandler(_ToOurLog(logging.WARNING))


class _ToOurLog(logging.Handler):
    """Tells that something went wrong, and where; not in its words, which may hold anything."""

    def emit(self, record: logging.LogRecord) -> None:
        get_logger().warning("otlp_trouble", logger=record.name)
