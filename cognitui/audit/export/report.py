"""The audit log as a report for people: one HTML file that needs nothing but itself.

It asks for nothing over the network, and its policy would not let it; it has no script. Its size
is bounded: the log is counted, and only the newest records are listed.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.__about__ import __version__
from cognitui.audit.export import charts, tables
from cognitui.audit.export.markup import Html, element, join
from cognitui.audit.export.tally import NEWEST, Group, Tally
from cognitui.audit.export.text import shown
from cognitui.audit.records import Action
from cognitui.histogram import WITHIN

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cognitui.audit.export.subject import Subject
    from cognitui.audit.records import AuditRecord

STYLE = Path(__file__).with_name("report.css")
TITLE = "cognitui audit report"
MANY_WEBHOOKS = 6
"""More bars than these need the room of two charts."""

TIMED = ((Action.WEBHOOK_REGISTER, "registrations"), (Action.CALLBACK_SEND, "callbacks sent"))


class Report:
    """Counts what it is given, and writes the document at the end."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._tally = Tally()

    def begin(self) -> bytes:
        """Nothing: what stands at the top is known at the end."""
        return b""

    def page(self, records: Sequence[AuditRecord]) -> bytes:
        """Nothing yet."""
        self._tally.add(records)
        return b""

    def end(self) -> bytes:
        """The document."""
        return document(self._tally, self._subject).encode("utf-8")


def document(tally: Tally, subject: Subject) -> str:
    """The document of what was counted."""
    style = STYLE.read_text(encoding="utf-8")
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy(style)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", _title(subject)),
        element("style", Html(style)),
    )
    body = element("body", element("main", *_sections(tally, subject), _footer(tally, subject)))
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _policy(style: str) -> str:
    """Nothing may be loaded, and no style counts but the one that is here."""
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _title(subject: Subject) -> str:
    return f"{TITLE}: {shown(subject.tenant, 60)}" if subject.tenant else TITLE


def _sections(tally: Tally, subject: Subject) -> list[Html]:
    whose = f"tenant {shown(subject.tenant, 60)}" if subject.tenant else "all tenants"
    records = "1 record" if tally.records == 1 else f"{tally.records:,} records"
    since = f", since {_moment(subject.since)}" if subject.since else ""
    found = [
        element(
            "header",
            element("h1", "Audit report"),
            element("p", f"{records} of {whose}{since}.", class_="muted"),
        ),
        _section("Efficiency of registrations", _efficiency(tally)),
    ]
    if not tally.records:
        return [*found, element("p", "Nothing is recorded yet.")]
    found += [
        _section("How it went", element("div", *_figures(tally), class_="charts")),
        _section("By action", tables.actions(tally)),
    ]
    if tally.webhooks.worst_first():
        found.append(_section("By webhook, the lowest success rate first", tables.webhooks(tally)))
    if tally.errors:
        found.append(_section("Errors", tables.errors(tally)))
    newest = f"The newest {len(tally.newest):,} records" if tally.records > NEWEST else "Records"
    return [*found, _section(newest, tables.records(tally.newest))]


def _efficiency(tally: Tally) -> Html:
    report = tally.report
    numbers = report.as_dict()
    is_empty = not report.total_registrations
    cards = [
        ("Registrations", f"{report.total_registrations:,}", "total_registrations"),
        ("Success rate", tables.rate(None if is_empty else report.success_rate), "success_rate"),
        (
            "Average latency",
            tables.time(None if is_empty else report.avg_latency_ms),
            "avg_latency_ms",
        ),
    ]
    return element(
        "dl",
        *(
            element(
                "div",
                element("dt", title),
                element("dd", value),
                element("code", f"{name}: {numbers[name]}"),
                class_="card",
            )
            for title, value, name in cards
        ),
        class_="cards",
    )


def _figures(tally: Tally) -> list[Html]:
    steps, step_s = tally.timeline.steps(), tally.timeline.step_s
    all_of = [(at, _joined(groups)) for at, groups in steps]
    found = [_figure("Operations over time", charts.outcomes_over_time(all_of, step_s))]
    worst = tally.webhooks.worst_first()
    if worst:
        more = f" (the lowest {charts.MOST_BARS})" if len(worst) > charts.MOST_BARS else ""
        chart = charts.success_rates(worst)
        size = "tall" if len(worst) > MANY_WEBHOOKS else "short"
        found.append(_figure(f"Success rate by webhook{more}", chart, class_=size))
    timed = [
        (action, name, group.latencies)
        for action, name in TIMED
        if (group := tally.of(action)).latencies.count
    ]
    for action, name, _ in timed:
        of_action = [(at, groups.get(action)) for at, groups in steps]
        chart = charts.latency_over_time(name, of_action, step_s)
        found.append(_figure(f"Latency of {name} over time", chart))
    if timed:
        chart = charts.distribution([(name, latencies) for _, name, latencies in timed])
        found.append(_figure("Distribution of latencies", chart))
    return found


def _joined(groups: dict[str, Group]) -> Group:
    joined = Group()
    for group in groups.values():
        joined.merge(group)
    return joined


def _figure(caption: str, chart: Html, **attributes: str) -> Html:
    return element("figure", element("figcaption", caption), chart, **attributes)


def _section(title: str, *content: Html) -> Html:
    return element("section", element("h2", title), *content)


def _footer(tally: Tally, subject: Subject) -> Html:
    lines: list[Html] = []
    if tally.first_at is not None and tally.last_at is not None:
        covered = f"Covers {_moment(tally.first_at)} to {_moment(tally.last_at)}."
        lines.append(element("p", covered))
    lines.append(
        element(
            "p",
            "Operations that were called off on this side are not counted in totals and rates. "
            f"Percentiles are nearest-rank, within {WITHIN:.0%}. Times of day are UTC.",
        )
    )
    if subject.head:
        lines.append(element("p", "Head of the log: ", element("code", shown(subject.head, 500))))
    lines.append(element("p", f"Made {_moment(subject.made_at)} by cognitui {__version__}."))
    return element("footer", join(lines))


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
