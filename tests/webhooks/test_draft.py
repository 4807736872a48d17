"""A draft says what is wrong with it in plain words, and shows what would be sent."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from cognitui.cognigy.credentials import fingerprint
from cognitui.cognigy.models import RegisteredWebhook
from cognitui.errors import UsageError
from cognitui.webhooks.draft import Draft, check, preview, question_of
from cognitui.webhooks.files import load_webhook
from tests.support.tenants import SIGNING_SECRET

if TYPE_CHECKING:
    from pathlib import Path

GOOD = Draft(
    skill_id="skill_67890",
    endpoint_url="https://hooks.example.com/cognigy",
    triggers=("ON_MESSAGE", "ON_FALLBACK"),
    templates={"ON_MESSAGE": '{"text": "{{message.text}}"}'},
    secret_key=SecretStr(SIGNING_SECRET),
)
REGISTERED = RegisteredWebhook.model_validate(
    {
        "id": "wh_1",
        "skillId": "skill_67890",
        "url": "https://hooks.example.com/cognigy",
        "triggers": [{"event": "ON_MESSAGE", "payload_template": {"a": "ü"}}],
        "delivery": {"timeout": 1000, "retries": 1},
    }
)


def test_a_good_draft_becomes_the_webhook_that_is_sent() -> None:
    checked = check(GOOD)
    assert checked.is_valid
    assert checked.change is None
    assert checked.webhook is not None
    assert checked.webhook.to_registration()["webhook"] == {
        "skillId": "skill_67890",
        "url": "https://hooks.example.com/cognigy",
        "triggers": [
            {"event": "ON_MESSAGE", "payload_template": {"text": "{{message.text}}"}},
            {"event": "ON_FALLBACK", "payload_template": None},
        ],
        "auth": {"type": "hmac_sha256", "secret": SIGNING_SECRET},
        "delivery": {"timeout": 3000, "retries": 3},
    }


def test_blanks_around_what_was_typed_do_not_matter() -> None:
    padded = GOOD.with_(skill_id=" skill_67890 ", endpoint_url=f" {GOOD.endpoint_url}\n")
    assert check(padded.with_(timeout_ms=" 3000 ", retry_count=" 3")).webhook == check(GOOD).webhook


SKILL = "Choose a skill, or type its id (1 to 200 characters, no spaces or slashes)."
WHOLE_URL = "Write a whole URL, such as https://hooks.example.com/cognigy."
SECRET = "The secret needs 32 characters or more (at most 1024)."
TIMEOUT = "The timeout is 500 to 10000 ms."
RETRIES = "The retries are 0 to 5."
EVENTS = "The events are ON_SKILL_START, ON_SKILL_END, ON_MESSAGE, ON_INTENT_MATCH, ON_FALLBACK."


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"skill_id": ""}, "skill_id", SKILL),
        ({"skill_id": "a b"}, "skill_id", SKILL),
        ({"skill_id": "a/b"}, "skill_id", SKILL),
        ({"skill_id": "x" * 201}, "skill_id", SKILL),
        ({"endpoint_url": ""}, "endpoint_url", WHOLE_URL),
        ({"endpoint_url": "hooks.example.com"}, "endpoint_url", WHOLE_URL),
        ({"endpoint_url": "https://"}, "endpoint_url", WHOLE_URL),
        ({"endpoint_url": "https://[::1"}, "endpoint_url", WHOLE_URL),
        ({"endpoint_url": "ftp://a.example"}, "endpoint_url", "The scheme must be http or https."),
        (
            {"endpoint_url": "https://a.example/" + "x" * 3000},
            "endpoint_url",
            "The URL is too long.",
        ),
        (
            {"endpoint_url": "https://me:pw@a.example/"},
            "endpoint_url",
            "Leave the user name and password out: they would be shown in every list.",
        ),
        ({"triggers": ()}, "triggers", "Choose at least one trigger."),
        ({"triggers": ("ON_WEEKEND",)}, "triggers", EVENTS),
        ({"triggers": ("ON_MESSAGE",) * 2}, "triggers", "Each event may be listed once."),
        ({"secret_key": SecretStr("")}, "secret_key", SECRET),
        ({"secret_key": SecretStr("x" * 31)}, "secret_key", SECRET),
        ({"secret_key": SecretStr("x" * 1025)}, "secret_key", SECRET),
        ({"timeout_ms": ""}, "timeout_ms", TIMEOUT),
        ({"timeout_ms": "499"}, "timeout_ms", TIMEOUT),
        ({"timeout_ms": "10001"}, "timeout_ms", TIMEOUT),
        ({"timeout_ms": "3 s"}, "timeout_ms", TIMEOUT),
        ({"timeout_ms": "3000.5"}, "timeout_ms", TIMEOUT),
        ({"timeout_ms": "9" * 5000}, "timeout_ms", TIMEOUT),
        ({"retry_count": "-1"}, "retry_count", RETRIES),
        ({"retry_count": "6"}, "retry_count", RETRIES),
        ({"retry_count": "many"}, "retry_count", RETRIES),
    ],
    ids=lambda value: ascii(value)[:50],
)
def test_each_problem_in_plain_words(changes: dict[str, Any], field: str, sentence: str) -> None:
    draft = GOOD.with_(**changes)
    checked = check(draft)
    assert checked.problems == {field: sentence}
    assert not checked.is_valid
    assert (checked.webhook, checked.change) == (None, None)
    assert preview(draft)  # which keeps up all the same


def test_all_problems_at_once() -> None:
    checked = check(Draft(timeout_ms="soon", retry_count="often"))
    assert list(checked.problems) == [
        "skill_id", "endpoint_url", "triggers", "secret_key", "timeout_ms", "retry_count",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{", "Line 1, column 2: the closing } is missing."),
        ('{"a": 1,}', "Line 1, column 8: nothing follows this comma"),
        ("[]", "must be a JSON object"),
        ('{"a": "{{message.txt}}"}', "message.txt"),
        ('{"a": NaN}', "NaN"),
    ],
)
def test_a_templates_problem_stands_at_its_event(template: str, words: str) -> None:
    draft = GOOD.with_(templates={"ON_FALLBACK": template})
    problems = check(draft).problems
    assert list(problems) == ["templates.ON_FALLBACK"]
    assert re.search(words, problems["templates.ON_FALLBACK"])
    assert json.loads(preview(draft))["webhook"]["triggers"][1]["event"] == "ON_FALLBACK"


def test_the_template_of_an_event_that_was_not_chosen_does_not_matter() -> None:
    assert check(GOOD.with_(templates={"ON_SKILL_END": "{"})).is_valid


def test_the_preview_is_what_is_sent_with_the_secret_hidden() -> None:
    shown = json.loads(preview(GOOD))
    webhook = check(GOOD).webhook
    assert webhook is not None
    sent = webhook.to_registration()
    hidden = shown["webhook"]["auth"].pop("secret")
    assert sent["webhook"]["auth"].pop("secret") == SIGNING_SECRET
    assert shown == sent
    assert hidden == f"•••••••• {fingerprint(GOOD.secret_key)}"
    assert SIGNING_SECRET not in f"{preview(GOOD)} {GOOD!r} {check(GOOD)!r}"


@given(
    st.builds(
        Draft,
        skill_id=st.text(max_size=20),
        endpoint_url=st.one_of(st.text(max_size=30), st.text(max_size=9).map("https://{}".format)),
        triggers=st.lists(st.sampled_from(["ON_MESSAGE", "ON_FALLBACK", "x", ""])).map(tuple),
        templates=st.dictionaries(st.just("ON_MESSAGE"), st.text(max_size=30)),
        secret_key=st.text(max_size=40).map(SecretStr),
        timeout_ms=st.one_of(st.text(max_size=6), st.integers().map(str)),
        retry_count=st.text(max_size=3),
        webhook_id=st.one_of(st.none(), st.just("wh_1")),
    )
)
def test_nothing_that_can_be_typed_breaks_it(draft: Draft) -> None:
    checked = check(draft)
    assert checked.is_valid == (checked.webhook is not None or checked.change is not None)
    assert all(sentence.endswith(".") for sentence in checked.problems.values())
    assert json.loads(preview(draft))


def test_a_draft_of_a_registered_webhook_changes_nothing_yet() -> None:
    draft = Draft.of(REGISTERED)
    checked = check(draft)
    assert checked.problems == {}
    assert checked.webhook is None  # its secret is the tenant's
    assert checked.change is not None
    assert checked.change.to_wire() == {
        "skillId": "skill_67890",
        "url": "https://hooks.example.com/cognigy",
        "triggers": [{"event": "ON_MESSAGE", "payload_template": {"a": "ü"}}],
        "delivery": {"timeout": 1000, "retries": 1},
    }
    shown = json.loads(preview(draft))
    assert shown == {"webhook": checked.change.to_wire()}
    assert "ü" in preview(draft)


def test_a_new_secret_for_a_registered_webhook_is_checked_and_sent() -> None:
    short = check(Draft.of(REGISTERED).with_(secret_key=SecretStr("short")))
    assert short.problems == {"secret_key": SECRET}
    checked = check(Draft.of(REGISTERED).with_(secret_key=SecretStr(SIGNING_SECRET)))
    assert checked.change is not None
    assert checked.change.to_wire()["auth"]["secret"] == SIGNING_SECRET
    assert checked.webhook is not None


@pytest.mark.parametrize(("webhook_id", "is_new"), [(None, True), ("wh_1", False)])
def test_the_preflights_question(webhook_id: str | None, is_new: bool) -> None:
    question = question_of(GOOD.with_(skill_id=" s ", webhook_id=webhook_id), "bot_1")
    assert (question.bot_id, question.skill_id, question.is_new) == ("bot_1", "s", is_new)
    assert question.events == GOOD.triggers


JSON_FILE = {
    "skill_id": "skill_67890",
    "endpoint_url": "https://hooks.example.com/cognigy",
    "triggers": [{"event": "ON_MESSAGE", "payload_template": {"text": "{{message.text}}"}}],
    "secret_key": SIGNING_SECRET,
    "timeout_ms": 2000,
}
TOML_FILE = f"""
skill_id = "skill_67890"
endpoint_url = "https://hooks.example.com/cognigy"
secret_key = "{SIGNING_SECRET}"
timeout_ms = 2000

[[triggers]]
event = "ON_MESSAGE"
payload_template = {{ text = "{{{{message.text}}}}" }}
"""


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_json_and_a_toml_file_say_the_same(tmp_path: Path) -> None:
    from_json = load_webhook(write(tmp_path, "w.json", json.dumps(JSON_FILE)), None)
    from_toml = load_webhook(write(tmp_path, "w.toml", TOML_FILE), None)
    assert from_json == from_toml
    assert (from_json.timeout_ms, from_json.retry_count) == (2000, 3)


def test_the_files_own_secret_comes_first(tmp_path: Path) -> None:
    other = SecretStr("another secret of more than 32 characters")
    path = write(tmp_path, "w.json", json.dumps(JSON_FILE))
    assert load_webhook(path, other).secret_key.get_secret_value() == SIGNING_SECRET
    without = {k: v for k, v in JSON_FILE.items() if k != "secret_key"}
    path = write(tmp_path, "w.json", json.dumps(without))
    assert load_webhook(path, other).secret_key == other


TEMPLATE = '{"skill_id":"s","endpoint_url":"https://a.example","secret_key":"%s","triggers":%s}'


@pytest.mark.parametrize(
    ("name", "content", "words", "field"),
    [
        ("w.json", "{", "is not valid JSON: .* at line 1, column 2", None),
        ("w.json", "", "is not valid JSON", None),
        ("w.json", TOML_FILE, "is not valid JSON", None),
        ("w.toml", "a = ", "is not valid TOML", None),
        ("w.json", b"\xff\xfe", "is not a JSON or TOML text file", None),
        ("w.json", "[" * 100_000, "is not a JSON or TOML text file", None),
        ("w.json", '{"timeout_ms": ' + "1" * 5000 + "}", "is not a JSON or TOML text", None),
        ("w.toml", "a = " + "1" * 5000, "is not a JSON or TOML text file|not valid TOML", None),
        ("w.json", "[]", "must hold one object", None),
        ("w.json", " " * 1_000_001, "is larger than 1000 kB", None),
        (
            "w.json",
            "{}",
            r"skill_id: This field is missing\. \(3 more after this one\)",
            "skill_id",
        ),
        (
            "w.json",
            TEMPLATE % (SIGNING_SECRET, '[{"event":"ON_MESSAGE"}],"skillId":"s"'),
            "skillId: There is no such field; the fields are skill_id, endpoint_url",
            "skillId",
        ),
        (
            "w.json",
            TEMPLATE % ("short", '[{"event":"ON_MESSAGE"}]'),
            f"secret_key: {SECRET[:20]}",
            "secret_key",
        ),
        ("w.json", TEMPLATE % (SIGNING_SECRET, "[]"), "triggers: Choose at least one", "triggers"),
        (
            "w.json",
            TEMPLATE % (SIGNING_SECRET, "[{}]"),
            "triggers: A trigger has an event",
            "triggers",
        ),
        (
            "w.json",
            TEMPLATE % (SIGNING_SECRET, '[{"event":"ON_MESSAGE","template":{}}]'),
            "triggers: A trigger has an event",
            "triggers",
        ),
        (
            "w.json",
            TEMPLATE % (SIGNING_SECRET, '[{"event":"ON_MESSAGE","payload_template":"x"}]'),
            "triggers: A payload template is a JSON object",
            "triggers",
        ),
        (
            "w.json",
            TEMPLATE
            % (SIGNING_SECRET, '[{"event":"ON_MESSAGE","payload_template":{"a":"{{b}}"}}]'),
            "the template of ON_MESSAGE: .*b",
            "triggers",
        ),
        (
            "w.json",
            TEMPLATE % (SIGNING_SECRET, '[{"event":"ON_MESSAGE","payload_template":{"a":NaN}}]'),
            "the template of ON_MESSAGE: .*NaN",
            "triggers",
        ),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_a_file_that_cannot_be_used(
    name: str, content: str | bytes, words: str, field: str | None, tmp_path: Path
) -> None:
    path = write(tmp_path, name, content)
    with pytest.raises(UsageError, match=words) as caught:
        load_webhook(path, None)
    assert caught.value.message.startswith(str(path))
    assert caught.value.field == field
    assert SIGNING_SECRET not in caught.value.message


def test_a_date_in_a_toml_template_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    text = TOML_FILE + '\n[[triggers]]\nevent = "ON_FALLBACK"\n'
    text += "payload_template = { when = 2024-01-01T00:00:00Z }\n"
    with pytest.raises(UsageError, match="has to be written as text"):
        load_webhook(write(tmp_path, "w.toml", text), None)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file or directory"):
        load_webhook(tmp_path / "none.json", None)
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        load_webhook(tmp_path, None)


def test_remarks_on_a_template_do_not_keep_it_from_being_sent() -> None:
    checked = check(GOOD.with_(templates={"ON_MESSAGE": '{"a": "{{sessionId"}'}))
    assert checked.is_valid
    assert not checked.templates["ON_MESSAGE"].blocks
    broken = check(GOOD.with_(templates={"ON_MESSAGE": '{\n"a" 1}'}))
    assert broken.templates["ON_MESSAGE"].place == "line 2, column 4"


def test_a_copy_is_new_and_shares_no_secret() -> None:
    draft = Draft.copy_of(REGISTERED)
    assert draft == Draft.of(REGISTERED).with_(webhook_id=None)
    edited = Draft.of(REGISTERED).with_(home="acme/bot_1", secret_key=SecretStr(SIGNING_SECRET))
    assert edited.as_new() == draft
    assert list(check(draft).problems) == ["secret_key"]


def test_a_hostile_template_is_edited_as_harmless_text_that_means_the_same() -> None:
    hostile = {"a\u202e": "\x1b[31m\x9b\U000e0041"}
    trigger = {"event": "ON_MESSAGE", "payload_template": hostile}
    webhook = REGISTERED.model_copy(
        update={"triggers": (REGISTERED.triggers[0].model_validate(trigger),)}
    )
    draft = Draft.of(webhook)
    assert draft.templates["ON_MESSAGE"].isascii()
    change = check(draft).change
    assert change is not None
    assert change.triggers is not None
    assert change.triggers[0].payload_template == hostile
