"""A read-only run refuses below every screen and command, before anything is asked or recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from cognitui.callbacks.compose import compose
from cognitui.cognigy.bots_v1 import WebhookChange
from cognitui.cognigy.models import TriggerEvent
from cognitui.config import Config, Source
from cognitui.errors import ErrorKind, ReadOnly
from cognitui.workspace import Workspace
from tests.support.tenants import SIGNING_SECRET, webhook_for

from .support import connect, first_webhook, records, registered, settings_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from cognitui.sandbox import Sandbox


@pytest.fixture
async def read_only(tmp_path: Path, sandbox: Sandbox) -> AsyncIterator[Workspace]:
    config = Config(read_only=True, sources={"read_only": Source.FLAG})
    async with Workspace(replace(settings_in(tmp_path), config=config)) as workspace:
        await connect(workspace, sandbox)
        yield workspace


async def test_looking_is_allowed(read_only: Workspace) -> None:
    assert await read_only.list_webhooks()
    assert await read_only.webhooks.check(await first_webhook(read_only))


async def test_nothing_is_changed_or_sent(read_only: Workspace, sandbox: Sandbox) -> None:
    webhook = await first_webhook(read_only)
    actions = read_only.webhooks
    callback = compose(
        event=TriggerEvent.ON_MESSAGE, skill_id="skill_1", secret=SecretStr(SIGNING_SECRET)
    )
    asked = len(sandbox.tenant.requests)
    for refused in (
        registered(read_only, webhook_for(sandbox)),
        registered(read_only, webhook_for(sandbox), skip_preflight=True),
        actions.update(webhook, WebhookChange(timeout_ms=1000)),
        actions.set_enabled(webhook, enabled=not webhook.enabled),
        actions.delete(webhook),
        read_only.callbacks.send(sandbox.info.webhook_url, callback),
        read_only.reports.sync(sandbox.info.monitor_url),
    ):
        with pytest.raises(ReadOnly) as caught:
            await refused
        assert (caught.value.code, caught.value.kind) == ("read_only", ErrorKind.REFUSED)
        assert caught.value.hint == "So says --read-only."
    assert len(sandbox.tenant.requests) == asked
    assert sandbox.tenant.monitor_received == []
    assert await records(read_only) == []
