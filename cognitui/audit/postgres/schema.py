"""The tables of a shared log, numbered migrations, and what a server should hold and no more.

To change the schema, append to `MIGRATIONS`; what is there is on people's servers and stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.audit.connection import has_table
from cognitui.audit.errors import AuditError, AuditTooNew, damaged
from cognitui.audit.postgres.connection import SCHEMA, ServerConnection
from cognitui.audit.schema import COLUMNS
from cognitui.audit.transaction import transaction
from cognitui.histogram import bucket_sql

if TYPE_CHECKING:
    from cognitui.audit.connection import Connection
    from cognitui.audit.server import Server

VERSION_TABLE = "schema_version"
_UTF8 = "UTF8"

_NUMBERS = ("monotonic", "latency_ms")
_MAYBE = ("latency_ms", "before", "after")

AT_US = (
    "((make_date(substr(at, 1, 4)::int, substr(at, 6, 2)::int, substr(at, 9, 2)::int)"
    " - DATE '1970-01-05')::bigint * 86400 + substr(at, 12, 2)::bigint * 3600"
    " + substr(at, 15, 2)::bigint * 60 + substr(at, 18, 2)::bigint) * 1000000"
    " + substr(at, 21, 6)::bigint"
)
"""A record's moment in microseconds since `steps.MONDAY`."""
ATTEMPT_COUNT = "json_array_length(attempts::json)"
SECONDS = "(greatest(latency_ms, 1e-300) / 1000)"
"""How long a timed record took: what is next to nothing cannot be divided."""
# To the server the greater one of nothing and a number is the number.
BUCKET = f"(CASE WHEN latency_ms IS NOT NULL THEN {bucket_sql(SECONDS)} END)::int"
"""The `histogram.bucket` of a record's time."""


def _column(name: str) -> str:
    if name == "id":
        return "id bigint PRIMARY KEY"
    # Texts compare byte by byte, so that the order of times is the order of their texts.
    kind = "double precision" if name in _NUMBERS else 'text COLLATE "C"'
    return f"{name} {kind}{'' if name in _MAYBE else ' NOT NULL'}"


MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        f"""
        CREATE TABLE records (
            {", ".join(map(_column, COLUMNS))},
            mac bytea NOT NULL,
            at_us bigint NOT NULL GENERATED ALWAYS AS ({AT_US}) STORED,
            attempt_count int NOT NULL GENERATED ALWAYS AS ({ATTEMPT_COUNT}) STORED,
            bucket int GENERATED ALWAYS AS ({BUCKET}) STORED
        )
        """,
        """
        CREATE TABLE chain (
            one int PRIMARY KEY CHECK (one = 1),
            log text NOT NULL,
            unchained_until bigint NOT NULL,
            archived_until bigint NOT NULL,
            previous text NOT NULL,
            mac text NOT NULL
        )
        """,
        "CREATE INDEX records_by_action ON records (action, tenant, id)",
        "CREATE INDEX records_by_webhook ON records (webhook_id, id)",
        "CREATE INDEX records_by_operation ON records (operation_id)",
        "CREATE INDEX records_by_time ON records (at_us)",
    ),
)
"""What brings a server from version n to version n+1."""

_OBJECTS = f"""
    SELECT 'relation',
        relname || ' ' || relkind::text || CASE WHEN relrowsecurity THEN ' rows' ELSE '' END
    FROM pg_class WHERE relnamespace = '{SCHEMA}'::regnamespace AND relkind NOT IN ('t', 'c')
    UNION ALL
    SELECT 'trigger', tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE relnamespace = '{SCHEMA}'::regnamespace AND NOT tgisinternal
    UNION ALL
    SELECT 'rule', rulename FROM pg_rewrite JOIN pg_class ON pg_class.oid = ev_class
    WHERE relnamespace = '{SCHEMA}'::regnamespace AND rulename <> '_RETURN'
    UNION ALL
    SELECT 'column', relname || '.' || attname || ' ' || format_type(atttypid, atttypmod)
        || attgenerated::text
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = '{SCHEMA}'::regnamespace AND relkind = 'r' AND attnum > 0
        AND NOT attisdropped
"""  # noqa: S608  # a name from above


def migrate(connection: ServerConnection, server: Server) -> None:
    """Bring the database up to this program's schema, all steps in one transaction.

    Raises:
        AuditTooNew: A newer program made it.
        AuditError: It cannot hold a log, or we may not make one in it.
    """
    if connection.encoding != _UTF8:
        raise AuditError(
            f"The database {server} keeps texts as {connection.encoding}, not as {_UTF8}.",
            hint=f"Make one with `createdb --encoding={_UTF8} --template=template0`.",
        )
    # In one look: another console may be making the log in this moment.
    with transaction(connection, "DEFERRED"):
        version = _version(connection, server)
    if version == len(MIGRATIONS):
        return
    with transaction(connection, "IMMEDIATE"):
        if not _has_schema(connection):
            connection.execute(f"CREATE SCHEMA {SCHEMA}")
        version = _version(connection, server)
        if not version:
            connection.execute(f"CREATE TABLE {VERSION_TABLE} (version int NOT NULL)")
            connection.execute(f"INSERT INTO {VERSION_TABLE} VALUES (0)")  # noqa: S608
        for step in MIGRATIONS[version:]:
            for statement in step:
                connection.execute(statement)
        connection.execute(f"UPDATE {VERSION_TABLE} SET version = {len(MIGRATIONS)}")  # noqa: S608


def changed_objects(connection: Connection) -> list[str]:
    """What the database declares in our schema and should not, or does not and should.

    A view in the place of the table, a rule or a policy could show other records than there are.
    """
    return sorted(" ".join(one) for one in _wanted() ^ set(connection.execute(_OBJECTS).fetchall()))


def has_false_sums(connection: Connection) -> bool:
    """Whether what the server worked out of any record is not what the record says."""
    question = (
        "SELECT 1 FROM records "  # noqa: S608  # names from above
        f"WHERE at_us <> {AT_US} OR attempt_count <> {ATTEMPT_COUNT} "
        f"OR bucket IS DISTINCT FROM {BUCKET} LIMIT 1"
    )
    return connection.execute(question).fetchone() is not None


def _wanted() -> set[tuple[str, str]]:
    tables = ("records", "chain", VERSION_TABLE)
    indexes = ("records_pkey", "chain_pkey", "records_by_action", "records_by_webhook",
               "records_by_operation", "records_by_time")  # fmt: skip
    kinds = {name: "double precision" if name in _NUMBERS else "text" for name in COLUMNS}
    kinds |= {"id": "bigint", "mac": "bytea", "at_us": "bigints", "attempt_count": "integers"}
    kinds["bucket"] = "integers"
    chain = {"one": "integer", "log": "text", "unchained_until": "bigint",
             "archived_until": "bigint", "previous": "text", "mac": "text"}  # fmt: skip
    return {
        *(("relation", f"{name} r") for name in tables),
        *(("relation", f"{name} i") for name in indexes),
        *(("column", f"records.{name} {kind}") for name, kind in kinds.items()),
        *(("column", f"chain.{name} {kind}") for name, kind in chain.items()),
        ("column", f"{VERSION_TABLE}.version integer"),
    }


def _has_schema(connection: Connection) -> bool:
    question = "SELECT 1 FROM pg_namespace WHERE nspname = ?"
    return connection.execute(question, (SCHEMA,)).fetchone() is not None


def _version(connection: Connection, server: Server) -> int:
    if not has_table(connection, VERSION_TABLE):
        if has_table(connection, "records") or has_table(connection, "chain"):
            raise damaged(server, f"its schema {SCHEMA} is of another program")
        return 0
    row = connection.execute(f"SELECT version FROM {VERSION_TABLE}").fetchone()  # noqa: S608
    version = int(row[0]) if row else 0
    if version > len(MIGRATIONS):
        raise AuditTooNew(
            f"The audit log {server} was made by a newer cognitui (schema {version}; "
            f"this one knows {len(MIGRATIONS)}).",
            hint="Install that version here too.",
        )
    return version
