"""Structured logs: one JSON object a line, in a file, never on the terminal.

Redaction is an allow-list: a key that is not named here keeps its place but loses its value, so a
field that somebody adds in a hurry cannot leak.
"""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

ALLOWED_KEYS = frozenset({
    "event", "level", "timestamp", "logger",
    "method", "path", "status", "ms", "attempt", "operation_id", "outcome", "error", "error_type",
    "delay_s", "retry_after_s", "state", "bot_id", "skill_id", "webhook_id", "host", "port",
    "frames", "verdict", "action", "count", "size", "page", "tenant", "version", "place",
})  # fmt: skip
REDACTED = "[redacted]"
MAX_VALUE = 300
MAX_FILE_BYTES = 2_000_000
_MAX_FRAMES = 8

logging.getLogger("cognitui").addHandler(logging.NullHandler())


def redact(_logger: WrappedLogger, _method: str, event: MutableMapping[str, object]) -> EventDict:
    """Keep what is on the allow-list, bounded in length; everything else becomes ``[redacted]``."""
    clean: dict[str, object] = {}
    for key, value in event.items():
        if key not in ALLOWED_KEYS:
            clean[key] = REDACTED
        elif isinstance(value, str) and len(value) > MAX_VALUE:
            clean[key] = value[:MAX_VALUE] + "…"
        elif isinstance(value, (str, int, float, bool)) or value is None:
            clean[key] = value
        else:
            clean[key] = REDACTED
    return clean


def get_logger() -> FilteringBoundLogger:
    """The program's logger. It redacts wherever it is used, whatever the host program configured.

    Until `configure` is called its events go to the standard ``cognitui`` logger, which a program
    that uses cognitui as a library may attach to like any other.
    """
    # Imported at the first event, which comes after the first frame.
    import structlog

    logger: FilteringBoundLogger = structlog.wrap_logger(
        logging.getLogger("cognitui"),
        processors=[
            # First, so that what nobody reads is not written out.
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            redact,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    ).bind()  # what is not bound is put together anew for each event
    return logger


def configure(directory: Path | None) -> None:
    """Send events to ``directory/cognitui.log``; with ``None``, or where that fails, to nowhere.

    A log that cannot be written must not stop the work that it would have described.
    """
    target = logging.getLogger("cognitui")
    for old in list(target.handlers):
        target.removeHandler(old)
        old.close()
    target.addHandler(_handler(directory))
    target.setLevel(logging.INFO)
    target.propagate = False
    _hear_others()
    # These would print whole URLs, queries included.
    for noisy in ("httpx", "httpcore", "uvicorn", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _hear_others() -> None:
    """Keep what others log, asyncio among them, off the terminal: their words quote values."""
    root = logging.getLogger()
    if not any(isinstance(handler, _WithoutWords) for handler in root.handlers):
        root.addHandler(_WithoutWords(logging.WARNING))
    # A record that cannot be written would be printed, with all that it holds.
    logging.raiseExceptions = False


class _WithoutWords(logging.Handler):
    """Tells that something else logged a warning, and what kind of error it was about."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == "cognitui":
            return  # it has a file of its own
        kind = record.exc_info[0] if record.exc_info else None
        get_logger().warning(
            "heard", logger=record.name, error_type=kind.__name__ if kind else None
        )


def file() -> Path | None:
    """The file that events go to; ``None`` where there is none."""
    for handler in logging.getLogger("cognitui").handlers:
        if isinstance(handler, RotatingFileHandler):
            return Path(handler.baseFilename)
    return None


def log_crash(error: BaseException | None, event: str = "crash") -> None:
    """Log a mistake of this program: its kind and where it happened.

    No values are, not even the error's own words, which may quote some.
    """
    import traceback

    frames = traceback.extract_tb(error.__traceback__)[-_MAX_FRAMES:] if error else []
    where = " < ".join(f"{PurePath(f.filename).name}:{f.lineno}" for f in reversed(frames))
    get_logger().error(event, error_type=type(error).__name__, frames=where)


def _handler(directory: Path | None) -> logging.Handler:
    if directory is None:
        return logging.NullHandler()
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = directory / "cognitui.log"
        path.touch(mode=0o600)
        handler = RotatingFileHandler(
            path, maxBytes=MAX_FILE_BYTES, backupCount=2, encoding="utf-8"
        )
    except OSError:
        return logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    return handler
