"""Which webhooks are unhealthy: checking them, one or many, and what earlier checks found."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from cognitui.audit.records import Action, AttemptEvidence, Outcome
from cognitui.errors import UsageError
from cognitui.network.shown import without_secrets
from cognitui.network.stage import Cause
from cognitui.webhooks.endpoint_report import EndpointReport, EndpointVerdict
from cognitui.webhooks.health.check import Check, WebhookRef, check_of
from cognitui.webhooks.health.course import SHOWN
from cognitui.webhooks.health.errors import HealthLogError
from cognitui.workspace.scope import Target
from cognitui.workspace.sweep import Sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime
    from pathlib import Path

    from pydantic import SecretStr

    from cognitui.callbacks.compose import Callback
    from cognitui.cognigy.models import RegisteredWebhook
    from cognitui.errors import CognituiError
    from cognitui.network.means import Means
    from cognitui.webhooks.health.course import Course
    from cognitui.webhooks.health.log import HealthLog
    from cognitui.workspace.scope import Scope
    from cognitui.workspace.workspace import Workspace

STAGE_TIMEOUT_S = 5.0
RESUMABLE_S = 3600.0
"""A sweep that was cut off can be gone on with for so long."""
GIVEN = "The ping was signed with COGNITUI_WEBHOOK_SECRET: is that the secret of this webhook?"


class HealthActions:
    """Checks webhooks, and keeps what was found from one run to the next.

    One answer disables nothing: a check only tells.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._log: HealthLog | None = None
        self._opening = asyncio.Lock()
        self.stage_timeout_s = STAGE_TIMEOUT_S

    async def aclose(self) -> None:
        """Close the log, if it was opened."""
        async with self._opening:
            log, self._log = self._log, None
        if log is not None:
            await log.close()

    async def log(self) -> HealthLog:
        """The log of checks, opened when it is first needed."""
        async with self._opening:
            if self._log is None:
                # Loads sqlite3, which no first frame needs.
                from cognitui.webhooks.health.log import HealthLog

                path = self.workspace.settings.beside / "health.db"
                self._log = await HealthLog.at(path)
            return self._log

    @property
    def problem(self) -> CognituiError | None:
        """Why checks are kept in memory only; ``None`` when they are kept in the file."""
        return self._log.problem if self._log is not None else None

    @property
    def set_aside(self) -> Path | None:
        """Where a damaged log was moved to; ``None`` when none was."""
        return self._log.set_aside if self._log is not None else None

    async def courses(self, scope: Scope) -> list[Course]:
        """How each webhook of a scope fared; of those that were never checked, nothing.

        Raises:
            HealthLogError: The log cannot be read.
        """
        log = await self.log()
        courses = await log.courses(scope.tenant or None, scope.bot_id or None)
        return [course for course in courses if scope.has(course.latest.ref)]

    async def history(self, ref: WebhookRef, count: int = SHOWN) -> list[Check]:
        """The last checks of a webhook, the newest first.

        Raises:
            HealthLogError: The log cannot be read.
        """
        return await (await self.log()).history(ref, count)

    async def last_good(self, ref: WebhookRef) -> Check | None:
        """The newest check of a webhook that did not find it unhealthy.

        Raises:
            HealthLogError: The log cannot be read.
        """
        return await (await self.log()).last_good(ref)

    async def since(self, ref: WebhookRef) -> datetime | None:
        """Since when a webhook is unhealthy; ``None`` when it is not.

        Raises:
            HealthLogError: The log cannot be read.
        """
        return await (await self.log()).since(ref)

    async def list_only(self, tenant: str, bot_id: str, webhook_ids: Collection[str]) -> None:
        """Tell of these webhooks of a bot only: the others were deleted.

        Raises:
            HealthLogError: The log cannot be written.
        """
        await (await self.log()).list_only(tenant, bot_id, webhook_ids)

    async def unlisted(self, refs: Collection[WebhookRef]) -> set[WebhookRef]:
        """Those of these webhooks that were deleted at their tenants.

        Raises:
            HealthLogError: The log cannot be read.
        """
        return await (await self.log()).unlisted(refs)

    async def unfinished(self, scope: Scope) -> str:
        """The id of the last sweep over a scope when it did not come to its end, else nothing.

        One that was begun more than an hour ago does not count: what it found is old news.

        Raises:
            HealthLogError: The log cannot be read.
        """
        last = await (await self.log()).last_sweep(scope.key)
        if last is None or last.ended is not None:
            return ""
        age_s = (self.workspace.clock.now() - last.began).total_seconds()
        return last.id if abs(age_s) <= RESUMABLE_S else ""

    def sweep(
        self,
        scope: Scope,
        *,
        targets: Sequence[Target] | None = None,
        resume: str = "",
        consents: Callable[[str], bool] | None = None,
        idle_s: Callable[[], float] | None = None,
    ) -> Sweep:
        """A sweep over a scope, not begun yet.

        Args:
            scope: Which webhooks.
            targets: The webhooks themselves, where they need not be asked for.
            resume: The id of a sweep to go on with; empty for a new one.
            consents: Told a URL: whether a signed ping may be sent there. Without it none is sent.
            idle_s: For how many seconds nobody has done anything: the sweep gives way to whoever
                does. Without it nobody is there.

        Raises:
            ReadOnly: Pings are wanted, and nothing may be sent.
        """
        if consents is not None:
            self.workspace.require_writing()
        sweep_id = resume or f"sweep_{secrets.token_hex(6)}"
        return Sweep(self, scope, sweep_id, targets=targets, consents=consents, idle_s=idle_s)

    async def check(
        self, webhook: RegisteredWebhook, *, bot_id: str = "", ping: bool = False
    ) -> Check:
        """Check one webhook of the open tenant, and keep what was found.

        Args:
            webhook: As it is registered.
            bot_id: Whose it is; empty for the chosen bot.
            ping: Whether a signed ping may be sent to it.

        Raises:
            UsageError: No bot is chosen.
            ReadOnly: A ping is wanted, and nothing may be sent.
        """
        workspace = self.workspace
        if ping:
            workspace.require_writing()
        ref = WebhookRef(workspace.tenant_name, bot_id or workspace.bot_id, webhook.id)
        check = await self.checked(Target.of(ref, webhook), ping=ping)
        await (await self.log()).add(check)
        return check

    async def report(self, webhook: RegisteredWebhook, *, bot_id: str = "") -> EndpointReport:
        """Check one webhook of the open tenant without a ping; what was found is kept if it can be.

        Args:
            webhook: As it is registered.
            bot_id: Whose it is; empty for the chosen bot.
        """
        workspace = self.workspace
        ref = WebhookRef(workspace.tenant_name, bot_id or workspace.recorded_bot, webhook.id)
        target = Target.of(ref, webhook)
        at = workspace.clock.now()
        report = await self._asked(target, None, None)
        with suppress(HealthLogError):
            await (await self.log()).add(_check_of(report, target, at))
        return report

    def can_ping(self, ref: WebhookRef) -> bool:
        """Whether the secret that a ping has to be signed with is known here."""
        return self._secret_of(ref) is not None

    async def checked(
        self, target: Target, *, ping: bool, means: Means | None = None, sweep_id: str = ""
    ) -> Check:
        """Check a webhook, without keeping what was found.

        A ping is recorded in the audit log, as every callback is. One that is switched off gets
        none: the tenant calls it neither.
        """
        at = self.workspace.clock.now()
        callback = self._ping(target) if ping and target.is_enabled else None
        report = await self._asked(target, callback, means)
        return _check_of(report, target, at, sweep_id)

    async def _asked(
        self, target: Target, callback: Callback | None, means: Means | None
    ) -> EndpointReport:
        # Loads the HTTP and TLS machinery, which no first frame needs.
        from cognitui.webhooks.endpoint import check_endpoint

        if callback is not None:
            report = await self._recorded(target, callback, means)
            is_given = self.workspace.callbacks.session_secret_of(*_named(target.ref)) is None
            if is_given and report.cause is Cause.SIGNATURE:
                return replace(report, hint=f"{GIVEN} {report.hint}")
            return report
        return await check_endpoint(target.url, timeout_s=self.stage_timeout_s, means=means)

    def _ping(self, target: Target) -> Callback | None:
        """The ping of a webhook; ``None`` where its secret is not known."""
        from cognitui.webhooks.health.ping import ping_for

        callbacks = self.workspace.callbacks
        secret = self._secret_of(target.ref)
        if secret is None:
            return None
        try:
            scheme = callbacks.scheme_of(target.ref.webhook_id, bot=target.ref[:2])
            return ping_for(target.event, target.skill_id, secret, scheme)
        except UsageError:
            return None  # a secret that its scheme cannot read signs nothing

    def _secret_of(self, ref: WebhookRef) -> SecretStr | None:
        """What signs a ping; what the environment gives is for the open tenant's webhooks only."""
        known = self.workspace.callbacks.session_secret_of(*_named(ref))
        if known is None and ref.tenant == self.workspace.tenant_name:
            return self.workspace.settings.environment.webhook_secret
        return known

    async def _recorded(
        self, target: Target, callback: Callback, means: Means | None
    ) -> EndpointReport:
        from cognitui.webhooks.endpoint import check_endpoint

        async with self.workspace.trail.recorded(
            Action.CALLBACK_SEND,
            tenant=target.ref.tenant,
            bot_id=target.ref.bot_id,
            webhook_id=target.ref.webhook_id,
            endpoint=without_secrets(target.url),
            event=str(callback.event or ""),
            detail="The ping of a health check.",
        ) as entry:
            # The tenant may wait for longer than we do otherwise.
            wait_s = max(self.stage_timeout_s, target.timeout_ms / 1000)
            report = await check_endpoint(target.url, timeout_s=wait_s, means=means, ping=callback)
            posted = [stage for stage in report.stages if stage.name == "http POST"]
            status = dict(report.evidence).get("POST")
            entry.latency_ms = posted[-1].ms if posted else report.ms
            if report.verdict is not EndpointVerdict.ACCEPTING:
                entry.outcome, entry.error_code = Outcome.FAILED, str(report.verdict)
                entry.detail = f"The ping of a health check: {report.summary}"
            entry.attempts = (
                AttemptEvidence(
                    number=1,
                    status=int(status) if status else None,
                    ms=entry.latency_ms,
                    error=entry.error_code or None,
                ),
            )
        return report


def _named(ref: WebhookRef) -> tuple[str, tuple[str, str]]:
    """A webhook as secrets are asked for."""
    return ref.webhook_id, (ref.tenant, ref.bot_id)


def _check_of(report: EndpointReport, target: Target, at: datetime, sweep_id: str = "") -> Check:
    return check_of(
        report,
        target.ref,
        target.url,
        at,
        patience_ms=target.timeout_ms,
        is_enabled=target.is_enabled,
        sweep_id=sweep_id,
    )
