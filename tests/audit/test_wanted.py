"""The filter language: what is typed, and what it means."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitui.audit.records import Action, Outcome
from cognitui.audit.wanted import FILTER_KEYS, Wanted, read_filter
from cognitui.audit.when import LOCAL
from cognitui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

CEST = timezone(timedelta(hours=2))
NOW = datetime(2026, 5, 17, 14, 30, tzinfo=CEST)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type,misc]


def read(text: str) -> Wanted:
    return read_filter(text, now=NOW)


ONE_EACH = [
    ("", {}),
    ("   ", {}),
    ("action:webhook.register", {"actions": (Action.WEBHOOK_REGISTER,)}),
    ("action:register", {"actions": (Action.WEBHOOK_REGISTER,)}),
    ("ACTION:Register", {"actions": (Action.WEBHOOK_REGISTER,)}),
    (
        "action:callback",
        {
            "actions": (
                Action.CALLBACK_SEND,
                Action.CALLBACK_BURST,
                Action.CALLBACK_RECEIVE,
                Action.CALLBACK_PROBE,
            )
        },
    ),
    ("action:send action:sync", {"actions": (Action.CALLBACK_SEND, Action.MONITOR_SYNC)}),
    ("outcome:failed", {"outcome": Outcome.FAILED}),
    ("tenant:acme", {"tenant": "acme"}),
    ("bot:bot_1", {"bot_id": "bot_1"}),
    ("webhook:wh_03f2", {"webhook_id": "wh_03f2"}),
    ("skill:skill_1", {"skill_id": "skill_1"}),
    ("event:ON_MESSAGE", {"event": "ON_MESSAGE"}),
    ("event:message", {"event": "ON_MESSAGE"}),
    ("event:Something", {"event": "Something"}),
    ("actor:jo@desk", {"actor": "jo@desk"}),
    ("operation:op_1", {"operation_id": "op_1"}),
    ("error:timeout", {"error_code": "timeout"}),
    ("slower:500ms", {"slower_than_ms": 500.0}),
    ("slower:500", {"slower_than_ms": 500.0}),
    ("slower:1.5s", {"slower_than_ms": 1500.0}),
    ("slower:2m", {"slower_than_ms": 120_000.0}),
    ("since:now", {"since": utc(2026, 5, 17, 12, 30)}),
    ("since:90s", {"since": utc(2026, 5, 17, 12, 28, 30)}),
    ("since:2h", {"since": utc(2026, 5, 17, 10, 30)}),
    ("since:1.5h", {"since": utc(2026, 5, 17, 11, 0)}),
    ("since:7d", {"since": utc(2026, 5, 10, 12, 30)}),
    ("since:1w", {"since": utc(2026, 5, 10, 12, 30)}),
    ("since:today", {"since": utc(2026, 5, 16, 22)}),
    ("since:yesterday", {"since": utc(2026, 5, 15, 22)}),
    ("since:2026-05-17", {"since": utc(2026, 5, 16, 22)}),
    ("since:9:05", {"since": utc(2026, 5, 17, 7, 5)}),
    ("since:09:05:30", {"since": utc(2026, 5, 17, 7, 5, 30)}),
    ("since:2026-05-17T12:00", {"since": utc(2026, 5, 17, 10)}),
    ("since:2026-05-17T12:00Z", {"since": utc(2026, 5, 17, 12)}),
    ("since:2026-05-17T12:00+05:30", {"since": utc(2026, 5, 17, 6, 30)}),
    ('since:"2026-05-17 12:00"', {"since": utc(2026, 5, 17, 10)}),
    ("until:2026-05-17", {"until": utc(2026, 5, 17, 22)}),
    ("until:yesterday", {"until": utc(2026, 5, 16, 22)}),
    ("until:2026-05-17T12:00", {"until": utc(2026, 5, 17, 10)}),
    ("until:1h", {"until": utc(2026, 5, 17, 11, 30)}),
]


@pytest.mark.parametrize(
    ("text", "changes"), ONE_EACH, ids=[text or "nothing" for text, _ in ONE_EACH]
)
def test_every_key(text: str, changes: dict[str, Any]) -> None:
    assert read(text) == Wanted(**changes)


WORDS = [
    ("no answer", ("no", "answer")),
    ('"no answer"', ("no answer",)),
    ('no "answer from" wh_1', ("no", "answer from", "wh_1")),
    ('"unclosed words', ("unclosed words",)),
    ('"tenant:acme"', ("tenant:acme",)),
    ("https://hooks.example/in", ("https://hooks.example/in",)),
    ("12:30 sha256:9c1e", ("12:30", "sha256:9c1e")),
    ("-", ("-",)),
    ('""', ()),
]


@pytest.mark.parametrize(("text", "words"), WORDS, ids=[text for text, _ in WORDS])
def test_other_words_must_occur(text: str, words: tuple[str, ...]) -> None:
    wanted = read(text)
    assert wanted.words == words
    assert (wanted.tenant, wanted.without) == (None, ())


def test_everything_at_once_in_any_order() -> None:
    wanted = read(
        'action:register "no answer" outcome:failed since:2h -error:timeout tenant:"two words" slow'
    )
    assert wanted == Wanted(
        actions=(Action.WEBHOOK_REGISTER,),
        outcome=Outcome.FAILED,
        since=utc(2026, 5, 17, 10, 30),
        tenant="two words",
        text='"no answer" slow',
        without=(Wanted(error_code="timeout"),),
    )


EXCLUDED = [
    ("-outcome:ok", (Wanted(outcome=Outcome.OK),)),
    ("-wh_1", (Wanted(text="wh_1"),)),
    ('-"no answer"', (Wanted(text='"no answer"'),)),
    ("-since:2h", (Wanted(since=utc(2026, 5, 17, 10, 30)),)),
    ("-outcome:ok -outcome:cancelled", (Wanted(outcome=Outcome.OK), Wanted(outcome=Outcome.CANCELLED))),
    ('-""', ()),
]  # fmt: skip


@pytest.mark.parametrize(("text", "without"), EXCLUDED, ids=[text for text, _ in EXCLUDED])
def test_a_minus_excludes(text: str, without: tuple[Wanted, ...]) -> None:
    assert read(text) == Wanted(without=without)


@pytest.mark.parametrize(
    ("text", "message", "hint", "word"),
    [
        ("x acton:register", "'acton' is no key of the filter.", "'action'", "acton:register"),
        ("colour:red", "'colour' is no key of the filter.", "Known are action, outcome", "colour:red"),
        ("-tenat:acme", "'tenat' is no key of the filter.", "'tenant'", "-tenat:acme"),
        ("action:regster", "'regster' is no action.", "'register'", "action:regster"),
        ("action:", "action: says nothing.", "action:register", "action:"),
        ('tenant:""', "tenant: says nothing.", "tenant:acme", 'tenant:""'),
        ("outcome:faild", "'faild' is no outcome.", "'failed'", "outcome:faild"),
        ("outcome:q", "'q' is no outcome.", "Known are ok, failed", "outcome:q"),
        ("since:soon", "'soon' is no time.", "30m, 2h or 7d", "since:soon"),
        ("since:2026-02-30", "'2026-02-30' is no time.", "2026-05-17", "since:2026-02-30"),
        ("since:25:00", "'25:00' is no time.", "2h", "since:25:00"),
        ("since:999999999w", "'999999999w' is no time.", "2h", "since:999999999w"),
        ("until:9999-12-31", "'9999-12-31' is no time.", "2h", "until:9999-12-31"),
        ("since:0001-01-01", "'0001-01-01' is no time.", "2h", "since:0001-01-01"),
        ("slower:fast", "'fast' is no length of time.", "500ms", "slower:fast"),
        ("slower:-5ms", "'-5ms' is no length of time.", "500ms", "slower:-5ms"),
        ("outcome:ok outcome:failed", "outcome is asked for twice.", "once", "outcome:failed"),
        ("since:1h since:2h", "since is asked for twice.", "once", "since:2h"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said_with_the_nearest_that_does(
    text: str, message: str, hint: str, word: str
) -> None:
    with pytest.raises(UsageError) as caught:
        read(text)
    assert caught.value.message == message
    assert hint in caught.value.hint
    assert caught.value.field == word


def test_the_same_twice_is_no_contradiction() -> None:
    assert read("tenant:acme tenant:acme") == Wanted(tenant="acme")


@pytest.mark.parametrize("key", FILTER_KEYS, ids=[entry.key for entry in FILTER_KEYS])
def test_the_examples_of_the_keys_can_be_read(key: tuple[str, str, str]) -> None:
    assert key[2].startswith(f"{key[0]}:")
    assert read(key[2]) != Wanted()


@given(st.text(alphabet=st.sampled_from('ab :"-\\%_\t\nié0'), max_size=30))
def test_anything_typed_is_read_or_refused(text: str) -> None:
    read_or_refused = _attempt(text)
    if isinstance(read_or_refused, UsageError):
        assert read_or_refused.hint
        assert read_or_refused.field is not None
        assert read_or_refused.field in text
    else:
        assert all(word in text.replace('"', "") for word in read_or_refused.words)


def _attempt(text: str) -> Wanted | UsageError:
    try:
        return read(text)
    except UsageError as error:
        return error


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    if before is None:
        monkeypatch.delenv("TZ")
    else:
        monkeypatch.setenv("TZ", before)
    time.tzset()


@pytest.mark.parametrize("day", ["2026-01-15", "2026-03-29", "2026-07-01", "2026-10-25"])
@pytest.mark.usefixtures("berlin")
def test_a_day_of_the_past_had_the_summer_time_that_it_had(day: str) -> None:
    now = utc(2026, 11, 3, 9).astimezone(LOCAL)
    assert (now.hour, now.tzname()) == (10, "CET")
    wanted = read_filter(f"since:{day} until:{day}", now=now)
    begin = datetime.fromisoformat(day)
    assert wanted.since == begin.replace(tzinfo=ZoneInfo("Europe/Berlin"))
    assert wanted.until == (begin + timedelta(1)).replace(tzinfo=ZoneInfo("Europe/Berlin"))
