"""Listing and deleting a bot's webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cognitui.audit.records import Action, Outcome
from tests.support.tenants import asked

from .support import closed_port

if TYPE_CHECKING:
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
