"""How a stage of an endpoint check, or a step of the preflight, ended."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """Good, good with a remark, bad, or not asked."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"
    SKIPPED = "skipped"
