"""The panel's numbers against those worked out from the records one by one."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cognitui.audit import facts, overview, queries, rollups, schema
from cognitui.audit.overview import GROUP_COLUMNS, GroupBy, Overview, Question
from cognitui.audit.records import Action, AttemptEvidence, AuditRecord, Outcome
from cognitui.audit.steps import to_us
from cognitui.audit.wanted import Wanted

from . import naive
from .support import BOTH, START, record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cognitui.audit.store import AuditLog

NOWHERE = Path("nowhere")
ACTIONS = [Action.WEBHOOK_REGISTER, Action.CALLBACK_SEND, Action.CALLBACK_RECEIVE]
EVENTS = ["", "ON_MESSAGE", "ON_FALLBACK"]
WEBHOOKS = ["", "wh_1", "wh_2", "wh_3"]
TENANTS = ["acme", "beta"]
BOTS = ["bot_1", "bot_2"]
MIDNIGHT = datetime(2026, 2, 2, tzinfo=UTC)
"""A Monday, where an hour, a day and a week begin."""


def attempts(count: int) -> tuple[AttemptEvidence, ...]:
    return tuple(AttemptEvidence(number + 1, 200, 1.0, None) for number in range(count))


moments = st.one_of(
    st.integers(-40 * 24, 40 * 24).map(lambda hours: MIDNIGHT + timedelta(hours=hours)),
    st.integers(-40 * 86_400, 40 * 86_400).map(lambda s: MIDNIGHT + timedelta(seconds=s)),
    st.integers(-3_700_000_000, 3_700_000_000).map(
        lambda us: MIDNIGHT + timedelta(microseconds=us)
    ),
    st.just(MIDNIGHT - timedelta(microseconds=1)),
)
records = st.builds(
    record,
    at=moments,
    operation_id=st.sampled_from(["op_1a", "op_2b"]),
    tenant=st.sampled_from(TENANTS),
    bot_id=st.sampled_from(BOTS),
    actor=st.sampled_from(["", "jo@desk", "kim@server"]),
    action=st.sampled_from(ACTIONS),
    outcome=st.sampled_from(list(Outcome)),
    webhook_id=st.sampled_from(WEBHOOKS),
    skill_id=st.sampled_from(["skill_1", "skill_2"]),
    endpoint=st.sampled_from(["https://one.example/in", "https://two.example/in"]),
    event=st.sampled_from(EVENTS),
    latency_ms=st.none() | st.floats(0, 5000) | st.sampled_from([0.0, 10.0, 100.0]),
    attempts=st.integers(0, 3).map(attempts),
    error_code=st.sampled_from(["", "timeout"]),
    detail=st.sampled_from(["", "Nothing was heard.", "A 100 % failure_"]),
)


def maybe(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.none() | st.sampled_from(list(values))


words_only = {
    "action": maybe(ACTIONS),
    "actions": st.sampled_from([(), (), tuple(ACTIONS[1:])]),
    "outcome": maybe(list(Outcome)),
    "tenant": maybe(TENANTS),
    "bot_id": maybe(BOTS),
    "actor": maybe(["jo@desk", "nobody"]),
    "webhook_id": maybe(WEBHOOKS[1:]),
    "event": maybe(EVENTS[1:]),
    "skill_id": maybe(["skill_1"]),
    "error_code": maybe(["timeout"]),
}
more = {
    "text": st.sampled_from(["", "", "ONE", "heard wh_2", "op_1", "%", "failure_", '"100 %"']),
    "slower_than_ms": maybe([10.0, 500.0]),
    "operation_id": maybe(["op_1a"]),
    "before_id": maybe([7]),
}
times = {"since": st.none() | moments, "until": st.none() | moments}
without = st.lists(
    st.one_of(
        st.builds(Wanted, outcome=st.sampled_from(list(Outcome))),
        st.builds(Wanted, webhook_id=st.sampled_from(WEBHOOKS)),
        st.builds(Wanted, text=st.sampled_from(["two", "heard", "op_2", "wh_2 two", "two 100"])),
        st.builds(Wanted, text=st.just("two"), outcome=st.sampled_from(list(Outcome))),
        st.builds(Wanted, text=st.just("two"), slower_than_ms=st.just(100.0)),
        st.builds(Wanted, slower_than_ms=st.just(100.0)),
        st.builds(Wanted, since=moments),
        st.builds(Wanted, tenant=st.just("acme"), until=moments),
    ),
    max_size=2,
).map(tuple)
wanteds = st.one_of(
    st.builds(Wanted),
    st.builds(Wanted, **times),
    st.builds(Wanted, **words_only),
    st.builds(Wanted, **words_only, **times),
    st.builds(Wanted, **words_only, **times, **more, without=without),
    st.builds(Wanted, **times, without=without),
)


@pytest.fixture(autouse=True)
def _few_records_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use what is added up even for a handful of records."""
    monkeypatch.setattr(overview, "FEW", 0)
    monkeypatch.setattr(facts, "_RARE", 3)
    monkeypatch.setattr(facts, "_MANY", 3)


def log_of(written: Sequence[AuditRecord]) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    schema.migrate(connection, NOWHERE)
    naive.write_rows(connection, written)
    return connection


def numbered(written: Sequence[AuditRecord]) -> list[AuditRecord]:
    return [replace(one, id=number) for number, one in enumerate(written, 1)]


def check(
    connection: Any,
    written: Sequence[AuditRecord],
    question: Question,
    ask: Callable[[Any, Question], Overview] = overview.overview,
    *,
    is_after_deletion: bool = False,
) -> Overview:
    """Compare everything that an overview tells with what the records tell."""
    same = partial(naive.check, is_after_deletion=is_after_deletion)
    wanted = question.wanted
    kept = [one for one in written if naive.fits(one, wanted)]
    found = ask(connection, question)
    assert found.is_complete
    assert found.records == len(kept)
    assert found.last_id == max((one.id or 0 for one in kept), default=0)
    same(found.everything, naive.numbers(kept))
    for part, action in zip(
        (found.registrations, found.callbacks, found.received), ACTIONS, strict=True
    ):
        same(part, naive.numbers([one for one in kept if one.action is action]))
    assert sum(count for _, _, count in found.distribution) == len(naive.numbers(kept).times)
    _check_steps(found, kept, question)
    _check_groups(found, kept, GROUP_COLUMNS[question.group_by], same)
    return found


def _check_steps(found: Overview, kept: Sequence[AuditRecord], question: Question) -> None:
    wanted = question.wanted
    assert found.since == wanted.since or found.since == min((one.at for one in kept), default=None)
    assert found.until == wanted.until or found.until == max((one.at for one in kept), default=None)
    if not found.timeline:
        assert not kept
        return
    assert len(found.timeline) <= max(question.steps, 2)
    width = timedelta(seconds=found.step_s)
    assert [one.at for one in found.timeline] == [
        found.timeline[0].at + number * width for number in range(len(found.timeline))
    ]
    first = to_us(found.timeline[0].at) // int(found.step_s * 1e6)
    for number, moment in enumerate(found.timeline, first):
        there = [one for one in kept if naive.step_of(one, found.step_s) == number]
        right = naive.numbers(there)
        assert (moment.total, moment.failed) == (right.total, right.total - right.succeeded)
        for ms, percent in ((moment.p50_ms, 50), (moment.p95_ms, 95)):
            if right.times:
                exact = naive.nearest_rank(right.times, percent)
                assert ms is not None
                assert abs(ms - exact) <= 0.01 * exact + 0.001
            else:
                assert ms is None
    assert sum(one.total for one in found.timeline) == found.everything.total


def _check_groups(
    found: Overview, kept: Sequence[AuditRecord], column: str, same: Callable[..., None]
) -> None:
    right = {}
    for key in {str(getattr(one, column)) for one in kept} - {""}:
        those = naive.numbers([one for one in kept if str(getattr(one, column)) == key])
        if those.total:
            right[key] = those
    worst = sorted(right, key=lambda k: (right[k].succeeded / right[k].total, -right[k].total, k))
    assert [group.key for group in found.groups] == worst
    for group in found.groups:
        same(group.measured, right[group.key])


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(records, max_size=40).map(numbered),
    st.lists(wanteds, min_size=1, max_size=6),
    st.sampled_from([0, 2, 7, 60]),
    st.sampled_from(get_args(GroupBy)),
    st.integers(1, 9),
)
def test_everything_is_as_if_counted_one_by_one(
    written: list[AuditRecord],
    wanteds: list[Wanted],
    steps: int,
    group_by: GroupBy,
    at_a_time: int,
) -> None:
    with closing(log_of(written)) as connection:
        while rollups.advance(connection, at_a_time):
            pass
        for wanted in wanteds:
            check(connection, written, Question(wanted, steps, group_by))
            right = [one for one in reversed(written) if naive.fits(one, wanted)]
            assert queries.page(connection, NOWHERE, wanted, 5) == right[:5]
            assert queries.count(connection, wanted) == len(right)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(records, min_size=1, max_size=30).map(numbered),
    st.sets(st.integers(1, 30)),
    wanteds,
)
def test_what_is_deleted_is_taken_out_and_what_is_changed_is_counted_anew(
    written: list[AuditRecord], gone: set[int], wanted: Wanted
) -> None:
    with closing(log_of(written)) as connection:
        rollups.catch_up(connection)
        connection.executemany("DELETE FROM records WHERE id = ?", [(one,) for one in gone])
        left = [one for one in written if one.id not in gone]
        while rollups.advance(connection, 4):
            pass
        check(connection, left, Question(wanted), is_after_deletion=True)
        assert queries.count(connection, Wanted(tenant="acme")) == sum(
            one.tenant == "acme" for one in left
        )
        connection.execute("UPDATE records SET tenant = 'gamma' WHERE id = 1")
        left = [replace(one, tenant="gamma") if one.id == 1 else one for one in left]
        rollups.catch_up(connection)
        check(connection, left, Question(wanted), is_after_deletion=1 in gone)
        rollups.rebuild(connection)
        check(connection, left, Question(wanted))


def test_percentiles_of_many_are_within_one_per_cent() -> None:
    written = numbered(
        [
            record(3600 * number, latency_ms=0.4 * 1.004**number, webhook_id=f"wh_{number % 3}")
            for number in range(2500)
        ]
    )
    with closing(log_of(written)) as connection:
        rollups.catch_up(connection)
        found = check(connection, written, Question(Wanted(tenant="acme")))
    assert not found.everything.is_exact


@pytest.mark.parametrize("group_by", get_args(GroupBy))
def test_groups_are_the_worst_first_and_twenty_at_most(
    group_by: GroupBy, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = numbered(
        [
            record(
                number,
                outcome=Outcome.FAILED if number % 50 > number % 29 else Outcome.OK,
                webhook_id=f"wh_{number % 29}",
                event=f"EVENT_{number % 31}",
            )
            for number in range(600)
        ]
    )
    with closing(log_of(written)) as connection:
        rollups.catch_up(connection)
        rolled = overview.overview(connection, Question(Wanted(), group_by=group_by))
        monkeypatch.setattr(overview, "FEW", 10_000)
        exact = overview.overview(connection, Question(Wanted(), group_by=group_by))
    assert [group.key for group in rolled.groups] == [group.key for group in exact.groups]
    assert len(rolled.groups) == (20 if group_by in {"webhook", "event"} else 1)
    rates = [group.measured.success_rate or 0.0 for group in rolled.groups]
    assert rates == sorted(rates)


def test_of_too_many_only_the_newest_are_looked_at_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(overview, "MOST_ONE_BY_ONE", 10)
    written = numbered([record(number, latency_ms=float(number)) for number in range(25)])
    with closing(log_of(written)) as connection:
        rollups.catch_up(connection)
        found = overview.overview(connection, Question(Wanted(slower_than_ms=3.5)))
        few = overview.overview(connection, Question(Wanted(slower_than_ms=16.5)))
    assert (found.is_complete, found.records, found.everything.total) == (False, 21, 10)
    assert (found.since, found.until) == (written[15].at, written[24].at)
    assert found.everything.most_ms == 24.0
    assert (few.is_complete, few.records, few.everything.total) == (True, 8, 8)


@BOTH
async def test_the_axis_of_the_last_hours_goes_on_to_now(log: AuditLog) -> None:
    for minute in (0, 1, 61):
        await log.append(record(60 * minute, latency_ms=5.0))
    now = START + timedelta(hours=2)
    found = await log.overview(Wanted(since=START), steps=24, now=now)
    assert (found.step_s, found.since, found.until) == (600.0, START, START + timedelta(minutes=61))
    assert [one.at for one in found.timeline] == [
        START + timedelta(minutes=10 * number) for number in range(13)
    ]
    assert [one.total for one in found.timeline] == [2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    assert found.timeline[1].p50_ms is None


@BOTH
async def test_nothing_is_an_overview_too(log: AuditLog) -> None:
    found = await log.overview(Wanted())
    assert (found.records, found.timeline, found.groups, found.since) == (0, (), (), None)
    until = START + timedelta(hours=1)
    empty = await log.overview(Wanted(since=START, until=until))
    assert [one.total for one in empty.timeline] == [0] * len(empty.timeline)
    assert (empty.timeline[0].at, len(empty.timeline)) == (START, 60)


@BOTH
async def test_what_was_appended_just_now_is_in_it(log: AuditLog) -> None:
    for expected in range(1, 4):
        await log.append(record(expected))
        assert (await log.overview(Wanted(tenant="acme"))).records == expected
