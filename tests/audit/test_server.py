"""A team's consoles share one log: one order, one chain, a key in common and a head for each."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cognitui.audit import walk, writer
from cognitui.audit.errors import (
    AuditChainBroken,
    AuditDamaged,
    AuditError,
    AuditLocked,
    AuditNotWritable,
    AuditSealLost,
    AuditTooNew,
    AuditUnreachable,
)
from cognitui.audit.seal import Places, load
from cognitui.audit.server import Server
from cognitui.audit.store import AuditLog
from cognitui.audit.transaction import transaction
from cognitui.audit.verdict import DamageKind
from cognitui.audit.verify import verify_log
from cognitui.audit.wanted import Wanted
from cognitui.errors import UsageError

from .postgres import PASSWORD, member
from .support import START, record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cognitui.audit.connection import Connection
    from cognitui.audit.verdict import Verdict

    from .postgres import PostgresServer


@pytest.fixture
def store() -> str:
    return "server"


@pytest.fixture
def run(postgres: PostgresServer, database: Server) -> Callable[[str], object]:
    """Runs a statement in the log's database as somebody who may do anything."""
    return lambda sql: postgres.execute(f"SET search_path = cognitui; {sql}", database.database)


@pytest.fixture
async def colleague(log: AuditLog, places: Places, database: Server, tmp_path: Path) -> Places:
    """A console of another machine, which has joined the log."""
    theirs = member(database, tmp_path / "colleague", places)
    await (await AuditLog.at(theirs)).close()
    return theirs


HIDING_TRIGGER = """
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER hide BEFORE INSERT ON records FOR EACH ROW EXECUTE FUNCTION f()
"""


async def fill(log: AuditLog, count: int) -> None:
    await asyncio.gather(*(log.append(record(number)) for number in range(count)))


def kind_of(verdict: Verdict) -> DamageKind | None:
    return None if verdict.damage is None else verdict.damage.kind


# -- joining --------------------------------------------------------------------------------------


async def test_two_machines_continue_each_others_chain(
    log: AuditLog, places: Places, colleague: Places
) -> None:
    async with await AuditLog.at(colleague) as other:
        for number in range(10):
            one, two = await asyncio.gather(
                log.append(record(number)), other.append(record(number))
            )
            assert {one.id, two.id} == {2 * number + 1, 2 * number + 2}
        assert await other.count() == 20
        assert [one.id for one in await other.recent()] == list(range(20, 0, -1))
        await log.append(record(20))
        await other.append(record(21))
    assert [verify_log(each).records for each in (places, colleague)] == [22, 22]
    assert (verify_log(colleague).uncovered, verify_log(places).uncovered) == (0, 1)
    assert load(places, 1).key.raw == load(colleague, 1).key.raw
    assert colleague.key.stat().st_mode & 0o777 == 0o600


async def test_who_has_no_key_may_read_and_is_told_how_to_join(
    log: AuditLog, database: Server, tmp_path: Path
) -> None:
    await fill(log, 3)
    stranger = member(database, tmp_path / "stranger")
    async with await AuditLog.at(stranger) as other:
        assert await other.count() == 3
        with pytest.raises(AuditSealLost) as caught:
            await other.append(record())
    assert "COGNITUI_AUDIT_KEY_FILE" in caught.value.hint
    assert str(database) in caught.value.message
    assert kind_of(verify_log(stranger)) is DamageKind.KEY_LOST
    assert not any(one.exists() for one in stranger.seal)
    assert (await log.append(record(3))).id == 4
    assert (await log.verify()).records == 4


async def test_another_logs_key_is_told_and_breaks_nothing(
    log: AuditLog, database: Server, tmp_path: Path
) -> None:
    await fill(log, 3)
    async with await AuditLog.open(tmp_path / "own" / "audit.db"):
        key = tmp_path / "own" / "audit.key"
    mistaken = Places.shared(database, tmp_path / "mistaken", key)
    async with await AuditLog.at(mistaken) as other:
        with pytest.raises(AuditSealLost, match="is another log's"):
            await other.append(record())
        assert await other.count() == 3
    assert not mistaken.key.exists()
    right = replace(mistaken, team_key=Places.shared(database, tmp_path / "state").key)
    async with await AuditLog.at(right) as other:
        assert (await other.append(record(3))).id == 4
    assert (await log.verify()).is_whole


@pytest.mark.parametrize("content", [None, b"", b"{}", b"not a key"])
async def test_a_key_file_that_cannot_be_used_is_named(
    log: AuditLog, database: Server, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "team.key"
    if content is not None:
        file.write_bytes(content)
    async with await AuditLog.at(Places.shared(database, tmp_path / "new", file)) as other:
        with pytest.raises(AuditSealLost, match=r"team\.key"):
            await other.append(record())


async def test_consoles_that_begin_a_log_in_the_same_moment_do_not_part(
    database: Server, tmp_path: Path
) -> None:
    """One of them began it; the others made keys in vain, and join when they get the right one."""
    many = [Places.shared(database, tmp_path / str(number)) for number in range(5)]
    logs = await asyncio.gather(*(AuditLog.at(one) for one in many))
    written = await asyncio.gather(*(log.append(record()) for log in logs), return_exceptions=True)
    for log in logs:
        await log.close()
    (first,) = [at for at, one in zip(many, written, strict=True) if not isinstance(one, Exception)]
    assert all(isinstance(one, AuditSealLost) for one in written if isinstance(one, Exception))
    for places in many:
        async with await AuditLog.at(replace(places, team_key=first.key)) as log:
            await log.append(record())
        assert verify_log(places).is_whole


async def test_a_head_that_was_taken_away_is_not_made_anew(
    log: AuditLog, colleague: Places
) -> None:
    await fill(log, 2)
    colleague.head.unlink()
    async with await AuditLog.at(colleague) as other:
        with pytest.raises(AuditSealLost, match="is missing"):
            await other.append(record())
    assert kind_of(verify_log(colleague)) is DamageKind.HEAD_LOST


async def test_who_was_away_goes_along_what_the_others_wrote(
    log: AuditLog, colleague: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cognitui.audit.chain.SLICE", 10)
    monkeypatch.setattr(walk, "SLICE", 10)
    await fill(log, 95)
    assert verify_log(colleague).uncovered == 95
    async with await AuditLog.at(colleague) as other:
        assert (await other.append(record(95))).id == 96
    assert verify_log(colleague).uncovered == 0


async def test_an_idle_console_remembers_what_others_wrote(
    log: AuditLog, colleague: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(log, 5)
    monkeypatch.setattr(writer, "IDLE_S", 0.0)
    async with await AuditLog.at(colleague):
        async with asyncio.timeout(20):
            while verify_log(colleague).uncovered:  # noqa: ASYNC110  # what it waits for is a file
                await asyncio.sleep(0.02)


# -- tampering ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql", "kind", "number"),
    [
        ("UPDATE records SET outcome = 'failed' WHERE id = 4", DamageKind.EDITED, 4),
        ("UPDATE records SET latency_ms = 10.000001 WHERE id = 4", DamageKind.EDITED, 4),
        ("DELETE FROM records WHERE id = 4", DamageKind.REMOVED, 4),
        ("DELETE FROM records WHERE id > 6", DamageKind.TAIL_CUT, 7),
        ("DELETE FROM records", DamageKind.TAIL_CUT, 1),
        ("DELETE FROM chain", DamageKind.SWAPPED, None),
        ("UPDATE chain SET archived_until = 3", DamageKind.EDITED, None),
        ("DROP SCHEMA cognitui CASCADE", DamageKind.MISSING, None),
        (
            "ALTER TABLE records RENAME TO kept; CREATE VIEW records AS SELECT * FROM kept",
            DamageKind.EDITED,
            None,
        ),
        (
            "CREATE RULE hide AS ON INSERT TO records DO INSTEAD NOTHING",
            DamageKind.EDITED,
            None,
        ),
        (HIDING_TRIGGER, DamageKind.EDITED, None),
        ("ALTER TABLE records ENABLE ROW LEVEL SECURITY", DamageKind.EDITED, None),
        ("ALTER TABLE records ALTER at_us DROP EXPRESSION", DamageKind.EDITED, None),
    ],
)
async def test_what_was_done_to_the_log_is_found(
    log: AuditLog, run: Callable[[str], object], sql: str, kind: DamageKind, number: int | None
) -> None:
    await fill(log, 8)
    run(sql)
    verdict = await log.verify()
    assert verdict.damage is not None
    assert (verdict.damage.kind, verdict.damage.record) == (kind, number)


@pytest.mark.parametrize("change", ["at_us = 7", "attempt_count = 9", "bucket = 3"])
async def test_what_the_server_worked_out_wrongly_is_found(
    log: AuditLog, run: Callable[[str], object], change: str
) -> None:
    """The panel counts with it, and no MAC covers it."""
    await fill(log, 3)
    column = change.split(maxsplit=1)[0]
    mark = "UPDATE pg_attribute SET attgenerated = '{}' WHERE attname = '" + column + "'"
    run(mark.format(""))
    run(f"UPDATE records SET {change} WHERE id = 2")
    run(mark.format("s"))
    verdict = await log.verify()
    assert verdict.damage is not None
    assert verdict.damage.kind is DamageKind.TORN
    assert "what the server worked out of them is not" in verdict.damage.sentence


async def test_a_copied_record_is_found(log: AuditLog, run: Callable[[str], object]) -> None:
    await fill(log, 3)
    run("CREATE TEMP TABLE one AS SELECT * FROM records WHERE id = 2; "
        "ALTER TABLE one DROP at_us, DROP attempt_count, DROP bucket; UPDATE one SET id = 4; "
        "INSERT INTO records SELECT * FROM one")  # fmt: skip
    assert kind_of(await log.verify()) is DamageKind.INSERTED
    with pytest.raises(AuditChainBroken):
        await log.append(record())


async def test_a_cut_tail_is_found_by_whoever_had_seen_more(
    log: AuditLog, places: Places, colleague: Places, run: Callable[[str], object]
) -> None:
    await fill(log, 3)
    async with await AuditLog.at(colleague) as other:
        await other.append(record(3))  # has seen all four
    run("DELETE FROM records WHERE id = 4")
    assert verify_log(places).is_whole  # never knew of the fourth
    assert kind_of(verify_log(colleague)) is DamageKind.TAIL_CUT
    async with await AuditLog.at(colleague) as other:
        with pytest.raises(AuditChainBroken, match="record 4 is missing"):
            await other.append(record(4))


async def test_an_empty_database_in_its_place_is_not_begun_anew(
    log: AuditLog, places: Places, run: Callable[[str], object]
) -> None:
    await fill(log, 3)
    await log.close()
    run("DROP SCHEMA cognitui CASCADE")
    with pytest.raises(AuditChainBroken, match="its 3 records are missing"):
        await AuditLog.at(places)


# -- what a server may say ------------------------------------------------------------------------


async def test_a_role_that_may_only_read_and_add_is_enough(
    postgres: PostgresServer, log: AuditLog, places: Places, run: Callable[[str], object]
) -> None:
    await fill(log, 2)
    run(
        f"DROP ROLE IF EXISTS adder; CREATE ROLE adder LOGIN PASSWORD '{PASSWORD}'; "
        "GRANT USAGE ON SCHEMA cognitui TO adder; "
        "GRANT SELECT ON ALL TABLES IN SCHEMA cognitui TO adder; "
        "GRANT INSERT ON records TO adder"
    )
    assert places.server is not None
    theirs = Server.of(postgres.url(places.server.database, user="adder"))
    async with await AuditLog.at(member(theirs, places.state / "adder", places)) as other:
        assert (await other.append(record(2))).id == 3
        assert (await other.overview(Wanted())).records == 3
        assert (await other.verify()).is_whole
        for sql in ("DELETE FROM records", "UPDATE records SET detail = ''", "DROP TABLE records"):
            with pytest.raises(AuditNotWritable, match=r"permission denied|must be owner"):
                await asyncio.wrap_future(
                    other._writer.run(lambda connection, _, sql=sql: connection.execute(sql))  # type: ignore[misc]
                )
        run("REVOKE INSERT ON records FROM adder")
        with pytest.raises(AuditNotWritable):
            await other.append(record(3))
    run("DROP OWNED BY adder; DROP ROLE adder")
    assert (await log.verify()).records == 3


async def test_who_waits_too_long_for_others_is_told(
    log: AuditLog,
    places: Places,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cognitui.audit.postgres.backend.BUSY_TIMEOUT_S", 0.05)
    async with await AuditLog.at(places) as other:

        def hold(connection: object, _: object) -> None:
            with transaction(connection, "IMMEDIATE"):  # type: ignore[arg-type]
                began.set()
                released.wait(20)

        began, released = threading.Event(), threading.Event()
        holding = asyncio.wrap_future(log._writer.run(hold))
        await asyncio.to_thread(began.wait, 20)
        with pytest.raises(AuditLocked):
            await other.append(record(1))
        released.set()
        await holding
        assert (await other.append(record(2))).id == 1


async def test_no_append_waits_for_a_long_read(log: AuditLog) -> None:
    began, released = threading.Event(), threading.Event()

    def read(connection: Connection) -> int:
        count = int(connection.execute("SELECT count(*) FROM records").fetchone()[0])
        began.set()
        released.wait(9)
        return count

    reading = asyncio.create_task(log._read(read))
    await asyncio.to_thread(began.wait, 20)
    assert (await log.append(record(0))).id == 1
    assert not reading.done()
    released.set()
    assert await reading == 0
    assert await log.count() == 1


async def test_an_acknowledged_record_is_on_the_servers_disk(log: AuditLog) -> None:
    def shown(connection: object) -> object:
        return connection.execute("SHOW synchronous_commit").fetchone()[0]  # type: ignore[attr-defined]

    assert await log._read(shown) == "on"


async def test_a_newer_schema_is_refused(
    log: AuditLog, places: Places, run: Callable[[str], object]
) -> None:
    run("UPDATE schema_version SET version = 1000")
    with pytest.raises(AuditTooNew):
        await AuditLog.at(places)


async def test_another_programs_schema_is_left_alone(
    places: Places, run: Callable[[str], object]
) -> None:
    run("CREATE SCHEMA cognitui; CREATE TABLE cognitui.records (title text)")
    with pytest.raises(AuditDamaged, match="another program"):
        await AuditLog.at(places)


async def test_a_database_that_keeps_no_unicode_is_refused(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    postgres.execute("CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII'")
    try:
        with pytest.raises(AuditError, match="as SQL_ASCII"):
            await AuditLog.at(Places.shared(Server.of(postgres.url("ascii")), tmp_path))
    finally:
        postgres.execute("DROP DATABASE ascii")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("/postgres", "/nowhere"), 'database "nowhere" does not exist'),
        ((PASSWORD, f"{PASSWORD}x"), "password authentication failed"),
        (("127.0.0.1:", "127.0.0.1:1"), ""),
    ],
)
async def test_who_is_not_let_in_is_told_why_and_the_password_is_not(
    postgres: PostgresServer, tmp_path: Path, change: tuple[str, str], reason: str
) -> None:
    server = Server.of(postgres.url("postgres").replace(*change))
    places = Places.shared(server, tmp_path)
    with pytest.raises((AuditUnreachable, UsageError)) as caught:
        await AuditLog.at(places)
    told = f"{caught.value.message} {caught.value.hint} {caught.value!r} {server!r} {places!r}"
    assert reason in told
    assert PASSWORD not in told


@pytest.mark.parametrize(
    "url",
    [
        f"mysql://me:{PASSWORD}@host/audit",
        f"postgresql://me:{PASSWORD}@host",
        f"postgresql://me:{PASSWORD}@host/",
        f"postgresql://me:{PASSWORD}@[host/audit",
        f"postgresql://me:{PASSWORD}@host/audit\n",
        f"host=host password={PASSWORD}",
        PASSWORD,
    ],
)
def test_a_url_that_cannot_be_one_is_refused_unseen(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        Server.of(url)
    assert caught.value.field == "audit_url"
    assert PASSWORD not in f"{caught.value.as_dict()}"


async def test_an_option_that_libpq_does_not_know_is_refused_unseen(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    server = Server.of(f"{postgres.url('postgres')}?pass={PASSWORD}")
    with pytest.raises(UsageError) as caught:
        await AuditLog.at(Places.shared(server, tmp_path))
    assert PASSWORD not in f"{caught.value.as_dict()} {server}"


async def test_records_of_a_team_are_not_archived_from_one_machine(
    log: AuditLog, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="shared"):
        await log.older_than(START)


def test_who_shares_no_log_loads_nothing_for_it(tmp_path: Path, path: Path) -> None:
    script = (
        "import asyncio, sys; from pathlib import Path; from cognitui.audit.store import AuditLog\n"
        f"asyncio.run(AuditLog.open(Path({str(path)!r})))\n"
        "print([one for one in sys.modules if 'psycopg' in one or 'postgres' in one])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=30
    )
    assert ended.stdout.strip() == "[]"
