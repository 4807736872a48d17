"""A plan and its steps: plain values, which hold no more of a secret than they must."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from cognitui.cognigy.bots_v1 import WebhookChange
from cognitui.cognigy.models import Trigger, TriggerEvent, Webhook

if TYPE_CHECKING:
    from pydantic import SecretStr

    from cognitui.cognigy.models import RegisteredWebhook
    from cognitui.webhooks.diff import FieldChange
    from cognitui.webhooks.plan.described import SecretSource
    from cognitui.webhooks.plan.matching import Bound, Problem


class StepKind(StrEnum):
    """What is done to one webhook."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class SecretNote(StrEnum):
    """Why a secret of the file is not compared with the one that is there."""

    NOT_GIVEN = "left as it is"
    NOT_COMPARED = "not compared"


@dataclass(frozen=True, slots=True)
class KnownSecret:
    """What the audit log knows of a registered webhook's secret.

    Attributes:
        fingerprint: Of the last one that was set.
        is_certain: Whether nothing came after it whose outcome is not known.
    """

    fingerprint: str
    is_certain: bool


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One thing to do.

    Attributes:
        name: What the file calls the webhook; its id when it is deleted.
        before: As the tenant has it; ``None`` for a new one.
        wanted: As the file wants it; ``None`` for one that is deleted.
        changes: What differs, field by field, without secrets.
        secret: To be set; ``None`` when it stays, or is made only when it is needed.
        note: What is to be said about the secret; empty when nothing is.
    """

    kind: StepKind
    name: str
    before: RegisteredWebhook | None = None
    wanted: Bound | None = None
    changes: tuple[FieldChange, ...] = ()
    secret: SecretStr | None = None
    note: str = ""

    @property
    def generates(self) -> SecretSource | None:
        """The source of a secret that has yet to be made."""
        if self.kind is not StepKind.CREATE or self.secret is not None or self.wanted is None:
            return None
        return self.wanted.described.secret

    def webhook(self, secret: SecretStr) -> Webhook:
        """What is registered, for a new one."""
        return Webhook(secret_key=secret, **_fields(self._bound))

    def change(self) -> WebhookChange:
        """What is changed of a registered one: what differs, and nothing else."""
        fields = _fields(self._bound)
        names = {change.field for change in self.changes}
        events = names & set(TriggerEvent)
        words = {"skill": "skill_id", "endpoint": "endpoint_url", "timeout": "timeout_ms",
                 "retries": "retry_count"}  # fmt: skip
        given: dict[str, Any] = {words[name]: fields[words[name]] for name in names & set(words)}
        if events or any(name not in {*words, "secret", "state"} for name in names):
            given["triggers"] = fields["triggers"]
        if "secret" in names:
            given["secret_key"] = self.secret
        if "state" in names:
            given["enabled"] = self._bound.described.enabled
        return WebhookChange(**given)

    @property
    def _bound(self) -> Bound:
        if self.wanted is None:
            raise ValueError("what is deleted is wanted no more")
        return self.wanted


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would change, as the tenant is now.

    Attributes:
        is_home: Whether the file was written for this bot of this tenant.
        used: Webhooks that the bot has.
        steps: In the order in which they are done.
        unchanged: Name and id of those that are as the file wants them.
        left_alone: Webhooks of the bot that the file does not name, and that stay.
        notes: What is to be said about secrets of webhooks that do not change: name and words.
        problems: Why it cannot be applied; empty when it can.
        remarks: What was found out besides, and stops nothing.
    """

    tenant: str
    base_url: str
    bot_id: str
    where: str
    is_home: bool
    used: int
    limit: int
    steps: tuple[PlanStep, ...]
    unchanged: tuple[tuple[str, str], ...]
    left_alone: tuple[RegisteredWebhook, ...]
    notes: tuple[tuple[str, SecretNote], ...] = ()
    problems: tuple[Problem, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether there is anything to do, or anything in the way of knowing."""
        return bool(self.steps or self.problems)

    @property
    def used_after(self) -> int:
        """Webhooks that the bot will have."""
        return self.used + self.count(StepKind.CREATE) - self.count(StepKind.DELETE)

    def count(self, kind: StepKind) -> int:
        """How many steps are of this kind."""
        return sum(step.kind is kind for step in self.steps)


def _fields(bound: Bound) -> dict[str, Any]:
    one = bound.described
    return {
        "skill_id": bound.skill_id,
        "endpoint_url": one.endpoint_url,
        "triggers": tuple(
            Trigger(event=TriggerEvent(event), payload_template=template)
            for event, template in one.templates.items()
        ),
        "timeout_ms": one.timeout_ms,
        "retry_count": one.retry_count,
    }
