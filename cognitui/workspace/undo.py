"""Takes back what was done to a webhook, from the configuration that the audit log kept.

An undo is an action like any other: it has its own audit record, which says what it undoes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import SecretStr, ValidationError

from cognitui.audit.records import Action, Outcome, snapshot
from cognitui.callbacks.sign import generate_secret
from cognitui.cognigy.bots_v1 import WebhookChange
from cognitui.cognigy.errors import NotFound
from cognitui.cognigy.models import Webhook
from cognitui.errors import CognituiError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cognitui.audit.records import AuditRecord
    from cognitui.cognigy.models import RegisteredWebhook
    from cognitui.workspace.workspace import Workspace

CHANGES = frozenset({Action.WEBHOOK_UPDATE, Action.WEBHOOK_ENABLE, Action.WEBHOOK_DISABLE})
SEARCHED = 500
_NOTE = "Undo of "
_MASKED = re.compile(r"[?&][^#]*sha256:[0-9a-f]{8}")
_WORDS = {
    "skill_id": "skill",
    "endpoint_url": "endpoint",
    "triggers": "triggers",
    "timeout_ms": "timeout",
    "retry_count": "retries",
    "enabled": "on or off",
    "secret_fingerprint": "secret",
}


class UndoRefused(CognituiError):
    """Something that cannot be taken back; the message says why."""

    code: ClassVar[str] = "undo_refused"


class SecretSource(StrEnum):
    """Where the secret of what was put back comes from."""

    UNTOUCHED = "untouched"
    TYPED = "typed"
    SESSION = "this session"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo has done.

    Attributes:
        record: What was taken back.
        webhook: As the tenant has it now; a deleted one has another id than before.
        secret: ``NEW`` when nobody knew the old one: then the endpoint has to be told.
        keeps_new_secret: The change had replaced the secret too, and that could not be taken back.
    """

    record: AuditRecord
    webhook: RegisteredWebhook
    secret: SecretSource
    keeps_new_secret: bool = False

    @property
    def sentence(self) -> str:
        """What happened, for people."""
        old = self.record.webhook_id
        if self.record.action is Action.WEBHOOK_DELETE:
            secrets = {
                SecretSource.TYPED: "with the secret you typed",
                SecretSource.SESSION: "with the secret it had",
                SecretSource.NEW: "with a new secret, which its endpoint has to be told",
            }
            return f"{old} is back as {self.webhook.id}, {secrets[self.secret]}."
        more = (
            " Its secret stays the new one: nobody knows the old." if self.keeps_new_secret else ""
        )
        return f"{old} is as it was before.{more}"


class UndoActions:
    """Undo of the changes and deletions of webhooks."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def last(self) -> AuditRecord | None:
        """The latest action on a webhook of the open bot that can be undone and was not.

        Raises:
            AuditError: The log could not be read.
        """
        workspace = self._workspace
        bot_id = workspace.recorded_bot
        records = await workspace.log.recent(
            limit=SEARCHED, tenant=workspace.tenant_name, bot_id=bot_id
        )
        undone = set(_undone(records))
        return next(
            (
                record
                for record in records
                if record.operation_id not in undone
                and not record.detail.startswith(_NOTE)
                and not self.reason_against(record)
            ),
            None,
        )

    def reason_against(self, record: AuditRecord) -> str:
        """Why a record cannot be undone, as far as the record itself tells; empty when it can."""
        workspace = self._workspace
        if record.action is Action.WEBHOOK_REGISTER:
            return "A registration is undone by deleting the webhook, in Browse."
        if record.action not in {*CHANGES, Action.WEBHOOK_DELETE}:
            return "Only changes and deletions of webhooks can be undone."
        if record.outcome is not Outcome.OK or record.before is None:
            return "This did not happen, so there is nothing to undo."
        here = (workspace.tenant_name, workspace.recorded_bot)
        if (record.tenant, record.bot_id) != here:
            return f"This happened at {record.tenant}/{record.bot_id}: open that bot first."
        return ""

    def needs_secret(self, record: AuditRecord) -> bool:
        """Whether undoing it needs a secret that is not known in this session."""
        known = self._workspace.callbacks.session_secret_of(record.webhook_id)
        return record.action is Action.WEBHOOK_DELETE and known is None

    async def undo(self, record: AuditRecord, *, secret: SecretStr | None = None) -> Undone:
        """Take back a change or a deletion.

        Args:
            record: What to take back.
            secret: The secret that the webhook had, where somebody knows it. Without one a deleted
                webhook gets the one that this session knows, or a new one.

        Raises:
            UndoRefused: It cannot be taken back, or the webhook has changed since.
            CognituiError: The tenant did not do it.
        """
        if reason := self.reason_against(record):
            raise UndoRefused(reason)
        about = await self._workspace.log.recent(limit=SEARCHED, text=record.operation_id)
        if record.operation_id in set(_undone(about)):
            raise UndoRefused(f"{record.webhook_id}: this was undone already.")
        if record.action is Action.WEBHOOK_DELETE:
            return await self._restore(record, secret)
        return await self._change_back(record, secret)

    async def _change_back(self, record: AuditRecord, secret: SecretStr | None) -> Undone:
        workspace, before, after = self._workspace, record.before or {}, record.after or {}
        current = await self._current(record)
        moved = _differing(snapshot(current), after, without={"secret_fingerprint"})
        if moved:
            words = " and ".join(_WORDS.get(name, name) for name in moved)
            raise UndoRefused(
                f"{record.webhook_id} has changed since: {words}.",
                hint="Undo what was done last first, or edit the webhook.",
            )
        names = _differing(before, after, without={"id", "secret_fingerprint"})
        fields = {name: before[name] for name in names}
        if "endpoint_url" in fields:
            fields["endpoint_url"] = self._url_before(record)
        replaced = before.get("secret_fingerprint") != after.get("secret_fingerprint")
        held = workspace.webhooks.before(record.operation_id)
        known = secret or (held.auth.secret if held is not None else None)
        if replaced and known is not None:
            fields["secret_key"] = known
        if not fields:
            raise UndoRefused(
                f"Only the secret of {record.webhook_id} was replaced, and nobody knows the old.",
                hint="Edit the webhook and type the secret that it shall have.",
                field="secret_key",
            )
        change = _checked(WebhookChange, fields, record)
        self._still_here(record)
        webhook = await workspace.webhooks.update(current, change, detail=_note(record))
        source = SecretSource.UNTOUCHED
        if "secret_key" in fields:
            source = SecretSource.TYPED if secret else SecretSource.SESSION
        return Undone(record, webhook, source, replaced and "secret_key" not in fields)

    async def _restore(self, record: AuditRecord, secret: SecretStr | None) -> Undone:
        workspace, before = self._workspace, record.before or {}
        known = workspace.callbacks.session_secret_of(record.webhook_id)
        source = (
            SecretSource.TYPED if secret else SecretSource.SESSION if known else SecretSource.NEW
        )
        names = ("skill_id", "triggers", "timeout_ms", "retry_count")
        fields = {name: before[name] for name in names if name in before}
        fields["endpoint_url"] = self._url_before(record)
        fields["secret_key"] = secret or known or generate_secret()
        result = await workspace.webhooks.restore(
            _checked(Webhook, fields, record), detail=_note(record)
        )
        if result.webhook is None:
            raise result.error or UndoRefused(f"{record.webhook_id} could not be registered again.")
        webhook = result.webhook
        if before.get("enabled") is False:
            self._still_here(record)
            off = WebhookChange(enabled=False)
            webhook = await workspace.webhooks.update(webhook, off, detail=_note(record))
        return Undone(record, webhook, source)

    async def _current(self, record: AuditRecord) -> RegisteredWebhook:
        workspace = self._workspace
        try:
            return await workspace.client.webhook(workspace.bot_id, record.webhook_id)
        except NotFound:
            raise UndoRefused(
                f"{record.webhook_id} is not at the tenant any more.",
                hint="One that was put back after a deletion has another id: edit that one.",
            ) from None

    def _url_before(self, record: AuditRecord) -> str:
        held = self._workspace.webhooks.before(record.operation_id)
        if held is not None:
            return held.url
        url = str((record.before or {})["endpoint_url"])
        if _MASKED.search(url):
            raise UndoRefused(
                "The audit log has no values of a URL's query, and this endpoint had some.",
                hint="Edit or register the webhook, and type its endpoint.",
                field="endpoint_url",
            )
        return url

    def _still_here(self, record: AuditRecord) -> None:
        """Whoever switched tenant or bot meanwhile must not redirect the undo."""
        if reason := self.reason_against(record):
            raise UndoRefused(reason)


def _note(record: AuditRecord) -> str:
    return f"{_NOTE}{record.operation_id}"


def _undone(records: Iterable[AuditRecord]) -> Iterable[str]:
    """The operations that were taken back."""
    return (
        record.detail.removeprefix(_NOTE)
        for record in records
        if record.outcome is Outcome.OK and record.detail.startswith(_NOTE)
    )


def _differing(one: dict[str, Any], other: dict[str, Any], *, without: set[str]) -> Sequence[str]:
    return [name for name in one if name not in without and one[name] != other.get(name, one[name])]


def _checked(
    model: type[Webhook | WebhookChange], fields: dict[str, Any], record: AuditRecord
) -> Any:
    """What is sent, where this program knows how to write it."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        names = {str(detail["loc"][0]) for detail in error.errors(include_input=False)}
        words = " and ".join(sorted(_WORDS.get(name, name) for name in names))
        raise UndoRefused(
            f"cognitui cannot write the {words} that {record.webhook_id} had.",
            hint="Its configuration stands in the audit log.",
        ) from None
