"""The whole pipeline once, step by step, each with its time."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cognitui import logs
from cognitui.callbacks.compose import compose
from cognitui.callbacks.sign import generate_secret
from cognitui.cli.demo import TENANT, offer, start_sandbox
from cognitui.cli.output import emit, say
from cognitui.cognigy.models import RegisteredWebhook, Trigger, TriggerEvent, Webhook
from cognitui.errors import CognituiError
from cognitui.network.outcome import Outcome
from cognitui.webhooks.preflight import Step
from cognitui.webhooks.words import counted, duration
from cognitui.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from cognitui.callbacks.received import Received
    from cognitui.sandbox import Sandbox
    from cognitui.settings import Settings

ARRIVES_WITHIN_S = 5.0


@dataclass(slots=True)
class _Note:
    """What a step says when it ends."""

    summary: str = ""
    ok: bool = True


@dataclass(slots=True)
class _Run:
    """The steps so far."""

    as_json: bool
    steps: list[dict[str, object]] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[_Note]:
        note, started = _Note(), time.perf_counter()
        try:
            yield note
        except CognituiError as error:
            note.ok, note.summary = False, error.message
            raise
        finally:
            self.add(name, note, (time.perf_counter() - started) * 1000)

    def add(self, name: str, note: _Note, ms: float) -> None:
        self.steps.append(
            {"step": name, "ok": note.ok, "summary": note.summary, "ms": round(ms, 2)}
        )
        if not self.as_json:
            say(f"{'✓' if note.ok else '✗'} {name:<20} {note.summary:<58} {duration(ms):>8}")

    @property
    def is_ok(self) -> bool:
        return all(step["ok"] for step in self.steps)


async def run_headless(settings: Settings, *, as_json: bool) -> int:
    """Run every step of the pipeline on a sandbox tenant, and return 0 when all went well."""
    logs.configure(settings.paths.state / "logs")
    run = _Run(as_json)
    metrics: dict[str, float] = {}
    sandbox: Sandbox | None = None
    try:
        async with run.step("sandbox tenant") as note:
            sandbox = await asyncio.to_thread(start_sandbox)
            note.summary = sandbox.info.base_url
        async with Workspace(settings) as workspace:
            offer(workspace, sandbox)
            metrics = await _pipeline(run, workspace)
    except CognituiError as error:
        if run.is_ok:  # it happened between the steps; one that failed has said so itself
            run.add("workspace", _Note(error.message, ok=False), 0.0)
    finally:
        if sandbox is not None:
            sandbox.stop()
    if as_json:
        emit({"ok": run.is_ok, "steps": run.steps, "metrics": metrics})
    elif run.is_ok:
        say("\nAll of it worked. `cognitui demo` shows the same in the console.")
    return 0 if run.is_ok else 1


async def _pipeline(run: _Run, workspace: Workspace) -> dict[str, float]:
    async with run.step("token") as note:
        await workspace.tenants.open(TENANT)
        note.summary = "the tenant accepts the key"
    async with run.step("bots") as note:
        bots = await workspace.bots()
        workspace.choose_bot(bots[0])
        note.summary = f"{len(bots)} bots; working with {bots[0].name}"
    async with run.step("skills") as note:
        skills = await workspace.client.skills(workspace.bot_id).all()
        note.summary = f"{len(skills)} skills; the webhook is for {skills[0].name}"
    async with run.step("receiver") as note:
        url = await workspace.callbacks.start_receiver()
        note.summary = url
    webhook = Webhook.model_validate({
        "skill_id": skills[0].id,
        "endpoint_url": url,
        "triggers": [Trigger(event=TriggerEvent.ON_MESSAGE)],
        "secret_key": generate_secret(),
    })  # fmt: skip
    registered = await _register(run, workspace, webhook)
    if registered is None:
        return {}
    await _callback(run, workspace, webhook, registered)
    return await _tell(run, workspace)


async def _register(run: _Run, workspace: Workspace, webhook: Webhook) -> RegisteredWebhook | None:
    async for event in workspace.webhooks.register(webhook):
        if isinstance(event, Step):
            passed = event.outcome is not Outcome.FAIL
            run.add(f"preflight {event.name}", _Note(event.summary, passed), event.ms)
            continue
        problem = event.error.message if event.error else ""
        words = f"{event.outcome} as {event.webhook.id}" if event.webhook else problem
        run.add("registration", _Note(words, event.is_registered), event.latency_ms)
        return event.webhook
    return None


async def _callback(
    run: _Run, workspace: Workspace, webhook: Webhook, registered: RegisteredWebhook
) -> None:
    callback = compose(
        event=TriggerEvent.ON_MESSAGE, skill_id=webhook.skill_id, secret=webhook.secret_key
    )
    async with run.step("callback") as note:
        delivery = await workspace.callbacks.send(
            str(webhook.endpoint_url), callback, webhook_id=registered.id
        )
        note.ok, note.summary = delivery.is_delivered, delivery.reason
    async with run.step("verified") as note:
        received = await _first_arrival(workspace)
        note.ok = received is not None and received.verdict.accepted
        note.summary = received.verdict.reason if received else "nothing arrived at the receiver"


async def _first_arrival(workspace: Workspace) -> Received | None:
    arrived = asyncio.Event()
    workspace.callbacks.listen(lambda _received: arrived.set())
    if not workspace.callbacks.receiver.received:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(arrived.wait(), ARRIVES_WITHIN_S)
    received = workspace.callbacks.receiver.received
    return received[0] if received else None


async def _tell(run: _Run, workspace: Workspace) -> dict[str, float]:
    async with run.step("audit log") as note:
        records = await workspace.reports.recent(limit=10, tenant=TENANT)
        note.ok, note.summary = len(records) > 1, f"{counted(len(records), 'record')} read back"
    async with run.step("metrics") as note:
        metrics = (await workspace.reports.report(TENANT)).as_dict()
        note.summary = (
            f"{counted(int(metrics['total_registrations']), 'registration')}, "
            f"{metrics['success_rate'] * 100:.0f} % ok, {metrics['avg_latency_ms']} ms on average"
        )
    async with run.step("monitor sync") as note:
        result = await workspace.reports.sync(tenant=TENANT)
        sent = counted(result.entries, "registration")
        note.summary = f"{sent} sent, the monitor answered {result.status}"
    return dict(metrics)
