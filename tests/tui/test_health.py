"""The Health place: what it shows, what it tells, and what it does while nobody looks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from cognitui.cli.demo import TENANT
from cognitui.config import Config
from cognitui.network.outcome import Outcome
from cognitui.tui import health_text
from cognitui.tui.health_view import CHECK, GROUP, WELL, HealthView
from cognitui.webhooks.endpoint_report import EndpointVerdict
from cognitui.webhooks.health.course import Course, Mark
from tests.webhooks.health.support import START, check, ref, refused, well

from .support import WIDE, run_console, with_sandbox

if TYPE_CHECKING:
    from cognitui.sandbox import Sandbox
    from cognitui.settings import Settings
    from cognitui.webhooks.health.check import Check

NOW = START + timedelta(hours=2)


def course(*checks: Check) -> Course:
    """The course of one webhook, from its checks, the oldest first."""
    marks = tuple(
        Mark(one.at, one.verdict, one.outcome, one.group_key, one.tls_days_left, one.ms)
        for one in reversed(checks)
    )
    latest = checks[-1]
    return Course(latest, latest.at if latest.is_unhealthy else None, marks)


def texts(view: HealthView) -> list[str]:
    rows = view.rows()
    return [
        " ".join("".join(text for text, _ in cell) for cell in rows.row(at).cells)
        for at in range(len(rows))
    ]


def test_sick_ones_come_first_by_cause_and_the_well_are_folded() -> None:
    view = HealthView()
    sick = [course(check(refused(), webhook=ref(f"wh_{n}"))) for n in range(3)]
    fails = well(verdict=EndpointVerdict.SERVER_ERROR, summary="it fails")
    one = course(check(fails, webhook=ref("wh_9"), url="https://other.example/x"))
    view.put([*sick, one, course(check(webhook=ref("wh_w")))], NOW)
    shown = texts(view)
    assert shown[0].startswith("✗ 3 webhooks: nothing accepts connections")
    assert [line.split()[0] for line in shown[1:4]] == ["wh_0", "wh_1", "wh_2"]
    assert shown[4].startswith("✗ 1 webhook: the program at other.example fails")
    assert shown[-1] == "✓ 1 webhook is well"
    view.toggle(GROUP + WELL)
    assert texts(view)[-1].startswith("wh_w ")
    heading = view.rows().key(0)
    assert view.group(heading) is not None
    assert len(view.refs(heading)) == 3
    assert view.course(heading) is None
    assert view.refs(view.rows().key(1)) == [sick[0].latest.ref]
    assert view.rows().key(1).startswith(CHECK)


def test_what_a_check_has_just_found_is_put_where_it_belongs() -> None:
    view = HealthView()
    view.put([course(check(webhook=ref(f"wh_{n}"))) for n in range(3)], NOW)
    view.toggle(GROUP + WELL)
    assert texts(view) == ["✓ 3 webhooks are well"]
    view.note(check(refused(), 1, webhook=ref("wh_1")))
    view.note(check(refused(), 1, webhook=ref("wh_new")))
    view.arrange(NOW)
    assert texts(view)[0].startswith("✗ 2 webhooks: nothing accepts")
    assert [line.split()[0] for line in texts(view)[1:3]] == ["wh_1", "wh_new"]
    assert texts(view)[3] == "✓ 2 webhooks are well"
    assert "▄✗" in texts(view)[1]
    assert view.refs(GROUP + WELL) == [ref("wh_0"), ref("wh_2")]
    gone = view.rows().key(1)
    view.drop({ref("wh_1"), ref("wh_never")})
    assert [line.split()[0] for line in texts(view)] == ["✗", "wh_new", "✓"]
    assert view.refs(gone) == []


def test_a_check_is_news_once_also_where_the_clock_was_set_back() -> None:
    view = HealthView()
    one = check(minute=10)
    view.put([course(one)], NOW)
    view.note(one)
    assert len(view.courses[one.ref].marks) == 1
    view.note(check(refused(), 3))
    view.arrange(NOW)
    assert texts(view)[0].startswith("✗ 1 webhook")
    view.put([course(one, check(refused(), 3))], NOW)
    assert texts(view)[0].startswith("✗ 1 webhook")


def test_the_sparkline_tells_failures_and_how_long_it_took() -> None:
    times = (0.5, 2, 9, 40, 700, 2500, 99_000)
    marks = [
        Mark(START, EndpointVerdict.PRESENT, Outcome.OK, "", None, ms) for ms in reversed(times)
    ]
    bad = Mark(START, EndpointVerdict.GONE, Outcome.FAIL, "", None, 3)
    assert "".join(sign for sign, _ in health_text.sparkline([bad, *marks])) == "▁▁▂▄▆▇█✗"


def test_what_an_endpoint_sent_is_no_markup() -> None:
    hostile = "[red]x[/red]\x1b[2J"
    report = well(evidence=(("OPTIONS server", hostile),), summary=hostile, hint=hostile)
    shown = health_text.course_detail(course(check(report)), None, NOW).plain
    assert "[red]x" in shown
    assert "\x1b" not in shown


def test_news_is_told_in_a_few_lines() -> None:
    sick = [check(refused(), webhook=ref(f"wh_{n}")) for n in range(5)]
    mended = [check(webhook=ref(name)) for name in ("wh_w", "wh_x", "wh_y")]
    words = health_text.news_words([*mended, *sick])
    assert words.splitlines() == [
        f"✗ 5 webhooks: {sick[0].group_sentence}.",
        "✓ wh_w is well again.",
        "✓ wh_x is well again.",
        "and 1 more",
    ]
    alone = health_text.news_words(sick[:1])
    assert alone == f"✗ wh_0: {sick[0].summary.rstrip('.')}."


@pytest.mark.asyncio(loop_scope="module")
async def test_support_sees_what_is_sick_why_and_since_when(
    settings: Settings, sandbox: Sandbox
) -> None:
    async with run_console(settings, with_sandbox(sandbox), size=WIDE) as console:
        await console.connected()
        await console.go("health")
        assert "Nothing was checked yet." in console.text
        await console.press("left_square_bracket", "s")
        assert "37 webhooks checked: " in console.last_told
        first = console.health.shown.rows().row(0)
        assert "✗" in first.cells[0][0][0]
        assert "0 never checked" not in console.text
        await console.press("down")
        assert "What was done" in console.shows("#health-detail")
        # It is still known in the next run.
    async with run_console(settings, with_sandbox(sandbox), size=WIDE) as console:
        await console.connected()
        await console.go("health")
        assert len(console.health.shown.courses) == 37
        await console.press("slash", *"unreach", "enter")
        filtered = len(console.health.shown.rows())
        console.health.show_view({"scope": 7, "filter": []})
        assert console.value("#health-filter") == "unreach"
        await console.press("q")
    # So is what was looked for.
    async with run_console(settings, with_sandbox(sandbox), size=WIDE) as console:
        await console.connected()
        await console.go("health")
        assert console.value("#health-filter") == "unreach"
        assert len(console.health.shown.rows()) == filtered
        assert "unreach" in console.text
        await console.press("escape")
        assert len(console.health.shown.rows()) != filtered


@pytest.mark.asyncio(loop_scope="module")
async def test_on_the_first_line_the_worst_stays_in_sight(
    settings: Settings, sandbox: Sandbox
) -> None:
    gone = course(check(well(verdict=EndpointVerdict.GONE)))
    worse = [course(check(refused(), webhook=ref(f"wh_{n}"))) for n in range(2)]
    worst = [
        course(check(refused(), webhook=ref(f"wh_w{n}"), url="https://w.example/"))
        for n in range(3)
    ]
    async with run_console(settings, with_sandbox(sandbox), size=WIDE) as console:
        await console.connected()
        await console.go("health")
        health, rows = console.health, console.health.rows
        for found in ([gone], [gone, *worse]):
            health.shown.put(found, NOW)
            health.draw()
            assert rows.cursor == 0
        await console.press("down")
        key = rows.cursor_key
        health.shown.put([gone, *worse, *worst], NOW)
        health.draw()
        assert (rows.cursor_key, rows.cursor > 1) == (key, True)


@pytest.mark.asyncio(loop_scope="module")
async def test_watching_tells_once_what_changed_wherever_one_is(
    settings: Settings, sandbox: Sandbox
) -> None:
    async with run_console(settings, with_sandbox(sandbox), size=WIDE) as console:
        await console.connected()
        await console.go("health")
        await console.press("left_square_bracket", "s")
        webhook = (await console.workspace.list_webhooks())[0]
        place = ref(webhook.id, console.workspace.bot_id, TENANT)
        known = console.health.shown.courses[place].latest
        assert not known.is_unhealthy
        await console.press("w")
        assert console.health.is_watching
        # An earlier check found it sick: that it is not any more is news, and only once.
        log = await console.workspace.health.log()
        now = console.workspace.clock.now()
        await log.add(check(refused(), (now - START) / timedelta(minutes=1), webhook=place))
        await console.press("r")
        await console.go("audit")
        news = f"✓ {webhook.id} is well again."
        console.health._look_again()
        await console.until(lambda: news in console.told)
        await console.settle()
        console.health._look_again()
        await console.settle()
        assert console.told.count(news) == 1


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_known_is_no_news_in_the_next_run_either(
    settings: Settings, sandbox: Sandbox
) -> None:
    async with run_console(settings, with_sandbox(sandbox), size=WIDE) as console:
        await console.connected()
        await console.go("health")
        await console.press("s")
        assert "unhealthy." in console.last_told
    often = replace(settings, config=Config(watch_minutes=1))
    async with run_console(often, with_sandbox(sandbox), size=WIDE) as console:
        await console.connected()
        await console.go("health")
        await console.press("left_square_bracket")
        # More is checked than what was just shown.
        console.health.scope = "tenant"
        await console.press("w")
        assert "unhealthy." in console.last_told
        assert [told for told in console.told if told.startswith("✗ ")] == []
        assert "Watching: all are checked every minute, and you are told" in console.told[-2]
        assert "watching, every 1 min" in console.shows("#health-state")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_log_that_cannot_be_used_is_told_once_and_stops_no_check(
    settings: Settings, sandbox: Sandbox
) -> None:
    (settings.paths.state / "health.db").mkdir(parents=True)
    async with run_console(settings, with_sandbox(sandbox), size=WIDE) as console:
        await console.connected()
        await console.go("health")
        await console.press("left_square_bracket", "s")
        assert "37 webhooks checked: " in console.last_told
        assert len([told for told in console.told if "The checks are not kept: " in told]) == 1
