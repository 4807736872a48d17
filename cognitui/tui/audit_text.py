"""Audit records and metrics as rows, cards and details: pure functions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from textual.content import Content

from cognitui.tui.render import plain
from cognitui.webhooks.words import duration

if TYPE_CHECKING:
    from cognitui.audit.metrics import Metrics
    from cognitui.audit.records import AuditRecord

OUTCOMES = {
    "ok": ("✓ ok", "$success"),
    "failed": ("✗ failed", "$error"),
    "unconfirmed": ("? unknown", "$warning"),
    "cancelled": ("– cancelled", "$warning"),
}
BAR_WIDTH = 24


def outcome_cell(outcome: str) -> Content:
    """A mark and a word."""
    text, colour = OUTCOMES.get(outcome, (outcome, ""))
    return Content.styled(text, colour)


def record_row(record: AuditRecord) -> list[Content]:
    """One line of the log."""
    target = record.webhook_id or record.skill_id or record.endpoint
    return [
        Content(record.at.astimezone().strftime("%m-%d %H:%M:%S")),
        Content(str(record.action)),
        outcome_cell(str(record.outcome)),
        plain(target, 40),
        Content("–" if record.latency_ms is None else duration(record.latency_ms)),
        Content(str(len(record.attempts) or "–")),
    ]


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
        Content.assemble((f"{name:<11}", "$text-muted"), plain(value, 300))
        for name, value in rows
        if value
    ]
    lines += [
        Content.assemble(
            (f"attempt {a.number:<3}", "$text-muted"),
            f"{a.status or '–'}  {duration(a.ms)}",
            plain(f"  {a.error}" if a.error else ""),
        )
        for a in record.attempts
    ]
    for name, configuration in (("before", record.before), ("after", record.after)):
        if configuration is not None:
            lines += [Content(""), Content.styled(name, "$text-muted")]
            text = json.dumps(configuration, indent=2, ensure_ascii=False)
            lines += [plain(line, 300) for line in text.splitlines()]
    return Content("\n").join(lines)


def cards(metrics: Metrics) -> list[tuple[str, Content]]:
    """Title and value of each card."""
    made = metrics.registrations
    sent = metrics.callbacks
    return [
        ("registrations", Content(str(made.count))),
        ("success", _rate(made.success_rate, made.count)),
        ("average", _ms(made.avg_ms)),
        ("p50 / p95 / p99", Content(" / ".join(map(_short, (made.p50_ms, made.p95_ms, made.p99_ms))))),
        ("callbacks", Content(str(sent.count))),
        ("delivered", _rate(sent.success_rate, sent.count)),
        ("callback p95", _ms(sent.p95_ms)),
    ]  # fmt: skip


def histogram_text(counts: list[tuple[str, int]]) -> Content:
    """Latencies by range, one bar a line; ranges that hold nothing at either end are left out."""
    filled = [i for i, (_, count) in enumerate(counts) if count]
    if not filled:
        return Content.styled("no latencies yet", "$text-muted")
    kept = counts[filled[0] : filled[-1] + 1]
    most = max(count for _, count in kept)
    lines = [
        Content.assemble(
            (f"{label:>10}  ", "$text-muted"),
            ("█" * max(1, round(count / most * BAR_WIDTH)) if count else "", "$primary"),
            f" {count}",
        )
        for label, count in kept
    ]
    return Content("\n").join(lines)


def _rate(rate: float, count: int) -> Content:
    if not count:
        return Content("–")
    good = rate >= 0.99  # noqa: PLR2004
    return Content.styled(f"{rate * 100:.1f} %", "$success" if good else "$warning")


def _ms(value: float | None) -> Content:
    return Content("–" if value is None else duration(value))


def _short(value: float | None) -> str:
    return "–" if value is None else duration(value)
