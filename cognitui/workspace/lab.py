"""Putting an endpoint to the test: forged callbacks, and very many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cognitui.audit.records import Action, Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from cognitui.callbacks.burst.burst import Burst
    from cognitui.callbacks.burst.plan import BurstPlan
    from cognitui.callbacks.burst.request import BurstContent
    from cognitui.callbacks.burst.snapshot import BurstSnapshot
    from cognitui.callbacks.schemes.scheme import Scheme
    from cognitui.callbacks.sign import Secret
    from cognitui.callbacks.tamper.card import ReportCard
    from cognitui.workspace.workspace import Workspace


class LabActions:
    """Probes and bursts, each with its audit record."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def probe(
        self, url: str, scheme: Scheme, secret: Secret, *, webhook_id: str = "", **choices: Any
    ) -> ReportCard:
        """Attack an endpoint's verification on purpose, and record what came of it.

        Args:
            url: The endpoint.
            scheme: How it verifies.
            secret: What it verifies with.
            webhook_id: The webhook that is meant, where one is.
            choices: Those of `cognitui.callbacks.tamper.probe.probe`.

        Raises:
            EndpointUnreachable: No connection could be made.
            UsageError: The URL, the scheme or the secret cannot be used, or the URL leads to
                another machine without leave.
            ReadOnly: Nothing may be sent.
        """
        self._workspace.require_writing()
        # Loads httpx, which no first frame needs.
        from cognitui.callbacks.tamper.probe import probe

        async with self._workspace.recorded_to(
            Action.CALLBACK_PROBE, url, webhook_id=webhook_id
        ) as entry:
            card = await probe(url, scheme, secret, **choices)
            entry.latency_ms = card.ms
            entry.detail = f"{card.conclusion} {card.score}."
            if card.has_failed:
                entry.outcome, entry.error_code = Outcome.FAILED, "unsound"
        return card

    def prepare_burst(
        self,
        url: str,
        plan: BurstPlan,
        content: BurstContent,
        *,
        secret: Secret,
        scheme: Scheme,
        confirmed_host: str = "",
    ) -> Burst:
        """A burst that is ready for `burst`. Nothing is sent yet.

        Args:
            url: The endpoint.
            plan: How many callbacks, how quickly.
            content: What they tell of.
            secret: What the webhook was registered with.
            scheme: How they are signed.
            confirmed_host: The endpoint's host as a person typed it; needed for other machines.

        Raises:
            ReadOnly: Nothing may be sent.
            TemplateError: The template of the content cannot be filled in.
            UsageError: The URL or the secret cannot be used, or the host was not confirmed.
        """
        self._workspace.require_writing()
        # Loads httpx, which no first frame needs.
        from cognitui.callbacks.burst.burst import Burst

        return Burst(
            url,
            plan,
            content,
            secret=secret,
            scheme=scheme,
            confirmed_host=confirmed_host,
            apart=True,
        )

    async def burst(
        self,
        burst: Burst,
        *,
        webhook_id: str = "",
        on_snapshot: Callable[[BurstSnapshot], object] | None = None,
    ) -> BurstSnapshot:
        """Run a burst to its end, or until its ``stop`` is called, and record what came of it.

        Args:
            burst: From `prepare_burst`.
            webhook_id: The webhook that is meant, where one is.
            on_snapshot: Called with how it stands, five times a second.

        Raises:
            BurstError: It could not begin.
            ReadOnly: Nothing may be sent.
        """
        self._workspace.require_writing()
        async with self._workspace.recorded_to(
            Action.CALLBACK_BURST,
            burst.url,
            webhook_id=webhook_id,
            skill_id=burst.content.skill_id,
            event=str(burst.content.event),
        ) as entry:
            final = await burst.run(on_snapshot)
            entry.latency_ms, entry.detail = final.elapsed_s * 1000, final.reason
            if final.is_stopped:
                entry.outcome, entry.error_code = Outcome.CANCELLED, "stopped"
            elif not final.all_delivered:
                entry.outcome, entry.error_code = Outcome.FAILED, "not_delivered"
        return final
