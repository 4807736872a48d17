"""Report cards and bursts as text: pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from cognitui.callbacks.tamper.advice import fix_for
from cognitui.callbacks.tamper.card import Mark
from cognitui.tui.render import plain
from cognitui.tui.widgets.row_text import Column, Row
from cognitui.webhooks.words import duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cognitui.callbacks.burst.snapshot import BurstSnapshot, Step
    from cognitui.callbacks.tamper.card import CaseResult, ReportCard
    from cognitui.callbacks.tamper.case import Case

CASE_COLUMNS = (
    Column("case", "CASE", 24, share=1),
    Column("level", "LEVEL", 6, rank=2),
    Column("answers", "ANSWERED", 12, rank=1),
)
_MARKS = {
    Mark.SOUND: ("✓", "good"),
    Mark.WEAK: ("!", "warn"),
    Mark.UNSOUND: ("✗", "bad"),
    Mark.INCONCLUSIVE: ("?", "muted"),
}
_COLOURS = {
    Mark.SOUND: "$success",
    Mark.WEAK: "$warning",
    Mark.UNSOUND: "$error",
    Mark.INCONCLUSIVE: "$foreground-muted",
}
LATE_S = 0.1
ONE_DIGIT_MS = 10
BLOCKS = " ▁▂▃▄▅▆▇█"
BAR = "█"


def case_row(result: CaseResult) -> Row:
    """One line of the list of cases."""
    answers = ", ".join(str(status or "none") for status in result.statuses) or "not sent"
    mark, role = _MARKS[result.mark]
    return Row(
        (
            ((f"{mark} ", role), (result.title, "")),
            ((str(result.level), "muted"),),
            ((answers, "muted"),),
        )
    )


def case_detail(result: CaseResult) -> Content:
    """What was sent, what came back, why it matters and what to do."""
    lines = [
        plain(f"{result.title}: {result.mark}", 300).stylize(_COLOURS[result.mark]),
        _field("sent", result.sent),
        _field("answered", result.summary),
        _field("expected", result.expected),
        _field("why", result.why),
    ]
    if result.mark in {Mark.UNSOUND, Mark.WEAK}:
        lines.append(_field("to do", fix_for(result.topic, None)))
    return Content("\n").join(lines)


def probing_text(case: Case | None, ended: int) -> Content:
    """What a probe is at."""
    words = f"{ended} sent" if case is None else f"{ended} sent, now: {case.title}"
    return Content.styled(f"◌ {words}", "$warning")


def conclusion_text(card: ReportCard) -> Content:
    """The card in a line or two."""
    if card.control:
        colour, mark = "$error", "?"
    elif card.has_failed:
        colour, mark = "$error", "✗"
    else:
        colour, mark = ("$warning", "!") if card.is_weak else ("$success", "✓")
    return Content.assemble(
        plain(f"{mark} {card.conclusion}", 600).stylize(colour),
        Content.styled(f"\n{card.score}", "$foreground-muted"),
    )


def _field(name: str, text: str) -> Content:
    return Content.assemble((f"{name:<9} ", "$foreground-muted"), plain(text, 1000))


# Bursts


def burst_text(snapshot: BurstSnapshot, width: int) -> Content:
    """How a burst stands: counts, percentiles, the times of answers, and how they went on."""
    colour = "$error" if snapshot.failed else "$success" if snapshot.is_over else "$warning"
    mark = "◌" if not snapshot.is_over else "✗" if snapshot.failed else "✓"
    lines = [
        plain(f"{mark} {snapshot.reason}", 300).stylize(colour),
        _numbers(snapshot),
        Content(""),
        _percentiles(snapshot),
    ]
    if snapshot.failures:
        told = "  ".join(f"{kind} {count:,}" for kind, count in sorted(snapshot.failures.items()))
        lines.append(Content.assemble(("failed    ", "$foreground-muted"), plain(told, 400)))
    lines += [Content(""), *_plot(snapshot.timeline, width)]
    lines += [Content(""), *_bars(snapshot.bars, width)]
    return Content("\n").join(lines)


def _numbers(snapshot: BurstSnapshot) -> Content:
    left = "" if snapshot.eta_s is None or snapshot.is_over else f"   {snapshot.eta_s:.0f} s left"
    behind = f"   {snapshot.behind_s:.1f} s behind" if snapshot.behind_s >= LATE_S else ""
    rate = snapshot.rate if snapshot.is_over else snapshot.rate_now
    return Content.styled(
        f"{snapshot.sent:,} sent   {snapshot.in_flight} in flight   {rate:,.0f}/s"
        f"   {snapshot.elapsed_s:.1f} s{left}{behind}",
        "$foreground-muted",
    )


def _percentiles(snapshot: BurstSnapshot) -> Content:
    latency = snapshot.latency
    told = (
        ("p50", latency.p50),
        ("p90", latency.p90),
        ("p95", latency.p95),
        ("p99", latency.p99),
        ("max", latency.longest),
    )
    return Content.assemble(
        ("latency   ", "$foreground-muted"),
        *((f"{name} {duration(ms)}  ", "") for name, ms in told),
    )


def _plot(timeline: Sequence[Step], width: int) -> list[Content]:
    """The p95 of each stretch as a bar, the newest at the right."""
    room = max(10, width - 12)
    steps = [step for step in timeline if step.p95 > 0][-room:]
    if not steps:
        return [Content.styled("the times of the answers over time: none yet", "$foreground-muted")]
    most = max(step.p95 for step in steps)
    bars = "".join(BLOCKS[max(1, round(8 * step.p95 / most))] for step in steps)
    begin, end = steps[0].at_s, steps[-1].at_s + steps[-1].seconds
    return [
        Content.assemble((f"p95 {duration(most):>7}", "$foreground-muted"), (f" {bars}", "")),
        Content.styled(
            f"{'':>12}{_span(f'{begin:.0f} s', f'{end:.0f} s', len(bars))}", "$foreground-muted"
        ),
    ]


def _span(begin: str, end: str, width: int) -> str:
    """Where the bars begin and end, below both ends of them where there is room."""
    gap = width - len(begin) - len(end)
    return f"{begin}{'':{gap}}{end}" if gap > 0 else f"{begin} – {end}"


def _bars(bars: Sequence[tuple[float, float, int]], width: int) -> list[Content]:
    """How many answers took how long."""
    if not bars:
        return []
    most = max(count for _, _, count in bars)
    room = max(5, width - 34)
    return [
        Content.assemble(
            (f"{f'{_short(low)} – {_short(high)} ms':>20} ", "$foreground-muted"),
            BAR * max(1 if count else 0, round(room * count / most)),
            (f" {count:,}", "$foreground-muted"),
        )
        for low, high, count in bars
    ]


def _short(ms: float) -> str:
    return f"{ms:.1f}" if ms < ONE_DIGIT_MS else f"{ms:,.0f}"
