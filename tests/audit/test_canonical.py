"""A record is spelt in one way, which anybody can spell again who has read how."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING, Any

import pytest

from cognitui.audit.canonical import Key, spelt
from cognitui.audit.schema import COLUMNS, SELECT_SEALED, to_row

from .support import FULL, record

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from cognitui.audit.records import AuditRecord
    from cognitui.audit.store import AuditLog

PREVIOUS = "ab" * 32
HOSTILE = record(detail='"}\u2028\\ \0 {"id":9', skill_id="half \ud800 pair", actor="a\x1b[31m@b")


def sealed(record: AuditRecord, number: int = 7) -> tuple[Any, ...]:
    return (number, *to_row(record))


def spelt_by_json(row: tuple[Any, ...], previous: str) -> bytes:
    """The same by the encoder of the standard library."""
    values = dict(zip(COLUMNS, row, strict=True))
    for name in ("monotonic", "latency_ms"):
        values[name] = None if values[name] is None else repr(values[name])
    values |= {"domain": "cognitui.audit.record", "version": 1, "previous": previous}
    return json.dumps(values, sort_keys=True, separators=(",", ":")).encode("ascii")


@pytest.mark.parametrize(
    "written", [record(), FULL, HOSTILE, record(latency_ms=None)], ids=["plain", "full", "hostile", "untimed"]
)  # fmt: skip
def test_it_is_canonical_json(written: AuditRecord) -> None:
    row = sealed(written)
    assert spelt(row, PREVIOUS) == spelt_by_json(row, PREVIOUS)
    key = Key("0" * 32, b"k" * 32)
    expected = hmac.new(key.raw, spelt_by_json(row, PREVIOUS), hashlib.sha256).digest()
    assert key.mac(row, PREVIOUS) == expected


@pytest.mark.parametrize("column", range(len(COLUMNS)), ids=COLUMNS)
def test_every_column_counts(column: int) -> None:
    row = list(sealed(FULL))
    before = spelt(tuple(row), PREVIOUS)
    value = row[column]
    row[column] = value + 1 if isinstance(value, int | float) else f"{value} "
    assert spelt(tuple(row), PREVIOUS) != before


def test_nothing_is_not_an_empty_text() -> None:
    row = sealed(record())
    before = COLUMNS.index("before")
    assert row[before] is None
    other = (*row[:before], "null", *row[before + 1 :])
    assert spelt(row, PREVIOUS) != spelt(other, PREVIOUS)


@pytest.mark.parametrize(
    ("column", "value"),
    [("tenant", b"acme"), ("tenant", None), ("monotonic", 1), ("latency_ms", "1.0"), ("after", 3)],
)
def test_what_no_version_writes_has_no_spelling(column: str, value: object) -> None:
    row = list(sealed(record()))
    row[COLUMNS.index(column)] = value
    with pytest.raises(TypeError):
        spelt(tuple(row), PREVIOUS)


@pytest.mark.parametrize(
    "written",
    [record(), FULL, HOSTILE, record(monotonic=5, latency_ms=-0.0), record(latency_ms=3)],
    ids=["plain", "full", "hostile", "negative zero", "whole number"],
)
async def test_a_row_comes_back_from_the_file_as_it_was_sealed(
    log: AuditLog, written: AuditRecord
) -> None:
    def rows(connection: sqlite3.Connection) -> list[Any]:
        return connection.execute(SELECT_SEALED).fetchall()

    await log.append(written)
    (row,) = await log._read(rows)
    assert [type(value) for value in row[:-1]] == [type(value) for value in sealed(written)]
    assert repr(row[:-1]) == repr(sealed(written, 1))
    assert (await log.verify()).is_whole


def test_statements_of_different_purposes_differ() -> None:
    key, other = Key("0" * 32, b"k" * 32), Key("1" * 32, b"k" * 32)
    values = {"last": 1, "mac": PREVIOUS}
    signed = {key.sign("head", values), key.sign("archive", values), other.sign("head", values)}
    assert len(signed) == 3


def test_a_key_shows_nothing_of_itself(tmp_path: Path) -> None:
    assert "k" * 8 not in repr(Key("0" * 32, b"k" * 32))
