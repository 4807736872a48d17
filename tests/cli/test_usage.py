"""What is typed wrongly, what is asked for help, and how a command ends when nobody listens."""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import subprocess
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cognitui.__about__ import __version__
from cognitui.cli.main import COMMANDS
from cognitui.cli.secret_flags import advice
from tests.sandbox.support import eventually
from tests.support.servers import reply, serving, tenant

from .support import MODULE

if TYPE_CHECKING:
    from cognitui.sandbox import Sandbox
    from tests.support.servers import Request

    from .support import Cli

EVIL = "\x1b[2J\x9b\u202e\nevil"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("frobnicate", "There is no command `frobnicate`; see `cognitui --help`."),
        ("webhook list", "There is no command `webhook`; did you mean `webhooks`?"),
        ("webhooks lst", "There is no command `webhooks lst`; did you mean `webhooks list`?"),
        ("adit report", "There is no command `adit`; did you mean `audit`?"),
        (
            "webhooks",
            "`cognitui webhooks` needs one of: list, show, check, register, update, delete, export, plan, apply.",
        ),
        (
            "webhooks --json",
            "`cognitui webhooks` needs one of: list, show, check, register, update, delete, export, plan, apply.",
        ),
        ("--versoin", "There is no option `--versoin`; did you mean `--version`?"),
        ("--json", "There is no option `--json`; see `cognitui --help`."),
        ("webhooks list --bto bot_1", "There is no option `--bto`; did you mean `--bot`?"),
        ("webhooks list -j", "There is no option `-j`; see `cognitui webhooks list --help`."),
        ("webhooks list --js", "There is no option `--js`; did you mean `--json`?"),
        (
            "webhooks list all",
            "`all` is one argument too many. See `cognitui webhooks list --help`.",
        ),
        (
            "--read-only config show",
            "`config` is a command, and the console's options are not for commands. See `cognitui --help`.",
        ),
        (
            "webhooks list --bot",
            "Argument --bot: expected one argument. See `cognitui webhooks list --help`.",
        ),
        (
            "webhooks register",
            "The following arguments are required: FILE. See `cognitui webhooks register --help`.",
        ),
        (
            "sandbox --port many",
            "Argument --port: invalid int value: 'many'. See `cognitui sandbox --help`.",
        ),
    ],
)
def test_a_slip_is_answered_in_one_sentence(empty: Cli, typed: str, sentence: str) -> None:
    result = empty.run(*typed.split())
    assert (result.status, result.out, result.err) == (2, "", sentence + "\n")


def test_an_event_that_does_not_exist_is_answered_with_those_that_do(empty: Cli) -> None:
    result = empty.run("callback", "send", "http://127.0.0.1", "--event", "ON_MESAGE")
    assert result.status == 2
    assert "ON_MESSAGE" in result.sentence


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself_with_an_example(empty: Cli, name: str) -> None:
    result = empty.run(*name.split(), "--help")
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith(f"usage: cognitui {name} ")
    assert re.search(rf"\nexample:\n  cognitui {name}\b", result.out)
    assert "--json" in result.out


def test_the_examples_are_accepted_as_they_stand(empty: Cli) -> None:
    """What an example gets wrong is found before anything is done."""
    for name in ("webhooks register", "callback verify"):
        help_text = empty.run(*name.split(), "--help").out
        example = help_text.rsplit("example:\n  cognitui ", 1)[1].split()
        result = empty.run(*example)
        assert "cannot be read" in result.sentence


@pytest.mark.parametrize("asked", ["--help", "-h", "help"])
def test_the_overview_names_every_command(empty: Cli, asked: str) -> None:
    result = empty.run(asked)
    assert (result.status, result.err) == (0, "")
    for name, command in COMMANDS.items():
        assert re.search(rf"^  {name} +{re.escape(command.help)}$", result.out, re.MULTILINE)


def test_a_group_names_its_own_commands(empty: Cli) -> None:
    result = empty.run("audit", "--help")
    assert result.status == 0
    assert "audit report" in result.out
    assert "webhooks" not in result.out


def test_the_module_and_the_script_are_the_same_program(empty: Cli) -> None:
    script = Path(MODULE[0]).with_name("cognitui")
    for command in (MODULE, [str(script)]):
        done = subprocess.run(
            [*command, "--version"], capture_output=True, text=True, timeout=20, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, f"cognitui {__version__}\n", "")


def test_the_console_says_that_it_needs_a_terminal(empty: Cli) -> None:
    result = empty.run()
    assert result.status == 2
    assert result.sentence == "The console needs a terminal."
    assert "demo --headless" in result.err


def test_without_a_tenant_it_says_how_to_get_one(empty: Cli) -> None:
    result = empty.run("webhooks", "list", "--json")
    assert result.status == 2
    assert result.sentence == "No tenant is known."
    assert "COGNITUI_BASE_URL" in result.err
    assert result.json["error"]["code"] == "usage"
    assert result.json["error"]["hint"] in result.err


def test_half_a_tenant_is_named(cli: Cli) -> None:
    cli.forget("API_KEY", "API_SECRET")
    result = cli.run("webhooks", "list")
    assert result.status == 2
    assert result.sentence == (
        "The environment names half a tenant: COGNITUI_API_KEY, COGNITUI_API_SECRET is missing."
    )


def test_a_key_alone_is_for_tenants_add_and_stands_in_nobodys_way(cli: Cli) -> None:
    base_url = cli.environment["COGNITUI_BASE_URL"]
    cli.forget("BASE_URL")
    cli.environment["COGNITUI_VAULT_PASSPHRASE"] = "correct horse battery staple 9"
    assert cli.run("tenants", "add", "acme", "--base-url", base_url).status == 0
    assert cli.run("webhooks", "list", "--tenant", "acme", "--bot", "bot_12345").status == 0
    listed = cli.run("tenants", "list", "--json").json["tenants"]
    assert [one["name"] for one in listed] == ["acme"]


def test_without_a_bot_it_says_how_to_choose_one(cli: Cli) -> None:
    cli.forget("BOT_ID")
    result = cli.run("webhooks", "list")
    assert (result.status, result.sentence) == (2, "No bot is chosen.")
    assert "--bot" in result.err


def test_an_audit_log_that_cannot_be_opened_stops_a_command_before_it_acts(
    cli: Cli, sandbox: Sandbox
) -> None:
    (cli.home / "data" / "audit.db").mkdir(parents=True)
    result = cli.run("webhooks", "delete", "wh_1", "--yes")
    assert result.status == 1
    assert "cannot be written" in result.sentence
    assert sandbox.tenant.requests == []


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("typed", ["--help", "webhooks list --help", "webhooks list"])
def test_nobody_who_reads_is_no_failure(cli: Cli, typed: str, unbuffered: str) -> None:
    """As in `cognitui … | head -1`, when head has gone."""
    cli.environment["PYTHONUNBUFFERED"] = unbuffered
    read, write = os.pipe()
    os.close(read)
    with cli.process(*typed.split(), stdout=write) as process:
        os.close(write)
        result = process.wait()
    assert (result.status, result.err.replace("37/50 webhooks of bot_12345\n", "")) == (0, "")


def test_ctrl_c_while_the_tenant_hangs(cli: Cli, sandbox: Sandbox) -> None:
    sandbox.inject("hang:path=bots/*/webhooks")
    with cli.process("webhooks", "list") as process:
        eventually(lambda: any(r.path.endswith("/webhooks") for r in sandbox.tenant.requests))
        process.signal(signal.SIGINT)
        result = process.wait()
    assert (result.status, result.out, result.err) == (130, "", "Interrupted.\n")


def test_ctrl_c_while_modules_are_loaded(empty: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cognitui.cli.main.import_module", interrupted)
    result = empty.run("audit", "report")
    assert (result.status, result.err) == (130, "Interrupted.\n")


def test_a_terminal_without_check_marks_gets_what_it_can_show(empty: Cli) -> None:
    body = empty.home.parent / "body"
    body.write_text("{}")
    result = empty.spawn(
        "callback", "verify", str(body),
        environment={"PYTHONIOENCODING": "ascii", "COGNITUI_WEBHOOK_SECRET": "x" * 32},
    )  # fmt: skip
    assert (result.status, result.err) == (1, "")
    assert result.out.startswith("\\u2717 ")


async def test_a_tenants_words_cannot_steer_the_terminal(empty: Cli, tmp_path: Path) -> None:
    def answer(request: Request) -> bytes:
        webhook = {"id": "wh_1", "url": f"http://x/{EVIL}", "skillId": EVIL}
        if request.method == "DELETE":
            return reply(400, {"error": {"message": EVIL}})
        if request.path.endswith("/status"):
            return reply(200, {"status": EVIL, "engineVersion": EVIL})
        if "/skills/" in request.path:
            return reply(200, {"id": "skill_1", "name": EVIL})
        if request.path.endswith("/webhooks"):
            return reply(200, {"items": [webhook], "nextPage": None})
        return reply(200, webhook)

    async with serving(tenant(answer)) as server:
        empty.environment |= {
            "COGNITUI_BASE_URL": f"{server.origin}/api/v1",
            "COGNITUI_API_KEY": "key",
            "COGNITUI_API_SECRET": "secret",
            "COGNITUI_BOT_ID": "bot_1",
            "COGNITUI_WEBHOOK_SECRET": "x" * 32,
        }
        described = tmp_path / "webhook.toml"
        described.write_text(
            f'skill_id = "skill_1"\nendpoint_url = "{server.origin}/hook"\n'
            'triggers = [{event = "ON_MESSAGE"}]\n'
        )
        outputs = [
            await asyncio.to_thread(empty.run, *typed)
            for typed in (
                ("webhooks", "list"),
                ("webhooks", "list", "--json"),
                ("webhooks", "register", str(described)),
                ("webhooks", "delete", "wh_1", "--yes"),
            )
        ]
    for output in outputs:
        text = output.out + output.err
        assert "evil" in text
        assert not set(text) & {"\x1b", "\x9b", "\u202e"}
        assert "\nevil" not in text


@pytest.mark.parametrize(
    ("typed", "instead"),
    [
        ("webhooks list --api-key=hush", "set COGNITUI_API_KEY"),
        ("webhooks list --api-secret hush", "set COGNITUI_API_SECRET"),
        ("callback send --secret hush http://127.0.0.1:9/", "or give `--secret-file`"),
        ("callback probe http://127.0.0.1:9/ --token=hush", "set its COGNITUI_ variable or give"),
        ("audit sync --otlp-headers=a=hush", "set COGNITUI_OTLP_HEADERS"),
        ("--passphrase=hush", "set COGNITUI_VAULT_PASSPHRASE"),
    ],
)
def test_a_secret_is_no_argument(empty: Cli, typed: str, instead: str) -> None:
    result = empty.run(*typed.split())
    assert (result.status, result.out) == (2, "")
    assert "A secret is no argument" in result.err
    assert instead in result.err
    assert "hush" not in result.err


def test_no_command_has_a_flag_that_takes_a_secret() -> None:
    """Whoever adds one is told here; a file that holds a secret is fine."""
    for name, command in COMMANDS.items():
        parser = argparse.ArgumentParser(prog=name)
        import_module(f"cognitui.cli.{command.module}").add_arguments(parser)
        takes = {
            flag for flag, action in parser._option_string_actions.items() if action.nargs != 0
        }
        flags = [flag for flag in takes if not flag.endswith("-file")]
        assert not [flag for flag in flags if advice(flag, [])], name
