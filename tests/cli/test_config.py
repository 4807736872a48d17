"""The settings from the command line: where they are, what they are, what is wrong with them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cognitui.config import SETTINGS, Config
from cognitui.tui.commands import COMMANDS
from cognitui.tui.commands.keymap import resolve
from tests.cli.test_tenants import store

if TYPE_CHECKING:
    from cognitui.sandbox import Sandbox

    from .support import Cli, Result

README = Path(__file__).parents[2] / "README.md"


def configure(cli: Cli, text: str) -> Path:
    path = cli.home / "config" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def rows(result: Result) -> dict[str, tuple[str, str]]:
    """Value and origin of each setting that is shown to people."""
    head, *lines = result.out.splitlines()
    assert head.split() == ["SETTING", "VALUE", "FROM"]
    found = {}
    for line in lines:
        name, value, place = re.split(r" {2,}", line)
        found[name] = value, place
    return found


def test_where_the_file_is(empty: Cli) -> None:
    path = empty.home / "config" / "config.toml"
    result = empty.run("config", "path")
    assert (result.status, result.out) == (0, f"{path}\n")
    assert result.sentence == "It is not there yet: every setting has its default."
    configure(empty, "nonsense")
    result = empty.run("config", "path")
    assert (result.status, result.out, result.err) == (0, f"{path}\n", "")
    assert empty.run("config", "path", "--json").json == {
        "path": str(path),
        "exists": True,
        "data": str(empty.home / "data"),
        "state": str(empty.home / "state"),
    }


def test_each_setting_is_shown_with_its_origin(empty: Cli) -> None:
    path = configure(
        empty, '# mine\ntheme = "light"\ntenant = "acme"\n[keys]\n"app.quit" = ["Q", "ctrl+w"]\n'
    )
    empty.environment["COGNITUI_TENANT"] = "beta"
    result = empty.run("config", "show", "--no-mouse")
    assert result.status == 0
    assert rows(result) == {
        "theme": ("light", "config.toml, line 2"),
        "mouse": ("false", "--no-mouse"),
        "read_only": ("false", "default"),
        "tenant": ("beta", "COGNITUI_TENANT"),
        "restore": ("true", "default"),
        "vault_passphrase_file": ("–", "default"),
        "vault_idle_minutes": ("15", "default"),
        "watch_minutes": ("5", "default"),
        "otlp_endpoint": ("–", "default"),
        "audit_url": ("–", "default"),
        "audit_key_file": ("–", "default"),
        "keys.app.quit": ("Q, ctrl+w", "config.toml, line 5"),
        "COGNITUI_HOME": (str(empty.home), "environment"),
    }
    assert result.sentence == f"The file is {path}."


def test_shown_to_machines(empty: Cli) -> None:
    configure(empty, 'read_only = true\n[keys]\napp.quit = "off"\n')
    result = empty.run("config", "show", "--json")
    assert (result.status, result.err) == (0, "")
    shown = {row.pop("name"): row for row in result.json["settings"]}
    assert shown["read_only"] == {
        "value": True, "source": "file", "place": "config.toml, line 1",
    }  # fmt: skip
    assert shown["tenant"] == {"value": "", "source": "default", "place": "default"}
    assert shown["keys.app.quit"]["value"] == "off"
    assert result.json["path"] == str(empty.home / "config" / "config.toml")


def test_what_lets_somebody_in_is_not_shown(empty: Cli) -> None:
    empty.environment |= {
        "COGNITUI_API_KEY": "hush-1",
        "COGNITUI_API_SECRET": "hush-2",
        "COGNITUI_WEBHOOK_SECRET": "hush-3",
        "COGNITUI_VAULT_PASSPHRASE": "hush-4",
        "COGNITUI_BASE_URL": "https://who:hush-5@acme.example:8443/api?key=hush-6#hush-7",
        "COGNITUI_MONITOR_URL": "https://[hush-8",
        "COGNITUI_BOT_ID": "bot_1",
    }
    people, machines = empty.run("config", "show"), empty.run("config", "show", "--json")
    assert "hush" not in people.out + people.err + machines.out + machines.err
    shown = rows(people)
    assert shown["COGNITUI_API_KEY"] == ("set, not shown", "environment")
    assert shown["COGNITUI_BASE_URL"][0] == "https://acme.example:8443/api"
    assert shown["COGNITUI_MONITOR_URL"][0] == "set, not shown"
    assert shown["COGNITUI_BOT_ID"][0] == "bot_1"


def test_a_check_that_finds_nothing(empty: Cli) -> None:
    path = empty.home / "config" / "config.toml"
    result = empty.run("config", "check")
    assert (result.status, result.err) == (0, "")
    assert result.out == f"✓ {path} is not there: every setting has its default.\n"
    configure(empty, 'theme = "light"\n[keys]\nbrowse.delete = "ctrl+d"\n')
    result = empty.run("config", "check")
    assert (result.status, result.out) == (0, f"✓ {path}\n")
    assert empty.run("config", "check", "--json").json == {
        "path": str(path), "ok": True, "problems": [],
    }  # fmt: skip


def test_a_check_that_finds_everything(empty: Cli) -> None:
    path = configure(empty, 'them = "light"\n\nmouse = "no"\n')
    empty.environment["COGNITUI_READONLY"] = "1"
    result = empty.run("config", "check")
    assert (result.status, result.err) == (1, "")
    assert result.out.splitlines() == [
        f"✗ {path}, line 1: there is no setting 'them'. Did you mean 'theme'?",
        f"✗ {path}, line 3: mouse must be true or false, not 'no'.",
        "✗ cognitui has no variable COGNITUI_READONLY. Did you mean 'COGNITUI_READ_ONLY'?",
    ]
    problems = empty.run("config", "check", "--json").json["problems"]
    assert [(p["line"], p["field"], p["code"]) for p in problems] == [
        (1, "them", "config_broken"), (3, "mouse", "config_broken"), (None, None, "config_broken"),
    ]  # fmt: skip


def test_a_check_knows_the_commands_and_keys(empty: Cli) -> None:
    path = configure(empty, '[keys]\nbrowse.delte = "x"\n')
    result = empty.run("config", "check")
    assert result.status == 1
    assert result.out == (
        f"✗ {path}, line 2: 'browse.delte': there is no such command. "
        "Did you mean 'browse.delete'?\n"
    )


@pytest.mark.parametrize(
    "typed", ["", "demo --headless", "webhooks list", "audit report", "keys", "config show"]
)
def test_a_file_that_is_wrong_stops_everything_else(empty: Cli, typed: str) -> None:
    path = configure(empty, 'theme = "dark"\nreadonly = true\n')
    result = empty.run(*typed.split())
    assert (result.status, result.out) == (2, "")
    assert result.sentence == (
        f"{path}, line 2: there is no setting 'readonly'. Did you mean 'read_only'?"
    )
    assert "Correct it there." in result.err
    assert not (empty.home / "data").exists()


@pytest.mark.parametrize("typed", ["keys", "config show"])
def test_a_wrong_key_stops_what_uses_keys(empty: Cli, typed: str) -> None:
    path = configure(empty, '[keys]\nbrowse.delete = "h"\n')
    result = empty.run(*typed.split())
    assert result.status == 2
    assert result.sentence == (
        f"{path}, line 2: browse.delete and browse.check are both on h. "
        'Give one of them another key, or "off".'
    )


def test_a_flag_that_is_wrong(empty: Cli) -> None:
    result = empty.run("--theme", "drak")
    assert result.status == 2
    assert result.sentence.endswith("not 'drak'. Did you mean 'dark'?")
    assert result.sentence.startswith("--theme must be one of")
    result = empty.run("--theem", "dark")
    assert result.sentence == "There is no option `--theem`; did you mean `--theme`?"
    result = empty.run("--no-mouse", "--theem=dark")
    assert result.sentence == "There is no option `--theem`; did you mean `--theme`?"


def test_the_tenant_in_the_file_is_the_commands_too(empty: Cli, sandbox: Sandbox) -> None:
    for name in ("acme", "beta"):
        store(empty, sandbox, name=name, webhook_limit=40 if name == "acme" else 41)
    empty.environment["COGNITUI_VAULT_PASSPHRASE"] = "correct horse battery staple"
    configure(empty, 'tenant = "beta"\n')
    assert empty.run("webhooks", "list", "--json").json["limit"] == 41
    assert empty.run("webhooks", "list", "--json", "--tenant", "acme").json["limit"] == 40


def test_read_only_holds_for_commands(cli: Cli, sandbox: Sandbox, tmp_path: Path) -> None:
    configure(cli, "# no changes\nread_only = true\n")
    described = tmp_path / "webhook.toml"
    described.write_text(
        f'skill_id = "skill_67890"\nendpoint_url = "{sandbox.info.webhook_url}"\n'
        'triggers = [{event = "ON_MESSAGE"}]\n'
    )
    webhook_id = cli.run("webhooks", "list", "--json").json["items"][0]["id"]
    before = len(sandbox.tenant.requests)
    for typed in (
        ["webhooks", "register", str(described)],
        ["webhooks", "delete", webhook_id, "--yes"],
        ["callback", "send", sandbox.info.webhook_url, "--event", "ON_MESSAGE"],
        ["audit", "sync"],
    ):
        result = cli.run(*typed, "--json")
        assert result.status == 1, typed
        assert result.json["error"]["code"] == "read_only"
        assert result.sentence == (
            "This is read-only: nothing is changed at the tenant or sent to an endpoint."
        )
        assert "So says config.toml, line 2." in result.err
    assert {request.path for request in sandbox.tenant.requests[before:]} == {"/api/v1/auth/token"}
    cli.environment["COGNITUI_READ_ONLY"] = "0"
    assert cli.run("webhooks", "delete", webhook_id, "--yes").status == 0


def test_the_demo_is_a_world_of_its_own(empty: Cli) -> None:
    """Somebody whose own tenants are read-only can still try things out."""
    configure(empty, 'read_only = true\ntenant = "acme"\n')
    assert empty.run("demo", "--headless").status == 0
    assert empty.run("demo", "--headless", "--read-only").status == 1


def test_the_readme_tells_every_setting() -> None:
    text = README.read_text(encoding="utf-8")
    for setting in SETTINGS:
        default = json.dumps(setting.default)
        flags = " ".join(f"`{flag}`" for flag in setting.flags)
        values = f": {', '.join(f'`{choice}`' for choice in setting.choices)}"
        help_ = setting.help + (values if setting.choices else "")
        row = f"| `{setting.name}` | `{default}` | `{setting.variable}` | {flags} | {help_} |"
        assert row in text, row


def test_the_readmes_file_is_right(tmp_path: Path) -> None:
    text = README.read_text(encoding="utf-8")
    (block,) = re.findall(r"```toml\n(# config\.toml\n.*?)```", text, re.DOTALL)
    path = tmp_path / "config.toml"
    path.write_text(block)
    config = Config.load(path, {})
    assert config.keys
    assert resolve(COMMANDS, config)[1] == []


def test_check_reads_the_schemes(empty: Cli) -> None:
    configure(empty, '[schemes.acme]\nheader = "X-Acme"\nvalue = "sha256={signature}"\n')
    assert empty.run("config", "check").status == 0
    configure(empty, '[schemes.acme]\nheader = "X-Acme"\nvalue = "sha256={signatur}"\n')
    result = empty.run("config", "check", "--json")
    assert result.status == 1
    (problem,) = result.json["problems"]
    assert (problem["line"], problem["field"]) == (3, "schemes.acme.value")
    assert "Did you mean '{signature}'?" in problem["message"]


def test_show_lists_the_schemes(empty: Cli) -> None:
    configure(empty, '[schemes.acme]\nheader = "X-Acme"\nvalue = "sha256={signature}"\n')
    result = empty.run("config", "show")
    assert rows(result)["schemes.acme"] == ("X-Acme", "config.toml, line 1")


def test_show_tells_no_credentials_in_a_setting(empty: Cli) -> None:
    empty.environment["COGNITUI_OTLP_ENDPOINT"] = "http://user:hush-hush@127.0.0.1:4318/"
    result = empty.run("config", "show")
    assert rows(result)["otlp_endpoint"] == ("http://127.0.0.1:4318/", "COGNITUI_OTLP_ENDPOINT")
    assert "hush-hush" not in result.out
