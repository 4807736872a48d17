"""Callbacks sent from here and arriving here, each with its audit record."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from cognitui.audit.records import Action, AttemptEvidence, AuditRecord, Outcome
from cognitui.callbacks.delivery import Delivery, DeliveryStatus
from cognitui.callbacks.receive import Receiver
from cognitui.callbacks.sign import generate_secret
from cognitui.cognigy.operation import new_operation_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pydantic import SecretStr

    from cognitui.callbacks.compose import Callback
    from cognitui.callbacks.delivery import Attempt
    from cognitui.callbacks.received import Received
    from cognitui.callbacks.send import CallbackSender
    from cognitui.workspace.workspace import Workspace

KEPT_DELIVERIES = 50
MAX_SECRETS = 32
RECEIVER = "receiver"


class CallbackActions:
    """Sending, and the receiver with the secrets that it tries.

    A tenant never gives a secret back, so only those that were typed or generated in this session
    are known here.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._sender: CallbackSender | None = None
        self._secrets: dict[str, SecretStr] = {}
        self._listeners: list[Callable[[Received], None]] = []
        self._recording: set[asyncio.Task[None]] = set()
        self._unsubscribe: Callable[[], None] | None = None
        self.receiver = Receiver()
        self.deliveries: deque[Delivery] = deque(maxlen=KEPT_DELIVERIES)

    async def aclose(self) -> None:
        """Stop the receiver, write what arrived last, close the connections."""
        await self.stop_receiver()
        await asyncio.gather(*self._recording)
        if self._sender is not None:
            await self._sender.aclose()

    def secret_of(self, webhook_id: str) -> SecretStr | None:
        """The secret of a webhook, if it was set in this session or given in the environment."""
        return self._secrets.get(webhook_id) or self._workspace.settings.environment.webhook_secret

    def session_secret_of(self, webhook_id: str) -> SecretStr | None:
        """The secret of a webhook, if it was set in this session."""
        return self._secrets.get(webhook_id)

    def remember_secret(self, name: str, secret: SecretStr) -> None:
        """Let the receiver try this secret too."""
        self._secrets.pop(name, None)
        self._secrets[name] = secret
        while len(self._secrets) > MAX_SECRETS:
            self._secrets.pop(next(iter(self._secrets)))
        self._update_receiver()

    async def start_receiver(self, port: int = 0) -> str:
        """Listen on this machine, and return the URL to register.

        Raises:
            ReceiverError: The port is taken.
        """
        self._update_receiver()
        await asyncio.to_thread(self.receiver.start, port)
        if self._unsubscribe is None:
            # The receiver lives in a thread of its own; what arrives is handled on our loop.
            loop = asyncio.get_running_loop()
            self._unsubscribe = self.receiver.subscribe(
                lambda received: loop.call_soon_threadsafe(self._arrived, received)
            )
        return self.receiver.url

    async def stop_receiver(self) -> None:
        """Stop listening; what arrived stays listed."""
        await asyncio.to_thread(self.receiver.stop)
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None

    def receiver_secret(self) -> SecretStr:
        """A secret that the receiver verifies with: the newest known, else a new one."""
        if not self._secrets and self._workspace.settings.environment.webhook_secret is None:
            self.remember_secret(RECEIVER, generate_secret())
        return self._known_secrets()[0]

    def listen(self, listener: Callable[[Received], None]) -> None:
        """Be called, on the event loop, with each callback that arrives."""
        self._listeners.append(listener)

    async def send(
        self,
        url: str,
        callback: Callback,
        *,
        webhook_id: str = "",
        timeout_ms: int = 3000,
        retries: int = 0,
        on_attempt: Callable[[Attempt], object] | None = None,
        on_wait: Callable[[int, float, datetime], object] | None = None,
    ) -> Delivery:
        """Send a callback and record what came of it.

        Args:
            url: The endpoint.
            callback: What to send.
            webhook_id: The webhook that is meant, where one is.
            timeout_ms: Allowed for each whole attempt, in milliseconds.
            retries: How many attempts may follow the first.
            on_attempt: Called with each attempt as soon as it has ended.
            on_wait: Called before each wait: with the number of the attempt that comes next, in
                how many seconds, and when.

        Raises:
            UsageError: The URL cannot be one.
            ReadOnly: Nothing may be sent.
        """
        self._workspace.require_writing()
        if self._sender is None:
            # Loads httpx, which no first frame needs.
            from cognitui.callbacks.send import CallbackSender

            self._sender = CallbackSender()
        workspace = self._workspace
        async with workspace.trail.recorded(
            Action.CALLBACK_SEND,
            tenant=workspace.tenant_name,
            bot_id=workspace.bot.id if workspace.bot else "",
            webhook_id=webhook_id,
            endpoint=url.split("?", maxsplit=1)[0],
            event=str(callback.event or ""),
        ) as entry:
            delivery = await self._sender.send(
                url,
                callback,
                timeout_ms=timeout_ms,
                retries=retries,
                on_attempt=on_attempt,
                on_wait=on_wait,
            )
            # Without the waits in between, and without what this program needed to get going.
            entry.latency_ms = sum(attempt.ms for attempt in delivery.attempts)
            entry.attempts = tuple(
                AttemptEvidence(number=a.number, status=a.status, ms=a.ms, error=a.error_code)
                for a in delivery.attempts
            )
            if delivery.status is not DeliveryStatus.DELIVERED:
                entry.outcome = Outcome.FAILED
                entry.error_code, entry.detail = str(delivery.status), delivery.reason
        self.deliveries.append(delivery)
        return delivery

    def _update_receiver(self) -> None:
        self.receiver.set_secrets(self._known_secrets())

    def _known_secrets(self) -> list[SecretStr]:
        """Newest first."""
        secrets = list(reversed(self._secrets.values()))
        if (given := self._workspace.settings.environment.webhook_secret) is not None:
            secrets.append(given)
        return secrets

    def _arrived(self, received: Received) -> None:
        task = asyncio.ensure_future(self._record(received))
        self._recording.add(task)
        task.add_done_callback(self._recording.discard)
        for listener in self._listeners:
            listener(received)

    async def _record(self, received: Received) -> None:
        verdict = received.verdict
        accepted = verdict.accepted
        workspace = self._workspace
        await workspace.trail.write(
            AuditRecord(
                at=received.at,
                monotonic=workspace.clock.monotonic(),
                operation_id=new_operation_id(),
                tenant=workspace.tenant_name,
                bot_id=workspace.bot.id if workspace.bot else "",
                action=Action.CALLBACK_RECEIVE,
                webhook_id="",
                skill_id=received.skill_id or "",
                endpoint=self.receiver.url,
                event=str(received.event or ""),
                outcome=Outcome.OK if accepted else Outcome.FAILED,
                latency_ms=None,
                attempts=(),
                error_code="" if accepted else "not_verified",
                detail=verdict.reason,
                before=None,
                after=None,
            )
        )
