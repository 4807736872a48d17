"""Answers, whole and in pieces, sound and hostile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitui.callbacks.burst.answer import MAX_BODY_BYTES, MAX_HEAD_BYTES, AnswerReader, NotHttp

HEAD = b"HTTP/1.1 200 OK\r\n"
CASES = {
    "a length": (HEAD + b"Content-Length: 3\r\n\r\nabc", 200, True),
    "no body": (HEAD + b"content-length:0\r\n\r\n", 200, True),
    "204": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, True),
    "304": (b"HTTP/1.1 304 N\r\nContent-Length: 10\r\n\r\n", 304, True),
    "no reason": (b"HTTP/1.1 500 \r\nContent-Length: 0\r\n\r\n", 500, True),
    "no space": (b"HTTP/1.1 500\r\nContent-Length: 0\r\n\r\n", 500, True),
    "old": (b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", 200, False),
    "old, kept": (
        b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n", 200, True,
    ),
    "closing": (HEAD + b"Connection: x, Close\r\nContent-Length: 0\r\n\r\n", 200, False),
    "same length twice": (HEAD + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 200, True),
    "chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n",
               200, True),
    "trailers": (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\nA: b\r\nC: d\r\n\r\n", 200, True),
    "interim": (b"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 103 E\r\nLink: x\r\n\r\n" + HEAD
                + b"Content-Length: 1\r\n\r\na", 200, True),
    "switching": (b"HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n", 101, False),
    "too long": (HEAD + b"Content-Length: 99999999\r\n\r\n" + b"x" * (MAX_BODY_BYTES + 1), 200, False),
    "too long in chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
                           + b"ffff\r\n" + b"x" * 65_535 + b"\r\n2\r\nxx\r\n0\r\n\r\n", 200, False),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_whole_is_complete(name: str) -> None:
    data, status, may_go_on = CASES[name]
    reader = AnswerReader()
    reader.feed(data)
    assert (reader.is_complete, reader.status, reader.may_go_on) == (True, status, may_go_on)


@pytest.mark.parametrize("name", [name for name in CASES if "too long" not in name])
def test_what_comes_byte_by_byte_is_the_same(name: str) -> None:
    data, status, may_go_on = CASES[name]
    reader = AnswerReader()
    for place in range(len(data)):
        assert not reader.is_complete
        reader.feed(data[place : place + 1])
    assert (reader.is_complete, reader.status, reader.may_go_on) == (True, status, may_go_on)


def test_answers_follow_each_other() -> None:
    reader = AnswerReader()
    for data, status, may_go_on in CASES.values():
        if may_go_on:
            reader.feed(data)
            assert (reader.is_complete, reader.status) == (True, status)
            reader.reset()


def test_what_nobody_asked_for_ends_the_connection() -> None:
    reader = AnswerReader()
    reader.feed(HEAD + b"Content-Length: 1\r\n\r\nab")
    assert (reader.is_complete, reader.may_go_on) == (True, False)


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    reader = AnswerReader()
    reader.feed(HEAD + b"\r\nabc")
    assert not reader.is_complete
    assert reader.end()
    assert (reader.status, reader.may_go_on) == (200, False)


@pytest.mark.parametrize("name", ["a length", "chunks"])
def test_a_body_with_a_length_does_not(name: str) -> None:
    reader = AnswerReader()
    reader.feed(CASES[name][0][:-1])
    assert not reader.end()
    assert reader.has_begun


@pytest.mark.parametrize(
    "data",
    [
        b"\x15\x03\x01",
        b"SSH-2.0-x\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 2000 X\r\n\r\n",
        b"HTTP/1.1 020 X\r\n\r\n",
        b"HTTP/1.1 \xb2\xb3\xb9 X\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: +1\r\n\r\n",
        HEAD + b"Content-Length: \r\n\r\n",
        HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 2000,
        HEAD + b"X: " + b"x" * (MAX_HEAD_BYTES + 1),
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"x" * (MAX_HEAD_BYTES + 1),
    ],
)
def test_what_is_not_http_is_said_to_be(data: bytes) -> None:
    with pytest.raises(NotHttp):
        AnswerReader().feed(data)


@given(st.lists(st.binary(max_size=40), max_size=8), st.sampled_from(sorted(CASES)))
def test_noise_raises_nothing_else(noise: list[bytes], name: str) -> None:
    reader = AnswerReader()
    whole = CASES[name][0][:200]
    try:
        for part in noise:
            reader.feed(whole[: len(part) * 5] + part)
    except NotHttp:
        return
    assert len(reader._buffer) <= sum(len(part) * 6 for part in noise)
    reader.end()
