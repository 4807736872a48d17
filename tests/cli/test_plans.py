"""Webhooks as code: export, plan and apply."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from cognitui.webhooks.plan.reading import parse_file
from tests.sandbox.support import eventually
from tests.support.tenants import asked

from .support import closed_port

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.sandbox import Sandbox
    from tests.support.fixtures import Start

    from .support import Cli, Result

SECRET = "the secret of a new webhook, long enough"
NEW = """
[[webhook]]
name = "brand-new"
skill_name = "Billing"
endpoint_url = "{hooks}/new"
secret = {{ env = "NEW_SECRET" }}
triggers = [{{ event = "ON_MESSAGE" }}]
"""


@pytest.fixture
def exported(cli: Cli, tmp_path: Path) -> Path:
    """What the bot has, as a file."""
    path = tmp_path / "webhooks.toml"
    result = cli.run("webhooks", "export", str(path))
    assert (result.status, result.out, result.err) == (0, "", f"Written to {path}.\n")
    return path


@pytest.fixture
def changed(exported: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same with one changed, one taken out and one new."""
    monkeypatch.setenv("NEW_SECRET", SECRET)
    head, first, _second, *rest = exported.read_text().split("[[webhook]]")
    first = first.replace("timeout_ms = 3000", "timeout_ms = 4567")
    hooks = sandbox.info.webhook_url.replace("receiver", "hooks")
    exported.write_text("[[webhook]]".join([head, first, *rest]) + NEW.format(hooks=hooks))
    return exported


def secret_free(result: Result, sandbox: Sandbox) -> Result:
    for secret in (SECRET, *(w.secret for w in sandbox.tenant.webhooks(sandbox.info.bot_id))):
        assert secret not in result.out + result.err
    return result


def test_what_was_exported_is_no_difference(cli: Cli, exported: Path) -> None:
    assert cli.run("webhooks", "export").out == exported.read_text()
    assert cli.run("webhooks", "export", "--json").json == {
        "bot_id": "bot_12345",
        "toml": exported.read_text(),
    }
    result = cli.spawn("webhooks", "plan", str(exported))
    assert (result.status, result.err) == (0, "")
    assert f"No difference: 37 webhooks of bot_12345 as {exported} says.\n" in result.out


def test_plan_apply_plan(cli: Cli, sandbox: Sandbox, changed: Path) -> None:
    planned = secret_free(cli.run("webhooks", "plan", str(changed)), sandbox)
    assert planned.status == 1
    assert "timeout   3000 → 4567" in planned.out
    assert "+ create brand-new  Billing  http" in planned.out
    assert "secret    from NEW_SECRET" in planned.out
    assert "1 webhook not in the file, left alone." in planned.out
    assert "1 to create, 1 to update, 35 unchanged; then bot_12345 has 38/50" in planned.out
    applied = secret_free(cli.run("webhooks", "apply", str(changed), "--yes"), sandbox)
    assert applied.status == 0
    assert applied.out == planned.out + "Applied: 2 steps.\n"
    new = sandbox.tenant.webhooks(sandbox.info.bot_id)[-1]
    assert applied.err.splitlines()[1].endswith(f" is {new.id}")
    assert new.secret == SECRET
    assert cli.run("webhooks", "plan", str(changed)).status == 0
    again = cli.run("webhooks", "apply", str(changed), "--yes", "--json")
    assert (again.status, again.json["outcome"]) == (0, "no difference")
    pruned = cli.run("webhooks", "apply", str(changed), "--yes", "--prune", "--json")
    assert (pruned.status, pruned.json["outcome"]) == (0, "applied")
    assert [(step["action"], step["name"]) for step in pruned.json["done"]] == [
        ("delete", pruned.json["done"][0]["id"])
    ]
    assert len(sandbox.tenant.webhooks(sandbox.info.bot_id)) == 37


def test_as_json_and_as_markdown(cli: Cli, sandbox: Sandbox, changed: Path) -> None:
    told = secret_free(cli.run("webhooks", "plan", str(changed), "--json"), sandbox).json
    assert (told["differs"], told["used"], told["used_after"], told["limit"]) == (True, 37, 38, 50)
    update, create = told["steps"]
    assert update["changes"] == {"timeout": {"before": ["3000"], "after": ["4567"]}}
    assert (create["action"], create["id"], create["name"]) == ("create", None, "brand-new")
    result = cli.run("webhooks", "plan", str(changed), "--markdown")
    assert result.status == 1
    assert secret_free(result, sandbox).out.startswith("### Webhooks of `bot_12345` from `")
    assert "```diff\ntimeout   3000 → 4567\n" in result.out


@pytest.mark.parametrize("command", ["plan", "apply --yes"])
def test_a_file_that_is_wrong_costs_no_request(
    cli: Cli, sandbox: Sandbox, tmp_path: Path, command: str
) -> None:
    path = tmp_path / "w.toml"
    path.write_text("bto = 'x'\n")
    result = cli.run("webhooks", *command.split(), str(path), "--json")
    assert result.status == 2
    assert result.sentence == f"{path}, line 1: there is no key 'bto'. Did you mean 'bot'?"
    assert result.json["error"]["field"] == "bto"
    assert cli.run("webhooks", *command.split(), str(tmp_path / "none")).status == 2
    assert sandbox.tenant.requests == []


def test_a_secret_that_is_too_short_is_named_not_shown(
    cli: Cli, changed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEW_SECRET", "too-short")
    result = cli.run("webhooks", "plan", str(changed))
    assert result.status == 2
    assert "NEW_SECRET" in result.sentence
    assert "too-short" not in result.out + result.err


def test_what_is_in_the_way_stops_it_before_anything_is_done(
    cli: Cli, sandbox: Sandbox, changed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NEW_SECRET")
    changed.write_text(changed.read_text().replace('"Billing"\nendp', '"Biling"\nendp'))
    result = cli.run("webhooks", "apply", str(changed), "--yes")
    assert result.status == 1
    assert "✗ brand-new: The bot has no skill 'Biling'.\n    Did you mean 'Billing'?" in result.out
    changed.write_text(changed.read_text().replace("Biling", "Billing"))
    assert "    secret    missing\n" in cli.run("webhooks", "plan", str(changed)).out
    result = cli.run("webhooks", "apply", str(changed), "--yes", "--json")
    assert (result.status, result.json["outcome"]) == (1, "refused")
    (problem,) = result.json["plan"]["problems"]
    assert problem["sentence"] == "A new webhook needs its secret: NEW_SECRET is not set."
    assert not {request.method for request in sandbox.tenant.requests} & {"PATCH", "DELETE"}
    assert asked(sandbox, "POST", "/webhooks") == 0


@pytest.mark.parametrize(("key", "status"), [("read-only", 3), ("no-webhook-manage", 3)])
def test_a_key_that_may_not(
    cli: Cli, sandbox: Sandbox, changed: Path, key: str, status: int
) -> None:
    cli.use(sandbox, key=key)
    result = cli.run("webhooks", "apply", str(changed), "--yes", "--json")
    assert (result.status, result.json["outcome"]) == (status, "stopped")
    assert result.json["failed"]["error"]["code"] == "forbidden"
    assert [step["name"] for step in result.json["remaining"]] == ["brand-new"]
    assert "0 of 2 steps done, 1 not begun. Running it again is safe." in result.err


def test_it_says_where_it_stopped(cli: Cli, sandbox: Sandbox, changed: Path) -> None:
    sandbox.inject("501:method=POST,path=bots/*/webhooks")
    result = cli.run("webhooks", "apply", str(changed), "--yes")
    assert result.status != 0
    assert "\n✗ 2/2 + create brand-new" in result.err
    assert "Stopped at create 'brand-new': " in result.err
    assert result.err.endswith("1 of 2 steps done, 0 not begun. Running it again is safe.\n")


def test_nothing_listens_there(cli: Cli, exported: Path) -> None:
    with closed_port() as port:
        cli.environment["COGNITUI_BASE_URL"] = f"http://127.0.0.1:{port}/api/v1"
        for command in ("plan", "apply --yes"):
            result = cli.run("webhooks", *command.split(), str(exported), "--json")
            assert result.status == 3
            assert result.json["error"]["code"] == "connect_failed"


def test_a_bot_that_does_not_exist_is_not_a_difference(cli: Cli, exported: Path) -> None:
    result = cli.run("webhooks", "plan", str(exported), "--bot", "bot_99")
    assert result.status == 2
    assert "bot_99" in result.sentence


def test_nothing_is_applied_where_nobody_can_be_asked(
    cli: Cli, sandbox: Sandbox, changed: Path
) -> None:
    before = len(sandbox.tenant.requests)
    for arguments, terminal in (((str(changed),), False), (("-",), True), ((str(changed), "--json"), True)):  # fmt: skip
        result = cli.run("webhooks", "apply", *arguments, terminal=terminal)
        assert result.status == 2
        assert result.sentence == "Applying needs --yes where there is no terminal to ask."
    assert len(sandbox.tenant.requests) == before


@pytest.mark.parametrize("typed", ["", "\n", "y\n", "no\n"])
def test_anything_but_yes_is_a_no(cli: Cli, sandbox: Sandbox, changed: Path, typed: str) -> None:
    result = cli.run("webhooks", "apply", str(changed), stdin=typed, terminal=True)
    assert result.status == 1
    assert "Carry out 2 steps at bot_12345 at environment (http" in result.err
    assert "Nothing was changed." in result.err
    assert asked(sandbox, "POST", "/webhooks") == 0


def test_yes(cli: Cli, sandbox: Sandbox, changed: Path) -> None:
    assert cli.run("webhooks", "apply", str(changed), stdin="yes\n", terminal=True).status == 0
    assert asked(sandbox, "POST", "/webhooks") == 1


def test_what_was_shown_is_what_is_done(
    cli: Cli, sandbox: Sandbox, changed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def confirmed(_plan: object) -> bool:
        webhooks = sandbox.tenant.bots[sandbox.info.bot_id].webhooks
        del webhooks[parse_file(changed.read_bytes(), "").webhooks[0].webhook_id]
        return True

    monkeypatch.setattr("cognitui.cli.webhooks_apply._confirmed", confirmed)
    result = cli.run("webhooks", "apply", str(changed), terminal=True)
    assert result.status == 2
    assert "have changed since this plan was made; nothing was done." in result.err
    assert asked(sandbox, "POST", "/webhooks") == 0


def test_read_only(cli: Cli, sandbox: Sandbox, changed: Path) -> None:
    cli.environment["COGNITUI_READ_ONLY"] = "true"
    assert cli.run("webhooks", "plan", str(changed)).status == 1
    result = cli.run("webhooks", "apply", str(changed), "--yes")
    assert result.status == 1
    assert "read-only" in result.sentence
    assert asked(sandbox, "POST", "/webhooks") == 0


def test_from_one_tenant_to_another_through_a_pipe(
    cli: Cli, sandbox: Sandbox, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = cli.run("webhooks", "export").out
    for one in parse_file(text.encode(), "").webhooks:
        assert one.secret is not None
        monkeypatch.setenv(one.secret.env, SECRET)
    other = start(seed=99, webhooks=0)
    cli.use(other)
    # Some endpoints of the sandbox are ill on purpose, and nobody registers those.
    refused = cli.run("webhooks", "plan", "-", stdin=text)
    assert refused.status == 1
    assert refused.out.startswith("The file was written for another place than bot_12345 at http")
    assert "hooks/gone: " in refused.out
    ill = ("gone", "missing", "failing", "maintenance", "moved", "slow", "/hooks/skill_")
    parts = text.split("[[webhook]]")
    healthy = [part for part in parts if not any(f"{word}" in part for word in ill)]
    kept = "[[webhook]]".join([parts[0], *healthy[healthy[0] is parts[0] :]])
    applied = cli.run("webhooks", "apply", "-", "--yes", stdin=kept)
    assert (applied.status, cli.run("webhooks", "plan", "-", stdin=kept).status) == (0, 0)
    assert len(other.tenant.webhooks(other.info.bot_id)) == len(healthy) - 1 > 20
    assert len(sandbox.tenant.webhooks(sandbox.info.bot_id)) == 37


def test_the_bot_is_the_arguments_else_the_files_else_the_environments(
    cli: Cli, sandbox: Sandbox, tmp_path: Path
) -> None:
    first, second, third = sandbox.tenant.bots
    path = tmp_path / "w.toml"
    path.write_text(f'bot = "{second}"\n')
    assert cli.run("webhooks", "plan", str(path), "--json").json["bot_id"] == second
    named = cli.run("webhooks", "plan", str(path), "--json", "--bot", third)
    assert named.json["bot_id"] == third
    path.write_text("")
    assert cli.run("webhooks", "plan", str(path), "--json").json["bot_id"] == first
    # Another tenant's bot means nothing here.
    path.write_text(f'base_url = "https://acme.cognigy.ai/api/v1"\nbot = "{second}"\n')
    assert cli.run("webhooks", "plan", str(path), "--json").json["bot_id"] == first


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_cut_off(
    cli: Cli,
    sandbox: Sandbox,
    changed: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    number: signal.Signals,
    status: int,
) -> None:
    cli.environment["NEW_SECRET"] = SECRET
    sandbox.inject("hang:method=POST,path=bots/*/webhooks")
    with cli.process("webhooks", "apply", str(changed), "--yes") as process:
        eventually(lambda: asked(sandbox, "POST", "/webhooks") == 1)
        process.signal(number)
        result = process.wait()
    assert result.status == status
    assert "Cut off after 1 of 2 steps. Running it again is safe.\n" in result.err
    # Somebody may still be at work on it, so the next run looks before it registers.
    assert len(list((cli.home / "state" / "pending").iterdir())) == 1
    monkeypatch.setenv("NEW_SECRET", SECRET)
    sandbox.clear_faults()
    planned = cli.run("webhooks", "plan", str(changed))
    assert planned.sentence.startswith("A registration of an earlier run may still arrive")
    monkeypatch.setattr("cognitui.workspace.pending.SETTLED_S", 0.5)
    assert cli.run("webhooks", "apply", str(changed), "--yes").status == 0
    assert list((cli.home / "state" / "pending").iterdir()) == []
    assert len(sandbox.tenant.webhooks(sandbox.info.bot_id)) == 38


def test_export_where_nothing_can_be_written(cli: Cli, tmp_path: Path) -> None:
    result = cli.run("webhooks", "export", str(tmp_path / "no" / "w.toml"))
    assert result.status == 2
    assert "cannot be written" in result.sentence


@pytest.mark.parametrize("name", ["/dev/zero", "-"])
def test_a_file_that_never_ends(cli: Cli, name: str) -> None:
    result = cli.run("webhooks", "plan", name, stdin=b"#" * 2_000_000)
    assert result.status == 2
    where = "Standard input" if name == "-" else name
    assert result.sentence == f"{where} is larger than 1000 kB."
