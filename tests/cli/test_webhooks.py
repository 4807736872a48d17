"""Listing and deleting a bot's webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cognitui.audit.records import Action, Outcome
from tests.support.tenants import asked

from .support import closed_port

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.sandbox import Sandbox

    from .support import Cli


def first_webhook(sandbox: Sandbox) -> str:
    return sandbox.tenant.webhooks(sandbox.info.bot_id)[0].id


def test_list_shows_all_pages(cli: Cli, sandbox: Sandbox) -> None:
    result = cli.run("webhooks", "list")
    head, *rows = result.out.splitlines()
    assert result.status == 0
    assert head.split() == ["ID", "STATE", "SKILL", "TRIGGERS", "ENDPOINT"]
    webhooks = sandbox.tenant.webhooks(sandbox.info.bot_id)
    assert [row.split()[0] for row in rows] == [webhook.id for webhook in webhooks]
    assert [row.split()[1] for row in rows] == ["on" if w.enabled else "off" for w in webhooks]
    assert result.err == "37/50 webhooks of bot_12345\n"
    assert asked(sandbox, "GET", "/webhooks") > 1


def test_list_as_json(cli: Cli, sandbox: Sandbox) -> None:
    result = cli.run("webhooks", "list", "--json")
    assert (result.status, result.err) == (0, "")
    assert (result.json["bot_id"], result.json["count"], result.json["limit"]) == (
        sandbox.info.bot_id, 37, 50,
    )  # fmt: skip
    wire = [webhook.as_wire() for webhook in sandbox.tenant.webhooks(sandbox.info.bot_id)]
    assert result.json["items"] == wire


def test_the_argument_goes_before_the_environment(cli: Cli, sandbox: Sandbox) -> None:
    empty_bot = list(sandbox.tenant.bots)[2]
    result = cli.run("webhooks", "list", "--bot", empty_bot)
    assert (result.status, result.out) == (0, "")
    assert result.err.startswith(f"{empty_bot} has no webhooks yet.")
    assert cli.run("webhooks", "list", "--bot", empty_bot, "--json").json["items"] == []


def test_a_bot_that_does_not_exist(cli: Cli) -> None:
    result = cli.run("webhooks", "list", "--bot", "bot_99", "--json")
    assert result.status == 1
    assert "bot_99" in result.sentence
    assert result.json["error"]["code"] == "not_found"


def test_a_wrong_secret_does_not_get_in(cli: Cli) -> None:
    cli.environment["COGNITUI_API_SECRET"] = "not-the-secret"
    result = cli.run("webhooks", "list", "--json")
    assert result.status == 3
    assert result.json["error"]["code"] == "unauthorized"
    assert result.sentence
    assert "not-the-secret" not in result.out + result.err


@pytest.mark.parametrize("command", ["list", "delete wh_1 --yes"])
def test_nothing_listens_there(cli: Cli, command: str) -> None:
    with closed_port() as port:
        cli.environment["COGNITUI_BASE_URL"] = f"http://127.0.0.1:{port}/api/v1"
        result = cli.run("webhooks", *command.split(), "--json")
    assert result.status == 3
    assert result.json["error"]["code"] == "connect_failed"
    assert result.sentence


def test_a_tenant_that_keeps_failing(cli: Cli, sandbox: Sandbox) -> None:
    sandbox.inject("503:path=bots/*/webhooks")
    result = cli.run("webhooks", "list", "--json")
    assert result.status == 3
    assert result.json["error"]["code"] == "server_error"


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("BASE_URL", "acme.cognigy.ai", "the scheme must be http or https"),
        ("BASE_URL", "http://acme.example/api/v1", "must begin with https"),
        ("BOT_ID", "bot 1", "no spaces"),
        ("MONITOR_URL", "monitor", "monitor's URL"),
    ],
)
def test_a_variable_that_cannot_be_is_named(cli: Cli, name: str, value: str, part: str) -> None:
    cli.environment[f"COGNITUI_{name}"] = value
    result = cli.run("webhooks", "list", "--json")
    assert result.status == 2
    assert result.sentence.startswith(f"COGNITUI_{name}: ")
    assert part in result.sentence
    assert result.json["error"]["field"] == name.lower()


def test_delete(cli: Cli, sandbox: Sandbox) -> None:
    webhook_id = first_webhook(sandbox)
    before = sandbox.tenant.webhooks(sandbox.info.bot_id)[0]
    result = cli.spawn("webhooks", "delete", webhook_id, "--yes", "--json")
    assert (result.status, result.json, result.err) == (0, {"deleted": webhook_id}, "")
    assert webhook_id not in sandbox.tenant.bots[sandbox.info.bot_id].webhooks
    (record,) = cli.records()
    assert (record.action, record.outcome) == (Action.WEBHOOK_DELETE, Outcome.OK)
    assert (record.webhook_id, record.after) == (webhook_id, None)
    assert record.before is not None
    assert record.before["endpoint_url"] == before.url


def test_delete_says_what_it_did(cli: Cli, sandbox: Sandbox) -> None:
    webhook_id = first_webhook(sandbox)
    result = cli.run("webhooks", "delete", webhook_id, "--yes")
    assert (result.status, result.out, result.err) == (0, f"Deleted {webhook_id}.\n", "")


def test_delete_does_not_guess_where_nobody_can_be_asked(cli: Cli, sandbox: Sandbox) -> None:
    result = cli.run("webhooks", "delete", first_webhook(sandbox))
    assert result.status == 2
    assert result.sentence == "Deleting needs --yes where there is no terminal to ask."
    assert sandbox.tenant.requests == []


@pytest.mark.parametrize("typed", ["", "\n", "yes\n", "y\n"])
def test_delete_asks_and_takes_anything_but_the_id_for_a_no(
    cli: Cli, sandbox: Sandbox, typed: str
) -> None:
    webhook_id = first_webhook(sandbox)
    result = cli.run("webhooks", "delete", webhook_id, stdin=typed, terminal=True)
    assert (result.status, result.out) == (1, "")
    assert "Type its id to confirm:" in result.err
    assert "Nothing was deleted." in result.err
    assert asked(sandbox, "DELETE", webhook_id) == 0


def test_delete_takes_the_id_for_a_yes(cli: Cli, sandbox: Sandbox) -> None:
    webhook_id = first_webhook(sandbox)
    result = cli.run("webhooks", "delete", webhook_id, stdin=f"{webhook_id}\n", terminal=True)
    assert result.status == 0
    assert asked(sandbox, "DELETE", webhook_id) == 1


def test_delete_what_does_not_exist(cli: Cli, sandbox: Sandbox) -> None:
    result = cli.run("webhooks", "delete", "wh_none", "--yes", "--json")
    assert result.status == 1
    assert result.json["error"]["code"] == "not_found"
    assert "wh_none" in result.sentence
    assert asked(sandbox, "DELETE", "wh_none") == 0


def test_delete_on_a_tenant_that_shows_no_single_webhook(cli: Cli, sandbox: Sandbox) -> None:
    sandbox.inject("501:method=GET,path=bots/*/webhooks/*")
    webhook_id = first_webhook(sandbox)
    assert cli.run("webhooks", "delete", webhook_id, "--yes").status == 0
    (record,) = cli.records()
    assert record.webhook_id == webhook_id


@pytest.mark.parametrize(
    ("key", "scope"), [("read-only", "bot:write"), ("no-webhook-manage", "webhook:manage")]
)
def test_delete_with_a_key_that_may_not(cli: Cli, sandbox: Sandbox, key: str, scope: str) -> None:
    cli.use(sandbox, key=key)
    result = cli.run("webhooks", "delete", first_webhook(sandbox), "--yes", "--json")
    assert result.status == 3
    assert result.json["error"]["code"] == "forbidden"
    assert scope in result.sentence


# One webhook


def test_show(cli: Cli, sandbox: Sandbox) -> None:
    webhook = first_webhook(sandbox)
    result = cli.run("webhooks", "show", webhook)
    assert result.status == 0
    held = sandbox.tenant.webhooks(sandbox.info.bot_id)[0]
    assert f"id         {webhook}\n" in result.out
    assert f"endpoint   {held.url}\n" in result.out
    assert cli.run("webhooks", "show", webhook, "--json").json == held.as_wire()


@pytest.mark.parametrize(
    ("form", "begins"),
    [("curl", "# For bash or zsh."), ("python", '"""Register a webhook.'), ("file", "# Save this")],
)
def test_show_as_something_to_paste(cli: Cli, sandbox: Sandbox, form: str, begins: str) -> None:
    result = cli.run("webhooks", "show", first_webhook(sandbox), "--as", form)
    assert result.status == 0
    assert result.out.startswith(begins)
    assert "COGNITUI_WEBHOOK_SECRET" in result.out


def test_show_what_is_not_there(cli: Cli, sandbox: Sandbox) -> None:
    result = cli.run("webhooks", "show", "wh_none", "--json")
    assert (result.status, result.json["error"]["code"]) == (1, "not_found")
    assert asked(sandbox, "GET", "/webhooks") > 1  # the list was asked, too


def test_update_changes_what_is_given(cli: Cli, sandbox: Sandbox) -> None:
    held = sandbox.tenant.webhooks(sandbox.info.bot_id)[0]
    before = held.as_wire()
    result = cli.run("webhooks", "update", held.id, "--timeout", "4000", "--off")
    assert result.status == 0
    assert "timeout 3000 ms → 4000 ms" in result.out
    after = cli.run("webhooks", "show", held.id, "--json").json
    assert (after["delivery"]["timeout"], after["enabled"]) == (4000, False)
    assert {**after, "delivery": before["delivery"], "enabled": True} == {**before, "enabled": True}


@pytest.mark.parametrize(
    ("given", "field", "told"),
    [
        ((), None, "Nothing is to be changed."),
        (("--timeout", "5"), "timeout_ms", "500 to 10000"),
        (("--retries", "9"), "retry_count", "0 to 5"),
        (("--endpoint", "hooks"), "endpoint_url", "Write a whole URL"),
    ],
    ids=str,
)
def test_what_cannot_be_costs_no_request(
    cli: Cli, sandbox: Sandbox, given: tuple[str, ...], field: str | None, told: str
) -> None:
    result = cli.run("webhooks", "update", first_webhook(sandbox), *given, "--json")
    assert result.status == 2
    assert result.json["error"].get("field") == field
    assert told in result.sentence
    assert sandbox.tenant.requests == []


def test_a_new_secret_comes_from_a_file_and_is_not_shown(
    cli: Cli, sandbox: Sandbox, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_text("a new secret of 32 characters or more\n")
    result = cli.run("webhooks", "update", first_webhook(sandbox), "--secret-file", str(file))
    assert (result.status, "a new secret" in result.out) == (0, True)
    assert "of 32 characters" not in result.out + result.err
