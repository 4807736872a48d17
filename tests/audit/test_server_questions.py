"""What a server answers, against what the records tell one by one."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, get_args

import pytest
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
from cognitui.histogram import bucket, bucket_sql

from . import naive
from .support import record
from .test_overview import check, numbered, records, wanteds

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.audit.records import AuditRecord
    from cognitui.audit.server import Server


FEW = "cognitui.audit.postgres.overview.FEW"


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(records, max_size=40).map(numbered),
    st.lists(wanteds, min_size=1, max_size=5),
    st.tuples(st.sampled_from([0, 2, 7, 60]), st.sampled_from(get_args(GroupBy))),
    st.booleans(),
)
def test_everything_is_as_if_counted_one_by_one(  # noqa: PLR0917  # what hypothesis draws
    database: Server,
    tmp_path: Path,
    written: list[AuditRecord],
    wanteds: list[Wanted],
    form: tuple[int, GroupBy],
    are_many: bool,
) -> None:
    backend = ServerBackend(Places.shared(database, tmp_path), database)
    with closing(ServerConnection.open(database, 5)) as connection:
        migrate(connection, database)
        connection.execute("TRUNCATE records")
        rows = [(one.id, *backend.to_row(one), b"") for one in written]
        if rows:
            connection.executemany(INSERT, rows)
        for wanted in wanteds:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(FEW, 0 if are_many else 40)
                found = check(connection, written, Question(wanted, *form), overview)
            is_timed = found.everything.avg_ms is not None
            assert found.everything.is_exact is not (are_many and is_timed)
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


def test_the_server_finds_the_same_buckets(database: Server) -> None:
    powers = [2**power + more for power in range(40) for more in (-1, 0, 1)]
    times = [us / 1e6 for us in [*range(300), *powers, *range(1000, 3_000_000, 997)]]
    with closing(ServerConnection.open(database, 5)) as connection:
        rows = connection.execute(
            f"SELECT {bucket_sql('s')} FROM unnest(?::float8[]) WITH ORDINALITY t (s, n) ORDER BY n",
            (times,),
        ).fetchall()
    assert [row[0] for row in rows] == [bucket(one) for one in times]
