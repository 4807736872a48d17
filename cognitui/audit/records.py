"""What one line of the audit log says."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from pydantic import SecretStr

from cognitui.audit.actor import bounded
from cognitui.cognigy.credentials import fingerprint
from cognitui.cognigy.models import RegisteredWebhook
from cognitui.cognigy.operation import new_operation_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cognitui.cognigy.models import RegisteredTrigger, Trigger, Webhook

__all__ = [
    "UNUSABLE_URL",
    "Action",
    "AttemptEvidence",
    "AuditRecord",
    "Outcome",
    "new_operation_id",
    "safe_url",
    "snapshot",
]

UNUSABLE_URL = "(unusable URL)"
"""In place of a URL that cannot be taken apart: nobody can tell what in it is secret."""

_FINGERPRINT = re.compile(r"sha256:[0-9a-f]{8}\Z")


class Action(StrEnum):
    """What was done."""

    WEBHOOK_REGISTER = "webhook.register"
    WEBHOOK_UPDATE = "webhook.update"
    WEBHOOK_DELETE = "webhook.delete"
    WEBHOOK_ENABLE = "webhook.enable"
    WEBHOOK_DISABLE = "webhook.disable"
    CALLBACK_SEND = "callback.send"
    CALLBACK_BURST = "callback.burst"
    CALLBACK_RECEIVE = "callback.receive"
    CALLBACK_PROBE = "callback.probe"
    MONITOR_SYNC = "monitor.sync"
    AUDIT_ARCHIVE = "audit.archive"
    TENANT_ADD = "tenant.add"
    TENANT_CHANGE = "tenant.change"
    TENANT_REMOVE = "tenant.remove"
    VAULT_PASSPHRASE = "vault.passphrase"  # noqa: S105
    VAULT_KEYRING = "vault.keyring"


class Outcome(StrEnum):
    """What came of it. ``unconfirmed`` is a create that was sent and whose answer got lost."""

    OK = "ok"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class AttemptEvidence:
    """One HTTP request of an operation.

    Attributes:
        number: From 1.
        status: ``None`` when there was no answer.
        ms: Milliseconds from sending to the last byte.
        error: The error's code; ``None`` when it went well.
    """

    number: int
    status: int | None
    ms: float
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRecord:
    """One registration, change, callback or sync, and what came of it. It holds no secret.

    Attributes:
        at: When, with a time zone; kept in UTC.
        monotonic: Seconds of the machine's monotonic clock, which orders records of one process
            even when the wall clock is set back.
        operation_id: Links the record to log lines and HTTP attempts.
        endpoint: The URL concerned; values in its query become fingerprints.
        event: The trigger event, or empty.
        latency_ms: How long it took; ``None`` when nothing was timed.
        error_code: The error's stable code, or empty.
        detail: One sentence for people, without secrets.
        before: The configuration before a change, as `snapshot` gives it.
        after: The configuration after it.
        actor: Who did it, as ``user@machine``; empty in records from before this was kept.
        id: The line's number; ``None`` until it is written.

    Raises:
        ValueError: ``at`` has no time zone, or a number is not finite.
    """

    at: datetime
    monotonic: float
    operation_id: str
    tenant: str
    bot_id: str
    action: Action
    outcome: Outcome
    webhook_id: str = ""
    skill_id: str = ""
    endpoint: str = ""
    event: str = ""
    latency_ms: float | None = None
    attempts: tuple[AttemptEvidence, ...] = ()
    error_code: str = ""
    detail: str = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    actor: str = ""
    id: int | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("the time of an audit record needs a time zone")
        if not math.isfinite(self.monotonic) or not math.isfinite(self.latency_ms or 0.0):
            raise ValueError("the times of an audit record must be finite")
        # A frozen dataclass is completed this way; no caller can forget any of the three.
        object.__setattr__(self, "at", self.at.astimezone(UTC))
        object.__setattr__(self, "endpoint", safe_url(self.endpoint))
        object.__setattr__(self, "actor", bounded(self.actor))


def safe_url(url: str) -> str:
    """A URL that may be stored and shown: no user name, and query values as fingerprints.

    Tokens travel in queries. With a fingerprint a changed one can still be told from an unchanged
    one. What is a fingerprint already stays, so that a stored URL reads back as it is. Of what
    cannot be taken apart nothing is kept.
    """
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname)
        _ = parts.port  # a password with a slash in it ends up here, and is none
    except ValueError:
        return UNUSABLE_URL
    if not has_host:
        return UNUSABLE_URL
    if not parts.query and not parts.fragment and "@" not in parts.netloc:
        return url
    query = "&".join(_masked_pair(pair) for pair in parts.query.split("&"))
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, query, ""))


def _masked_pair(pair: str) -> str:
    name, equals, value = pair.partition("=")
    return f"{name}={_masked(value)}" if equals else _masked(pair)


def _masked(value: str) -> str:
    return value if not value or _FINGERPRINT.match(value) else fingerprint(SecretStr(value))


def snapshot(webhook: Webhook | RegisteredWebhook) -> dict[str, Any]:
    """A webhook's configuration as JSON, with the secret's fingerprint in place of the secret.

    Both kinds give the same keys, so that before and after can be compared line by line; a
    registered webhook has its ``id`` and ``enabled`` besides. Tenants leave the secret out when
    they answer: then ``secret_fingerprint`` is ``None``.
    """
    if isinstance(webhook, RegisteredWebhook):
        return {
            "id": webhook.id,
            **_configuration(webhook.skill_id, webhook.url, webhook.triggers, webhook.auth.secret),
            "timeout_ms": webhook.delivery.timeout,
            "retry_count": webhook.delivery.retries,
            "enabled": webhook.enabled,
        }
    url = str(webhook.endpoint_url)
    return {
        **_configuration(webhook.skill_id, url, webhook.triggers, webhook.secret_key),
        "timeout_ms": webhook.timeout_ms,
        "retry_count": webhook.retry_count,
    }


def _configuration(
    skill_id: str,
    url: str,
    triggers: Iterable[Trigger | RegisteredTrigger],
    secret: SecretStr | None,
) -> dict[str, Any]:
    return {
        "skill_id": skill_id,
        "endpoint_url": safe_url(url),
        "triggers": [
            {"event": str(trigger.event), "payload_template": trigger.payload_template}
            for trigger in triggers
        ],
        "secret_fingerprint": None if secret is None else fingerprint(secret),
    }
