"""Writes what was done into the audit log, whatever came of it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cognitui.audit.errors import AuditNotCovered
from cognitui.audit.records import Action, AttemptEvidence, AuditRecord, Outcome
from cognitui.cognigy.operation import Attempt, traced
from cognitui.errors import CognituiError, ProgramFailed
from cognitui.logs import get_logger, log_crash

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from cognitui.audit.store import AuditLog
    from cognitui.clock import Clock


@dataclass(slots=True)
class Entry:
    """What the one who acts may add to the record while acting.

    Attributes:
        operation_id: What the record will be found by.
    """

    operation_id: str = ""
    webhook_id: str = ""
    skill_id: str = ""
    endpoint: str = ""
    event: str = ""
    outcome: Outcome = Outcome.OK
    error_code: str = ""
    detail: str = ""
    latency_ms: float | None = None
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    attempts: tuple[AttemptEvidence, ...] | None = None

    def fail(self, error: CognituiError, outcome: Outcome = Outcome.FAILED) -> None:
        """Note that it did not work, and why."""
        self.outcome, self.error_code, self.detail = outcome, error.code, error.message


class Trail:
    """Turns actions into audit records.

    A record that cannot be written does not undo the action, so that is not an error of the action:
    the record is kept, `problem` says why, and the next record tries again with it.

    Attributes:
        observers: Called with each record once it is written. They must return at once.
        actor: Who acts, as every record tells.
        problem: Why the last record could not be written; ``None`` when it was.
    """

    def __init__(self, log: AuditLog, clock: Clock, actor: str) -> None:
        self._log = log
        self._clock = clock
        self.actor = actor
        self._unwritten: list[AuditRecord] = []
        # Those at which this program fails are kept apart: they must not be in others' way.
        self._stuck: list[AuditRecord] = []
        self.observers: list[Callable[[AuditRecord], None]] = []
        self.problem: CognituiError | None = None

    @asynccontextmanager
    async def recorded(
        self, action: Action, *, tenant: str, bot_id: str, **known: Any
    ) -> AsyncIterator[Entry]:
        """Record what happens inside the block: its outcome, time and HTTP attempts."""
        entry = Entry(**known)
        started = self._clock.monotonic()
        with traced() as trace:
            entry.operation_id = trace.operation_id
            try:
                yield entry
            except CognituiError as error:
                entry.fail(error)
                raise
            except asyncio.CancelledError:
                entry.outcome, entry.error_code = Outcome.CANCELLED, "cancelled"
                entry.detail = "Cancelled; a request that was under way may have taken effect."
                raise
            except Exception as error:
                # A mistake of this program; its words may hold anything, so they are left out.
                entry.outcome, entry.error_code = Outcome.FAILED, "internal"
                entry.detail = f"cognitui failed with {type(error).__name__}."
                raise
            finally:
                latency_ms = (self._clock.monotonic() - started) * 1000
                await self.write(
                    AuditRecord(
                        at=self._clock.now(),
                        monotonic=self._clock.monotonic(),
                        operation_id=trace.operation_id,
                        tenant=tenant,
                        bot_id=bot_id,
                        action=action,
                        webhook_id=entry.webhook_id,
                        skill_id=entry.skill_id,
                        endpoint=entry.endpoint,
                        event=entry.event,
                        outcome=entry.outcome,
                        latency_ms=latency_ms if entry.latency_ms is None else entry.latency_ms,
                        attempts=entry.attempts or _evidence(trace.attempts),
                        error_code=entry.error_code,
                        detail=entry.detail,
                        before=entry.before,
                        after=entry.after,
                    )
                )

    async def aclose(self) -> None:
        """Try once more to write what could not be written."""
        await asyncio.shield(self._flush())

    async def write(self, record: AuditRecord) -> None:
        """Append a record with who acted, and those that could not be written before it."""
        self._unwritten.append(replace(record, actor=self.actor))
        await asyncio.shield(self._flush())

    async def _flush(self) -> None:
        self._unwritten[:0], self._stuck = self._stuck, []
        while self._unwritten:
            record = self._unwritten.pop(0)
            try:
                written = await self._log.append(record)
            except AuditNotCovered as error:
                # It is written; a second time would be one too many.
                self.problem = error
                get_logger().error("audit_not_covered", error=error.code, action=record.action)
                self._tell(record)
                return
            except CognituiError as error:
                self._unwritten.insert(0, record)
                self.problem = error
                get_logger().error("audit_not_written", error=error.code, action=record.action)
                return
            except Exception as error:  # noqa: BLE001 - a record is never lost; it is logged
                self._stuck.append(record)
                log_crash(error)
                self.problem = ProgramFailed(f"cognitui failed with {type(error).__name__}.")
                continue
            self._tell(written)
        if not self._stuck:
            self.problem = None

    def _tell(self, record: AuditRecord) -> None:
        for observer in self.observers:
            try:
                observer(record)
            except Exception as error:
                logger = get_logger()
                logger.exception("observer_failed", error_type=type(error).__name__)


def _evidence(attempts: Sequence[Attempt]) -> tuple[AttemptEvidence, ...]:
    return tuple(
        AttemptEvidence(number=a.number, status=a.status, ms=round(a.ms, 2), error=a.error)
        for a in attempts
    )
