"""Registering a webhook from a file."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING, Any

import pytest

from cognitui.audit.records import Action, Outcome
from cognitui.sandbox.state import EVENTS
from tests.sandbox.support import eventually
from tests.support.tenants import SIGNING_SECRET, asked

from .support import closed_port

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.sandbox import Sandbox
    from cognitui.sandbox.state import Webhook
    from tests.support.fixtures import Start

    from .support import Cli, Result

POST = "method=POST,path=bots/*/webhooks"


def fields(sandbox: Sandbox, **changes: Any) -> dict[str, Any]:
    """What a file says; a change to ``None`` takes the field out."""
    given = {
        "skill_id": sandbox.info.skill_id,
        "endpoint_url": sandbox.info.webhook_url,
        "triggers": [{"event": "ON_MESSAGE"}],
        **changes,
    }
    return {name: value for name, value in given.items() if value is not None}


def written(tmp_path: Path, content: dict[str, Any] | str | bytes, name: str = "w.json") -> str:
    path = tmp_path / name
    text = json.dumps(content) if isinstance(content, dict) else content
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def posted(sandbox: Sandbox) -> int:
    return asked(sandbox, "POST", "/webhooks")


def newest(sandbox: Sandbox) -> Webhook:
    return sandbox.tenant.webhooks(sandbox.info.bot_id)[-1]


def test_from_json(cli: Cli, sandbox: Sandbox, tmp_path: Path) -> None:
    file = written(tmp_path, fields(sandbox, timeout_ms=500, retry_count=0))
    result = cli.spawn("webhooks", "register", file, "--json")
    assert result.status == 0
    told, new = result.json, newest(sandbox)
    assert list(told) == ["outcome", "id", "latency_ms", "error", "preflight"]
    assert (told["outcome"], told["id"], told["error"]) == ("registered", new.id, None)
    assert {step["step"]: step["outcome"] for step in told["preflight"]} == dict.fromkeys(
        ("limit", "skill", "engine", "endpoint"), "ok"
    )
    assert (new.timeout_ms, new.retries, new.secret) == (500, 0, sandbox.info.webhook_secret)
    (record,) = cli.records()
    assert (record.action, record.outcome) == (Action.WEBHOOK_REGISTER, Outcome.OK)
    assert (record.webhook_id, record.tenant) == (new.id, "environment")
    assert [attempt.status for attempt in record.attempts] == [201]
    assert posted(sandbox) == 1


def test_for_people_the_steps_are_talk_and_the_id_is_the_result(
    cli: Cli, sandbox: Sandbox, tmp_path: Path
) -> None:
    result = cli.run("webhooks", "register", written(tmp_path, fields(sandbox)))
    assert result.status == 0
    assert result.out.startswith(f"Registered as {newest(sandbox).id} in ")
    assert [line[0] for line in result.err.splitlines()] == ["✓"] * 4


def test_from_toml_with_its_own_secret_and_a_template(
    cli: Cli, sandbox: Sandbox, tmp_path: Path
) -> None:
    file = written(
        tmp_path,
        f"""
        skill_id = "{sandbox.info.skill_id}"
        endpoint_url = "{sandbox.info.webhook_url}"
        secret_key = "{SIGNING_SECRET}"

        [[triggers]]
        event = "ON_SKILL_START"

        [[triggers]]
        event = "ON_MESSAGE"
        [triggers.payload_template]
        said = "{{{{message.text}}}}"
        """,
        "w.toml",
    )
    cli.forget("WEBHOOK_SECRET")
    result = cli.run("webhooks", "register", file)
    assert result.status == 0
    new = newest(sandbox)
    assert new.secret == SIGNING_SECRET
    assert new.triggers == (
        {"event": "ON_SKILL_START", "payload_template": None},
        {"event": "ON_MESSAGE", "payload_template": {"said": "{{message.text}}"}},
    )
    assert SIGNING_SECRET not in result.out + result.err


def test_the_secret_file_goes_before_the_environment(
    cli: Cli, sandbox: Sandbox, tmp_path: Path
) -> None:
    secret = written(tmp_path, f"{SIGNING_SECRET}\n", "secret.txt")
    file = written(tmp_path, fields(sandbox))
    assert cli.run("webhooks", "register", file, "--secret-file", secret).status == 0
    assert newest(sandbox).secret == SIGNING_SECRET


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("skill_id", None, "missing"),
        ("skill_id", "two words", "1 to 200 characters"),
        ("endpoint_url", None, "missing"),
        ("endpoint_url", "ftp://example.com", "http or https"),
        ("endpoint_url", "hooks.example.com", "https://hooks.example.com/cognigy"),
        ("endpoint_url", "https://me:pw@example.com", "user name and password"),
        ("triggers", None, "at least one trigger"),
        ("triggers", [], "at least one trigger"),
        ("triggers", [{"event": "ON_PARTY"}], ", ".join(EVENTS)),
        ("triggers", [{"event": "ON_MESSAGE"}] * 2, "once"),
        ("triggers", [{"event": "ON_MESSAGE", "payload_template": []}], "JSON object"),
        (
            "triggers",
            [{"event": "ON_MESSAGE", "payload_template": {"a": "{{mesage.text}}"}}],
            "{{message.text}}",
        ),
        ("secret_key", "short", "32 characters"),
        ("timeout_ms", 499, "500 to 10000"),
        ("timeout_ms", "soon", "500 to 10000"),
        ("retry_count", 6, "0 to 5"),
        ("skil_id", "skill_1", "skill_id, endpoint_url, triggers, secret_key"),
    ],
)
def test_a_field_that_cannot_be_is_named_with_what_is_allowed(
    cli: Cli, sandbox: Sandbox, tmp_path: Path, *, field: str, value: Any, allowed: str
) -> None:
    file = written(tmp_path, fields(sandbox, **{field: value}))
    result = cli.run("webhooks", "register", file, "--json")
    assert result.status == 2
    assert result.sentence
    error = result.json["error"]
    assert (error["code"], error["field"]) == ("usage", field)
    assert file in error["message"]
    assert allowed in error["message"] + (error["hint"] or "")
    assert sandbox.tenant.requests == []


def test_without_any_secret_the_field_is_named(cli: Cli, sandbox: Sandbox, tmp_path: Path) -> None:
    cli.forget("WEBHOOK_SECRET")
    result = cli.run("webhooks", "register", written(tmp_path, fields(sandbox)))
    assert result.status == 2
    assert "secret_key" in result.sentence


@pytest.mark.parametrize(
    ("content", "name", "part"),
    [
        ("{", "w.json", "not valid JSON"),
        ("skill_id = 'x'", "w.json", "not valid JSON"),
        ("{}", "w.toml", "not valid TOML"),
        ("[1]", "w.json", "one object"),
        (b"\xff\xfe", "w.json", "not a JSON or TOML text file"),
        (" " * 1_000_001, "w.json", "larger than 1000 kB"),
        ("[" * 100_000, "w.json", "not a JSON or TOML text file"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    cli: Cli, sandbox: Sandbox, tmp_path: Path, *, content: str | bytes, name: str, part: str
) -> None:
    file = written(tmp_path, content, name)
    result = cli.run("webhooks", "register", file)
    assert result.status == 2
    assert result.sentence.startswith(file)
    assert part in result.sentence
    assert sandbox.tenant.requests == []


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_a_file_that_is_not_there(cli: Cli, tmp_path: Path, name: str) -> None:
    result = cli.run("webhooks", "register", str(tmp_path / name))
    assert result.status == 2
    assert "cannot be read" in result.sentence


def refused(cli: Cli, sandbox: Sandbox, file: str, step: str, *more: str) -> Result:
    """Register, which must fail at this step of the preflight alone, with nothing sent."""
    count = len(sandbox.tenant.webhooks(sandbox.info.bot_id))
    result = cli.run("webhooks", "register", file, "--json", *more)
    assert result.status == 1
    assert (result.json["outcome"], result.json["id"]) == ("preflight failed", None)
    failed = [each for each in result.json["preflight"] if each["outcome"] == "fail"]
    assert [each["step"] for each in failed] == [step]
    assert failed[0]["summary"]
    assert failed[0]["hint"] is not None
    assert result.err.splitlines()[-1] == "Not registered: the preflight failed."
    assert posted(sandbox) == 0
    assert len(sandbox.tenant.webhooks(sandbox.info.bot_id)) == count
    return result


def test_a_bot_without_room(empty: Cli, start: Start, tmp_path: Path) -> None:
    sandbox = start(webhooks=50)
    empty.use(sandbox)
    refused(empty, sandbox, written(tmp_path, fields(sandbox)), "limit")


def test_a_skill_of_another_bot(cli: Cli, sandbox: Sandbox, tmp_path: Path) -> None:
    file = written(tmp_path, fields(sandbox, skill_id="skill_0"))
    result = refused(cli, sandbox, file, "skill")
    assert "skill_0 is not a skill of bot_12345" in result.err


def test_a_trigger_that_an_old_engine_does_not_run(
    cli: Cli, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.tenant.bots[sandbox.info.bot_id].triggers = EVENTS[:2]
    result = refused(cli, sandbox, written(tmp_path, fields(sandbox)), "engine")
    assert "does not run ON_MESSAGE" in result.err


def test_an_engine_that_is_not_well(cli: Cli, sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.tenant.bots[sandbox.info.bot_id].status = "degraded"
    refused(cli, sandbox, written(tmp_path, fields(sandbox)), "engine")


def test_an_endpoint_where_nobody_listens(cli: Cli, sandbox: Sandbox, tmp_path: Path) -> None:
    with closed_port() as port:
        file = written(tmp_path, fields(sandbox, endpoint_url=f"http://127.0.0.1:{port}/hook"))
        refused(cli, sandbox, file, "endpoint")
    assert cli.records() == []


@pytest.mark.parametrize(
    ("key", "scope"), [("read-only", "bot:write"), ("no-webhook-manage", "webhook:manage")]
)
def test_a_key_that_may_not(
    cli: Cli, sandbox: Sandbox, tmp_path: Path, key: str, scope: str
) -> None:
    cli.use(sandbox, key=key)
    result = cli.run("webhooks", "register", written(tmp_path, fields(sandbox)), "--json")
    assert result.status == 3
    assert result.json["error"]["code"] == "forbidden"
    assert scope in result.err
    (record,) = cli.records()
    assert (record.outcome, record.error_code, record.after) == (Outcome.FAILED, "forbidden", None)


def test_a_wrong_api_secret(cli: Cli, sandbox: Sandbox, tmp_path: Path) -> None:
    cli.environment["COGNITUI_API_SECRET"] = "not-the-secret"
    result = cli.run("webhooks", "register", written(tmp_path, fields(sandbox)), "--json")
    assert result.status == 3
    assert result.json["error"]["code"] == "unauthorized"
    assert (posted(sandbox), cli.records()) == (0, [])


def test_a_lost_answer_is_confirmed_by_the_list(cli: Cli, sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.inject(f"lost-answer:{POST}")
    result = cli.run("webhooks", "register", written(tmp_path, fields(sandbox)), "--json")
    assert result.status == 0
    assert (result.json["outcome"], result.json["id"]) == ("confirmed by list", newest(sandbox).id)
    assert posted(sandbox) == 1
    (record,) = cli.records()
    assert (record.outcome, record.webhook_id) == (Outcome.OK, newest(sandbox).id)


def test_a_lost_answer_that_nothing_confirms(cli: Cli, sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.inject(f"503:{POST}")
    result = cli.run("webhooks", "register", written(tmp_path, fields(sandbox)), "--json")
    assert result.status == 3
    assert (result.json["outcome"], result.json["id"]) == ("unconfirmed", None)
    assert result.json["error"]["code"] == "create_unconfirmed"
    assert posted(sandbox) == 1
    (record,) = cli.records()
    assert record.outcome is Outcome.UNCONFIRMED
    assert record.after is not None
    assert record.after["endpoint_url"] == sandbox.info.webhook_url


def test_ctrl_c_during_the_request_is_on_record(cli: Cli, sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.inject(f"hang:{POST}")
    with cli.process("webhooks", "register", written(tmp_path, fields(sandbox))) as process:
        eventually(lambda: posted(sandbox) == 1)
        process.signal(signal.SIGINT)
        result = process.wait()
    assert (result.status, result.out) == (130, "")
    assert result.err.splitlines()[-1] == "Interrupted."
    assert "Traceback" not in result.err
    (record,) = cli.records()
    assert (record.action, record.outcome) == (Action.WEBHOOK_REGISTER, Outcome.CANCELLED)
    assert "may have taken effect" in record.detail
