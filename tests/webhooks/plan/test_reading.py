"""A file of webhooks that cannot be used is refused with its line, the reason and what was meant."""

from __future__ import annotations

import pytest

from cognitui.errors import UsageError
from cognitui.webhooks.plan.described import SecretSource
from cognitui.webhooks.plan.reading import MAX_FILE_BYTES, parse_file

from .support import ENTRY, parsed

HUSH = "hush-hush-hush-hush-hush-hush-hush-hush"


def refusal(text: str) -> str:
    with pytest.raises(UsageError) as caught:
        parsed(text)
    assert HUSH not in str(caught.value) + caught.value.hint
    return caught.value.message


def test_a_whole_file() -> None:
    file = parsed(
        """
        base_url = "https://acme.cognigy.ai/api/v1"
        bot = "bot_1"

        [[webhook]]
        name = "orders"
        id = "wh_1"
        skill_id = "skill_1"
        skill_name = "Order status"
        endpoint_url = "https://hooks.example.com"
        secret = { file = "orders.secret", generate = true }
        timeout_ms = 500
        retry_count = 0
        enabled = false

        [[webhook.triggers]]
        event = "ON_MESSAGE"
        payload_template = { a = 1 }

        [[webhook.triggers]]
        event = "ON_FALLBACK"
        payload_template = '{"b": null}'
        """
    )
    assert (file.base_url, file.bot_id) == ("https://acme.cognigy.ai/api/v1", "bot_1")
    (one,) = file.webhooks
    assert (one.name, one.webhook_id) == ("orders", "wh_1")
    assert (one.skill_id, one.skill_name) == ("skill_1", "Order status")
    assert one.endpoint_url == "https://hooks.example.com/"
    assert one.secret == SecretSource(file="orders.secret", generate=True)
    assert (one.timeout_ms, one.retry_count, one.enabled) == (500, 0, False)
    assert one.templates == {"ON_MESSAGE": {"a": 1}, "ON_FALLBACK": {"b": None}}


def test_what_is_left_out_has_the_defaults_of_a_registration() -> None:
    (one,) = parsed(ENTRY).webhooks
    assert (one.timeout_ms, one.retry_count, one.enabled, one.secret) == (3000, 3, None, None)


@pytest.mark.parametrize("text", ["", "bot = 'bot_1'\n", "webhook = []\n"])
def test_a_file_may_have_no_webhooks(text: str) -> None:
    assert parsed(text).webhooks == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bto = 'bot_1'\n", "w.toml, line 1: there is no key 'bto'. Did you mean 'bot'?"),
        ("\nskill_id = 's'\n", "w.toml, line 2: there is no key 'skill_id'. Put it below a line [[webhook]]."),
        ("bot = 3\n", "w.toml, line 1: bot is a text."),
        ("webhook = 3\n", "w.toml, line 1: each webhook begins with [[webhook]]."),
        ("[webhook]\n", "w.toml, line 1: each webhook begins with [[webhook]]."),
        ("a = \n", "w.toml, line 1: it is not TOML: invalid value."),
        ("a = [1,\n", "w.toml, line 1: it is not TOML: invalid value."),
        (
            ENTRY + "endpoint = 'x'\n",
            "w.toml, line 7: there is no key 'endpoint'. Did you mean 'endpoint_url'?",
        ),
        (
            ENTRY + ENTRY.replace("orders", "other") + "retires = 1\n",
            "w.toml, line 13: there is no key 'retires'.",
        ),
        (ENTRY + "timeout_ms = 1\n", "w.toml, line 7: timeout_ms: The timeout is 500 to 10000 ms."),
        (ENTRY + "enabled = 'yes'\n", "w.toml, line 7: enabled is true or false."),
        (ENTRY.replace("https", "ftp"), "w.toml, line 5: endpoint_url: The scheme must be http or https."),
        (ENTRY.replace("ON_MESSAGE", "ON_PARTY"), "w.toml, line 6: triggers: The events are ON_SKILL_START"),
        (ENTRY.replace('name = "orders"', ""), "w.toml, line 2: give each webhook a name of its own."),
        (ENTRY.replace('skill_id = "skill_1"', ""), "w.toml, line 2: say which skill: skill_id or skill_name."),
        (ENTRY.replace('"orders"', '" "'), "w.toml, line 3: name is a text that says something."),
        (ENTRY + ENTRY, "w.toml, line 9: the name 'orders' is that of the webhook in line 2 too."),
        (
            ENTRY + "id = 'wh_1'\n" + ENTRY.replace("orders", "other") + "id = 'wh_1'\n",
            "w.toml, line 14: the id 'wh_1' is that of the webhook in line 2 too.",
        ),
        (ENTRY + f"secret_key = '{HUSH}'\n", "w.toml, line 7: a secret does not belong in this file"),
        (ENTRY + f"secret = '{HUSH}'\n", "w.toml, line 7: a secret does not belong in this file"),
        (ENTRY + f"secret = {{ env = '{HUSH}' }}\n", "w.toml, line 7: env is the name of a variable"),
        (ENTRY + f"secret = {{ value = '{HUSH}' }}\n", "w.toml, line 7: secret has no 'value'"),
        (ENTRY + "secret = { evn = 'A' }\n", "Did you mean 'env'?"),
        (ENTRY + "secret = { env = 'A', file = 'b' }\n", 'line 7: secret is { env = "NAME" }'),
        (ENTRY + "secret = { env = 'A', generate = true }\n", "only a file can be generated"),
        (ENTRY + "secret = {}\n", 'line 7: secret is { env = "NAME" }'),
        (
            ENTRY.replace('"ON_MESSAGE"', "\"ON_MESSAGE\", payload_template = '{'"),
            "w.toml, line 6: the template of ON_MESSAGE: Line 1, column",
        ),
        (ENTRY + "bad = 1\nworse = 2\n", "(1 more after this one)"),
    ],
)  # fmt: skip
def test_refused(text: str, message: str) -> None:
    assert message in refusal(text)


def test_line_ends_of_another_system() -> None:
    (one,) = parsed(ENTRY.replace("\n", "\r\n")).webhooks
    assert one.name == "orders"
    assert "line 7" in refusal((ENTRY + "bad = 1\n").replace("\n", "\r\n"))


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe", b"x" * (MAX_FILE_BYTES + 1), b"a = " + b"[" * 5000 + b"]" * 5000, b"a = " + b"9" * 5000],
    ids=["no text", "too large", "too deep", "too long a number"],
)  # fmt: skip
def test_what_no_parser_takes(content: bytes) -> None:
    with pytest.raises(UsageError) as caught:
        parse_file(content, "w.toml")
    assert caught.value.message.startswith("w.toml")


def test_hostile_words_are_shown_escaped() -> None:
    message = refusal('"\\u001b[2J" = 1\n')
    assert "\x1b" not in message
    assert "\\x1b" in message
