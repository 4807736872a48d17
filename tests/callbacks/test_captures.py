from __future__ import annotations

import json
import stat
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cognitui.callbacks.capture import Capture, capture_of, read, replay, written
from cognitui.callbacks.captures import SUFFIX, CaptureStore, load_file
from cognitui.callbacks.compose import compose, compose_raw
from cognitui.callbacks.errors import CaptureError
from cognitui.callbacks.schemes.ready import BASIC, COGNIGY, KEY, READY, STANDARD
from cognitui.callbacks.schemes.scheme import Scheme, SignedHeaders
from cognitui.callbacks.send import CallbackSender
from cognitui.callbacks.verdict import Replay
from cognitui.cognigy.models import TriggerEvent
from cognitui.errors import UsageError

from .wire import SECRET, WHSEC, post, post_raw

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.callbacks.receive import Receiver


@pytest.fixture
def store(tmp_path: Path) -> CaptureStore:
    return CaptureStore(tmp_path / "captures")


def arrived(receiver: Receiver, text: str = "hello") -> None:
    one = compose(event=TriggerEvent.ON_MESSAGE, skill_id="s", secret=SECRET, text=text)
    assert post(receiver, one)[0] == 200


@pytest.mark.parametrize("scheme", READY.values(), ids=READY.keys())
async def test_what_was_kept_is_sent_again_byte_for_byte(
    receiver: Receiver, store: CaptureStore, scheme: Scheme
) -> None:
    receiver.set_scheme(scheme)
    receiver.set_secrets([WHSEC])
    body = bytes(range(256))
    one = compose_raw(body, secret=WHSEC, scheme=scheme)
    post_raw(receiver, (*one.headers, ("Accept", "caf\u00e9 \udcff")), body)
    kept = store.save(receiver.received[0])
    again = replay(store.load(kept.name), secret=WHSEC)
    async with CallbackSender() as sender:
        await sender.send(receiver.url, again, retries=0)
    first, second = receiver.received
    assert second.body == first.body == body
    assert set(first.raw_headers) <= set(second.raw_headers)
    assert (b"accept", "café \udcff".encode("utf-8", "surrogateescape")) in second.raw_headers
    expected = Replay.SEEN if scheme.is_signed else Replay.UNCHECKED
    assert (first.verdict.accepted, second.verdict.replay) == (True, expected)


@pytest.mark.parametrize("scheme", [BASIC, KEY])
def test_a_secret_is_never_kept(receiver: Receiver, store: CaptureStore, scheme: Scheme) -> None:
    receiver.set_scheme(scheme)
    one = compose_raw(b"{}", secret=SECRET, scheme=scheme)
    post(receiver, one)
    name = store.save(receiver.received[0]).name
    content = (store.directory / f"{name}{SUFFIX}").read_text()
    assert not any(value in content for header, value in one.headers if header in scheme.headers)
    with pytest.raises(UsageError) as caught:
        replay(store.load(name))
    assert caught.value.field == "secret"
    assert dict(replay(store.load(name), secret=SECRET).headers).items() >= {
        (header.lower(), value) for header, value in one.headers if header in scheme.headers
    }


def test_a_file_is_its_owners_and_whole(receiver: Receiver, store: CaptureStore) -> None:
    arrived(receiver)
    name = store.save(receiver.received[0]).name
    path = store.directory / f"{name}{SUFFIX}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.directory.stat().st_mode) == 0o700
    assert [each.name for each in store.directory.iterdir()] == [path.name]
    assert json.loads(path.read_bytes())["version"] == 1
    assert load_file(path) == store.load(name)


def test_they_are_listed_newest_first_and_deleted(receiver: Receiver, store: CaptureStore) -> None:
    assert store.names() == ()
    for text in ("one", "two", "three"):
        arrived(receiver, text)
    kept = [store.save(each) for each in receiver.received]
    assert [each.body for each in store.captures()] == [
        each.body for each in reversed(receiver.received)
    ]
    assert store.names() == tuple(each.name for each in reversed(kept))
    (store.directory / f"broken{SUFFIX}").write_text("{}")
    (store.directory / "note.txt").write_text("not ours")
    assert len(store.captures()) == 3
    store.delete(kept[1].name)
    assert kept[1].name not in store.names()
    for act in (store.delete, store.load, store.bookmark):
        with pytest.raises(CaptureError):
            act(kept[1].name)


def test_the_same_one_twice_has_two_names(receiver: Receiver, store: CaptureStore) -> None:
    arrived(receiver)
    first, second = (store.save(receiver.received[0]) for _ in range(2))
    assert first.name != second.name
    assert replace(first, name="") == replace(second, name="")


def test_old_ones_make_way_but_not_the_bookmarked(receiver: Receiver, tmp_path: Path) -> None:
    store = CaptureStore(tmp_path, max_captures=3)
    for text in "abcdef":
        arrived(receiver, text)
    received = receiver.received
    marked = store.save(received[0], bookmarked=True).name
    names = [store.save(each).name for each in received[1:5]]
    assert set(store.names()) == {marked, names[2], names[3]}
    assert store.load(marked).bookmarked
    # Another program's view of the directory knows no more than the files say.
    again = CaptureStore(tmp_path, max_captures=3)
    again.bookmark(marked, on=False)
    again.bookmark(names[2])
    again.bookmark(names[3])
    last = again.save(received[5]).name
    assert set(again.names()) == {names[2], names[3], last}
    again.bookmark(last)
    with pytest.raises(CaptureError) as caught:
        again.save(received[0])
    assert "bookmarked" in caught.value.message


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "a.b", "x" * 101, "a\0", "\u202e"])
def test_a_name_leads_nowhere_else(store: CaptureStore, name: str) -> None:
    for act in (store.load, store.delete, store.bookmark):
        with pytest.raises(CaptureError):
            act(name)


def test_a_directory_that_cannot_be_written(receiver: Receiver, tmp_path: Path) -> None:
    arrived(receiver)
    (tmp_path / "file").write_text("")
    store = CaptureStore(tmp_path / "file")
    with pytest.raises(CaptureError):
        store.save(receiver.received[0])


def good(receiver: Receiver) -> dict[str, Any]:
    arrived(receiver)
    fields: dict[str, Any] = json.loads(written(capture_of(receiver.received[0])))
    return fields


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"version": 2}, "later cognitui"),
        ({"version": "1"}, "does not say"),
        ({"version": True}, "does not say"),
        ({"received_at": "yesterday"}, "missing"),
        ({"received_at": "2026-05-17T12:00:00"}, "time zone"),
        ({"body_base64": "%"}, "base64"),
        ({"body_base64": 7}, "body_base64"),
        ({"body_base64": "QUFB" * 400_000}, "longer"),
        ({"headers": {}}, "headers"),
        ({"headers": [["a"]]}, "header"),
        ({"headers": [["a", 1]]}, "header"),
        ({"headers": [["a b", "1"]]}, "name"),
        ({"headers": [["a", "1\r\nX: y"]]}, "line end"),
        ({"headers": [["a", "1"]] * 101}, "headers"),
        ({"status": "200"}, "status"),
        ({"sent_at_ms": 1.5}, "sent_at_ms"),
        ({"event": 7}, "event"),
    ],
)
def test_a_file_that_is_none(receiver: Receiver, changes: dict[str, Any], part: str) -> None:
    fields = good(receiver)
    read(json.dumps(fields).encode())
    with pytest.raises(CaptureError) as caught:
        read(json.dumps(fields | changes).encode(), "it")
    assert part in caught.value.message


@given(st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=5)), st.binary())
def test_any_file_is_a_capture_or_refused(fields: dict[str, Any], junk: bytes) -> None:
    for content in (junk, json.dumps(fields | {"version": 1}).encode()):
        with pytest.raises(CaptureError):
            read(content)


def test_a_scheme_that_is_not_known(receiver: Receiver) -> None:
    kept = replace(capture_of_first(receiver), scheme_id="mine")
    with pytest.raises(UsageError):
        replay(kept)
    mine = Scheme("mine", "mine", COGNIGY.parts)
    assert replay(kept, scheme=mine).signature.startswith("sha256=")


def test_a_masked_header_that_no_secret_brings_back(receiver: Receiver) -> None:
    mine = Scheme("mine", "mine", (SignedHeaders("Authorization", "HMAC {signature}"),))
    receiver.set_scheme(mine)
    one = compose_raw(b"{}", secret=SECRET, scheme=mine)
    assert post(receiver, one)[0] == 200
    kept = capture_of(receiver.received[0])
    with pytest.raises(UsageError):
        replay(kept, secret=SECRET, scheme=mine)


def capture_of_first(receiver: Receiver) -> Capture:
    arrived(receiver)
    return capture_of(receiver.received[0])


def test_a_tracked_one_keeps_its_delivery(receiver: Receiver, store: CaptureStore) -> None:
    receiver.set_scheme(STANDARD)
    receiver.set_secrets([WHSEC])
    one = compose(
        event=TriggerEvent.ON_MESSAGE, skill_id="s", secret=WHSEC, scheme=STANDARD, tracked=True
    )
    post(receiver, one)
    again = replay(store.save(receiver.received[0]))
    assert (again.delivery_id, again.event) == (one.delivery_id, one.event)
    assert (again.timestamp_ms, again.signature) == (one.timestamp_ms, one.signature)
    assert again.refreshed() is again
