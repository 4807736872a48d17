"""The report's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.audit.export.axes import milliseconds
from cognitui.audit.export.markup import Html, element, join
from cognitui.audit.export.text import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cognitui.audit.export.tally import Group, Tally
    from cognitui.audit.records import AuditRecord

MOST_WEBHOOKS = 50
MOST_ERRORS = 20
MAX_CELL = 120
NOTHING = "–"
MARKS = {"ok": "✓", "failed": "✗", "unconfirmed": "?", "cancelled": "–"}
_NUMBER = "number"
_NAME = "name"
_WIDE = "name wide"
_STILL = "still"
_GROUP = (
    "Total", "Succeeded", "Success rate", "Called off", "Mean", "p50", "p95", "p99", "Longest",
)  # fmt: skip


def actions(tally: Tally) -> Html:
    """How each kind of action went."""
    return _groups("Action", sorted(tally.actions.items()))


def webhooks(tally: Tally) -> Html:
    """How it went with each webhook, the worst first."""
    return _groups("Webhook", tally.webhooks.worst_first()[:MOST_WEBHOOKS])


def errors(tally: Tally) -> Html:
    """What went wrong how often, the most frequent first."""
    rows = [
        [(shown(code, MAX_CELL), _NAME), (f"{count:,}", _NUMBER)]
        for code, count in tally.errors.most_common(MOST_ERRORS)
    ]
    return _table("Errors", [("Error", _NAME), ("Records", _NUMBER)], rows)


def records(newest: Iterable[AuditRecord]) -> Html:
    """The newest records, newest first."""
    head = [
        ("No.", _NUMBER), ("At, UTC", _STILL), ("Action", _STILL), ("Outcome", _STILL),
        ("Tenant, who", _NAME), ("Target", _WIDE), ("Latency", _NUMBER), ("Tries", _NUMBER),
        ("Detail", _WIDE),
    ]  # fmt: skip
    return _table("Records", head, [_record(one) for one in newest])


def _record(record: AuditRecord) -> list[tuple[str, str]]:
    ids = " · ".join(shown(each, MAX_CELL) for each in (record.webhook_id, record.skill_id) if each)
    target = _two_lines(ids, record.endpoint)
    detail = f"{record.error_code}: {record.detail}" if record.error_code else record.detail
    outcome = str(record.outcome)
    mark = element("span", f"{MARKS[outcome]} {outcome}", class_=f"outcome {outcome}")
    return [
        (str(record.id), _NUMBER),
        (record.at.strftime("%Y-%m-%d %H:%M:%S"), _STILL),
        (str(record.action), _STILL),
        (mark, _STILL),
        (_two_lines(shown(record.tenant, MAX_CELL), record.actor), _NAME),
        (target, _WIDE),
        (time(record.latency_ms), _NUMBER),
        (str(len(record.attempts) or NOTHING), _NUMBER),
        (shown(detail, 2 * MAX_CELL), _WIDE),
    ]


def _two_lines(text: str, below: str) -> Html:
    lines = [element("div", shown(below, MAX_CELL), class_="muted")] if below else []
    return join([text, *lines])


def rate(value: float | None) -> str:
    """A success rate for people."""
    return NOTHING if value is None else f"{value * 100:.2f} %"


def time(ms: float | None) -> str:
    """A latency for people."""
    return NOTHING if ms is None else milliseconds(ms)


def _groups(what: str, groups: Sequence[tuple[str, Group]]) -> Html:
    rows = [
        [
            (shown(name, MAX_CELL), _NAME),
            *(
                (value, _NUMBER)
                for value in (
                    f"{group.total:,}",
                    f"{group.ok:,}",
                    rate(group.success_rate),
                    f"{group.cancelled:,}",
                    time(group.latencies.mean_ms),
                    *(time(group.latencies.percentile(percent)) for percent in (50, 95, 99)),
                    time(group.latencies.most_ms),
                )
            ),
        ]
        for name, group in groups
    ]
    return _table(
        f"By {what.lower()}", [(what, _NAME), *((name, _NUMBER) for name in _GROUP)], rows
    )


def _table(
    label: str, head: Sequence[tuple[str, str]], rows: Iterable[Sequence[tuple[str, str]]]
) -> Html:
    cells = [element("th", name, scope="col", class_=kind) for name, kind in head]
    body = [
        element("tr", *(element("td", text, class_=kind) for text, kind in row)) for row in rows
    ]
    table = element("table", element("thead", element("tr", *cells)), element("tbody", *body))
    return element("div", table, class_="scroll", role="region", aria_label=label, tabindex="0")
