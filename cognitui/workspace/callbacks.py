"""Callbacks sent from here and arriving here, each with its audit record."""

from __future__ import annotations

import asyncio
from collections import deque
from functools import cached_property
from typing import TYPE_CHECKING

from cognitui.audit.records import Action, AttemptEvidence, AuditRecord, Outcome
from cognitui.callbacks.captures import CaptureStore
from cognitui.callbacks.delivery import Delivery, DeliveryStatus
from cognitui.callbacks.receive import Receiver
from cognitui.callbacks.schemes.ready import READY
from cognitui.callbacks.sign import generate_secret
from cognitui.cognigy.operation import new_operation_id
from cognitui.config import ConfigBroken
from cognitui.workspace.arrivals import Arrivals
from cognitui.workspace.known_secrets import ANYWHERE, KnownSecrets
from cognitui.workspace.scheme_choices import SchemeChoices

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from pydantic import SecretStr

    from cognitui.callbacks.compose import Callback
    from cognitui.callbacks.delivery import Attempt
    from cognitui.callbacks.received import Received
    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.callbacks.send import CallbackSender
    from cognitui.workspace.workspace import Workspace

KEPT_DELIVERIES = 50
RECEIVER = "this receiver"
RECORDED_ONE_BY_ONE = 5
"""More than so many in a moment are a flood, and share records."""


class CallbackActions:
    """Sending, and the receiver with the secrets that it tries.

    A tenant never gives a secret back, so only those that were typed or generated in this session
    are known here.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._sender: CallbackSender | None = None
        self._secrets = KnownSecrets(
            lambda: workspace.clock.now(),  # noqa: PLW0108 - tests exchange the clock
            workspace.settings.environment.webhook_secret,
        )
        self.captures = CaptureStore(workspace.settings.paths.data / "captures")
        self._schemes = SchemeChoices(workspace.settings.beside / "schemes.json")
        self._listeners: list[Callable[[Sequence[Received]], None]] = []
        self._arrivals = Arrivals(self._arrived)
        self._receiver_url = ""
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

    @cached_property
    def schemes(self) -> dict[str, Scheme]:
        """The schemes there are, by id: those that are known, and those in the settings.

        Raises:
            ConfigBroken: One in the file of settings cannot be used.
        """
        from cognitui.callbacks.schemes.custom import schemes_of

        return READY | schemes_of(self._workspace.settings.config)

    def scheme_of(self, webhook_id: str, *, bot: tuple[str, str] | None = None) -> Scheme:
        """How callbacks of a webhook are signed, as somebody chose.

        Args:
            webhook_id: The webhook.
            bot: Whose it is, as tenant and bot; the chosen bot's when left out.
        """
        try:
            schemes = self.schemes
        except ConfigBroken:
            # It is told where schemes are offered; those that are known go on working.
            schemes = READY
        home = self._home if bot is None else "/".join(bot)
        return self._schemes.scheme_of(home, webhook_id, schemes)

    async def choose_scheme(self, webhook_id: str, scheme: Scheme) -> None:
        """Keep a choice.

        Raises:
            NotStored: It could not be written; it holds until the end of this run.
        """
        await asyncio.to_thread(self._schemes.choose, self._home, webhook_id, scheme)

    @property
    def _home(self) -> str:
        return f"{self._workspace.tenant_name}/{self._workspace.recorded_bot}"

    def named_secrets(self) -> list[tuple[str, SecretStr]]:
        """The secrets that are known here, newest first, and what to call them."""
        return self._secrets.named()

    def secret_of(self, webhook_id: str) -> SecretStr | None:
        """The secret of a webhook, if it was set in this session or given in the environment."""
        return self._secrets.of(webhook_id) or self._workspace.settings.environment.webhook_secret

    def session_secret_of(
        self, webhook_id: str, home: tuple[str, str] | None = None
    ) -> SecretStr | None:
        """The secret of a webhook, if it was set in this session.

        Args:
            webhook_id: Which.
            home: Its tenant and its bot, where another one may have the same id.
        """
        return self._secrets.of(webhook_id, home)

    def remember_secret(
        self, name: str, secret: SecretStr, home: tuple[str, str] = ANYWHERE
    ) -> None:
        """Let the receiver try this secret too; for a day the one before it as well.

        Args:
            name: The webhook's id, or what else it is called by.
            secret: It.
            home: Tenant and bot of the webhook.
        """
        self._secrets.put(name, secret, home)
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
            self._arrivals.begin()
            self._unsubscribe = self.receiver.subscribe(self._arrivals.put)
        self._receiver_url = self.receiver.url
        return self._receiver_url

    async def stop_receiver(self) -> None:
        """Stop listening; what arrived stays listed."""
        await asyncio.to_thread(self.receiver.stop)
        if self._unsubscribe is not None:
            self._unsubscribe()
            self._unsubscribe = None
            self._arrivals.flush()

    def receiver_secret(self) -> SecretStr:
        """A secret that the receiver verifies with: the newest known, else a new one."""
        known = self._secrets.newest
        if known is None:
            known = generate_secret()
            self.remember_secret(RECEIVER, known)
        return known

    def listen(self, listener: Callable[[Sequence[Received]], None]) -> None:
        """Be called, on the event loop, with what arrives: one by one, or many at once."""
        self._listeners.append(listener)

    def follow(self, follower: Callable[[Received], None]) -> None:
        """Be called, on the event loop, with each one that changes after it has arrived."""
        loop = asyncio.get_running_loop()
        self.receiver.follow(lambda received: loop.call_soon_threadsafe(follower, received))

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
        async with self._workspace.recorded_to(
            Action.CALLBACK_SEND, url, webhook_id=webhook_id, event=str(callback.event or "")
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
        self.receiver.set_secrets(self._secrets.accepted())

    def _arrived(self, received: Sequence[Received]) -> None:
        task = asyncio.ensure_future(self._record_all(received))
        self._recording.add(task)
        task.add_done_callback(self._recording.discard)
        for listener in self._listeners:
            listener(received)

    async def _record_all(self, received: Sequence[Received]) -> None:
        """One record for each; of a flood, one for those of a moment that have one outcome."""
        if len(received) <= RECORDED_ONE_BY_ONE:
            for one in received:
                await self._record(one)
            return
        by_outcome: dict[tuple[bool, str], list[Received]] = {}
        for one in received:
            key = one.verdict.accepted, one.verdict.reason
            by_outcome.setdefault(key, []).append(one)
        for alike in by_outcome.values():
            await self._record(alike[0], count=len(alike))

    async def _record(self, received: Received, *, count: int = 1) -> None:
        verdict = received.verdict
        accepted = verdict.accepted
        workspace = self._workspace
        await workspace.trail.write(
            AuditRecord(
                at=received.at,
                monotonic=workspace.clock.monotonic(),
                operation_id=new_operation_id(),
                tenant=workspace.tenant_name,
                bot_id=workspace.recorded_bot,
                action=Action.CALLBACK_RECEIVE,
                webhook_id="",
                skill_id=received.skill_id or "",
                endpoint=self._receiver_url,  # it may have stopped since
                event=str(received.event or ""),
                outcome=Outcome.OK if accepted else Outcome.FAILED,
                latency_ms=None,
                attempts=(),
                error_code="" if accepted else "not_verified",
                detail=verdict.reason if count == 1 else f"{count} at once: {verdict.reason}",
                before=None,
                after=None,
            )
        )
