"""What a server answers, against what the records tell one by one."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cognitui.audit.overview import GroupBy, Question
from cognitui.audit.postgres import questions
from cognitui.audit.postgres.backend import ServerBackend
from cognitui.audit.postgres.connection import ServerConnection
from cognitui.audit.postgres.overview import overview
from cognitui.audit.postgres.schema import migrate
from cognitui.audit.schema import INSERT
from cognitui.audit.seal import Places
from cognitui.audit.wanted import Wanted

from . import naive
from .support import record
from .test_overview import check, numbered, records, wanteds

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.audit.records import AuditRecord
    from cognitui.audit.server import Server


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(records, max_size=40).map(numbered),
    st.lists(wanteds, min_size=1, max_size=5),
    st.tuples(st.sampled_from([0, 2, 7, 60]), st.sampled_from(get_args(GroupBy))),
)
def test_everything_is_as_if_counted_one_by_one(
    database: Server,
    tmp_path: Path,
    written: list[AuditRecord],
    wanteds: list[Wanted],
    form: tuple[int, GroupBy],
) -> None:
    backend = ServerBackend(Places.shared(database, tmp_path), database)
    with closing(ServerConnection.open(database, 5)) as connection:
        migrate(connection, database)
        connection.execute("TRUNCATE records")
        rows = [(one.id, *backend.to_row(one), b"") for one in written]
        if rows:
            connection.executemany(INSERT, rows)
        for wanted in wanteds:
            found = check(connection, written, Question(wanted, *form), overview)
            assert found.everything.is_exact
            right = [one for one in reversed(written) if naive.fits(one, wanted)]
            assert questions.page(connection, database, wanted, 5) == right[:5]
            assert questions.count(connection, wanted) == len(right)


def test_times_before_the_first_monday_lie_in_their_steps(database: Server, tmp_path: Path) -> None:
    early = numbered([record(-1_770_000_000 + 3600 * number) for number in range(5)])
    with closing(ServerConnection.open(database, 5)) as connection:
        migrate(connection, database)
        backend = ServerBackend(Places.shared(database, tmp_path), database)
        connection.executemany(INSERT, [(one.id, *backend.to_row(one), b"") for one in early])
        check(connection, early, Question(Wanted()), overview)
