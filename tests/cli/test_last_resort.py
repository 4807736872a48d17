"""What no command expects: broken arguments, closed streams, forbidden files, mistakes of ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .support import MODULE, PATIENCE_S, Result

if TYPE_CHECKING:
    from .support import Cli

NOT_TEXT = "tenant:\udcff"
HUSH = "hush-hush"
SETPRIV = shutil.which("setpriv")
needs_limits = pytest.mark.skipif(
    os.geteuid() == 0 and SETPRIV is None, reason="root may read anything, and cannot give that up"
)


@pytest.mark.parametrize(
    "typed",
    [
        ("audit", "list", NOT_TEXT),
        ("audit", "report", "--tenant", NOT_TEXT),
        ("audit", "export", "--tenant", NOT_TEXT),
        ("audit", "export", f"--to=/nowhere/{NOT_TEXT}"),
        ("callback", "listen", "--metrics", "\udcff:0"),
        (NOT_TEXT,),
    ],
    ids=["list", "report", "export", "equals", "metrics", "command"],
)
def test_an_argument_of_bytes_that_are_no_text(empty: Cli, typed: tuple[str, ...]) -> None:
    result = empty.spawn(*typed)
    assert (result.status, result.out) == (2, "")
    assert result.sentence == f"Argument {len(typed)} is not text: its bytes are not utf-8."
    result = empty.run(*typed, "--json")
    assert result.json["error"]["code"] == "usage"


@pytest.mark.parametrize("before", ["99999999999999999999", "0", "-1"])
def test_a_record_that_cannot_be(empty: Cli, before: str) -> None:
    result = empty.run("audit", "list", f"--before={before}", "--json")
    assert (result.status, result.json["error"]["field"]) == (2, "before")


@pytest.mark.parametrize(
    "typed",
    ["audit list --json", "audit verify", "audit report", "audit report --json", "--help"],
)
def test_standard_output_on_a_full_disk(empty: Cli, typed: str) -> None:
    with (
        Path("/dev/full").open("wb") as full,
        empty.process(*typed.split(), stdout=full.fileno()) as process,
    ):
        result = process.wait()
    assert result.err == "Standard output cannot be written: No space left on device.\n"
    assert result.status == 2


@pytest.mark.parametrize("name", ["list", "verify", "export", "report"])
def test_standard_output_that_is_closed(empty: Cli, name: str) -> None:
    result = in_shell(empty, '"$@" >&-', "audit", name)
    assert (result.status, result.err) == (2, "Standard output is closed.\n")
    assert not empty.home.exists()


def test_the_other_streams_closed(empty: Cli) -> None:
    result = in_shell(empty, '"$@" <&- 2>&-', "audit", "report", "--json")
    assert result.status == 0
    assert result.json["total_registrations"] == 0
    assert in_shell(empty, '"$@" <&- 2>&-', "audit", "frobnicate").status == 2


def test_talk_on_a_full_disk_is_no_reason_to_stop(empty: Cli) -> None:
    result = in_shell(empty, '"$@" 2>/dev/full', "audit", "list", "--json")
    assert (result.status, result.json["count"]) == (0, 0)
    assert in_shell(empty, '"$@" 2>/dev/full', "audit", "list").status == 0


@needs_limits
@pytest.mark.parametrize(
    ("forbidden", "name"),
    [("data", "list"), ("data", "verify"), ("data", "report"), ("state", "verify")],
)
def test_a_directory_that_may_not_be_read(empty: Cli, forbidden: str, name: str) -> None:
    assert empty.run("audit", "report").status == 0
    directory = empty.home / forbidden
    directory.chmod(0)
    try:
        result = as_nobody_special(empty, "audit", name, "--json")
    finally:
        directory.chmod(0o700)
    assert result.status == 1
    assert str(directory) in result.sentence
    assert result.json["error"]["message"] == result.sentence
    assert result.json["error"]["hint"]


@needs_limits
@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ("audit archive --before now --yes --to", "to"),
        ("audit export --to", "to"),
        ("audit verify --archive", "archive"),
    ],
)
def test_a_file_below_a_directory_that_may_not_be_read(empty: Cli, typed: str, field: str) -> None:
    assert empty.run("audit", "report").status == 0
    directory = empty.home.parent / "forbidden"
    directory.mkdir(mode=0)
    try:
        result = as_nobody_special(empty, *typed.split(), str(directory / "file"), "--json")
    finally:
        directory.chmod(0o700)
    assert (result.status, result.json["error"]["field"]) == (2, field)
    assert result.sentence.endswith("Permission denied.")


def test_a_file_that_cannot_be_read_is_named(empty: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_name: str) -> None:
        raise PermissionError(13, "Permission denied", "/some/\x1b[31mwhere")

    monkeypatch.setattr("cognitui.cli.main.import_module", fail)
    result = empty.run("audit", "report", "--json")
    assert result.status == 1
    assert result.sentence.startswith("A file could not be read: Permission denied: /some/")
    assert "\x1b" not in result.err
    assert result.json["error"]["code"] == "file"


@pytest.mark.parametrize("error", [ZeroDivisionError(HUSH), OSError(5, HUSH)], ids=["any", "os"])
@pytest.mark.parametrize("place", ["main.import_module", "audit_report.plain_workspace"])
def test_a_mistake_of_ours_is_logged_without_values_and_said(
    empty: Cli, monkeypatch: pytest.MonkeyPatch, error: Exception, place: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(f"cognitui.cli.{place}", fail)
    result = empty.run("audit", "report", "--json")
    assert result.status == 1
    name = type(error).__name__
    assert result.sentence == f"cognitui stopped because of a mistake of its own ({name})."
    log = empty.home / "state" / "logs" / "cognitui.log"
    assert str(log) in result.err
    assert result.json["error"]["code"] == "internal"
    (line,) = map(json.loads, log.read_text().splitlines())
    assert (line["event"], line["error_type"]) == ("crash", name)
    assert line["frames"].startswith("test_last_resort.py:")
    assert HUSH not in result.out + result.err + log.read_text()


def test_a_mistake_of_ours_where_nothing_can_be_logged(
    empty: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_name: str) -> None:
        raise ZeroDivisionError(HUSH)

    monkeypatch.setattr("cognitui.cli.main.import_module", fail)
    empty.home.write_text("a file where a directory should be")
    result = empty.run("audit", "report")
    assert (result.status, result.out) == (1, "")
    assert result.err == "cognitui stopped because of a mistake of its own (ZeroDivisionError).\n"


def in_shell(cli: Cli, line: str, *arguments: str) -> Result:
    """Run a command with the streams that a line of the shell leaves it."""
    return finished(cli, ["sh", "-c", line, "sh", *MODULE, *arguments])


def as_nobody_special(cli: Cli, *arguments: str) -> Result:
    """Run a command whose rights end where those of files do, as root's do not."""
    given_up = "-dac_override,-dac_read_search"
    without = [str(SETPRIV), "--bounding-set", given_up] if os.geteuid() == 0 else []
    return finished(cli, [*without, *MODULE, *arguments])


def finished(cli: Cli, command: list[str]) -> Result:
    done = subprocess.run(
        command,
        env=cli.full_environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())
