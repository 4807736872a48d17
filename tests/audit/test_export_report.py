"""The report: its numbers are the log's, its size is bounded, and a browser finds nothing in it."""

from __future__ import annotations

import asyncio
import io
import random
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from cognitui.audit.export.axes import milliseconds, nice_ticks, time_ticks
from cognitui.audit.export.export import export, export_file
from cognitui.audit.export.markup import element
from cognitui.audit.export.subject import ExportFormat, Subject
from cognitui.audit.export.tally import (
    LEAST_STEPS,
    MOST_NAMES,
    MOST_STEPS,
    NEWEST,
    OTHERS,
    Group,
    Groups,
    Latencies,
    Tally,
    Timeline,
)
from cognitui.audit.records import Action, Outcome
from cognitui.audit.tally import percentile
from cognitui.histogram import WITHIN
from tests.support.chromium import browser, chromium

from .support import START, record

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.audit.store import AuditLog

SUBJECT = Subject(START)
HOSTILE = (
    "<script>document.title='gone'</script>",
    '"><img src="http://127.0.0.1:9/x" onerror="document.title=\'gone\'">',
    "</style></svg></title><iframe src=http://127.0.0.1:9/></iframe>",
    "'+alert(1)+'", "javascript:document.title='gone'", "&lt;b&gt;", "]]>-->", "\u202eevil\x1b[31m",
    "url(http://127.0.0.1:9/a.png)", "@import 'http://127.0.0.1:9/a.css';",
)  # fmt: skip


async def report(log: AuditLog, subject: Subject = SUBJECT) -> str:
    sink = io.BytesIO()
    await export(log, ExportFormat.HTML, subject, sink)
    return sink.getvalue().decode("utf-8")


async def fill(log: AuditLog) -> None:
    """Some weeks of a tenant, with everything hostile that a record can hold."""
    chance = random.Random(11)
    records = []
    for number in range(300):
        action = chance.choice([Action.WEBHOOK_REGISTER, Action.CALLBACK_SEND])
        outcome = chance.choice([Outcome.OK] * 8 + [Outcome.FAILED, Outcome.CANCELLED])
        at = START + timedelta(hours=3 * number)
        latency_ms = chance.lognormvariate(5, 1)
        webhook = f"wh_{number % 30}"
        changes = {"action": action, "outcome": outcome, "webhook_id": webhook}
        records.append(record(number, at=at, latency_ms=latency_ms, **changes))
    for number, text in enumerate(HOSTILE):
        fields = dict.fromkeys(
            ("tenant", "webhook_id", "skill_id", "endpoint", "event", "error_code", "detail"), text
        )
        at = START + timedelta(hours=3 * (300 + number))
        records.append(record(number, at=at, outcome=Outcome.FAILED, **fields))
    await asyncio.gather(*map(log.append, records))


class Elements(HTMLParser):
    """Every element of a document with its attributes, and the text outside of the style."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(document)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


async def test_its_numbers_are_the_efficiency_report(log: AuditLog) -> None:
    await fill(log)
    text = Elements(await report(log)).text
    for name, value in (await log.report()).as_dict().items():
        assert f"{name}: {value}" in text


async def test_of_one_tenant_since_a_moment(log: AuditLog) -> None:
    for number in range(10):
        await log.append(record(number, latency_ms=float(number)))
        await log.append(record(number, tenant="beta", latency_ms=1000.0))
    subject = Subject(START, tenant="acme", since=START + timedelta(seconds=8))
    text = Elements(await report(log, subject)).text
    assert "2 records of tenant acme, since 2026-01-31 12:00:08 UTC." in text
    assert "total_registrations: 2" in text
    assert "avg_latency_ms: 8.5" in text
    assert "beta" not in text


@pytest.mark.parametrize("count", [1, 2])
async def test_a_clock_that_was_very_wrong(log: AuditLog, count: int) -> None:
    ats = [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)][:count]
    for at in ats:
        await log.append(record(0, at=at))
    assert f"total_registrations: {count}" in Elements(await report(log)).text


async def test_an_empty_report_says_so(log: AuditLog) -> None:
    text = Elements(await report(log)).text
    assert "Nothing is recorded yet." in text
    assert "total_registrations: 0" in text


async def test_hostile_text_makes_no_element_and_no_attribute(log: AuditLog) -> None:
    plain = {"html", "head", "meta", "title", "style", "body", "main", "header", "footer"}
    plain |= {"section", "h1", "h2", "p", "code", "dl", "dt", "dd", "div", "span", "figure"}
    plain |= {"figcaption", "table", "thead", "tbody", "tr", "th", "td", "svg", "g", "text"}
    plain |= {"line", "rect", "circle", "polygon", "polyline"}
    await fill(log)
    parsed = Elements(await report(log))
    assert {tag for tag, _ in parsed.found} <= plain
    for _, attributes in parsed.found:
        assert not {"href", "src", "style", "onerror", "xlink:href", "srcdoc"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
    assert HOSTILE[0] in parsed.text
    assert "\\u202eevil\\x1b[31m" in parsed.text
    assert "\u202e" not in parsed.text


async def test_its_size_is_bounded(log: AuditLog, monkeypatch: pytest.MonkeyPatch) -> None:
    left = 40

    async def page(*_: object) -> list[Any]:
        nonlocal left
        left -= 1
        numbers = range(left * 500, (left + 1) * 500) if left >= 0 else range(0)
        long = "<" * 5000
        return [record(n, id=n + 1, webhook_id=f"{n}{long}", detail=long, tenant=long,
                       error_code=f"{n}{long}", outcome=Outcome.FAILED)
                for n in reversed(numbers)]  # fmt: skip

    monkeypatch.setattr(log, "scan", page)
    document = await report(log)
    assert f"The newest {NEWEST} records" in document
    assert "20,000 records of all tenants." in document
    assert len(document) < 1_000_000


def test_what_is_put_together_is_escaped() -> None:
    made = element("p", '<&>"', element("b", "x"), title='"<', class_="a b", data_a=1.5)
    assert made == (
        '<p title="&quot;&lt;" class="a b" data-a="1.5">&lt;&amp;&gt;&quot;<b>x</b></p>'
    )


def test_percentiles_are_within_what_is_promised() -> None:
    chance = random.Random(3)
    values = [chance.lognormvariate(4, 2) for _ in range(5000)]
    halves = Latencies(), Latencies()
    for number, value in enumerate(values):
        halves[number % 2].add(value)
    halves[0].merge(halves[1])
    ordered = sorted(values)
    for percent in (1, 50, 90, 95, 99, 100):
        exact = percentile(ordered, percent)
        assert halves[0].percentile(percent) == pytest.approx(exact, rel=WITHIN)
    assert halves[0].mean_ms == pytest.approx(sum(values) / len(values))
    assert sum(halves[0].distribution) == len(values)
    assert Latencies().percentile(50) is None


@pytest.mark.parametrize("value", [0.0, 1e-9, 5.0, 10_000.0, 1e12])
def test_one_latency_is_its_own_percentile(value: float) -> None:
    one = Latencies()
    one.add(value)
    assert one.percentile(95) == value


def test_time_is_cut_into_few_steps_whatever_it_covers() -> None:
    chance = random.Random(5)
    for span_s in (0, 50, 4000, 10**6, 10**9, 2 * 10**11):
        timeline = Timeline()
        first = datetime(2026, 5, 1, tzinfo=UTC)
        ats = [first + timedelta(seconds=chance.uniform(0, span_s)) for _ in range(500)]
        for at in ats:
            timeline.add("a", record(0, at=at))
        steps = timeline.steps()
        assert LEAST_STEPS <= len(steps) <= MOST_STEPS
        assert sum(group.total for _, groups in steps for group in groups.values()) == 500
        for begin, groups in steps:
            inside = [at for at in ats if begin <= at.timestamp() < begin + timeline.step_s]
            assert groups.get("a", Group()).total == len(inside)


def test_names_are_bounded() -> None:
    groups = Groups()
    for number in range(MOST_NAMES + 50):
        groups.add(f"wh_{number}", record(number))
    assert len(groups.items()) == MOST_NAMES + 1
    assert dict(groups.items())[OTHERS].total == 50


def test_cancelled_ones_are_not_counted() -> None:
    tally = Tally()
    tally.add([record(0), record(1, outcome=Outcome.CANCELLED), record(2, outcome=Outcome.FAILED)])
    group = tally.of(Action.WEBHOOK_REGISTER)
    assert (group.total, group.ok, group.cancelled, group.success_rate) == (2, 1, 1, 0.5)


@pytest.mark.parametrize("most", [0.0, 0.003, 1, 7, 99, 1234, 5e6])
def test_ticks_are_few_and_reach_the_most(most: float) -> None:
    ticks = nice_ticks(most)
    assert ticks[0] == 0
    assert ticks[-1] >= most
    assert 2 <= len(ticks) <= 6


def test_things_are_counted_in_whole_numbers() -> None:
    assert [nice_ticks(most, least_step=1) for most in (1, 3, 5)] == [
        [0, 1], [0, 1, 2, 3], [0, 2, 4, 6],
    ]  # fmt: skip


@pytest.mark.parametrize("span_s", [1, 59, 3600, 86_400, 10**7, 3 * 10**11])
def test_moments_on_an_axis_are_few(span_s: int) -> None:
    ticks = time_ticks(1000.5, 1000.5 + span_s)
    assert len(ticks) <= 8
    assert all(1000.5 <= tick <= 1000.5 + span_s for tick in ticks)


def test_a_time_has_its_unit() -> None:
    assert [milliseconds(ms) for ms in (0.0, 12.345, 999.4, 2500.0)] == [
        "0 ms", "12.3 ms", "999 ms", "2.5 s",
    ]  # fmt: skip
    assert milliseconds(500, of=2000) == "0.5 s"


@pytest.mark.skipif(chromium() is None, reason="there is no Chromium on this machine")
async def test_a_browser_finds_nothing_to_load_and_nothing_to_complain_of(
    log: AuditLog, tmp_path: Path
) -> None:
    await fill(log)
    path = tmp_path / "report.html"
    await export_file(log, ExportFormat.HTML, SUBJECT, path)
    grounds = {}
    async with browser() as page:
        for scheme in ("light", "dark"):
            media = [{"name": "prefers-color-scheme", "value": scheme}]
            await page.call("Emulation.setEmulatedMedia", features=media)
            await page.resize(1_280, 900)
            await page.open(path.as_uri())
            assert await page.value("document.title") == "cognitui audit report"
            assert await page.value("document.querySelectorAll('svg.chart').length") == 5
            assert await page.value("document.querySelectorAll('script, iframe, img').length") == 0
            grounds[scheme] = await page.value("getComputedStyle(document.body).backgroundColor")
            # The style counts: the policy knows it by its digest.
            assert await page.value("getComputedStyle(document.querySelector('.card')).padding")
            boxes = "[...document.querySelectorAll('svg.chart')].map((it) => it.clientWidth)"
            assert min(await page.value(boxes)) > 300
            assert await page.value("document.documentElement.scrollWidth <= innerWidth")
        await page.resize(400, 800)
        assert await page.value("document.documentElement.scrollWidth <= innerWidth")
        # Even a script that got in would not run, nor load anything.
        await page.value(
            "(it => { it.textContent = 'document.title = `gone`'; document.body.append(it); })"
            "(document.createElement('script'))"
        )
        assert await page.value("document.title") == "cognitui audit report"
        assert len(page.complaints) == 1
        assert "Content Security Policy" in page.complaints[0]
        assert set(page.urls) == {path.as_uri()}
    assert grounds == {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 23, 30)"}
