"""Audit records and metrics as rows, cards and details: pure functions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from textual.content import Content

from cognitui.callbacks.display import safe_text
from cognitui.tui.render import Runs, plain
from cognitui.webhooks.words import counted, duration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cognitui.audit.metrics import Metrics
    from cognitui.audit.records import AuditRecord

LOADING = "\n◌ reading the log …"
NO_MATCH = "\nNo record matches the filter.\n\n  esc  clears it"
FAILED = "\n✗ {}\n\n  {{audit.reload:4}} reads it again"
EMPTY = """
Nothing was done{} yet.

  {{app.go-webhook:3}} register a webhook
  {{app.go-callbacks:3}} send a callback

Each leaves a record here, which stays when the console is closed.
"""
OUTCOMES = {
    "ok": ("✓ ok", "success"),
    "failed": ("✗ failed", "error"),
    "unconfirmed": ("? unknown", "warning"),
    "cancelled": ("– cancelled", "warning"),
}
BAR_WIDTH = 20
GOOD_RATE = 0.99


def record_row(record: AuditRecord, now: datetime) -> Runs:
    """One line of the log."""
    target = record.webhook_id or record.skill_id or record.endpoint
    latency = "–" if record.latency_ms is None else duration(record.latency_ms)
    return [
        (when(record.at, now), ""),
        (str(record.action), ""),
        OUTCOMES.get(str(record.outcome), (str(record.outcome), "")),
        (latency, ""),
        (safe_text(target, 60), ""),
    ]


def when(moment: datetime, now: datetime) -> str:
    """The local time; with the date and without seconds when it was not today."""
    local = moment.astimezone()
    is_today = local.date() == now.astimezone().date()
    return local.strftime("%H:%M:%S" if is_today else "%m-%d %H:%M")


def record_detail(record: AuditRecord) -> Content:
    """Everything about one record."""
    rows = [
        ("record", str(record.id)),
        ("at", record.at.isoformat(timespec="milliseconds")),
        ("action", str(record.action)),
        ("tenant", record.tenant),
        ("bot", record.bot_id),
        ("webhook", record.webhook_id),
        ("skill", record.skill_id),
        ("event", record.event),
        ("endpoint", record.endpoint),
        ("operation", record.operation_id),
        ("detail", record.detail),
    ]
    lines = [
        Content.assemble((f"{name:<11}", "$foreground-muted"), plain(value, 300))
        for name, value in rows
        if value
    ]
    lines += [
        Content.assemble(
            (f"attempt {a.number:<3}", "$foreground-muted"),
            f"{a.status or '–'}  {duration(a.ms)}",
            plain(f"  {a.error}" if a.error else ""),
        )
        for a in record.attempts
    ]
    for name, configuration in (("before", record.before), ("after", record.after)):
        if configuration is not None:
            lines += [Content(""), Content.styled(name, "$foreground-muted")]
            text = json.dumps(configuration, indent=2, ensure_ascii=False)
            lines += [plain(line, 300) for line in text.splitlines()]
    return Content("\n").join(lines)


def cards(metrics: Metrics) -> list[tuple[str, Content]]:
    """Title and value of each card."""
    made, sent = metrics.registrations, metrics.callbacks
    percentiles = " / ".join(_ms(value) for value in (made.p50_ms, made.p95_ms, made.p99_ms))
    return [
        ("registered", Content(str(made.total))),
        ("success", _rate(made.success_rate)),
        ("average", Content(_ms(made.avg_ms))),
        ("p50 / p95 / p99", Content(percentiles)),
        ("callbacks", Content(str(sent.total))),
        ("delivered", _rate(sent.success_rate)),
        ("verified", Content(f"{metrics.received.succeeded}/{metrics.received.total}")),
    ]


def cards_line(metrics: Metrics) -> Content:
    """The cards that matter most, where there is room for one line only."""
    made, sent = metrics.registrations, metrics.callbacks
    parts: list[Content | str] = [
        f"{made.total:,} registered",
        _rate(made.success_rate),
        f"{sent.total:,} sent",
        _rate(sent.success_rate),
        f"{metrics.received.succeeded:,}/{metrics.received.total:,} verified",
    ]
    return Content(" · ").join([Content(part) if isinstance(part, str) else part for part in parts])


def nothing_text(typed: str, *, tenant: str, problem: str) -> str:
    """What stands where the records would, with its keys as placeholders.

    Args:
        typed: What stands in the filter.
        tenant: Whose records are shown; empty for those of all.
        problem: Why the log could not be read, and what to do; empty when it could.
    """
    if problem:
        return FAILED.format(safe_text(problem, 500, multiline=True).replace("{", "{{"))
    if typed:
        return NO_MATCH
    return EMPTY.format(f" to {safe_text(tenant, 40)}" if tenant else "")


def series_title(name: str, series: Sequence[float]) -> Content:
    """What a line of latencies shows, with its scale."""
    if not series:
        return Content.styled(f"{name}s: none yet", "$foreground-muted")
    scale = f"{_ms(min(series))} – {_ms(max(series))}"
    return Content.styled(f"{counted(len(series), name)}: {scale}", "$foreground-muted")


def latencies(metrics: Metrics) -> list[tuple[str, int]]:
    """Registrations and callbacks sent, counted together in each range."""
    made, sent = metrics.registrations.histogram, metrics.callbacks.histogram
    return [(label, count + other) for (label, count), (_, other) in zip(made, sent, strict=True)]


def histogram_text(counts: list[tuple[str, int]]) -> Content:
    """Latencies by range, one bar a line; ranges that hold nothing at either end are left out."""
    filled = [i for i, (_, count) in enumerate(counts) if count]
    if not filled:
        return Content.styled("no latencies yet", "$foreground-muted")
    kept = counts[filled[0] : filled[-1] + 1]
    most = max(count for _, count in kept)
    lines = [
        Content.assemble(
            (f"{label:>10}  ", "$foreground-muted"),
            ("█" * max(1, round(count / most * BAR_WIDTH)) if count else "", "$primary"),
            f" {count}",
        )
        for label, count in kept
    ]
    return Content("\n").join(lines)


def _rate(rate: float | None) -> Content:
    if rate is None:
        return Content("–")
    return Content.styled(f"{rate * 100:.1f} %", "$success" if rate >= GOOD_RATE else "$warning")


def _ms(value: float | None) -> str:
    return "–" if value is None else duration(value)
