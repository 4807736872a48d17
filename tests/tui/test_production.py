"""At a production tenant every change asks once more, by the tenant's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from pydantic import SecretStr

from cognitui.cognigy.credentials import Credentials
from cognitui.tenants.profiles import Colour, Profile, ProfileStore
from cognitui.tui.production import CALLED_OFF, SWITCHED
from cognitui.tui.render import frame_line
from cognitui.tui.screens.ask import Ask
from cognitui.workspace import TenantStatus
from cognitui.workspace.status import ConnectionState

from .browsing import choose
from .support import SECRET, WIDE, run_console

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from cognitui.sandbox import Sandbox
    from cognitui.settings import Settings
    from cognitui.workspace import Workspace

    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def prod(settings: Settings, sandbox: Sandbox) -> AsyncIterator[Console]:
    """A console on a tenant that is marked as production."""
    info = sandbox.info

    async def prepare(workspace: Workspace) -> str:
        credentials = Credentials(SecretStr(info.api_key), SecretStr(info.api_secret))
        profile = Profile(
            name="acme-prod", base_url=info.base_url, colour=Colour.RED, is_production=True
        )
        workspace.tenants.add_session(profile, credentials)
        other = Profile(name="acme-test", base_url=info.base_url)
        workspace.tenants.add_session(other, credentials)
        return profile.name

    async with run_console(settings, prepare, size=WIDE) as console:
        await console.connected()
        yield console


async def test_the_header_and_the_list_tell_it_in_words(prod: Console) -> None:
    assert "acme-prod  production  ●" in prod.status
    assert "■ acme-prod  prod" in prod.rows("#tenants-table")[0][0]
    assert "changes ask for its name" in prod.text


async def test_a_name_that_is_not_typed_changes_nothing(prod: Console) -> None:
    webhook = (await prod.workspace.list_webhooks())[2]
    await prod.go("browse")
    await choose(prod, webhook.id)
    await prod.answered("x")
    assert isinstance(prod.app.screen, Ask)
    assert "acme-prod is a production tenant" in prod.text
    await prod.answered(*"acme", "enter")
    assert "That is not the name of the production tenant acme-prod." in prod.text
    await prod.press("escape")
    assert prod.last_told == CALLED_OFF
    assert await prod.workspace.client.webhook(prod.workspace.bot_id, webhook.id) == webhook


async def test_with_the_name_it_is_done(prod: Console) -> None:
    webhook = (await prod.workspace.list_webhooks())[2]
    await prod.go("browse")
    await choose(prod, webhook.id)
    await prod.answered("x")
    await prod.press(*"acme-prod", "enter")
    after = await prod.workspace.client.webhook(prod.workspace.bot_id, webhook.id)
    assert after.enabled is not webhook.enabled


@pytest.mark.parametrize("keys", [("d", "y"), ("minus", "y"), ("u", "y")], ids=str)
async def test_deleting_many_and_undoing_ask_as_well(prod: Console, keys: tuple[str, ...]) -> None:
    webhooks = await prod.workspace.list_webhooks()
    await prod.go("browse")
    await choose(prod, webhooks[3].id)
    if keys[0] == "u":
        await prod.workspace.webhooks.set_enabled(webhooks[3], enabled=not webhooks[3].enabled)
    count = len(await prod.workspace.list_webhooks())
    await prod.answered(keys[0])
    await prod.pilot.press(keys[1])
    await prod.until(lambda: isinstance(prod.app.screen, Ask))
    await prod.press("escape")
    assert prod.last_told.startswith("Nothing was changed")
    assert len(await prod.workspace.list_webhooks()) == count


async def test_registering_asks_as_well(prod: Console) -> None:
    await prod.go("webhook")
    await prod.type("#skill_id", "skill_67890")
    await prod.type("#endpoint_url", "https://hooks.example.com/new")
    await prod.type("#secret_key", SECRET)
    await prod.press("escape")
    prod.editor.query_one("#on-ON_MESSAGE").value = True  # type: ignore[attr-defined]
    await prod.settle()
    count = len(await prod.workspace.list_webhooks())
    await prod.answered("ctrl+s")
    assert isinstance(prod.app.screen, Ask)
    await prod.press("escape")
    assert len(await prod.workspace.list_webhooks()) == count


@pytest.mark.parametrize("answers", [("d", "y"), ("x", *"acme-prod", "enter"), ("d", "escape")])
async def test_another_tenant_that_was_opened_meanwhile_is_not_changed(
    prod: Console, answers: tuple[str, ...]
) -> None:
    webhooks = await prod.workspace.list_webhooks()
    await prod.go("browse")
    await choose(prod, webhooks[2].id)
    await prod.answered(answers[0])
    prod.app.connection.open("acme-test")
    await prod.until(lambda: prod.workspace.tenant_name == "acme-test")
    await prod.connected()
    await prod.press(*answers[1:])
    if answers[-1] != "escape":
        assert prod.last_told == SWITCHED
    assert not isinstance(prod.app.screen, Ask)
    assert await prod.workspace.client.webhooks(prod.workspace.bot_id).all() == webhooks


async def test_a_mark_that_is_set_while_the_tenant_is_open_holds_at_once(prod: Console) -> None:
    prod.app.connection.open("acme-test")
    await prod.until(lambda: prod.workspace.tenant_name == "acme-test")
    await prod.connected()
    profile = prod.workspace.profile
    assert profile is not None
    await prod.workspace.tenants.change(profile.model_copy(update={"is_production": True}))
    webhook = (await prod.workspace.list_webhooks())[2]
    await prod.go("browse")
    await choose(prod, webhook.id)
    await prod.answered("x")
    assert "acme-test is a production tenant" in prod.text
    await prod.press("escape")
    assert prod.last_told == CALLED_OFF
    assert "acme-test production" in prod.status


async def test_a_mark_that_another_console_sets_holds_too(prod: Console) -> None:
    tenants, info = prod.workspace.tenants, prod.workspace.profile
    assert info is not None
    stored = Profile(name="acme-stored", base_url=info.base_url, bot_id="bot_12345")
    await tenants.unlock(SecretStr("a passphrase of the test"))
    await tenants.remember(stored, tenants.credentials("acme-prod"))
    prod.app.connection.open("acme-stored")
    await prod.until(lambda: prod.workspace.tenant_name == "acme-stored")
    await prod.connected()
    webhook = (await prod.workspace.list_webhooks())[2]
    await prod.go("browse")
    await choose(prod, webhook.id)
    ProfileStore(tenants.store.path).save(stored.model_copy(update={"is_production": True}))
    await prod.answered("x")
    assert "acme-stored is a production tenant" in prod.text
    await prod.press("escape")
    assert prod.last_told == CALLED_OFF


async def test_the_mark_behind_a_name_has_room(prod: Console) -> None:
    line = next(line for line in prod.text.splitlines() if "■ acme-prod" in line)
    assert "■ acme-prod  prod  " in line


async def test_without_colours_the_header_still_says_it() -> None:
    status = TenantStatus(
        tenant="acme-prod",
        connection=ConnectionState.CONNECTED,
        is_production=True,
        colour="violet",
    )
    assert " production " in frame_line(status, 120).plain
    assert " prod " in frame_line(status, 60).plain
    assert frame_line(status, 60).cell_length <= 60
