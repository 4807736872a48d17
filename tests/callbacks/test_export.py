"""Exports that are run: each one has to bring the same bytes to a real receiver."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cognitui.callbacks.compose import MASK, compose, compose_raw
from cognitui.callbacks.export.curl import curl
from cognitui.callbacks.export.har import har
from cognitui.callbacks.export.http_file import http_file
from cognitui.callbacks.export.pytest_case import pytest_case
from cognitui.callbacks.export.subject import Subject, of_callback, of_received
from cognitui.callbacks.export.text import plain_text
from cognitui.callbacks.schemes.ready import KEY, STANDARD
from cognitui.clock import SYSTEM_CLOCK
from cognitui.cognigy.models import TriggerEvent

from .wire import OTHER, SECRET, WHSEC, post, post_raw

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.callbacks.receive import Receiver
    from cognitui.callbacks.send import CallbackSender

BODIES = [
    b'{"a":"Gr\xc3\xbc\xc3\x9fe"}',
    b"{\n\t\"a\": 'it''s' $HOME `id` %s \\n\n}\n\n",
    bytes(range(256)) * 3,
    b"",
    b"\xef\xbb\xbf{}",
    b"a\r\nb",
    "\u202e hidden \u200b".encode(),
    b"\x1b[2J",
    b"-n",
    b"### next\nPOST x\n< file",
]


@pytest.mark.parametrize("body", BODIES)
def test_curl_brings_the_same_bytes(receiver: Receiver, body: bytes) -> None:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl here")
    one = compose_raw(body, secret=SECRET)
    head = (
        *one.headers,
        ("Accept", 'it\'s "a" $x \\ %s caf\u00e9 \udcff'),
        ("Content-Encoding", ""),
    )
    post_raw(receiver, head, body)
    command = curl(of_received(receiver.received[0], receiver.url))
    assert command.replace("\n", "").replace("\t", "").isprintable()
    done = subprocess.run(["sh", "-c", command], capture_output=True, timeout=20, check=True)
    assert done.stdout.startswith(b"HTTP/1.1 401")  # it has been seen
    first, second = receiver.received
    assert second.body == body
    assert second.raw_headers == first.raw_headers
    assert second.verdict.seen_count == 2


def test_a_long_body_by_curl(receiver: Receiver) -> None:
    if shutil.which("curl") is None:
        pytest.skip("there is no curl here")
    body = os.urandom(90_000)
    command = curl(of_callback(compose_raw(body, secret=SECRET), receiver.url, SYSTEM_CLOCK.now()))
    subprocess.run(["sh"], input=command.encode(), capture_output=True, timeout=20, check=True)
    assert receiver.received[0].body == body
    assert receiver.received[0].verdict.accepted


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("secret", [SECRET, OTHER])
def test_the_case_for_pytest_runs(
    receiver: Receiver, tmp_path: Path, body: bytes, secret: str
) -> None:
    one = compose_raw(body, secret=secret)
    post_raw(receiver, one.headers, body)
    first = receiver.received[0]
    receiver.set_secrets([SECRET])
    path = tmp_path / "test_case.py"
    path.write_text(pytest_case(of_received(first)), encoding="ascii")
    # A receiver that has not seen it yet.
    receiver._replay._entries.clear()
    result = run_case(path, CALLBACK_URL=receiver.url, CALLBACK_SECRET=SECRET)
    assert result.returncode == 0, result.stdout
    assert "2 passed" in result.stdout
    second = receiver.received[1]
    assert (second.body, second.raw_headers) == (first.body, first.raw_headers)
    assert second.status == (200 if secret == SECRET else 401)


def test_the_case_fails_where_the_endpoint_takes_a_forgery(
    receiver: Receiver, tmp_path: Path
) -> None:
    one = compose_raw(b"{}", secret=OTHER)
    post(receiver, one)
    path = tmp_path / "test_case.py"
    path.write_text(pytest_case(of_received(receiver.received[0])), encoding="ascii")
    receiver.set_secrets([OTHER])
    result = run_case(path, CALLBACK_URL=receiver.url, CALLBACK_SECRET=OTHER)
    assert "2 failed" in result.stdout


def test_the_case_is_skipped_without_a_target(receiver: Receiver, tmp_path: Path) -> None:
    path = tmp_path / "test_case.py"
    one = compose_raw(b"{}", secret=SECRET)
    path.write_text(pytest_case(of_callback(one, "http://x/", SYSTEM_CLOCK.now())))
    assert "2 skipped" in run_case(path).stdout
    assert SECRET not in path.read_text()


def run_case(path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("CALLBACK_")
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)],
        env=environment | variables | {"PYTHONPATH": os.pathsep.join(sys.path)},
        cwd=path.parent,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


async def test_an_archive_of_what_was_sent(receiver: Receiver, sender: CallbackSender) -> None:
    receiver.set_secrets([OTHER])
    one = compose_raw(b"\xff", secret=SECRET)
    delivery = await sender.send(receiver.url, one)
    (attempt,) = delivery.attempts
    subject = of_callback(one, f"{receiver.url}?a=1&b=", attempt.started_at, attempt)
    other = compose(event=TriggerEvent.ON_MESSAGE, skill_id="s", secret=SECRET, text="Grüße")
    text = har([subject, of_callback(other, receiver.url, SYSTEM_CLOCK.now())])
    assert text.isascii()
    log = json.loads(text)["log"]
    assert log["version"] == "1.2"
    first, second = log["entries"]
    assert first["request"]["postData"]["_encoding"] == "base64"
    assert first["request"]["queryString"] == [
        {"name": "a", "value": "1"},
        {"name": "b", "value": ""},
    ]
    assert first["response"]["status"] == 401
    assert first["response"]["statusText"] == "Unauthorized"
    assert first["time"] == attempt.ms
    assert set(first["timings"]) == {"dns", "connect", "ssl", "send", "wait", "receive"}
    assert first["timings"]["dns"] == first["timings"]["ssl"] == -1
    assert first["timings"]["connect"] >= 0
    assert second["request"]["postData"]["text"].encode() == other.body
    assert second["request"]["bodySize"] == len(other.body)
    assert second["response"]["status"] == 0
    for entry in (first, second):
        required = {"startedDateTime", "time", "request", "response", "cache", "timings"}
        assert required <= set(entry)
        assert {"name": "Content-Type", "value": "application/json"} in entry["request"]["headers"]


@pytest.mark.parametrize("body", BODIES)
def test_a_file_for_editors(body: bytes) -> None:
    one = compose_raw(body, secret=WHSEC, scheme=STANDARD)
    made = http_file(of_callback(one, "http://127.0.0.1/x", SYSTEM_CLOCK.now()), "my.body")
    head, _, rest = made.text.partition("\n\n")
    lines = head.splitlines()
    assert lines[0].startswith("### ")
    assert lines[1] == "POST http://127.0.0.1/x"
    assert lines[2:] == [f"{name}: {value}" for name, value in one.headers]
    if made.body_file:
        assert rest == "< ./my.body\n"
        assert made.body == body
    else:
        assert rest.encode() == body
    assert bool(made.body_file) is (body not in {BODIES[0], BODIES[3], BODIES[8]})


def test_a_secret_header_is_masked_everywhere() -> None:
    one = compose_raw(b"{}", secret=SECRET, scheme=KEY)
    subject = of_callback(one, "http://127.0.0.1/", SYSTEM_CLOCK.now())
    assert dict(subject.headers)["X-API-Key"] == MASK
    for text in (curl(subject), har([subject]), http_file(subject).text, pytest_case(subject)):
        assert SECRET not in text


def test_the_headers_of_a_stranger_cannot_leave_their_place(receiver: Receiver) -> None:
    value = "'; touch /tmp/owned; echo '$(id)`id`\"\\\""
    subject = Subject(
        receiver.url, (("x-a", value), ("x-b", "\x1b[2J")), b"{}", "cognigy", SYSTEM_CLOCK.now()
    )
    for text in (curl(subject), har([subject]), http_file(subject).text, pytest_case(subject)):
        assert "\x1b" not in text
    compile(pytest_case(subject), "case", "exec")
    listed = subprocess.run(
        ["sh", "-c", "curl() { for each; do printf '%s\\n' \"$each\"; done; }\n" + curl(subject)],
        capture_output=True,
        timeout=10,
        check=True,
    ).stdout.split(b"\n")
    assert f"x-a: {value}".encode() in listed
    assert b"x-b: \x1b[2J" in listed


@pytest.mark.parametrize(
    ("body", "is_plain"),
    [(b"{}", True), (b"a\n\tb\n", True), ("ü".encode(), True), (b"\xff", False), (b"\r", False),
     (b"\x00", False), ("\u202e".encode(), False), ("\ufeff".encode(), False), (b"x" * 9999, True)],
)  # fmt: skip
def test_plain_text(body: bytes, is_plain: bool) -> None:
    assert (plain_text(body) is not None) is is_plain
