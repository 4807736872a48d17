"""``webhooks check``: what people, machines, cron and continuous integration get to read."""

from __future__ import annotations

import json
import signal
import socket
import sqlite3
import stat
import time
from contextlib import closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from prometheus_client.parser import text_string_to_metric_families

from .support import PATIENCE_S, closed_port

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cognitui.sandbox import Sandbox
    from tests.support.fixtures import Start

    from .support import Cli, Process

CHECK = ("webhooks", "check")


@pytest.fixture
def sandbox(start: Start) -> Sandbox:
    """A sandbox whose first bot has four webhooks that are well."""
    sandbox = start(bots=1, webhooks=4)
    for webhook in sandbox.tenant.webhooks(sandbox.info.bot_id):
        point(sandbox, webhook.id, "orders", enabled=True)
    return sandbox


def point(sandbox: Sandbox, webhook_id: str, hook: str, **changes: Any) -> None:
    """Let a webhook call another endpoint of the sandbox's."""
    url = sandbox.info.webhook_url.replace("receiver", f"hooks/{hook}")
    its = sandbox.tenant.bots[sandbox.info.bot_id].webhooks
    its[webhook_id] = replace(its[webhook_id], url=url, **changes)


def ids(sandbox: Sandbox) -> list[str]:
    return [webhook.id for webhook in sandbox.tenant.webhooks(sandbox.info.bot_id)]


def test_all_well(cli: Cli) -> None:
    result = cli.run(*CHECK)
    assert (result.status, result.out) == (0, "✓ 4 webhooks: well\n")
    assert result.err.startswith("4 webhooks checked in ")
    assert result.err.endswith(": 0 unhealthy, 4 well\n")


def test_the_worst_first_and_grouped_by_cause(cli: Cli, sandbox: Sandbox) -> None:
    first, second, third, _ = ids(sandbox)
    point(sandbox, first, "failing")
    point(sandbox, second, "failing")
    point(sandbox, third, "missing")
    result = cli.run(*CHECK)
    assert result.status == 1
    lines = result.out.splitlines()
    host = sandbox.info.base_url.split("/")[2]
    assert lines[0] == f"✗ 2 webhooks: the program at {host} fails"
    assert all("server error" in line and "/hooks/failing" in line for line in lines[1:3])
    assert lines[3].startswith("    → Look at the logs of the program behind it. Tell whoever")
    assert lines[4].startswith("! 1 webhook: the host answers; only a ping can tell")
    assert lines[-1] == "✓ 1 webhook: well"


def test_not_to_know_is_not_unhealthy(cli: Cli, sandbox: Sandbox) -> None:
    for webhook_id in ids(sandbox):
        point(sandbox, webhook_id, "missing")
    assert cli.run(*CHECK).status == 0


def test_only_those_that_are_named(cli: Cli, sandbox: Sandbox) -> None:
    first, second, *_ = ids(sandbox)
    point(sandbox, second, "gone")
    result = cli.run(*CHECK, first)
    assert result.status == 0
    assert result.out.splitlines()[0] == "✓ 1 webhook: well"
    assert result.out.splitlines()[1].startswith(f"    {first}  present")
    assert cli.run(*CHECK, first, second).status == 1


def test_one_that_does_not_exist(cli: Cli, sandbox: Sandbox) -> None:
    result = cli.run(*CHECK, "wh_none", ids(sandbox)[0])
    assert result.status == 1
    assert "There is no webhook wh_none." in result.err


def test_json(cli: Cli, sandbox: Sandbox) -> None:
    first = ids(sandbox)[0]
    point(sandbox, first, "gone")
    result = cli.run(*CHECK, "--json")
    found = result.json
    assert (result.status, found["checked"], found["unhealthy"]) == (1, 4, 1)
    worst = found["checks"][0]
    assert (worst["webhook_id"], worst["verdict"], worst["blame"]) == (first, "gone", "tenant")
    assert worst["unhealthy_since"] == worst["at"]
    assert [group["outcome"] for group in found["groups"]] == ["fail", "ok"]
    assert found["groups"][0]["webhook_ids"] == [first]
    again = cli.run(*CHECK, "--json").json["checks"][0]
    assert again["unhealthy_since"] == worst["at"] < again["at"]


def test_junit_and_metrics(cli: Cli, sandbox: Sandbox, tmp_path: Path) -> None:
    first = ids(sandbox)[0]
    point(sandbox, first, "gone")
    xml, metrics = tmp_path / "health.xml", tmp_path / "cognitui.prom"
    result = cli.run(*CHECK, "--junit", str(xml), "--prometheus", str(metrics))
    assert result.status == 1
    root = ET.fromstring(xml.read_bytes())
    assert (root.get("tests"), root.get("failures")) == ("4", "1")
    healthy = {
        sample.labels["webhook"]: sample.value
        for family in text_string_to_metric_families(metrics.read_text())
        for sample in family.samples
        if sample.name == "cognitui_webhook_healthy"
    }
    assert healthy == {webhook_id: int(webhook_id != first) for webhook_id in ids(sandbox)}
    assert stat.S_IMODE(metrics.stat().st_mode) == 0o644, "another user collects them"
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "cognitui.prom",
        "health.xml",
        "home",
    ]


def test_a_file_that_cannot_be_written(cli: Cli, tmp_path: Path) -> None:
    result = cli.run(*CHECK, "--junit", str(tmp_path / "none" / "health.xml"))
    assert result.status == 2
    assert "cannot be written" in result.sentence


def test_a_log_that_cannot_be_used_is_told_and_changes_nothing(cli: Cli) -> None:
    (cli.home / "state" / "health.db").mkdir(parents=True)
    result = cli.run(*CHECK)
    assert (result.status, result.out) == (0, "✓ 4 webhooks: well\n")
    assert "The checks are not kept: The log of checks " in result.err


def test_a_damaged_log_is_moved_aside_and_told(cli: Cli) -> None:
    path = cli.home / "state" / "health.db"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database at all" * 100)
    result = cli.run(*CHECK)
    assert result.status == 0
    assert "The log of checks was damaged and is now " in result.err
    assert "damaged" not in cli.run(*CHECK).err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("--all --bot bot_1", "--all and --bot exclude each other."),
        ("--yes", "--yes is for --ping."),
        ("--resume --watch", "--resume and --watch exclude each other."),
        ("--watch 0", "--watch is from 1 to 86,400 seconds."),
        ("--watch 90000", "--watch is from 1 to 86,400 seconds."),
    ],
)
def test_what_makes_no_sense(cli: Cli, arguments: str, words: str) -> None:
    result = cli.run(*CHECK, *arguments.split())
    assert (result.status, result.sentence) == (2, words)


def test_a_ping_finds_out(cli: Cli, sandbox: Sandbox) -> None:
    first, second, *_ = ids(sandbox)
    point(sandbox, first, "missing")
    point(sandbox, second, "strict")  # which has a secret of its own
    result = cli.run(*CHECK, "--ping", "--json")
    assert result.status == 1
    found = {check["webhook_id"]: check for check in result.json["checks"]}
    assert found[first]["verdict"] == "missing"
    assert (found[second]["verdict"], found[second]["cause"]) == ("present", "signature refused")
    assert [found[one]["verdict"] for one in ids(sandbox)[2:]] == ["accepting", "accepting"]
    assert all(json.loads(one.body)["test"] is True for one in sandbox.tenant.endpoint_received)
    assert len(sandbox.tenant.endpoint_received) == 4


def test_who_got_no_ping_is_told(cli: Cli) -> None:
    cli.forget("WEBHOOK_SECRET")
    result = cli.run(*CHECK, "--ping")
    assert result.status == 0
    assert "4 webhooks got no ping: it has to be signed, and their secrets are not" in result.err


def elsewhere(sandbox: Sandbox) -> str:
    """Let a webhook be of another machine, which does not exist."""
    its = sandbox.tenant.bots[sandbox.info.bot_id].webhooks
    first = ids(sandbox)[0]
    its[first] = replace(its[first], url="https://hooks.acme.invalid/x")
    return first


def test_a_ping_of_another_machine_needs_consent(cli: Cli, sandbox: Sandbox) -> None:
    elsewhere(sandbox)
    result = cli.run(*CHECK, "--ping")
    assert result.status == 2
    assert result.sentence == (
        "A ping of other machines needs --yes where there is no terminal to ask."
    )
    assert sandbox.tenant.endpoint_received == []


@pytest.mark.parametrize(("typed", "sent"), [("yes\n", 3), ("y\n", 0), ("", 0)])
def test_a_terminal_is_asked_for_consent(cli: Cli, sandbox: Sandbox, typed: str, sent: int) -> None:
    elsewhere(sandbox)
    result = cli.run(*CHECK, "--ping", stdin=typed, terminal=True)
    assert result.status == 1
    assert "Send signed test callbacks to one other host?" in result.err
    assert ("Nothing was sent." in result.err) == (not sent)
    assert len(sandbox.tenant.endpoint_received) == sent


def test_with_yes_nobody_is_asked(cli: Cli, sandbox: Sandbox) -> None:
    first = elsewhere(sandbox)
    result = cli.run(*CHECK, "--ping", "--yes", "--json")
    assert result.status == 1
    assert result.json["checks"][0]["webhook_id"] == first
    assert len(sandbox.tenant.endpoint_received) == 3


def test_without_a_ping_nothing_is_sent(cli: Cli, sandbox: Sandbox) -> None:
    cli.run(*CHECK)
    assert sandbox.tenant.endpoint_received == []


def test_a_tenant_that_is_not_there(cli: Cli) -> None:
    with closed_port() as port:
        cli.environment["COGNITUI_BASE_URL"] = f"http://127.0.0.1:{port}/api/v1"
        assert cli.run(*CHECK).status == 3
        result = cli.run(*CHECK, "--all", "--json")
    assert result.status == 3
    (trouble,) = result.json["troubles"]
    assert (trouble["tenant"], trouble["code"]) == ("environment", "connect_failed")
    assert "could not be listed" in result.err


def test_all_bots_of_all_tenants_with_a_key_at_hand(cli: Cli, start: Start) -> None:
    other = start(seed=3, bots=2, webhooks=3)
    cli.use(other)
    del cli.environment["COGNITUI_BOT_ID"]
    whole = cli.run(*CHECK, "--json").json["checked"]
    assert whole == sum(len(bot.webhooks) for bot in other.tenant.bots.values()) > 3
    assert cli.run(*CHECK, "--all", "--json").json["checked"] == whole
    assert cli.run(*CHECK, "--bot", other.info.bot_id, "--json").json["checked"] == 3


def test_no_tenant_at_all(empty: Cli) -> None:
    result = empty.run(*CHECK, "--all")
    assert (result.status, result.sentence) == (2, "No tenant is known.")


def line_of(process: Process) -> dict[str, Any]:
    line = process.line()
    assert line, process.wait().err
    found: dict[str, Any] = json.loads(line)
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_watch_prints_changes_only_and_ends_well(cli: Cli, sandbox: Sandbox, number: int) -> None:
    first = ids(sandbox)[0]
    with cli.process(*CHECK, "--watch", "1", "--json") as process:
        assert line_of(process)["unhealthy"] == 0
        point(sandbox, first, "gone")
        bad = line_of(process)
        assert (bad["change"]["webhook_id"], bad["was"]) == (first, "present")
        point(sandbox, first, "orders")
        good = line_of(process)  # the next line, so the one before was not repeated
        assert (good["change"]["verdict"], good["was"]) == ("present", "gone")
        process.signal(number)
        result = process.wait()
    assert (result.status, result.out) == (0, "")
    assert "Traceback" not in result.err


def test_the_status_of_a_watch_is_that_of_its_last_round(cli: Cli, sandbox: Sandbox) -> None:
    point(sandbox, ids(sandbox)[0], "gone")
    with cli.process(*CHECK, "--watch") as process:
        assert "gone for good" in process.line()
        process.signal(signal.SIGTERM)
        assert process.wait().status == 1


def test_a_check_that_was_killed_can_be_gone_on_with(cli: Cli, sandbox: Sandbox) -> None:
    first, *others = ids(sandbox)
    for one in others:
        point(sandbox, one, "failing")
    its = sandbox.tenant.bots[sandbox.info.bot_id].webhooks
    well = its[first].url
    with socket.create_server(("127.0.0.1", 0)) as silent:
        its[first] = replace(its[first], url=f"http://127.0.0.1:{silent.getsockname()[1]}/")
        with cli.process(*CHECK, "--json") as process:
            until(lambda: kept_in(cli) == len(others))
            process.signal(signal.SIGKILL)
            process.wait()
    its[first] = replace(its[first], url=well)
    asked = len(sandbox.tenant.requests)
    result = cli.run(*CHECK, "--resume", "--json")
    # Only one is left to check, and all of them are told of.
    assert (result.status, result.json["checked"], result.json["unhealthy"]) == (1, 4, 3)
    paths = [request.path for request in sandbox.tenant.requests[asked:]]
    assert not [path for path in paths if path.endswith("/failing")]
    again = cli.run(*CHECK, "--resume", "--json")
    assert "No check of these was cut off: all are checked." in again.err
    assert again.json["checked"] == 4


def kept_in(cli: Cli) -> int:
    """How many checks the log holds, looked at from outside."""
    path = cli.home / "state" / "health.db"
    if not path.exists():
        return 0
    with closing(sqlite3.connect(path)) as connection, suppress(sqlite3.OperationalError):
        return int(connection.execute("SELECT count(*) FROM checks").fetchone()[0])
    return 0


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
