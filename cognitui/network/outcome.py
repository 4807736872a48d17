"""How a stage on the way to a host, or a step of a check, ended."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """Good, good with a remark, bad, or not asked."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"

    @property
    def mark(self) -> str:
        """The sign that stands before a line."""
        return _MARKS[self]


_MARKS = {Outcome.OK: "✓", Outcome.WARN: "!", Outcome.FAIL: "✗", Outcome.SKIPPED: "–"}
