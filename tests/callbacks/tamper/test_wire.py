"""One request over the wire: what is written is what was made, and no answer is too odd to read."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cognitui.callbacks.schemes.ready import COGNIGY
from cognitui.callbacks.tamper.case import Shot
from cognitui.callbacks.tamper.cases import CASES, cases_for
from cognitui.callbacks.tamper.wire import Limits, Target, deliver, target_of
from cognitui.callbacks.tamper.workshop import Workshop
from cognitui.errors import UsageError

from .support import SECRET, answering, reply

if TYPE_CHECKING:
    from cognitui.callbacks.tamper.wire import Answer

LIMITS = Limits(answer_s=2.0, slow_s=0.3)
SHOT = Shot((("X-A", b" 1 "), ("X-A", b"\xff")), b"{}", query="b=2", path="/more")


def target(url: str) -> Target:
    return target_of(url, context=None, is_kept_here=True)


async def test_what_is_written_is_what_was_made() -> None:
    async with answering(reply(204)) as (url, requests):
        answer = await deliver(target(url), SHOT, LIMITS)
    authority = url.split("/")[2].encode()
    assert requests == [
        b"POST /hook/more?token=hush&b=2 HTTP/1.1\r\nHost: " + authority + b"\r\n"
        b"X-A:  1 \r\nX-A: \xff\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
    ]
    assert (answer.status, answer.failure) == (204, "")
    assert answer.ms > 0


async def test_each_case_arrives_byte_for_byte() -> None:
    async with answering(reply(200)) as (url, requests):
        for case in cases_for(COGNIGY):
            for shot in case.build(Workshop(COGNIGY, SECRET, 1_700_000_000_000)):
                if shot.is_trickled:
                    continue
                await deliver(target(url), shot, LIMITS)
                head, _, body = requests[-1].partition(b"\r\n\r\n")
                lines = [name.encode() + b": " + value for name, value in shot.headers]
                assert head.split(b"\r\n")[2 : 2 + len(lines)] == lines, case.id
                assert body == shot.body, case.id
    assert len(requests) == len(cases_for(COGNIGY)) - 1 + 2  # two of them are sent twice


async def test_a_body_that_never_ends_is_given_up_in_time() -> None:
    (shot,) = CASES["slow-body"].build(Workshop(COGNIGY, SECRET, 0))
    async with answering(reply(200)) as (url, requests):
        answer = await deliver(target(url), shot, LIMITS)
    assert (answer.status, answer.failure) == (None, "timeout")
    assert 300 <= answer.ms < 1500
    assert requests == []


@pytest.mark.parametrize("value", [b"a\r\nX-B: 1", b"a\nb", b"a\0"])
async def test_a_value_with_a_line_end_is_never_written(value: bytes) -> None:
    async with answering(reply(200)) as (url, requests):
        with pytest.raises(UsageError, match="The header X-A holds a line end"):
            await deliver(target(url), Shot((("X-A", value),), b""), LIMITS)
    assert requests == []


ODD = st.one_of(
    st.binary(max_size=200),
    st.tuples(
        st.sampled_from(
            [b"HTTP/1.1 200 OK", b"HTTP/1.1 100 X", b"HTTP/1.1 101 X", b"HTTP/1.0 401"]
        ),
        st.sampled_from(
            [b"Content-Length: 5", b"Transfer-Encoding: chunked", b"A: \xff\x00", b"B"]
        ),
        st.binary(max_size=40),
    ).map(lambda parts: parts[0] + b"\r\n" + parts[1] + b"\r\n\r\n" + parts[2]),
)


def answer_to(data: bytes) -> Answer:
    async def run() -> Answer:
        async with answering(data) as (url, _):
            return await deliver(target(url), SHOT, LIMITS)

    return asyncio.run(run())


@given(ODD)
@settings(max_examples=150, deadline=None)
def test_whatever_is_answered_is_an_answer_or_a_failure_with_words(data: bytes) -> None:
    answer = answer_to(data)
    assert (answer.status is None) is (answer.failure in {"closed", "not_http"})
    assert (answer.status is None) is bool(answer.sentence)


@pytest.mark.parametrize(
    ("data", "status", "failure"),
    [
        (b"", None, "closed"),
        (b"SSH-2.0\r\n", None, "not_http"),
        (b"HTTP/1.1 101 X\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", None, "not_http"),
        (b"HTTP/1.1 100 X\r\n\r\n" + reply(401), 401, ""),
        (b"HTTP/1.1 401 X\r\nContent-Length: 9\r\n\r\ncut", 401, ""),
        (b"HTTP/1.1 401 X\r\nTransfer-Encoding: chunked\r\n\r\nnonsense", 401, ""),
    ],
)
def test_answers_that_are_odd(data: bytes, status: int | None, failure: str) -> None:
    answer = answer_to(data)
    assert (answer.status, answer.failure) == (status, failure)
