"""The preview of a callback is what the simulator would send, byte for byte."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from cognitui.callbacks.sign import sign
from cognitui.clock import unix_ms
from cognitui.webhooks.callback_preview import preview_callback
from cognitui.webhooks.draft import NO_SECRET, Draft
from tests.support.tenants import SIGNING_SECRET

NOON = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)
DRAFT = Draft(
    skill_id=" skill_1 ",
    triggers=("ON_MESSAGE",),
    templates={"ON_MESSAGE": '{"who": "{{sessionId}}", "at": "{{timestamp}}", "ü": "{{message.text}}"}'},
    secret_key=SecretStr(SIGNING_SECRET),
)  # fmt: skip


def test_it_carries_what_the_template_adds_and_the_secret_signs() -> None:
    shown = preview_callback(DRAFT, "ON_MESSAGE", at=NOON)
    body = json.loads(shown.body)
    assert list(body) == [
        "skillId", "trigger", "timestamp", "sessionId", "message", "who", "at", "ü",
    ]  # fmt: skip
    assert (body["skillId"], body["trigger"]) == ("skill_1", "ON_MESSAGE")
    assert body["timestamp"] == body["at"] == unix_ms(NOON)
    assert body["who"] == body["sessionId"]
    assert body["ü"] == body["message"]["text"]
    sent = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    assert shown.size == len(sent)
    assert dict(shown.headers) == {
        "Content-Type": "application/json",
        "X-Cognigy-Signature": sign(sent, SIGNING_SECRET),
        "X-Cognigy-Timestamp": str(unix_ms(NOON)),
        "User-Agent": dict(shown.headers)["User-Agent"],
    }
    assert shown.is_signed
    assert SIGNING_SECRET not in repr(shown)


def test_without_a_secret_it_is_not_signed() -> None:
    shown = preview_callback(DRAFT.with_(secret_key=NO_SECRET), "ON_MESSAGE", at=NOON)
    assert not shown.is_signed
    assert dict(shown.headers)["X-Cognigy-Signature"] == "not signed yet: there is no secret"
    assert json.loads(shown.body)["who"]


def test_a_secret_of_this_session_signs_what_an_edit_leaves_alone() -> None:
    edit = DRAFT.with_(secret_key=NO_SECRET, webhook_id="wh_1")
    known = preview_callback(edit, "ON_MESSAGE", at=NOON, secret=SecretStr(SIGNING_SECRET))
    assert known == preview_callback(DRAFT, "ON_MESSAGE", at=NOON)
    other = preview_callback(DRAFT, "ON_MESSAGE", at=NOON, secret=SecretStr("another"))
    assert other == known  # the one that is being written comes first


def test_a_template_that_is_half_written_is_left_out() -> None:
    shown = preview_callback(DRAFT.with_(templates={"ON_MESSAGE": '{"a": '}), "ON_MESSAGE", at=NOON)
    assert list(json.loads(shown.body))[-1] == "message"
    assert shown.problem == ""


@pytest.mark.parametrize(
    ("event", "template", "words"),
    [
        ("ON_WEEKEND", "{}", "does not know what ON_WEEKEND sends"),
        ("ON_MESSAGE", '{"a": "{{nobody}}"}', "is not a placeholder"),
        ("ON_MESSAGE", '{"a": "\\ud800"}', "half of a character"),
    ],
)
def test_why_there_is_none(event: str, template: str, words: str) -> None:
    shown = preview_callback(DRAFT.with_(templates={event: template}), event, at=NOON)
    assert words in shown.problem
    assert (shown.body, shown.headers) == ("", ())


def test_nothing_in_it_steers_the_terminal() -> None:
    hostile = DRAFT.with_(skill_id="\x9b31m", templates={"ON_MESSAGE": '{"a": "\u202e"}'})
    assert preview_callback(hostile, "ON_MESSAGE", at=NOON).body.isascii()
