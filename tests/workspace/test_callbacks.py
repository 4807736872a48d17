"""Callbacks sent and received, and the secrets that are known in this session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from pydantic import SecretStr

from cognitui.audit.records import Action, Outcome
from cognitui.callbacks.compose import compose, compose_raw
from cognitui.callbacks.errors import ReceiverError
from cognitui.callbacks.schemes.ready import COGNIGY
from cognitui.callbacks.tamper.wire import Limits
from cognitui.cognigy.models import TriggerEvent
from cognitui.errors import UsageError
from cognitui.workspace import Workspace
from cognitui.workspace.callbacks import KEPT_DELIVERIES
from cognitui.workspace.known_secrets import MAX_NAMES
from tests.support.tenants import SIGNING_SECRET, webhook_for

from .support import records, registered, settings_in, until

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.audit.records import AuditRecord
    from cognitui.callbacks.compose import Callback
    from cognitui.callbacks.received import Received
    from cognitui.sandbox import Sandbox

GIVEN = SecretStr("the secret that the environment gives")


def callback(secret: SecretStr | str = SIGNING_SECRET, **changes: Any) -> Callback:
    fields = {"event": TriggerEvent.ON_MESSAGE, "skill_id": "skill_1", "secret": secret}
    return compose(**{**fields, **changes})


async def received_by(workspace: Workspace, count: int) -> list[AuditRecord]:
    """The records of what arrived, once there are so many."""
    while True:
        found = [r for r in await records(workspace) if r.action is Action.CALLBACK_RECEIVE]
        if len(found) >= count:
            return found


async def test_what_was_sent_is_on_record(workspace: Workspace, sandbox: Sandbox) -> None:
    url = f"{sandbox.info.webhook_url}?token=hush"
    delivery = await workspace.callbacks.send(url, callback(GIVEN), webhook_id="wh_1", retries=2)
    assert list(workspace.callbacks.deliveries) == [delivery]
    (record,) = await records(workspace)
    assert (record.action, record.outcome) == (Action.CALLBACK_SEND, Outcome.FAILED)
    assert (record.tenant, record.bot_id, record.webhook_id) == ("acme", "bot_12345", "wh_1")
    assert (record.endpoint, record.event) == (sandbox.info.webhook_url, "ON_MESSAGE")
    assert (record.error_code, record.detail) == ("rejected", delivery.reason)
    assert record.operation_id == delivery.operation_id
    assert record.latency_ms == delivery.attempts[0].ms
    assert [(a.status, a.error) for a in record.attempts] == [(401, "http_401")]


async def test_each_attempt_is_evidence(alone: Workspace, sandbox: Sandbox) -> None:
    url = sandbox.info.webhook_url.replace("receiver", "status/500")
    delivery = await alone.callbacks.send(url, callback(), retries=1)
    (record,) = await records(alone)
    assert [(a.number, a.status) for a in record.attempts] == [(1, 500), (2, 500)]
    assert record.error_code == "exhausted"
    assert record.latency_ms == pytest.approx(sum(a.ms for a in delivery.attempts))
    assert (record.tenant, record.bot_id) == ("", "")


async def test_a_url_that_cannot_be_is_on_record_too(alone: Workspace) -> None:
    with pytest.raises(UsageError):
        await alone.callbacks.send("nowhere", callback())
    (record,) = await records(alone)
    assert (record.outcome, record.error_code) == (Outcome.FAILED, "usage")


async def test_what_arrives_is_on_record(workspace: Workspace) -> None:
    workspace.callbacks.remember_secret("wh_1", SecretStr(SIGNING_SECRET))
    url = await workspace.callbacks.start_receiver()
    heard: list[Received] = []
    workspace.callbacks.listen(heard.extend)
    await workspace.callbacks.send(url, callback())
    await workspace.callbacks.send(url, callback("a secret that nobody here knows"))
    good, bad = await received_by(workspace, 2)
    assert [each.verdict.accepted for each in heard] == [True, False]
    assert (good.outcome, good.error_code, good.detail) == (
        Outcome.OK, "", heard[0].verdict.reason,
    )  # fmt: skip
    assert (bad.outcome, bad.error_code) == (Outcome.FAILED, "not_verified")
    assert (good.tenant, good.skill_id, good.event) == ("acme", "skill_1", "ON_MESSAGE")
    assert (good.endpoint, good.latency_ms) == (url, None)


async def test_a_strangers_bytes_are_recorded_like_any(alone: Workspace) -> None:
    url = await alone.callbacks.start_receiver()
    bodies = [b"", b"\xff\xfe", b'{"skillId": "\\ud800\\u0000", "trigger": 7}', b"[" * 5000]
    async with httpx.AsyncClient(trust_env=False) as client:
        for body in bodies:
            await client.post(url, content=body)
    assert len(await received_by(alone, len(bodies))) == len(bodies)
    assert alone.trail.problem is None


async def test_what_arrived_last_is_written_before_it_closes(tmp_path: Path) -> None:
    async with Workspace(settings_in(tmp_path)) as workspace:
        url = await workspace.callbacks.start_receiver()
        heard: list[Received] = []
        workspace.callbacks.listen(heard.extend)
        await workspace.callbacks.send(url, callback())
        await until(lambda: len(heard) == 1)
    async with Workspace(settings_in(tmp_path)) as workspace:
        assert len(await received_by(workspace, 1)) == 1


async def test_the_receiver_starts_once_and_again_after_a_stop(alone: Workspace) -> None:
    url = await alone.callbacks.start_receiver()
    assert await alone.callbacks.start_receiver() == url
    await alone.callbacks.stop_receiver()
    await alone.callbacks.stop_receiver()
    assert not alone.callbacks.receiver.is_running
    again = await alone.callbacks.start_receiver()
    await alone.callbacks.send(again, callback())
    assert len(await received_by(alone, 1)) == 1


async def test_a_port_that_is_taken(alone: Workspace, tmp_path: Path) -> None:
    url = httpx.URL(await alone.callbacks.start_receiver())
    assert url.port is not None
    async with Workspace(settings_in(tmp_path / "other")) as other:
        with pytest.raises(ReceiverError):
            await other.callbacks.start_receiver(url.port)
        assert await other.callbacks.start_receiver() != str(url)


async def test_a_registered_webhooks_secret_is_tried(
    workspace: Workspace, sandbox: Sandbox
) -> None:
    url = await workspace.callbacks.start_receiver()
    _, result = await registered(workspace, webhook_for(sandbox, endpoint_url=url))
    assert result is not None
    assert result.webhook is not None
    assert workspace.callbacks.secret_of(result.webhook.id) == SecretStr(SIGNING_SECRET)
    assert workspace.callbacks.secret_of("wh_other") is None
    delivery = await workspace.callbacks.send(url, callback())
    assert delivery.is_delivered


async def test_the_environments_secret_is_tried_last(tmp_path: Path) -> None:
    async with Workspace(settings_in(tmp_path, webhook_secret=GIVEN)) as workspace:
        callbacks = workspace.callbacks
        assert callbacks.receiver_secret() == GIVEN
        assert callbacks.secret_of("wh_any") == GIVEN
        callbacks.remember_secret("wh_1", SecretStr(SIGNING_SECRET))
        assert callbacks.receiver_secret() == SecretStr(SIGNING_SECRET)
        url = await callbacks.start_receiver()
        for secret in (GIVEN, SecretStr(SIGNING_SECRET)):
            assert (await callbacks.send(url, callback(secret))).is_delivered


async def test_a_receiver_without_secrets_makes_one(alone: Workspace) -> None:
    made = alone.callbacks.receiver_secret()
    assert len(made.get_secret_value()) >= 32
    assert alone.callbacks.receiver_secret() == made
    url = await alone.callbacks.start_receiver()
    assert (await alone.callbacks.send(url, callback(made))).is_delivered


async def test_no_more_secrets_are_kept_than_are_quick_to_try(alone: Workspace) -> None:
    secrets = [SecretStr(f"secret number {number:04} of quite many") for number in range(40)]
    for number, secret in enumerate(secrets):
        alone.callbacks.remember_secret(f"wh_{number}", secret)
    alone.callbacks.remember_secret("wh_8", secrets[8])
    assert alone.callbacks.secret_of("wh_7") is None
    assert alone.callbacks.secret_of("wh_8") == secrets[8]
    assert len(alone.callbacks.named_secrets()) == MAX_NAMES
    assert alone.callbacks.receiver_secret() == secrets[8]
    url = await alone.callbacks.start_receiver()
    outcomes = [
        (await alone.callbacks.send(url, compose_raw(b"{}", secret=secret))).is_delivered
        for secret in (secrets[7], secrets[9])
    ]
    assert outcomes == [False, True]


async def test_only_the_last_deliveries_are_kept(alone: Workspace, sandbox: Sandbox) -> None:
    url = sandbox.info.webhook_url.replace("receiver", "status/204")
    for _ in range(KEPT_DELIVERIES + 2):
        last = await alone.callbacks.send(url, callback())
    assert len(alone.callbacks.deliveries) == KEPT_DELIVERIES
    assert alone.callbacks.deliveries[-1] is last


async def test_a_probe_is_one_record_and_no_delivery(alone: Workspace) -> None:
    url = await alone.callbacks.start_receiver()
    told: list[str] = []
    card = await alone.lab.probe(
        url,
        COGNIGY,
        alone.callbacks.receiver_secret(),
        webhook_id="wh_1",
        limits=Limits(answer_s=5.0, slow_s=0.1),
        on_result=lambda result: told.append(result.case_id),
    )
    assert [result.case_id for result in card.results] == told
    assert {result.case_id for result in card.results if result.mark != "sound"} == {"slow-body"}
    (record,) = [r for r in await records(alone) if r.action is Action.CALLBACK_PROBE]
    assert (record.outcome, record.webhook_id, record.endpoint) == (Outcome.OK, "wh_1", url)
    assert record.detail == f"{card.conclusion} {card.score}."
    assert record.latency_ms == card.ms
    assert list(alone.callbacks.deliveries) == []


async def test_the_secret_before_is_accepted_for_a_while_and_told(alone: Workspace) -> None:
    old, new = SecretStr("an old secret of thirty-two letters"), SecretStr("new " * 9)
    alone.callbacks.remember_secret("wh_1", old)
    alone.callbacks.remember_secret("wh_1", new)
    assert alone.callbacks.secret_of("wh_1") == new
    url = await alone.callbacks.start_receiver()
    for secret in (old, new):
        delivery = await alone.callbacks.send(url, compose_raw(b"{}", secret=secret))
        assert delivery.is_delivered
    first, second = alone.callbacks.receiver.received
    assert first.secret is not None
    assert second.secret is not None
    assert "wh_1: previous, until" in first.secret.words
    assert second.secret.label == "wh_1: current"
    assert "wh_1 before it was exchanged" in dict(alone.callbacks.named_secrets())
