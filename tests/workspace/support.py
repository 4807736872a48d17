from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from cognitui.cognigy.models import Bot
from cognitui.settings import Environment, Paths, Settings
from cognitui.tenants.profiles import Profile
from cognitui.webhooks.register import RegistrationResult
from tests.support.tenants import credentials_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cognitui.audit.records import AuditRecord
    from cognitui.cognigy.models import RegisteredWebhook, Webhook
    from cognitui.sandbox import Sandbox
    from cognitui.webhooks.preflight import Step
    from cognitui.workspace import Workspace

REQUESTS = 100_000


def settings_in(home: Path, **environment: Any) -> Settings:
    """Settings that know nothing but what is given, with all files below one directory."""
    return Settings(
        Paths(home / "config", home / "data", home / "state"), Environment(**environment)
    )


def profile_of(sandbox: Sandbox, **changes: Any) -> Profile:
    """A profile of this sandbox."""
    fields = {
        "name": "acme",
        "base_url": sandbox.info.base_url,
        "requests_per_minute": REQUESTS,
        **changes,
    }
    return Profile.model_validate(fields)


async def connect(workspace: Workspace, sandbox: Sandbox, key: str = "full") -> None:
    """Open the sandbox as tenant *acme* and choose its first bot."""
    await workspace.connect(profile_of(sandbox), credentials_of(sandbox, key))
    workspace.choose_bot(Bot(id=sandbox.info.bot_id, name="Support Bot"))


async def registered(
    workspace: Workspace, webhook: Webhook, *, skip_preflight: bool = False
) -> tuple[list[Step], RegistrationResult | None]:
    """Register to the end."""
    steps: list[Step] = []
    result = None
    async for event in workspace.webhooks.register(webhook, skip_preflight=skip_preflight):
        if isinstance(event, RegistrationResult):
            assert result is None
            result = event
        else:
            assert result is None
            steps.append(event)
    return steps, result


async def first_webhook(workspace: Workspace) -> RegisteredWebhook:
    return (await workspace.list_webhooks())[0]


async def records(workspace: Workspace) -> list[AuditRecord]:
    """The audit log, oldest first."""
    return list(reversed(await workspace.reports.recent()))


async def until(truth: Callable[[], bool], *, seconds: float = 5.0) -> None:
    """Wait until something is true."""
    async with asyncio.timeout(seconds):
        while not truth():  # noqa: ASYNC110  # any truth, not an event of ours
            await asyncio.sleep(0.002)


async def writable(workspace: Workspace, *, on: bool) -> None:
    """Let the audit log's file take records, or refuse them as a read-only disk does."""
    pragma = f"PRAGMA query_only = {int(not on)}"
    await workspace.log._read(lambda connection: connection.execute(pragma).close())
