"""Durations and moments as people type them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cognitui.audit.when import LOCAL, read_moment
from cognitui.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
_DURATION = re.compile(r"([0-9]{1,6})([smhdw])", re.ASCII)
_MOST_S = 100 * 365 * 86_400


def duration_s(text: str, *, field: str) -> int:
    """Seconds of a duration such as ``15m``.

    Args:
        text: What was typed: a number with ``s``, ``m``, ``h``, ``d`` or ``w``.
        field: The flag's name, for the error.

    Raises:
        UsageError: It is none, nothing, or longer than a hundred years.
    """
    found = _DURATION.fullmatch(text.strip())
    seconds = int(found[1]) * _UNITS_S[found[2]] if found else 0
    if not 0 < seconds <= _MOST_S:
        raise UsageError(
            f"--{field} is a duration such as 30s, 15m, 2h or 7d.",
            field=field,
        )
    return seconds


def moment(text: str, now: datetime, *, field: str) -> datetime:
    """The moment that is meant, as the filter knows them: an age, a day, a day and a time.

    A time without a zone is this machine's.

    Raises:
        UsageError: It is none of them.
    """
    try:
        return read_moment(text, now=now.astimezone(LOCAL))
    except UsageError as error:
        raise UsageError(f"--{field}: {error.message}", hint=error.hint, field=field) from None
