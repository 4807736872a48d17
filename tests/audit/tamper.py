# ruff: noqa: T201  # it is a command too
"""Random tamperings of small logs, each of which must be found and called by its name.

``python -m tests.audit.tamper --count 10000 [--seed N]`` makes as many as are asked for.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cognitui.audit import archive, database, rollups
from cognitui.audit.canonical import Key
from cognitui.audit.head import SLOT, HeadFile
from cognitui.audit.schema import COLUMNS, INSERT, SELECT_SEALED, to_row
from cognitui.audit.seal import Places, load
from cognitui.audit.start import Start, write_start
from cognitui.audit.transaction import transaction
from cognitui.audit.verdict import DamageKind, Verdict
from cognitui.audit.verify import check

from .support import FULL, old_log, record

if TYPE_CHECKING:
    from cognitui.audit.head import Head

K = DamageKind
RECORDS = 30


@dataclass(frozen=True)
class Sample:
    """A log as it was written.

    Attributes:
        content: The file.
        earlier: The file as it was some records before.
        head_file: The file of the head.
    """

    name: str
    content: bytes
    earlier: bytes
    key: Key
    head: Head
    head_file: bytes
    first: int

    @property
    def last(self) -> int:
        return self.head.last


@dataclass(frozen=True)
class Done:
    """What was done: the kinds that it may be called, and the record that may be named."""

    kinds: set[DamageKind]
    records: set[int | None]


def done(kind: DamageKind, *records: int | None) -> Done:
    return Done({kind}, set(records))


class Tamperer:
    """One who has the file and not the key."""

    def __init__(
        self, chance: random.Random, log: sqlite3.Connection, sample: Sample, other: Sample
    ) -> None:
        self.chance = chance
        self.log = log
        self.sample = sample
        self.other = other
        self.head_file = bytearray(sample.head_file)
        self.ids: list[int] = [row[0] for row in log.execute("SELECT id FROM records ORDER BY id")]

    # -- one record -------------------------------------------------------------------------------

    def edits_a_column(self) -> Done:
        number = self.chance.choice(self.ids)
        column = self.chance.choice(COLUMNS[1:])
        (value,) = self.log.execute(
            f"SELECT {column} FROM records WHERE id = ?", (number,)
        ).fetchone()
        self.log.execute(
            f"UPDATE records SET {column} = ? WHERE id = ?", (self.changed(value), number)
        )
        return done(K.EDITED, number)

    def changed(self, value: str | float | None) -> str | float:
        if isinstance(value, float):
            return value + self.chance.choice([1e-9, 1.0, -0.5])
        if not value:
            return self.chance.choice(["x", " ", "\0"])
        place = self.chance.randrange(len(value))
        sign = chr((ord(value[place]) ^ self.chance.choice([1, 2, 32])) or 65)
        return self.chance.choice(
            [value[:place] + sign + value[place + 1 :], value + " ", value[:-1], value + "\0"]
        )

    def edits_a_mac(self) -> Done:
        number = self.chance.choice(self.ids)
        mac = self.chance.choice([self.chance.randbytes(32), b"", None, "text"])
        self.log.execute("UPDATE records SET mac = ? WHERE id = ?", (mac, number))
        return done(K.EDITED, number)

    def edits_both(self) -> Done:
        number = self.chance.choice(self.ids)
        self.log.execute(
            "UPDATE records SET detail = detail || 'x', mac = ? WHERE id = ?",
            (self.chance.randbytes(32), number),
        )
        return done(K.EDITED, number)

    def changes_a_type(self) -> Done:
        number = self.chance.choice(self.ids)
        column = self.chance.choice(["tenant", "operation_id", "at", "attempts"])
        self.log.execute(
            f"UPDATE records SET {column} = CAST({column} AS BLOB) WHERE id = ?", (number,)
        )
        return done(K.EDITED, number)

    def breaks_a_text(self) -> Done:
        number = self.chance.choice(self.ids)
        self.log.execute(
            "UPDATE records SET tenant = CAST(x'c328ff' AS TEXT) WHERE id = ?", (number,)
        )
        return done(K.EDITED, number)

    # -- removed ----------------------------------------------------------------------------------

    def removes(self) -> Done:
        place = self.chance.randrange(len(self.ids) - 1)
        count = self.chance.randint(1, len(self.ids) - 1 - place)
        gone = self.ids[place : place + count]
        self._delete(gone)
        return done(K.REMOVED, self._after(place))

    def removes_and_renumbers(self) -> Done:
        place = self.chance.randrange(len(self.ids) - 1)
        count = self.chance.randint(1, len(self.ids) - 1 - place)
        self._delete(self.ids[place : place + count])
        for number in self.ids[place + count :]:
            self.log.execute("UPDATE records SET id = ? WHERE id = ?", (number - count, number))
        return done(K.REMOVED, self._after(place), self.ids[place])

    def cuts_the_tail(self) -> Done:
        count = self.chance.randint(1, len(self.ids))
        self._delete(self.ids[-count:])
        left = self.ids[:-count]
        return done(K.TAIL_CUT, left[-1] + 1 if left else self.sample.first)

    def puts_an_earlier_copy_back(self) -> Done:
        self.log.deserialize(self.sample.earlier)
        (last,) = self.log.execute("SELECT max(id) FROM records").fetchone()
        return done(K.TAIL_CUT, last + 1)

    # -- inserted ---------------------------------------------------------------------------------

    def appends(self) -> Done:
        for step in range(1, self.chance.randint(2, 4)):
            self._forge(self.ids[-1] + step)
        return done(K.INSERTED, self.ids[-1] + 1)

    def inserts(self) -> Done:
        place = self.chance.randrange(len(self.ids))
        for number in reversed(self.ids[place:]):
            self.log.execute("UPDATE records SET id = ? WHERE id = ?", (number + 1, number))
        self._forge(self.ids[place])
        return done(K.INSERTED, self.ids[place], self._after(place))

    def inserts_a_copy(self) -> Done:
        place = self.chance.randrange(len(self.ids))
        row = self._row(self.chance.choice(self.ids))
        for number in reversed(self.ids[place:]):
            self.log.execute("UPDATE records SET id = ? WHERE id = ?", (number + 1, number))
        self.log.execute(INSERT, (self.ids[place], *row[1:]))
        return done(K.INSERTED, self.ids[place], self.ids[place] + 1, self._after(place))

    def puts_one_before_the_first(self) -> Done:
        number = self.sample.first - self.chance.randint(1, 5)
        self._forge(number)
        return done(K.INSERTED, number)

    # -- reordered --------------------------------------------------------------------------------

    def swaps_two(self) -> Done:
        left, right = sorted(self.chance.sample(self.ids, 2))
        one, other = self._row(left), self._row(right)
        self._delete([left, right])
        self.log.execute(INSERT, (left, *other[1:]))
        self.log.execute(INSERT, (right, *one[1:]))
        return done(K.REORDERED, left, self._after(self.ids.index(left)))

    def moves_some(self) -> Done:
        places = sorted(self.chance.sample(range(len(self.ids) + 1), 3))
        rows = [self._row(number) for number in self.ids]
        a, b, c = places
        moved = [*rows[:a], *rows[b:c], *rows[a:b], *rows[c:]]
        self._delete(self.ids)
        for number, row in zip(self.ids, moved, strict=True):
            self.log.execute(INSERT, (number, *row[1:]))
        return done(K.REORDERED, self.ids[a], self._after(a))

    def gives_one_another_number(self) -> Done:
        place = self.chance.randrange(len(self.ids) - 1)
        free = self.ids[-1] + self.chance.randint(1, 9)
        self.log.execute("UPDATE records SET id = ? WHERE id = ?", (free, self.ids[place]))
        return done(K.REORDERED, self._after(place))

    # -- all of it --------------------------------------------------------------------------------

    def rewrites_forward(self) -> Done:
        """Edit one and chain all that comes after it anew, with a key that is not ours."""
        place = self.chance.randrange(len(self.ids) - 1)
        key = Key(self.sample.key.log, self.chance.randbytes(32))
        previous = self._row(self.ids[place - 1])[-1].hex() if place else key.beginning
        for number in self.ids[place:]:
            row = self._row(number)
            changed = (*row[:4], "another", *row[5:-1])
            mac = key.mac(changed, previous)
            self._delete([number])
            self.log.execute(INSERT, (*changed, mac))
            previous = mac.hex()
        return done(K.REWRITTEN, self.ids[place])

    def rewrites_all(self) -> Done:
        """Make a whole new log, start and all, with a key that is not ours."""
        key = Key(self.sample.key.log, self.chance.randbytes(32))
        previous = key.beginning
        for number in self.ids:
            row = self._row(number)
            mac = key.mac(row[:-1], previous)
            self.log.execute("UPDATE records SET mac = ? WHERE id = ?", (mac, number))
            previous = mac.hex()
        write_start(self.log, Start(key.log, 0, 0, key.beginning), key)
        return done(K.REWRITTEN, self.ids[0])

    def swaps_the_file(self) -> Done:
        self.log.deserialize(self.other.content)
        return done(K.SWAPPED, None)

    def moves_the_start(self) -> Done:
        """Take the first records away and let the chain start behind them."""
        place = self.chance.randint(1, len(self.ids) - 1)
        mac = self._row(self.ids[place - 1])[-1]
        self._delete(self.ids[:place])
        self.log.execute(
            "UPDATE chain SET archived_until = ?, previous = ?", (self.ids[place - 1], mac.hex())
        )
        return done(K.EDITED, None)

    def edits_the_start(self) -> Done:
        column = self.chance.choice(["unchained_until", "archived_until", "previous", "mac"])
        self.log.execute(f"UPDATE chain SET {column} = {column} || '1'")
        return done(K.EDITED, None)

    def forgets_the_start(self) -> Done:
        self.log.execute("DELETE FROM chain")
        return done(K.SWAPPED, None)

    # -- the head ---------------------------------------------------------------------------------

    def blanks_the_newer_head(self) -> Done:
        blank = self.chance.choice([b" ", b"\n", b"\0", b""]) * SLOT
        return self._takes_the_newer_head(blank)

    def copies_the_older_head(self) -> Done:
        older = self._slot(1 - self._newer())
        shifted = b" " + older[:-2] + b"\n"
        return self._takes_the_newer_head(self.chance.choice([older, shifted]))

    def overwrites_the_newer_head(self) -> Done:
        return self._takes_the_newer_head(self.chance.randbytes(SLOT))

    def _takes_the_newer_head(self, content: bytes) -> Done:
        """Let the older head be the newest, and take away what came after it."""
        newer = self._newer()
        last = json.loads(self._slot(1 - newer))["last"]
        if content or newer == 1:  # a first slot cannot be cut off
            self.head_file[newer * SLOT : (newer + 1) * SLOT] = content
        else:
            self.head_file[:SLOT] = b" " * SLOT
        self._delete([number for number in self.ids if number > last])
        return done(K.TAIL_CUT, last + 1)

    def _newer(self) -> int:
        one, other = (json.loads(self._slot(number))["last"] for number in range(2))
        return 0 if one > other else 1

    def _slot(self, number: int) -> bytes:
        return bytes(self.head_file[number * SLOT : (number + 1) * SLOT])

    # -- the sums ---------------------------------------------------------------------------------

    def changes_the_sums(self) -> Done:
        (kind,) = self.chance.choice(self.log.execute("SELECT DISTINCT kind FROM facts").fetchall())
        (fact,) = self.chance.choice(
            self.log.execute("SELECT id FROM facts WHERE id IN (SELECT id FROM records)").fetchall()
        )
        cut, grain, start = self.chance.choice(
            self.log.execute("SELECT cut, grain, start FROM cells").fetchall()
        )
        cell = f"WHERE cut = {cut} AND grain = {grain} AND start = {start}"
        statements = [
            "DELETE FROM facts; DELETE FROM cells; UPDATE kinds SET total = 0",
            f"DELETE FROM facts WHERE id = {fact}",
            f"UPDATE facts SET at = at + 1 WHERE id = {fact}",
            f"UPDATE facts SET latency_ms = ifnull(latency_ms, 0) + 1 WHERE id = {fact}",
            f"UPDATE facts SET attempts = attempts + 1 WHERE id = {fact}",
            f"UPDATE facts SET operation_id = 'op_' WHERE id = {fact}",
            "UPDATE rolled SET letters = ''",
            f"UPDATE kinds SET total = total + 1 WHERE id = {kind}",
            f"UPDATE kinds SET tenant = 'another' WHERE id = {kind}",
            f"DELETE FROM kinds WHERE id = {kind}",
            f"UPDATE rolled SET upto = {self.chance.choice([3, 1_000_000])}",
            "DELETE FROM rolled",
            f"INSERT INTO gone VALUES ({fact})",
            "UPDATE spans SET earliest = latest + 1",
            f"DELETE FROM cells {cell}",
            f"UPDATE cells SET total = total + 1 {cell}",
            f"UPDATE cells SET spent_ms = spent_ms + 1 {cell}",
            f"UPDATE cells SET most_ms = most_ms * 2 + 1 {cell}",
            f"UPDATE cells SET attempts = attempts + 1 {cell}",
            f"UPDATE cells SET times = times || x'00' {cell}",
            f"UPDATE cells SET start = start + 99 {cell}",
            f"UPDATE cuts SET tenant = 'another' WHERE id = {cut}",
        ]
        self.log.executescript(self.chance.choice(statements))
        return done(K.SUMS_WRONG, None)

    # -- the file ---------------------------------------------------------------------------------

    def changes_what_is_declared(self) -> Done:
        self.log.execute(
            self.chance.choice(
                [
                    "CREATE VIEW shown AS SELECT * FROM records",
                    "CREATE TRIGGER quiet AFTER INSERT ON records BEGIN SELECT 1; END",
                    "DROP INDEX records_by_webhook",
                    "DROP TABLE records",
                    "ALTER TABLE records DROP COLUMN actor",
                    "ALTER TABLE chain DROP COLUMN previous",
                    "ALTER TABLE records RENAME TO hidden",
                ]
            )
        )
        return done(K.EDITED, None)

    def gives_a_trigger_other_words(self) -> Done:
        name = self.chance.choice(["records_changed", "records_deleted"])
        what = self.chance.choice(["RAISE(IGNORE)", "1"])
        when = self.chance.choice(["BEFORE INSERT", "AFTER INSERT", "AFTER UPDATE", "AFTER DELETE"])
        self.log.execute(f"DROP TRIGGER {name}")
        self.log.execute(f"CREATE TRIGGER {name} {when} ON records BEGIN SELECT {what}; END")
        return done(K.EDITED, None)

    def marks_the_file_otherwise(self) -> Done:
        name = self.chance.choice(["application_id", "user_version"])
        self.log.execute(f"PRAGMA {name} = {self.chance.choice([0, 1, 5, 99])}")
        return done(K.EDITED, None)

    def overwrites_a_byte_of_a_record(self) -> Done:
        """Change what a record says in the file itself, and not in its index."""
        number = self.chance.choice(self.ids)
        (name,) = self.log.execute(
            "SELECT operation_id FROM records WHERE id = ?", (number,)
        ).fetchone()
        content = bytearray(self.log.serialize())
        place = content.index(name.encode() + b"acme") + self.chance.randrange(len(name))
        content[place] ^= self.chance.choice([1, 2, 4])
        self.log.deserialize(bytes(content))
        return done(K.EDITED, number)

    def overwrites_a_byte_of_an_index(self) -> Done:
        """Let a record be found under another webhook than its own."""
        (page,) = self.log.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'records_by_webhook'"
        ).fetchone()
        content = bytearray(self.log.serialize())
        number = self.chance.choice(self.ids)
        (name,) = self.log.execute(
            "SELECT webhook_id FROM records WHERE id = ?", (number,)
        ).fetchone()
        place = content.index(name.encode(), (page - 1) * 4096, page * 4096)
        content[place] ^= 1
        self.log.deserialize(bytes(content))
        return done(K.TORN, None)

    def tears_the_file(self) -> Done:
        content = bytearray(self.log.serialize())
        (page,) = self.log.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'records'"
        ).fetchone()
        content[(page - 1) * 4096 : page * 4096] = self.chance.randbytes(4096)
        self.log.deserialize(bytes(content))
        return Done({K.TORN}, {1, self.sample.first})

    # -- help -------------------------------------------------------------------------------------

    def _row(self, number: int) -> tuple[Any, ...]:
        row: tuple[Any, ...] = self.log.execute(
            f"{SELECT_SEALED} WHERE id = ?", (number,)
        ).fetchone()
        return row

    def _delete(self, numbers: list[int]) -> None:
        self.log.executemany("DELETE FROM records WHERE id = ?", [(number,) for number in numbers])

    def _forge(self, number: int) -> None:
        mac = self.chance.choice([self.chance.randbytes(32), None])
        self.log.execute(INSERT, (number, *to_row(record(number, detail="forged")), mac))

    def _after(self, place: int) -> int:
        """The number that comes after the record before a place."""
        return self.ids[place - 1] + 1 if place else self.sample.first


Tampering = Callable[[Tamperer], Done]
TAMPERINGS: dict[str, Tampering] = {
    name: method
    for name, method in vars(Tamperer).items()
    if callable(method) and not name.startswith("_") and name != "changed"
}


def samples(directory: Path) -> list[Sample]:
    """A log; one that was there before there was a chain; one of which the beginning is archived;
    and, last, another one to swap in."""
    return [
        _sample(directory, "new"),
        _sample(directory, "old", is_old=True),
        _sample(directory, "archived", archived=8),
        _sample(directory, "other"),
    ]


def _sample(directory: Path, name: str, *, is_old: bool = False, archived: int = 0) -> Sample:
    places = Places(directory / name / "audit.db", directory / name / "state")
    if is_old:
        old_log(places.log, 2)
    connection, chain = database.connect(places)
    with closing(connection):
        chain.append(connection, [to_row(record(n)) for n in range(10, 10 + RECORDS)])
        chain.append(connection, [to_row(replace(FULL, operation_id="op_full"))])
        with transaction(connection, "IMMEDIATE"):
            rollups.catch_up(connection)
        if archived:
            old = archive.Old(1, archived, archived, "")
            made = archive.copy(places, old, directory / "old.db", lambda *_: None, _never())
            archive.take_out(connection, chain, made, lambda _: record(99))
        earlier = _in_memory(connection)
        chain.append(connection, [to_row(record(n, actor="me@here")) for n in range(70, 75)])
        content = _in_memory(connection)
    seal = load(places, 1)
    head = seal.head.read().head
    assert head is not None
    head_file = places.head.read_bytes()
    return Sample(name, content, earlier, seal.key, head, head_file, archived + 1)


def _in_memory(connection: sqlite3.Connection) -> bytes:
    """The file as memory can hold it: there is no write-ahead log there."""
    content = bytearray(connection.serialize())
    content[18:20] = b"\1\1"
    return bytes(content)


def _never() -> threading.Event:
    return threading.Event()


def tamper(sample: Sample, other: Sample, name: str, seed: int) -> tuple[Done, Verdict]:
    """Tamper with a copy of a log in memory, and verify it."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as log:
        log.deserialize(sample.content)
        tamperer = Tamperer(random.Random(f"{seed} {name}"), log, sample, other)
        what = TAMPERINGS[name](tamperer)
        with tempfile.NamedTemporaryFile() as file:
            file.write(tamperer.head_file)
            file.flush()
            slots = HeadFile(Path(file.name), sample.key, 1).read()
        assert slots.head is not None
        return what, check(log, sample.key, slots.head, lambda _: None, is_torn=slots.is_torn)


def fault(what: Done, verdict: Verdict) -> str:
    """What is wrong with a verdict about a tampering; empty when it is right."""
    damage = verdict.damage
    if damage is None:
        return "not found"
    if damage.kind not in what.kinds or damage.record not in what.records:
        wanted = f"{'/'.join(what.kinds)} at {what.records}"
        return f"called {damage.kind} at {damage.record}, not {wanted}"
    return ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as directory:
        *logs, other = samples(Path(directory))
    tried: Counter[str] = Counter()
    faults: list[str] = []
    names = sorted(TAMPERINGS)
    for number in range(args.count):
        name = names[number % len(names)]
        sample = logs[number // len(names) % len(logs)]
        seed = args.seed * 1_000_000 + number
        wrong = fault(*tamper(sample, other, name, seed))
        tried[name] += 1
        if wrong:
            faults.append(f"{name} ({sample.name}, seed {seed}): {wrong}")
    missed = sum(": not found" in one for one in faults)
    for name, count in sorted(tried.items()):
        print(f"{count:6}  {name.replace('_', ' ')}")
    print(f"{args.count - missed} of {args.count} found, {len(faults) - missed} of them under")
    print(f"another name, in {time.perf_counter() - began:.1f} s")
    print("\n".join(faults[:30]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
