"""The commands on a log that a team shares, and where its password does not go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cognitui import logs
from cognitui.audit.place import places_of
from cognitui.audit.records import Action
from cognitui.audit.store import AuditLog
from cognitui.cli.flags import console_flags
from cognitui.settings import Settings
from tests.cli.support import Cli

from .postgres import PASSWORD
from .support import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cognitui.audit.seal import Places
    from cognitui.audit.server import Server

    from .postgres import PostgresServer


@pytest.fixture
def cli(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    database: Server,
) -> Iterator[Cli]:
    found = Cli(tmp_path / "home", monkeypatch, capsys)
    found.environment["COGNITUI_AUDIT_URL"] = database.url
    yield found
    logs.configure(None)


@pytest.fixture
async def places(cli: Cli) -> Places:
    """The console's log, with three records in it."""
    found = places_of(Settings.load(cli.environment))
    async with await AuditLog.at(found) as log:
        for number in range(3):
            await log.append(record(number))
        await log.append(record(3, action=Action.CALLBACK_SEND))
    return found


def test_every_command_of_the_log_works_on_it(cli: Cli, places: Places, tmp_path: Path) -> None:
    listed = cli.run("audit", "list", "action:register", "--json").json
    assert (listed["count"], [one["id"] for one in listed["records"]]) == (3, [3, 2, 1])
    assert cli.run("audit", "report", "--json").json["total_registrations"] == 3
    verdict = cli.run("audit", "verify", "--json")
    assert (verdict.status, verdict.json["whole"], verdict.json["records"]) == (0, True, 4)
    html = tmp_path / "report.html"
    assert cli.run("audit", "export", "--format", "html", "--to", str(html)).status == 0
    exported = cli.run("audit", "export").out.splitlines()
    assert any(json.loads(line).get("operation_id") == "op_3" for line in exported)
    everything = html.read_text(encoding="utf-8") + "".join(exported)
    assert PASSWORD not in everything
    assert not (cli.home / "data" / "audit.db").exists()


def test_a_damaged_log_is_told(
    cli: Cli, places: Places, postgres: PostgresServer, database: Server
) -> None:
    postgres.execute("DELETE FROM cognitui.records WHERE id = 4", database.database)
    result = cli.run("audit", "verify")
    assert result.status == 1
    assert "Record 4 and what came after it are missing" in result.out


def test_archiving_is_refused(cli: Cli, places: Places) -> None:
    result = cli.run("audit", "archive", "--before", "2099-01-01", "--to", "old.db", "--yes")
    assert result.status == 2
    assert "cannot be archived" in result.sentence


def test_its_url_is_a_fingerprint_in_what_is_shown(cli: Cli, database: Server) -> None:
    shown = cli.run("config", "show", "--json")
    (row,) = [one for one in shown.json["settings"] if one["name"] == "audit_url"]
    assert row["value"].startswith("sha256:")
    assert row["place"] == "COGNITUI_AUDIT_URL"
    settings = Settings.load(cli.environment)
    for text in (shown.out, cli.run("config", "show").out, repr(settings), str(settings.config)):
        assert PASSWORD not in text
        assert database.url not in text


def test_it_comes_from_the_file_too_and_never_from_an_argument(
    cli: Cli, database: Server, tmp_path: Path
) -> None:
    cli.forget("AUDIT_URL")
    file = cli.home / "config" / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text(f'audit_url = "{database.url}"\naudit_key_file = "~/team.key"\n')
    places = places_of(Settings.load(cli.environment))
    assert places.server == database
    assert places.team_key == Path("~/team.key").expanduser()
    assert not any("audit" in flag for flag in console_flags())
    refused = cli.run("--audit-url", database.url)
    assert refused.status == 2


def test_a_server_that_is_away_is_told_in_a_sentence(cli: Cli, database: Server) -> None:
    cli.environment["COGNITUI_AUDIT_URL"] = f"postgresql://me:{PASSWORD}@127.0.0.1:1/audit"
    for command in (("audit", "list"), ("audit", "verify")):
        result = cli.run(*command)
        assert "postgresql://127.0.0.1:1/audit" in result.err + result.out
        assert PASSWORD not in result.err + result.out
        assert result.status != 0
    assert cli.run("audit", "list").status == 3


def test_the_demo_writes_nothing_into_it(
    cli: Cli, database: Server, postgres: PostgresServer
) -> None:
    assert cli.run("demo", "--headless").status == 0
    found = postgres.execute(
        "SELECT 1 FROM pg_namespace WHERE nspname = 'cognitui'", database.database
    )
    assert found == []
