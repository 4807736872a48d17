"""The log keeps what is on its list, and nothing else."""

from __future__ import annotations

import json
import logging
import stat
from typing import TYPE_CHECKING, Any

import pytest

from cognitui import logs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "whs-a-secret-that-must-not-be-written"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Leaves the loggers as they were found."""
    names = ("cognitui", "httpx", "httpcore", "uvicorn", "uvicorn.access")
    loggers = [logging.getLogger(name) for name in names]
    before = [(each, each.level, each.propagate, list(each.handlers)) for each in loggers]
    yield
    for logger, level, propagate, handlers in before:
        for handler in set(logger.handlers) - set(handlers):
            handler.close()
        logger.level, logger.propagate, logger.handlers = level, propagate, handlers
        logger.manager._clear_cache()  # type: ignore[attr-defined]


def written(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "cognitui.log").read_text().splitlines()]


def test_one_json_object_a_line(tmp_path: Path) -> None:
    logs.configure(tmp_path)
    logs.get_logger().info("http_attempt", method="GET", path="/bots", status=200, ms=1.5)
    logs.get_logger().warning("two\nlines")
    logs.get_logger().debug("not_written")
    first, second = written(tmp_path)
    assert first.pop("timestamp").endswith("Z")
    assert first == {
        "event": "http_attempt", "level": "info",
        "method": "GET", "path": "/bots", "status": 200, "ms": 1.5,
    }  # fmt: skip
    assert second["event"] == "two\nlines"


@pytest.mark.parametrize(
    "key",
    ["secret", "api_key", "authorization", "token", "body", "headers", "url", "exception", "Path"],
)
def test_a_key_that_is_not_on_the_list_loses_its_value(key: str, tmp_path: Path) -> None:
    logs.configure(tmp_path)
    logs.get_logger().info("event", **{key: SECRET})
    (event,) = written(tmp_path)
    assert event[key] == logs.REDACTED
    assert SECRET not in (tmp_path / "cognitui.log").read_text()


@pytest.mark.parametrize(
    "value",
    [{"secret": SECRET}, [SECRET], (SECRET,), {SECRET}, SECRET.encode(), ValueError(SECRET)],
    ids=lambda value: type(value).__name__,
)
def test_only_plain_values_are_written_under_any_key(value: object, tmp_path: Path) -> None:
    logs.configure(tmp_path)
    logs.get_logger().info("event", path=value)
    assert written(tmp_path)[0]["path"] == logs.REDACTED


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("x" * 300, "x" * 300),
        ("x" * 301, "x" * 300 + "…"),
        (None, None),
        (True, True),
        (7, 7),
        (0.5, 0.5),
        ("ü \x1b[31m", "ü \x1b[31m"),
    ],
    ids=lambda value: str(value)[:10],
)
def test_plain_values_are_kept_and_bounded(value: object, kept: object, tmp_path: Path) -> None:
    logs.configure(tmp_path)
    logs.get_logger().info("event", path=value)
    assert written(tmp_path)[0]["path"] == kept
    assert "\x1b" not in (tmp_path / "cognitui.log").read_text()


def test_an_exception_is_not_written_with_its_values(tmp_path: Path) -> None:
    logs.configure(tmp_path)
    try:
        int(SECRET)
    except ValueError:
        logs.get_logger().exception("crashed")
    assert SECRET not in (tmp_path / "cognitui.log").read_text()
    assert written(tmp_path)[0]["event"] == "crashed"


def test_before_it_is_configured_nothing_goes_to_the_terminal(
    capfd: pytest.CaptureFixture[str],
) -> None:
    logs.get_logger().warning("quiet", secret=SECRET)
    assert capfd.readouterr() == ("", "")


def test_a_host_program_sees_redacted_events_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="cognitui")
    logs.get_logger().info("event", secret=SECRET)
    assert "event" in caplog.text
    assert SECRET not in caplog.text


def test_configuring_twice_writes_once(tmp_path: Path) -> None:
    logs.configure(tmp_path / "old")
    logs.configure(tmp_path)
    logs.get_logger().info("event")
    assert len(written(tmp_path)) == 1
    assert (tmp_path / "old" / "cognitui.log").read_text() == ""


def test_chatty_libraries_are_quietened(tmp_path: Path) -> None:
    """They would print whole URLs."""
    logs.configure(tmp_path)
    for name in ("httpx", "httpcore", "uvicorn", "uvicorn.access"):
        assert not logging.getLogger(name).isEnabledFor(logging.INFO)


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    logs.configure(tmp_path / "file" / "logs")
    logs.get_logger().info("event")
    logs.configure(None)
    logs.get_logger().info("event")


def test_the_file_is_replaced_before_it_grows_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "MAX_FILE_BYTES", 500)
    logs.configure(tmp_path)
    for number in range(100):
        logs.get_logger().info("event", count=number)
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["cognitui.log", "cognitui.log.1", "cognitui.log.2"]
    assert all(stat.S_ISREG(file.stat().st_mode) and file.stat().st_size <= 500 for file in files)
