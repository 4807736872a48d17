"""What is copied does what the console does: each script is run against a tenant."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from cognitui.callbacks.display import safe_text
from cognitui.webhooks.copy_as import Target, as_curl, as_file, as_python
from cognitui.webhooks.draft import Draft, check, wire_of
from cognitui.webhooks.files import load_webhook
from cognitui.webhooks.toml import toml_value
from tests.support.tenants import credentials_of

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.sandbox import Sandbox

AWKWARD_SECRET = 'a "secret" with \\ and $HOME and `id` in it, ü'
AWKWARD = (
    """{"say": "it's $HOME `id` $(id) \\\\ \\"q\\" {{sessionId}}", "JSON": ["é", 1.5, true, {}]}"""
)
DRAFT = Draft(
    skill_id="skill_67890",
    endpoint_url="https://hooks.example.com/it's?a=1&b=2",
    triggers=("ON_MESSAGE", "ON_FALLBACK"),
    templates={"ON_MESSAGE": AWKWARD},
    secret_key=SecretStr("typed into the form, and long enough"),
    timeout_ms="700",
)
HOME = Target("https://acme.cognigy.ai/api/v1", "bot_12345")


def draft_for(sandbox: Sandbox) -> Draft:
    url = f"{sandbox.info.webhook_url}?it's=$HOME&b=`id`"
    return DRAFT.with_(skill_id=sandbox.info.skill_id, endpoint_url=url)


def run(sandbox: Sandbox, *command: str, text: str) -> str:
    """Run a script with everything secret in its environment, and return what it printed."""
    credentials = credentials_of(sandbox)
    environ = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "COGNITUI_API_KEY": credentials.api_key.get_secret_value(),
        "COGNITUI_API_SECRET": credentials.api_secret.get_secret_value(),
        "COGNITUI_WEBHOOK_SECRET": AWKWARD_SECRET,
    }
    done = subprocess.run(
        command, input=text, env=environ, capture_output=True, text=True, check=False, timeout=30
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


SHELL = ("bash", "-euo", "pipefail")
PYTHON = (sys.executable, "-")


@pytest.mark.parametrize(("command", "written"), [(SHELL, as_curl), (PYTHON, as_python)])
def test_a_script_registers_the_webhook(command: Any, written: Any, sandbox: Sandbox) -> None:
    draft = draft_for(sandbox)
    target = Target(sandbox.info.base_url, sandbox.info.bot_id)
    printed = run(sandbox, *command, text=written(target, wire_of(draft)))
    new = sandbox.tenant.webhooks(sandbox.info.bot_id)[-1]
    assert new.id in printed
    webhook = check(draft).webhook
    assert webhook is not None
    assert (new.url, new.timeout_ms, new.retries) == (str(webhook.endpoint_url), 700, 3)
    assert new.secret == AWKWARD_SECRET
    assert list(new.triggers) == [trigger.model_dump(mode="json") for trigger in webhook.triggers]


@pytest.mark.parametrize(("command", "written"), [(SHELL, as_curl), (PYTHON, as_python)])
def test_a_script_changes_a_webhook(command: Any, written: Any, sandbox: Sandbox) -> None:
    held = sandbox.tenant.bots[sandbox.info.bot_id].webhooks
    before = held["wh_56fa"]
    target = Target(sandbox.info.base_url, sandbox.info.bot_id, "wh_56fa")
    wire = {"url": sandbox.info.webhook_url, "delivery": {"timeout": 800}}
    script = written(target, wire)
    assert "WEBHOOK_SECRET" not in script
    assert "wh_56fa" in run(sandbox, *command, text=script)
    after = held["wh_56fa"]
    assert (after.url, after.timeout_ms) == (sandbox.info.webhook_url, 800)
    assert (after.secret, after.retries) == (before.secret, before.retries)
    run(sandbox, *command, text=written(target, {"auth": {"type": "hmac_sha256", "secret": ""}}))
    assert held["wh_56fa"].secret == AWKWARD_SECRET


def test_a_refusal_ends_the_script_with_what_the_tenant_says(sandbox: Sandbox) -> None:
    target = Target(sandbox.info.base_url, sandbox.info.bot_id)
    script = as_curl(target, wire_of(draft_for(sandbox).with_(skill_id="skill_of_nobody")))
    with pytest.raises(AssertionError, match=r"curl: .*error: 400"):
        run(sandbox, *SHELL, text=script)


def test_no_secret_is_in_what_is_copied() -> None:
    secret = DRAFT.secret_key.get_secret_value()
    wire = check(DRAFT).webhook.to_wire()  # type: ignore[union-attr]
    assert wire["auth"]["secret"] == secret
    for text in (as_curl(HOME, wire), as_python(HOME, wire), as_file(HOME, wire)[1]):
        assert secret not in text
        assert "COGNITUI_WEBHOOK_SECRET" in text


def test_a_file_is_read_back_as_the_same_webhook(tmp_path: Path) -> None:
    name, text = as_file(HOME, wire_of(DRAFT))
    assert name == "webhook.toml"
    assert "cognitui webhooks register webhook.toml --bot bot_12345" in text
    (tmp_path / name).write_text(text)
    assert load_webhook(tmp_path / name, DRAFT.secret_key) == check(DRAFT).webhook


@pytest.mark.parametrize("template", ['{"a": [{"b": null}]}', '{"a": "\\ud800"}'])
def test_what_toml_cannot_say_becomes_json(template: str, tmp_path: Path) -> None:
    draft = DRAFT.with_(templates={"ON_MESSAGE": template})
    name, text = as_file(HOME, wire_of(draft))
    assert name == "webhook.json"
    (tmp_path / name).write_text(text)
    assert load_webhook(tmp_path / name, DRAFT.secret_key) == check(draft).webhook


values = st.recursive(
    st.booleans()
    | st.integers(-(2**62), 2**62)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(values)
def test_toml_is_read_back_as_it_was(value: object) -> None:
    try:
        text = f"value = {toml_value(value)}"
    except ValueError as error:
        assert "half characters" in str(error)  # noqa: PT017
        return
    assert safe_text(text, len(text)) == text
    assert tomllib.loads(text) == {"value": value}


def test_a_hostile_tenant_puts_nothing_into_a_script() -> None:
    wire = wire_of(DRAFT.with_(skill_id="s\x1b[31m\u202e'\nid", triggers=()))
    target = Target("https://acme.example/api/v1", "bot'; id #\n\u202e", "wh_1\n")
    for text in (as_curl(target, wire), as_python(target, wire), as_file(target, wire)[1]):
        assert safe_text(text, len(text), multiline=True) == text
        assert "\nid" not in text
