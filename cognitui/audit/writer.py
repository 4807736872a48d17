"""The one thread that touches the audit log's file.

Appends that wait are written in one transaction, so that a burst of callbacks costs one
``fsync``. Reads run in the same thread, between two transactions: with a rollback journal a second
connection that reads would hold up the commit, and here a read sees every append before it. A
server has no such fault: there a thread of its own reads, and nobody who writes waits for it.
When there is nothing to do, what is for idle moments is done. A connection that was lost is made
anew when somebody asks for something.
"""

from __future__ import annotations

import atexit
import threading
from collections import deque
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from cognitui.audit import rollups
from cognitui.audit.chain import Chain
from cognitui.audit.database import BUSY_TIMEOUT_S
from cognitui.audit.errors import AuditClosed, AuditError, AuditUnreachable
from cognitui.audit.transaction import transaction
from cognitui.logs import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cognitui.audit.backend import Backend
    from cognitui.audit.connection import Connection
    from cognitui.audit.schema import Row

MAX_BATCH = 500
EXIT_PATIENCE_S = BUSY_TIMEOUT_S + 2
IDLE_S = 1.0
"""When nothing was to do for so long, what is for idle moments is done."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Append:
    row: Row
    written: Future[int]


@dataclass(frozen=True, slots=True)
class _Task(Generic[T]):
    work: Callable[[Connection, Chain], T]
    answer: Future[T]


class _AddUp:
    """Add up some of what was appended."""


_Job = _Task[Any] | list[_Append] | _AddUp


def _promise() -> Future[Any]:
    """A future that a caller who loses patience cannot cancel: what was asked for is still done."""
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()
    return future


class Writer:
    """Owns the connection, from `start` to `stop`.

    The thread is a daemon, so that a forgotten log cannot keep the interpreter alive; at exit it is
    given some seconds to write what is still waiting.

    Args:
        backend: What the log is kept with.
        only_reads: Whether it is one beside another, for reads. It connects when it is first asked.
    """

    def __init__(self, backend: Backend, *, only_reads: bool = False) -> None:
        self._backend = backend
        self._only_reads = only_reads
        self._connection: Connection | None = None
        self._jobs: deque[_Append | _Task[Any]] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._not_added_up = 0
        self._opened: Future[None] = _promise()
        self._stopped: Future[None] = _promise()
        self._thread = threading.Thread(target=self._run, name="cognitui-audit", daemon=True)

    def start(self) -> Future[None]:
        """Open the file; the future ends when it is open, or with the reason why it is not."""
        atexit.register(self._finish)
        self._thread.start()
        return self._opened

    def append(self, row: Row) -> Future[int]:
        """Write a row; the future gives its id once it is committed.

        Raises:
            AuditClosed: The log is closed.
        """
        job = _Append(row, _promise())
        self._submit(job)
        return job.written

    def read(self, query: Callable[[Connection], T], *, needs_sums: bool = False) -> Future[T]:
        """Run a query in a transaction of its own, after all appends before it.

        Args:
            query: Gets the connection.
            needs_sums: All records are added up first.

        Raises:
            AuditClosed: The log is closed.
        """

        def work(connection: Connection, chain: Chain) -> T:
            if not needs_sums:
                with transaction(connection, "DEFERRED"):
                    return query(connection)
            self._catch_up(connection, chain)
            with transaction(connection, "IMMEDIATE"):
                self._backend.catch_up(connection)
                self._not_added_up = 0
                return query(connection)

        return self.run(work)

    def run(self, work: Callable[[Connection, Chain], T]) -> Future[T]:
        """Do something with the log that makes its own transactions, in its turn.

        Raises:
            AuditClosed: The log is closed.
        """
        job: _Task[T] = _Task(work, _promise())
        self._submit(job)
        return job.answer

    def stop(self) -> Future[None]:
        """Take no more work; the future ends when all that was taken is done."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        return self._stopped

    def _finish(self) -> None:
        self.stop()
        self._thread.join(EXIT_PATIENCE_S)

    def _submit(self, job: _Append | _Task[Any]) -> None:
        with self._changed:
            if self._stopping:
                raise AuditClosed("The audit log is closed.")
            self._jobs.append(job)
            self._changed.notify()

    def _run(self) -> None:
        try:
            chain = self._open()
            while chain is not None and (job := self._next()):
                if isinstance(job, _Task):
                    self._do(chain, job)
                elif isinstance(job, _AddUp):
                    self._add_up(chain)
                else:
                    self._write(chain, job)
        finally:
            if self._connection is not None:
                self._connection.close()
            atexit.unregister(self._finish)
            self._stopped.set_result(None)

    def _open(self) -> Chain | None:
        if self._only_reads:
            self._opened.set_result(None)
            return Chain(self._backend.places, AuditError("This connection only reads."))
        try:
            with self._typed_errors():
                self._connection, chain = self._backend.open()
                self._not_added_up = self._backend.idle_work(self._connection, chain)
        except Exception as error:  # noqa: BLE001  # handed to the one who waits for it
            self.stop()
            self._opened.set_exception(error)
            return None
        self._opened.set_result(None)
        return chain

    def _connected(self, work: Callable[[Connection], T]) -> T:
        """Do something with the log; once more, on a new connection, if this one was lost."""
        with self._typed_errors():
            connection = self._live()
            try:
                return work(connection)
            except AuditUnreachable:
                self._drop()
            return work(self._live())

    def _live(self) -> Connection:
        if self._connection is None:
            self._connection = self._backend.reopen()
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _next(self) -> _Job | None:
        """The appends that wait, or the read that does; nothing when the work is done."""
        with self._changed:
            while not self._jobs:
                if self._stopping:
                    return None
                if self._not_added_up < self._backend.idle_from:
                    self._changed.wait()
                elif not self._changed.wait(IDLE_S):
                    return _AddUp()
            if isinstance(self._jobs[0], _Task):
                return self._jobs.popleft()  # type: ignore[return-value]
            return self._waiting()

    def _waiting(self) -> list[_Append]:
        """The appends that come next. Called with the lock held."""
        batch: list[_Append] = []
        while self._jobs and len(batch) < MAX_BATCH and isinstance(self._jobs[0], _Append):
            batch.append(self._jobs.popleft())  # type: ignore[arg-type]
        return batch

    def _add_up(self, chain: Chain) -> None:
        def work(connection: Connection) -> int:
            self._backend.work_in_idle(connection, chain)
            return self._backend.idle_work(connection, chain)

        try:
            self._not_added_up = self._connected(work)
        except Exception as error:  # noqa: BLE001  # who asks for sums will be told
            get_logger().warning("audit_not_added_up", error=_code(error))
            self._not_added_up = 0

    def _write(self, chain: Chain, batch: list[_Append]) -> None:
        rows = [job.row for job in batch]
        try:
            numbers = self._connected(lambda connection: chain.append(connection, rows))
        except Exception as error:  # noqa: BLE001  # handed to those who wait for it
            get_logger().error("audit_not_written", error=_code(error), count=len(batch))
            for job in batch:
                job.written.set_exception(error)
            return
        self._not_added_up += len(batch)
        for job, number in zip(batch, numbers, strict=True):
            job.written.set_result(number)

    def _do(self, chain: Chain, job: _Task[Any]) -> None:
        try:
            answer = self._connected(lambda connection: job.work(connection, chain))
        except Exception as error:  # noqa: BLE001  # handed to the one who waits for it
            job.answer.set_exception(error)
            return
        job.answer.set_result(answer)

    def _catch_up(self, connection: Connection, chain: Chain) -> None:
        """Add up all but the last.

        After an update of the program there may be a million: appends, and other programs, have
        their turn meanwhile.
        """
        while self._backend.idle_work(connection, chain) > rollups.AT_A_TIME:
            self._backend.work_in_idle(connection, chain)
            with self._changed:
                batch = self._waiting()
            if batch:
                self._write(chain, batch)

    @contextmanager
    def _typed_errors(self) -> Iterator[None]:
        try:
            yield
        except self._backend.failures as error:
            raise self._backend.typed(error) from None


def _code(error: Exception) -> str:
    return error.code if isinstance(error, AuditError) else type(error).__name__
