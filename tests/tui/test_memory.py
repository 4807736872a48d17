"""What is kept from one run to the next: two runs in one home."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from textual.command import CommandPalette
from textual.widgets import Input

from cognitui.config import Config, Source
from cognitui.settings import Environment, Settings
from cognitui.tenants.profiles import Profile, ProfileStore
from cognitui.tui.memory import MAX_BYTES, Kept, Memory
from tests.support.tenants import credentials_of
from tests.tenants.support import vault

from .support import run_console, settings_in, with_sandbox, written

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.sandbox import Sandbox

    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")

PASSPHRASE = "correct horse battery staple"
FULL = Kept("light", "dark", "audit", "acme", "bot_2", {"audit": {"filter": "x"}})


def file_in(home: Path) -> Path:
    return home / "state" / "console.json"


def put(home: Path, content: str | bytes) -> Path:
    path = file_in(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def store(home: Path, sandbox: Sandbox, *names: str) -> None:
    """Tenants whose keys are in a vault."""
    safe = vault(home / "data" / "vault.json")
    safe.create(SecretStr(PASSPHRASE))
    for name in names:
        ProfileStore(home / "config" / "profiles.json").save(
            Profile(name=name, base_url=sandbox.info.base_url)
        )
        safe.put(name, credentials_of(sandbox))


# The file


async def test_what_is_kept_is_there_in_the_next_run(tmp_path: Path) -> None:
    memory = Memory(file_in(tmp_path))
    assert memory.kept == Kept()
    assert not memory.keep(theme="")
    assert memory.keep(**asdict(FULL))
    memory.write()
    assert Memory(file_in(tmp_path)).kept == FULL
    assert file_in(tmp_path).stat().st_mode & 0o777 == 0o600
    assert not memory.keep(place="audit")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"\xff", b"[]", b"7", b'"x"', b'{"theme": 5}', b'{"place": null}',
        b'{"views": []}', b'{"views": {"audit": 5}}', b"[" * 50_000, b" " * (MAX_BYTES + 1),
    ],
)  # fmt: skip
async def test_a_damaged_file_is_as_good_as_none(content: bytes, tmp_path: Path) -> None:
    path = put(tmp_path, content)
    memory = Memory(path)
    assert memory.kept == Kept()
    assert memory.keep(place="audit")
    memory.write()
    assert Memory(path).kept == Kept(place="audit")


async def test_another_versions_file_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = put(tmp_path, json.dumps({"place": "audit", "mood": "good"}))
    assert Memory(path).kept == Kept(place="audit")


async def test_a_disk_that_refuses_disturbs_nobody(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a directory should be")
    memory = Memory(file_in(tmp_path))
    assert memory.kept == Kept()
    assert memory.keep(place="audit")
    memory.write()
    assert memory.keep(place="audit"), "it is still to be written"


# The theme


@pytest.mark.parametrize(
    ("theme", "source", "chosen", "over", "shown"),
    [
        ("dark", Source.DEFAULT, "", "", "dark"),
        ("dark", Source.DEFAULT, "light", "dark", "light"),
        ("dark", Source.DEFAULT, "light", "ansi-dark", "dark"),  # the file spoke since
        ("light", Source.FILE, "high-contrast", "light", "high-contrast"),
        ("light", Source.FILE, "high-contrast", "dark", "light"),
        ("light", Source.ENVIRONMENT, "dark", "light", "light"),
        ("light", Source.FLAG, "dark", "light", "light"),
        ("dark", Source.DEFAULT, "a theme of old", "dark", "dark"),
    ],
)
async def test_which_theme_is_shown(
    *, theme: str, source: Source, chosen: str, over: str, shown: str, tmp_path: Path
) -> None:
    path = put(tmp_path, json.dumps({"theme": chosen, "theme_over": over}))
    config = Config(theme=theme, sources={"theme": source})
    assert Memory(path).theme(config) == shown


def themed(home: Path, in_file: str, **environ: str) -> Settings:
    path = home / "config" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(in_file)
    return Settings.load({"COGNITUI_HOME": str(home), **environ})


async def choose_theme(console: Console, name: str) -> None:
    console.app.search_themes()
    await console.until(lambda: isinstance(console.app.screen, CommandPalette))
    console.app.screen.query_one(Input).value = name
    await console.until(lambda: name in console.text.splitlines()[-1] or name in console.text)
    await console.press("enter")
    await console.until(lambda: console.app.theme == name)
    await console.settle()


async def test_a_theme_chosen_in_the_palette_is_there_in_the_next_run(tmp_path: Path) -> None:
    async with run_console(themed(tmp_path, "")) as console:
        assert console.app.theme == "dark"
        await choose_theme(console, "light")
        assert Memory(file_in(tmp_path)).kept.theme == "light", "it does not wait for the end"
    async with run_console(themed(tmp_path, "")) as console:
        assert console.app.theme == "light"
        assert not console.app.current_theme.dark
        assert console.app.screen.styles.background.brightness > 0.9
    async with run_console(themed(tmp_path, "", COGNITUI_THEME="high-contrast")) as console:
        assert console.app.theme == "high-contrast"
    async with run_console(themed(tmp_path, 'theme = "ansi-dark"\n')) as console:
        assert console.app.theme == "ansi-dark", "the file has changed since the choice"
        assert console.app.native_ansi_color
    async with run_console(themed(tmp_path, "")) as console:
        assert console.app.theme == "light"


async def test_only_our_themes_can_be_chosen(tmp_path: Path) -> None:
    async with run_console(settings_in(tmp_path)) as console:
        assert list(console.app.available_themes) == [
            "dark", "light", "high-contrast", "ansi-dark", "ansi-light",
        ]  # fmt: skip


# Where you were


def passphrase_given(settings: Settings) -> Settings:
    environment = Environment(vault_passphrase=SecretStr(PASSPHRASE))
    return replace(settings, environment=environment)


async def test_the_next_run_begins_where_the_last_one_ended(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    settings = passphrase_given(settings_in(tmp_path))
    store(tmp_path, sandbox, "acme", "beta")
    async with run_console(settings) as console:
        assert console.workspace.tenant_name == "", "nothing is opened that was not open before"
        assert await console.workspace.tenants.is_at_hand("beta")
        console.app.connection.open("beta")
        await console.connected()
        bots = await console.workspace.bots()
        console.workspace.choose_bot(bots[1])
        console.app.tenant_changed()
        await console.go("audit")
        await console.type("#audit-filter", "delete")
        await console.pilot.press("ctrl+q")
    async with run_console(settings) as console:
        await console.connected()
        assert console.workspace.tenant_name == "beta"
        assert console.workspace.bot is not None
        assert console.workspace.bot.id == bots[1].id
        await console.until(lambda: console.place.PLACE == "audit")
        assert console.value("#audit-filter") == "delete"
        await console.press("escape", "escape")
        assert console.place.PLACE == "tenants"


async def test_a_tenant_whose_key_is_locked_waits_for_it(tmp_path: Path, sandbox: Sandbox) -> None:
    store(tmp_path, sandbox, "acme", "beta", "gamma")
    put(tmp_path, json.dumps(asdict(replace(FULL, tenant="beta"))))
    async with run_console(settings_in(tmp_path)) as console:
        await console.settle()
        assert console.place.PLACE == "tenants"
        detail = console.shows("#tenants-detail")
        assert detail.startswith("beta  locked")
        assert "Its key is in the vault, which is locked." in detail
        assert "enter  unlocks the vault and connects" in detail
        await console.answered("enter")
        console.app.screen.query_one(Input).value = PASSPHRASE
        await console.press("enter")
        await console.connected()
        assert console.workspace.tenant_name == "beta"
        assert "beta is not open" not in console.shows("#tenants-detail")


async def test_a_tenant_that_was_asked_for_goes_before_the_last_one(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    store(tmp_path, sandbox, "acme", "beta")
    put(tmp_path, json.dumps(asdict(replace(FULL, tenant="beta"))))
    settings = passphrase_given(settings_in(tmp_path))

    async def ask_for_acme(_: object) -> str:
        return "acme"

    async with run_console(settings, ask_for_acme) as console:
        await console.connected()
        assert console.workspace.tenant_name == "acme"


@pytest.mark.parametrize(
    "kept", [replace(FULL, tenant="gone"), replace(FULL, tenant=""), replace(FULL, place="nowhere")]
)
async def test_what_is_no_longer_there_is_passed_over(kept: Kept, tmp_path: Path) -> None:
    put(tmp_path, json.dumps(asdict(kept)))
    async with run_console(settings_in(tmp_path)) as console:
        await console.settle()
        assert console.place.PLACE == "tenants"
        assert "No tenant yet." in console.shows("#tenants-empty")
        assert console.told == []


async def test_restoring_can_be_switched_off(tmp_path: Path, sandbox: Sandbox) -> None:
    store(tmp_path, sandbox, "acme")
    put(tmp_path, json.dumps(asdict(FULL)))
    settings = replace(passphrase_given(settings_in(tmp_path)), config=Config(restore=False))
    async with run_console(settings) as console:
        await console.settle()
        assert (console.workspace.tenant_name, console.place.PLACE) == ("", "tenants")
        assert console.app.theme == "light", "a theme is no place"
        await console.go("audit")
        assert console.value("#audit-filter") == ""


async def test_somebody_who_has_gone_somewhere_stays_there(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    put(tmp_path, json.dumps(asdict(replace(FULL, tenant="sandbox"))))

    async def prepare(workspace: Any) -> str:
        console.app.action_go("callbacks")
        return await with_sandbox(sandbox)(workspace)

    def remember(app: Any) -> None:
        console.app = app

    class Held:
        app: Any

    console = Held()
    async with run_console(settings_in(tmp_path), prepare, adjust=remember) as running:
        await running.connected()
        assert running.place.PLACE == "callbacks"


async def test_nothing_secret_is_kept(tmp_path: Path, sandbox: Sandbox) -> None:
    store(tmp_path, sandbox, "acme")
    async with run_console(passphrase_given(settings_in(tmp_path))) as console:
        assert await console.workspace.tenants.is_at_hand("acme")
        console.app.connection.open("acme")
        await console.connected()
        await console.go("webhook")
        await console.type("#secret_key", "a secret that nobody keeps, of some length")
        await console.pilot.press("ctrl+q")
    kept = written(tmp_path / "state", "console.json").decode()
    assert "acme" in kept
    key = sandbox.tenant.keys["full"]
    for secret in (key.key, key.secret, PASSPHRASE, "a secret that nobody keeps"):
        assert secret not in kept
