from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitui.callbacks.answers import (
    MAX_STEPS,
    AnswerPlan,
    AnswerStep,
    Ending,
    parse_plan,
)
from cognitui.callbacks.compose import compose
from cognitui.callbacks.delivery import DeliveryStatus
from cognitui.callbacks.schemes.ready import STANDARD
from cognitui.callbacks.send import CallbackSender
from cognitui.callbacks.verdict import Replay
from cognitui.cognigy.models import TriggerEvent
from cognitui.errors import UsageError

from .support import SECRET
from .wire import OTHER, WHSEC, post, post_raw, split_answer

if TYPE_CHECKING:
    from cognitui.callbacks.compose import Callback
    from cognitui.callbacks.receive import Receiver


def callback(secret: str = SECRET) -> Callback:
    return compose(event=TriggerEvent.ON_MESSAGE, skill_id="skill_1", secret=secret)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("503", [AnswerStep(503)]),
        ("503,503,200", [AnswerStep(503), AnswerStep(503), AnswerStep(200)]),
        (" 503x2 , close ", [AnswerStep(503), AnswerStep(503), AnswerStep(ending=Ending.CLOSE)]),
        ("delay=2000", [AnswerStep(delay_ms=2000)]),
        ("429 retry-after=5 delay=10", [AnswerStep(429, 10, "", 5)]),
        ('500 body="no, not = now"', [AnswerStep(500, body="no, not = now")]),
        ("500 body=busy", [AnswerStep(500, body="busy")]),
        ("ok,reset delay=1", [AnswerStep(), AnswerStep(delay_ms=1, ending=Ending.RESET)]),
    ],
)
def test_a_plan_is_read(text: str, steps: list[AnswerStep]) -> None:
    plan = parse_plan(text)
    assert plan == AnswerPlan(tuple(steps))
    assert parse_plan(plan.words) == plan


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "empty"),
        ("503,,200", "empty"),
        ("503,", "empty"),
        ("99", "'99' is no part"),
        ("100", "200 to 599"),
        ("600", "200 to 599"),
        ("503x0", "once or more"),
        ("503 504", "comma"),
        ("close 200", "comma"),
        ("close body=x", "no answer that could carry"),
        ("204 body=x", "no body"),
        ("delay=-1", "delay is a whole number from 0"),
        ("delay=120001", "delay is a whole number from 0"),
        ("delay=", "delay is a whole number from 0"),
        ("delay=1 delay=2", "twice"),
        ("retry-after=soon", "retry-after is a whole number"),
        ('500 body="open', "cannot be read"),
        ("503x101", "more than 100 steps"),
        ("503," * 2000, "longer than"),
        ("delai=5", "no part of a plan"),
    ],
)
def test_what_is_no_plan_is_told(text: str, part: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_plan(text)
    assert part in caught.value.message
    assert caught.value.hint
    assert caught.value.field == "answer"


def test_a_near_word_is_offered() -> None:
    with pytest.raises(UsageError) as caught:
        parse_plan("clsoe")
    assert caught.value.hint == "Did you mean 'close'?"


@given(st.text(alphabet=st.sampled_from('0123456789x,=" abcdelosyrtok-\x1bé\ud800'), max_size=40))
def test_any_text_is_a_plan_or_refused(text: str) -> None:
    try:
        plan = parse_plan(text)
    except UsageError as error:
        assert error.message  # noqa: PT017
    else:
        assert 1 <= len(plan.steps) <= MAX_STEPS
        assert parse_plan(plan.words) == plan


def test_the_plan_is_answered_step_by_step_and_then_as_usual(receiver: Receiver) -> None:
    receiver.set_answers(parse_plan("503 retry-after=7 body=busy,418,204"))
    status, head, body = post(receiver, callback())
    assert (status, body) == (503, b"busy")
    assert "retry-after: 7\r\n" in head
    assert "content-type: text/plain" in head
    assert receiver.answers_left == parse_plan("418,204").steps
    assert [post(receiver, callback())[0] for _ in range(3)] == [418, 204, 200]
    assert post(receiver, callback(OTHER))[0] == 401
    told = [(item.status, item.told and item.told.words) for item in receiver.received]
    assert told == [
        (503, '503 retry-after=7 body="busy"'),
        (418, "418"),
        (204, "204"),
        (200, None),
        (401, None),
    ]


def test_a_plan_can_take_a_forgery_and_the_verdict_stays(receiver: Receiver) -> None:
    receiver.set_answers(parse_plan("200"))
    assert post(receiver, callback(OTHER))[0] == 200
    assert not receiver.received[0].verdict.accepted


def test_an_ordinary_answer_can_be_late(receiver: Receiver) -> None:
    receiver.set_answers(parse_plan("delay=300,ok retry-after=1"))
    started = time.monotonic()
    assert post(receiver, callback())[::2] == (200, b'{"status":"ok"}')
    assert time.monotonic() - started >= 0.3
    status, head, _ = post(receiver, callback(OTHER))
    assert status == 401
    assert "retry-after: 1" in head


def test_the_connection_can_be_closed_without_an_answer(receiver: Receiver) -> None:
    receiver.set_answers(parse_plan("close"))
    one = callback()
    assert post_raw(receiver, one.headers, one.body) == b""
    (received,) = receiver.received
    assert (received.status, received.verdict.accepted) == (0, True)
    assert post(receiver, callback())[0] == 200


def test_the_connection_can_be_reset(receiver: Receiver) -> None:
    receiver.set_answers(parse_plan("reset"))
    one = callback()
    with pytest.raises(ConnectionResetError):
        post_raw(receiver, one.headers, one.body)
    assert receiver.received[0].status == 0
    assert post(receiver, callback())[0] == 200


def test_an_empty_plan_ends_another(receiver: Receiver) -> None:
    receiver.set_answers(parse_plan("503x9"))
    receiver.set_answers(AnswerPlan())
    assert post(receiver, callback())[0] == 200


def test_stopping_does_not_wait_for_a_late_answer(receiver: Receiver) -> None:
    receiver.set_answers(parse_plan("delay=60000"))
    address = receiver.url.split("/")[2].split(":")
    import socket

    one = callback()
    head = "".join(f"{name}: {value}\r\n" for name, value in one.headers)
    with socket.create_connection((address[0], int(address[1])), 5) as connection:
        text = (
            f"POST / HTTP/1.1\r\nHost: localhost\r\n{head}Content-Length: {len(one.body)}\r\n\r\n"
        )
        connection.sendall(text.encode() + one.body)
        while not receiver.received:
            time.sleep(0.01)
        started = time.monotonic()
        receiver.stop()
        assert time.monotonic() - started < 1.5


async def test_a_sender_comes_through_what_it_is_told(receiver: Receiver) -> None:
    """Each attempt has the same id; none of them looks like a replay of one that was refused."""
    receiver.set_scheme(STANDARD)
    receiver.set_secrets([WHSEC])
    receiver.set_answers(parse_plan("503 retry-after=0,close,reset"))
    one = compose(
        event=TriggerEvent.ON_MESSAGE, skill_id="s", secret=WHSEC, scheme=STANDARD, tracked=True
    )
    async with CallbackSender(uniform=lambda: 0.0) as sender:
        delivery = await sender.send(receiver.url, one, retries=4)
    assert delivery.status is DeliveryStatus.DELIVERED
    assert [attempt.status for attempt in delivery.attempts] == [503, None, None, 200]
    assert {item.delivery_id for item in receiver.received} == {one.delivery_id}
    assert all(item.verdict.accepted for item in receiver.received)


async def test_an_attempt_after_a_refused_one_is_no_replay(receiver: Receiver) -> None:
    receiver.set_answers(parse_plan("503,close"))
    one = callback()
    async with CallbackSender(uniform=lambda: 0.0) as sender:
        delivery = await sender.send(receiver.url, one.resend(), retries=3)
        assert delivery.is_delivered
        assert not (await sender.send(receiver.url, one.resend())).is_delivered
    assert len({item.body for item in receiver.received}) == 1
    assert [item.verdict.replay for item in receiver.received] == [Replay.NEW] * 3 + [Replay.SEEN]


def test_an_answer_is_split() -> None:
    assert split_answer(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nx") == (
        200,
        "http/1.1 200 ok\r\na: b",
        b"x",
    )
