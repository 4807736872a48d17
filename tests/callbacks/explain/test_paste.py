"""Requests as people paste them."""

from __future__ import annotations

import asyncio
import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cognitui.callbacks.compose import compose_raw
from cognitui.callbacks.explain.paste import MAX_PASTE_BYTES, read_request
from cognitui.callbacks.export.curl import curl
from cognitui.callbacks.export.subject import of_callback
from cognitui.callbacks.schemes.ready import STANDARD
from cognitui.callbacks.schemes.signing import Stamp, sign_with
from cognitui.callbacks.send import CallbackSender
from cognitui.clock import SYSTEM_CLOCK
from cognitui.errors import UsageError
from tests.callbacks.support import SECRET, answer, scripted

from .support import COMPACT, NOW_MS, STAMP, WHSEC, cognigy, explained

if TYPE_CHECKING:
    from collections.abc import Sequence

SIGNATURE = cognigy(COMPACT)[0][1]
HEAD = [
    "POST /hook?a=1 HTTP/1.1",
    "Host: hooks.acme.example",
    f"X-Cognigy-Signature: {SIGNATURE}",
    f"X-Cognigy-Timestamp:{STAMP}",
]


def raw(lines: Sequence[str], end: str = "\r\n", body: bytes = COMPACT) -> bytes:
    return (end.join(lines) + end + end).encode() + body


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("lines", [HEAD, HEAD[1:]], ids=["whole", "without its first line"])
def test_raw_http(lines: list[str], end: str) -> None:
    request = read_request(raw(lines, end))
    assert request.method == "POST"
    assert request.target == ("/hook?a=1" if lines is HEAD else "/")
    assert request.headers == (
        ("Host", "hooks.acme.example"),
        ("X-Cognigy-Signature", SIGNATURE),
        ("X-Cognigy-Timestamp", STAMP),
    )
    assert request.body == COMPACT
    assert explained(list(request.headers), request.body).accepted


@pytest.mark.parametrize(
    "body",
    [COMPACT, b'{"text": "it\'s | \\n"}', b"\x00\xff\r\n" * 60],
    ids=["json", "quotes", "bytes"],
)
def test_what_is_exported_as_curl_is_read_again(body: bytes) -> None:
    callback = compose_raw(body, secret=SECRET)
    command = curl(of_callback(callback, "http://127.0.0.1:8000/hook", SYSTEM_CLOCK.now()))
    for pasted in (command, f"\n$ {command}"):
        request = read_request(pasted)
        assert (request.method, request.target) == ("POST", "http://127.0.0.1:8000/hook")
        assert request.body == body
        assert set(callback.headers) <= set(request.headers)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("printf '%s' '{}'", "not handed to curl"),
        ("printf '%s' '{}' | base64 -d", "not handed to curl"),
        ("printf '%s' '{}' | nc 127.0.0.1 80", "not handed to curl"),
        ("printf '%s' 'a' | base64 -d | curl --data-binary @- http://a.example", "not base64"),
    ],
    ids=["alone", "decoded", "elsewhere", "no base64"],
)
def test_what_is_printed_has_to_go_to_curl(command: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read_request(command)


def test_text_from_a_clipboard() -> None:
    request = read_request("\ufeff" + raw(HEAD, "\n").decode())
    assert (request.method, request.body) == ("POST", COMPACT)


def test_the_bodys_bytes_stay_as_they_are() -> None:
    body = b"\r\n\r\n\xff\x00 a\r\n"
    assert read_request(raw(HEAD, body=body)).body == body
    assert read_request(raw(HEAD, "\n", body=body)).body == body


def test_a_head_of_http_2_from_a_browser() -> None:
    text = b":method: PUT\n:path: /a\n:authority: acme.example\n:scheme: https\nA: b\n\n{}"
    request = read_request(text)
    assert (request.method, request.target, request.body) == ("PUT", "/a", b"{}")
    assert request.headers == (("host", "acme.example"), ("A", "b"))


def test_a_header_on_two_lines_and_one_that_is_there_twice() -> None:
    request = read_request(b"A: one\r\n two\r\nB: 1\r\nB: 2\r\n\r\n")
    assert request.headers == (("A", "one two"), ("B", "1"), ("B", "2"))


@pytest.mark.parametrize(
    ("length", "body", "kept", "notes"),
    [
        (2, b"{}\n", b"{}", 1),
        (2, b"{}\r\n", b"{}", 1),
        (3, b"{}\n", b"{}\n", 0),
        (2, b"{} \n", b"{} \n", 0),
        (9, b"{}", b"{}", 0),
    ],
)
def test_a_line_end_that_an_editor_added(length: int, body: bytes, kept: bytes, notes: int) -> None:
    request = read_request(raw([f"Content-Length: {length}"], body=body))
    assert request.body == kept
    assert len(request.notes) == notes


@pytest.mark.parametrize(
    ("wire", "body"),
    [
        (b"2\r\n{}\r\n0\r\n\r\n", b"{}"),
        (b"1;x=y\r\n{\r\n1\r\n}\r\n0\r\n\r\n", b"{}"),
        (b"1\n{\n1\n}\n0\n\n", b"{}"),
        (b"9\r\n{}\r\n0\r\n\r\n", None),
        (b"{}", None),
        (b"ffffffff\r\n{}", None),
    ],
)
def test_chunks_are_put_together(wire: bytes, body: bytes | None) -> None:
    request = read_request(raw(["Transfer-Encoding: chunked"], body=wire))
    assert request.body == (wire if body is None else body)


@pytest.mark.parametrize(
    "text",
    [
        b"", b"   ", b"\r\n\r\n", COMPACT, b"hello", b"\xff\xfe", b"{}\n\n{}", b"a b: c\n\n",
        b"POST / HTTP/1.1\r\nno colon\r\n\r\n", b"<html>\n\n</html>", b"curl",
    ],
)  # fmt: skip
def test_what_is_no_request(text: bytes) -> None:
    with pytest.raises(UsageError, match="neither an HTTP request nor a curl command") as caught:
        read_request(text)
    assert caught.value.hint


def test_bounds() -> None:
    with pytest.raises(UsageError, match="at most"):
        read_request(b"A: b\n\n" + b"x" * MAX_PASTE_BYTES)
    with pytest.raises(UsageError, match="more than 200 headers"):
        read_request(b"A: b\n" * 201 + b"\n")
    with pytest.raises(UsageError, match="more than 200 headers"):
        read_request(b"curl x " + b"-H 'A: b' " * 201)
    with pytest.raises(UsageError, match="words"):
        read_request(b"curl x " + b"-s " * 3000)


# curl


@pytest.mark.parametrize(
    ("options", "body"),
    [
        ("-d '{\"a\": 1}'", b'{"a": 1}'),
        ('--data "{\\"a\\": \\$1 \\n}"', b'{"a": $1 \\n}'),
        ("--data-raw '@{}'", b"@{}"),
        ('--data-binary $\'{"a":\\n\\t"\\u00fc\\xff\\101\\\'"}\'', b'{"a":\n\t"\xc3\xbc\xffA\'"}'),
        ("--json '{}' --json '[]'", b"{}[]"),
        ("-d a=1 -d b=2", b"a=1&b=2"),
        ("--data-urlencode 'a=ü b&c'", b"a=%C3%BC+b%26c"),
        ("--data-urlencode '=x y'", b"x+y"),
        ("-d'attached'", b"attached"),
        ("-sSd 'x' -k --compressed", b"x"),
        ("-d 'it'\\''s'", b"it's"),
        ("-d '' ", b""),
        ("-o /dev/null -m 5 -d x -w '%{http_code}' --retry 3", b"x"),
        ("-d x | jq .", b"x"),
        ("-d x\necho done", b"x"),
        ("\\\n  -d x \\\r\n  --max-time 3", b"x"),
    ],
)
def test_curl(options: str, body: bytes) -> None:
    request = read_request(f"curl https://hooks.acme.example/hook -H 'X-A: b c' {options}")
    assert request.body == body
    assert (request.method, request.target) == ("POST", "https://hooks.acme.example/hook")
    assert request.headers[:2] == (("Host", "hooks.acme.example"), ("X-A", "b c"))


def test_curls_other_options() -> None:
    command = (
        "  $ curl -XPUT --url http://me@a.example:80/b -u user:pass -A agent -b c=d "
        "-H 'Empty;' -H 'Host: other' -H 'Content-Type:' -d x"
    )
    request = read_request(command)
    assert (request.method, request.target) == ("PUT", "http://me@a.example:80/b")
    assert request.headers == (
        ("Authorization", "Basic dXNlcjpwYXNz"),
        ("User-Agent", "agent"),
        ("Cookie", "c=d"),
        ("Empty", ""),
        ("Host", "other"),
    )
    assert read_request("curl a.example/x").headers == (("Host", "a.example"),)
    assert read_request("curl a.example/x").method == "GET"


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("curl a -d @body.json", "body from a file"),
        ("curl a --data-binary @-", "body from a file"),
        ("curl a -H @headers", "headers from a file"),
        ("curl a -F 'x=y'", "takes its body from -F"),
        ("curl a -d", "ends after -d"),
        ("curl a -d 'open", "quote of the curl command is not closed"),
        ('curl a -d "open', "quote of the curl command is not closed"),
        ("curl a -d $'open", "quote of the curl command is not closed"),
        ("curl ", "no URL and no headers"),
    ],
)
def test_curl_that_cannot_be_read(command: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        read_request(command)
    assert caught.value.field == "request"


async def test_a_captured_request_is_explained() -> None:
    """What our own sender puts on the wire, taken from the socket and pasted."""
    async with scripted(answer(200)) as script, CallbackSender() as sender:
        callback = compose_raw(COMPACT, secret=SECRET, timestamp_ms=NOW_MS)
        await sender.send(script.url, callback)
    request = read_request(script.requests[0])
    assert request.body == COMPACT
    assert explained(list(request.headers), request.body).accepted
    damaged = explained(list(request.headers), request.body + b"\n")
    assert damaged.findings[0].code == "body_newline_added"


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
async def test_what_curl_itself_sends_is_what_is_read_of_its_command() -> None:
    command = ["curl", "-s", "--noproxy", "*", "-H", f"X-Cognigy-Signature: {SIGNATURE}"]
    command += ["-H", f"X-Cognigy-Timestamp: {STAMP}", "--data-binary", COMPACT.decode()]
    async with scripted(answer(200)) as script:
        process = await asyncio.create_subprocess_exec(
            *command, script.url, stdout=subprocess.DEVNULL
        )
        assert await process.wait() == 0
    sent = read_request(script.requests[0])
    read = read_request(shlex.join([*command, script.url]))
    assert read.body == sent.body == COMPACT
    assert (read.method, read.target) == (sent.method, script.url)
    kept = {"host", "x-cognigy-signature", "x-cognigy-timestamp", "content-type"}
    assert {(n.lower(), v) for n, v in read.headers} == {
        (n.lower(), v) for n, v in sent.headers if n.lower() in kept
    }


def test_nothing_of_a_request_is_in_its_repr() -> None:
    headers = sign_with(STANDARD, COMPACT, WHSEC, Stamp(NOW_MS))
    request = read_request(raw([f"{name}: {value}" for name, value in headers]))
    assert headers[-1][1] not in repr(request)
    assert "Grü" not in repr(request)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
@example(b"curl $'")
@example(b"curl '\\")
@example(b"curl \\")
@example("curl $'\\ud800\\U110000\\777' \ud800")
@example(b"curl [ -d x")
@example(b"curl http://[::1 -d x")
def test_reading_is_total(pasted: bytes | str) -> None:
    assert read_or_refused(pasted)


@given(st.text(alphabet="curl -Hd'\"$\\@&\n:ax{}=", max_size=60))
def test_reading_a_command_is_total(rest: str) -> None:
    assert read_or_refused(f"curl {rest}")


def read_or_refused(pasted: bytes | str) -> bool:
    """Whether it was read, or refused with a sentence; anything else is raised."""
    try:
        return isinstance(read_request(pasted).body, bytes)
    except UsageError as error:
        return error.message.endswith(".")


# Files of editors


def test_the_request_of_an_http_file() -> None:
    request = read_request('### a callback\nPOST https://a.example/in\nX-A: 1\n\n{"a": 1}\n')
    assert (request.method, request.target) == ("POST", "https://a.example/in")
    assert request.headers == (("X-A", "1"),)
    assert request.body == b'{"a": 1}'
    assert request.notes == ("a line end after the body was left out, as such files end with one",)


def test_an_http_file_whose_body_is_elsewhere_says_so() -> None:
    with pytest.raises(UsageError, match="in a file beside it"):
        read_request("### a callback\nPOST https://a.example/in\n\n< ./callback.body\n")
