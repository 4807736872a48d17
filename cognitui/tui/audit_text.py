"""Audit records and numbers as rows, cards, details and states: pure functions."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING

from textual.content import Content

from cognitui.callbacks.display import safe_json, safe_text
from cognitui.tui.render import plain
from cognitui.tui.widgets.row_text import Column, Row
from cognitui.webhooks.diff import LineKind, value_diff
from cognitui.webhooks.words import counted, duration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cognitui.audit.overview import Measured, Overview
    from cognitui.audit.records import AuditRecord

MUTED = "$foreground-muted"
OUTCOMES = {
    "ok": ("✓ ok", "success"),
    "failed": ("✗ failed", "error"),
    "unconfirmed": ("? unknown", "warning"),
    "cancelled": ("– cancelled", "warning"),
}
ROLES = {"success": "good", "error": "bad", "warning": "warn"}
GOOD_RATE = 0.99
MAX_LINE = 300
SLACK = 1e-6
"""Rates are rounded down, but 0.29 is 29 % even where it is stored as a little less."""

# The list

COLUMNS = (
    Column("at", "AT", 13),
    Column("action", "ACTION", 17),
    Column("outcome", "OUTCOME", 11),
    Column("latency", "LATENCY", 8, rank=1),
    Column("target", "TARGET", 12, share=2, rank=2, most=40),
    Column("event", "EVENT", 15, rank=3),
    Column("detail", "DETAIL", 20, share=4, rank=4),
)
HEADER_INDENT = 2


def record_row(record: AuditRecord, now: datetime) -> Row:
    """One line of the log."""
    target = record.webhook_id or record.skill_id or record.endpoint
    endpoint = "" if target == record.endpoint else record.endpoint
    latency = "–" if record.latency_ms is None else duration(record.latency_ms)
    outcome, colour = OUTCOMES.get(str(record.outcome), (str(record.outcome), ""))
    return Row((
        ((when(record.at, now), ""),),
        ((str(record.action), ""),),
        ((outcome, ROLES.get(colour, "")),),
        ((latency, ""),),
        ((safe_text(target, 60), ""),),
        ((safe_text(record.event, 20), "muted"),),
        ((safe_text(record.detail or endpoint, 200), "muted"),),
    ))  # fmt: skip


def when(moment: datetime, now: datetime) -> str:
    """The local time; with the date and without seconds when it was not today."""
    local = moment.astimezone()
    is_today = local.date() == now.astimezone().date()
    return local.strftime("%H:%M:%S" if is_today else "%m-%d %H:%M")


# The cards

KINDS = (
    ("registrations", "registered", ""),
    ("callbacks", "sent", "delivered"),
    ("received", "received", "verified"),
)
_NUMBERS = (
    ("average", "avg_ms"), ("p50", "p50_ms"), ("p90", "p90_ms"), ("p95", "p95_ms"),
    ("p99", "p99_ms"), ("slowest", "most_ms"),
)  # fmt: skip
_NAME, _TOTAL, _RATE, _MS = 10, 9, 21, 9


def cards_text(overview: Overview | None, width: int) -> Content:
    """How registrations, callbacks sent and callbacks received went: a line each, under titles.

    Args:
        overview: What the log says; ``None`` while it is read.
        width: Cells; numbers that find no room are left out.
    """
    room = (width - _NAME - _TOTAL - _RATE) // _MS
    numbers = _NUMBERS[: max(room, 0)]
    titles = "".join(f"{title:>{_MS}}" for title, _ in numbers)
    head = f"{'':<{_NAME}}{'total':>{_TOTAL}}  {'success':<{_RATE - 2}}{titles}"
    lines = [Content.styled(head.rstrip(), MUTED)]
    for kind, name, verb in KINDS:
        measured: Measured | None = getattr(overview, kind, None)
        total = "–" if measured is None else f"{measured.total:,}"
        rate = _rate(measured, verb)
        lines.append(
            Content.assemble(
                (f"{name:<{_NAME}}", MUTED),
                (f"{total:>{_TOTAL}}  ", "bold"),
                rate,
                " " * max(0, _RATE - 2 - rate.cell_length),
                "".join(f"{_ms(getattr(measured, field, None)):>{_MS}}" for _, field in numbers),
            )
        )
    return Content("\n").join(lines)


def cards_line(overview: Overview | None) -> Content:
    """The numbers that matter most, where there is room for one line only."""
    parts = []
    for kind, name, _ in KINDS:
        measured: Measured | None = getattr(overview, kind, None)
        if measured is not None:
            rate = measured.success_rate
            words = "" if rate is None else f" {percent(rate, digits=0)}"
            colour = "" if rate is None or rate >= GOOD_RATE else "$warning"
            parts.append(Content.assemble(f"{measured.total:,} {name}", (words, colour)))
    return Content(" · ").join(parts)


def _rate(measured: Measured | None, verb: str) -> Content:
    if measured is None or measured.success_rate is None:
        return Content("–")
    is_good = measured.success_rate >= GOOD_RATE
    mark = "✓" if is_good else "!"
    words = f"{mark} {percent(measured.success_rate)} {verb}".rstrip()
    return Content.styled(words, "$success" if is_good else "$warning")


def percent(rate: float, *, digits: int = 1) -> str:
    """A rate from 0 to 1 in words; only what is all is said to be 100 %."""
    shown = math.floor(rate * 100 * 10**digits + SLACK) / 10**digits
    return f"{shown:.{digits}f} %"


def _ms(value: float | None) -> str:
    return "–" if value is None else duration(value)


# One record


def record_detail(record: AuditRecord) -> Content:
    """Everything about one record: what was done, how it went, and what it changed."""
    parts = [_head(record), *_told(record)]
    if record.before is not None and record.after is not None:
        parts += [Content(""), changes_text(record)]
    parts += [Content(""), *_rows(record), *_attempts(record)]
    if (record.before is None) is not (record.after is None):
        # All of a configuration is long: it stands where it is in nobody's way.
        parts += [Content(""), changes_text(record)]
    return Content("\n").join(parts)


def _head(record: AuditRecord) -> Content:
    outcome, colour = OUTCOMES.get(str(record.outcome), (str(record.outcome), ""))
    took = "" if record.latency_ms is None else f"  {duration(record.latency_ms)}"
    return Content.assemble(
        (str(record.action), "bold"), "  ", (outcome, f"${colour}" if colour else ""), (took, MUTED)
    )


def _told(record: AuditRecord) -> list[Content]:
    return _named([("detail", record.detail), ("error", record.error_code)])


def _rows(record: AuditRecord) -> list[Content]:
    return _named([
        ("at", record.at.astimezone().isoformat(" ", timespec="milliseconds")),
        ("by", record.actor),
        ("webhook", record.webhook_id),
        ("skill", record.skill_id),
        ("event", record.event),
        ("endpoint", record.endpoint),
        ("tenant", record.tenant),
        ("bot", record.bot_id),
        ("operation", record.operation_id),
        ("record", str(record.id)),
    ])  # fmt: skip


def _named(rows: Sequence[tuple[str, str]]) -> list[Content]:
    return [
        Content.assemble((f"{name:<11}", MUTED), plain(value, MAX_LINE))
        for name, value in rows
        if value
    ]


def _attempts(record: AuditRecord) -> list[Content]:
    return [
        Content.assemble(
            (f"attempt {a.number:<3}", MUTED),
            f"{a.status or '–'}  {duration(a.ms)}",
            plain(f"  {a.error}" if a.error else ""),
        )
        for a in record.attempts
    ]


def changes_text(record: AuditRecord) -> Content:
    """The configuration before and after, line by line; the sign in front says what colour does."""
    lines = value_diff(record.before, record.after, context=1)
    if record.before is None:
        title = "What was made"
    elif record.after is None:
        title = "What was there before"
    elif all(line.kind in {LineKind.SAME, LineKind.GAP} for line in lines):
        return Content.styled("Before and after are the same.", MUTED)
    else:
        title = "What changed: - before, + after"
    styles = {LineKind.ADDED: "$success", LineKind.REMOVED: "$error", LineKind.GAP: MUTED}
    return Content("\n").join([
        Content.styled(title, MUTED),
        *(
            plain(f"{line.kind} {line.text}", MAX_LINE).stylize(styles.get(line.kind, ""))
            for line in lines
        ),
    ])  # fmt: skip


# States

LOADING = "\n◌ reading the log …"
STAYS = "Each leaves a record here, which stays when the console is closed."
GOES = "Each leaves a record here. The demo's log ends with the demo; yours stays."


def nothing_text(typed: str, *, within: str, tenant: str, problem: str, is_passing: bool) -> str:
    """What stands where the records would, with its keys as placeholders.

    Args:
        typed: What stands in the filter.
        within: How far back it is looked, such as ``24h``; empty for all there is.
        tenant: Whose records are shown; empty for those of all.
        problem: Why the log could not be read, and what to do; empty when it could.
        is_passing: Whether the log goes when the console is closed.
    """
    if problem:
        words = safe_text(problem, 500, multiline=True)
        return f"\n✗ {words}\n\n  {{audit.reload:4}} reads it again"
    if typed or within:
        last = f" in the last {within}" if within else ""
        head = f"No record{last} matches the filter." if typed else f"Nothing was done{last}."
        ways = ["  esc  clears the filter"] if typed else []
        ways += ["  {audit.widen:4} looks further back"] if within else []
        return "\n".join(["", head, "", *ways])
    of_whom = f" to {safe_text(tenant, 40)}" if tenant else ""
    return f"""
Nothing was done{of_whom} yet.

  {{app.go-webhook:3}} register a webhook
  {{app.go-callbacks:3}} send a callback

{GOES if is_passing else STAYS}
"""


def state_text(records: int | None, new: int, *, is_dated: bool) -> Content:
    """What stands beside the ranges.

    Args:
        records: How many were found; ``None`` while they are counted.
        new: How many came above the cursor.
        is_dated: Whether the filter says itself how far back it looks.
    """
    parts = ["as far back as the filter says"] if is_dated else []
    if records is not None:
        parts.append(counted(records, "record").replace(str(records), f"{records:,}", 1))
    text = Content.styled(" · ".join(parts), MUTED)
    return text + Content.styled(f"  ↑ {new:,} new above", "$accent") if new else text


def gone_words(record: AuditRecord) -> str:
    """What to say when the tenant knows a record's webhook no more."""
    name = safe_text(record.webhook_id, 60)
    has_more = record.before is not None or record.after is not None
    told = " The record's detail tells what it was." if has_more else ""
    return f"{name} is no more: the tenant has no such webhook.{told}"


def as_json(record: AuditRecord) -> str:
    """All of a record, for copying."""
    return safe_json(asdict(record) | {"at": record.at.isoformat()})
