"""What a log is kept with: a file of this machine, or a server that a team shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cognitui.audit.chain import Chain
    from cognitui.audit.connection import Connection
    from cognitui.audit.errors import AuditError
    from cognitui.audit.overview import Overview, Question
    from cognitui.audit.records import AuditRecord
    from cognitui.audit.schema import Row
    from cognitui.audit.seal import Places
    from cognitui.audit.wanted import Wanted


class Backend(Protocol):
    """What the two do differently. Every method may raise an `AuditError`.

    A file keeps sums beside its records, which have to be brought up to date before questions are
    asked. A server works out each answer when it is asked for.
    """

    @property
    def places(self) -> Places:
        """Where the log and its seal are."""

    @property
    def reads_apart(self) -> bool:
        """Whether reads have a connection of their own, so that no append waits for them."""

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        """What a connection may raise that is no `AuditError` yet."""

    def open(self) -> tuple[Connection, Chain]:
        """Connect, make the log when there is none, and bring its schema up to date."""

    def reopen(self) -> Connection:
        """Connect again after the connection was lost."""

    def to_row(self, record: AuditRecord) -> Row:
        """A record as it can be stored; see `schema.to_row`."""

    def idle_work(self, connection: Connection, chain: Chain) -> int:
        """About how many records wait for what is done in idle moments."""

    @property
    def idle_from(self) -> int:
        """From how many records on it is done."""

    def work_in_idle(self, connection: Connection, chain: Chain) -> None:
        """Do some of it."""

    def catch_up(self, connection: Connection) -> None:
        """Bring the sums up to date; in a transaction that may write."""

    def page(self, connection: Connection, wanted: Wanted, limit: int) -> list[AuditRecord]:
        """The newest records that are wanted, newest first."""

    def count(self, connection: Connection, wanted: Wanted) -> int:
        """How many records are wanted."""

    def overview(self, connection: Connection, question: Question) -> Overview:
        """The panel's numbers."""

    def typed(self, error: Exception) -> AuditError:
        """What to raise for one of the `failures`."""


def backend_of(places: Places) -> Backend:
    """What this log is kept with.

    Raises:
        UsageError: What is needed for it cannot be loaded.
    """
    if places.server is not None:
        # Who shares no log should not pay for it.
        from cognitui.audit.postgres.backend import ServerBackend

        return ServerBackend(places, places.server)
    from cognitui.audit.file_backend import FileBackend

    return FileBackend(places)
