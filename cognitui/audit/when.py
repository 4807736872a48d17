"""Moments and spans of time as people type them: ``2h``, ``yesterday``, ``2026-05-17T12:00``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from cognitui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


class _Local(tzinfo):
    """The zone of this machine, with the summer time that a day of the past had."""

    def utcoffset(self, dt: datetime | None) -> timedelta | None:
        return None if dt is None else dt.replace(tzinfo=None).astimezone().utcoffset()

    def dst(self, dt: datetime | None) -> timedelta | None:  # noqa: ARG002  # not ours to choose
        return None

    def tzname(self, dt: datetime | None) -> str | None:
        return None if dt is None else dt.replace(tzinfo=None).astimezone().tzname()

    def fromutc(self, dt: datetime) -> datetime:
        return dt.replace(tzinfo=UTC).astimezone().replace(tzinfo=self)


LOCAL = _Local()
"""For ``now``, where people mean the time on their own clock."""

_AGO_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LONG_MS = {"ms": 1.0, "s": 1000.0, "m": 60_000.0, "h": 3_600_000.0}
_AMOUNT = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)([a-z]*)\Z")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?\Z")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_DAYS_AGO = {"today": 0, "yesterday": 1}


def read_moment(text: str, *, now: datetime, is_end: bool = False) -> datetime:
    """The moment that is meant, in UTC.

    Args:
        text: An age (``90s``, ``30m``, ``2h``, ``7d``, ``1w``), ``now``, ``today``, ``yesterday``,
            a day, a time of today (``12:30``), or a day and a time. A time without a zone is one
            of the zone of ``now``.
        now: The present, with a time zone.
        is_end: A day means its end, so that ``until:2026-05-17`` has all of that day.

    Raises:
        UsageError: It is none of these.
    """
    typed = text.strip().lower()
    if typed == "now":
        return now.astimezone(UTC)
    try:
        if (age := _amount(typed, _AGO_S)) is not None:
            return now.astimezone(UTC) - timedelta(seconds=age)
        return _on_the_calendar(typed, now, is_end=is_end).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(
            f"{text!r} is no time.",
            hint="Write an age such as 30m, 2h or 7d, today, 2026-05-17 or 2026-05-17T12:00.",
        ) from None


def read_milliseconds(text: str) -> float:
    """How long, in milliseconds: ``500ms``, ``1.5s``, ``2m``; a number alone is milliseconds.

    Raises:
        UsageError: It is none of these.
    """
    found = _amount(text.strip().lower(), {"": 1.0} | _LONG_MS)
    if found is None:
        raise UsageError(f"{text!r} is no length of time.", hint="Write 500ms, 1.5s or 2m.")
    return found


def _amount(typed: str, units: Mapping[str, float]) -> float | None:
    match = _AMOUNT.match(typed)
    if match is None or match[2] not in units:
        return None
    return float(match[1]) * units[match[2]]


def _on_the_calendar(typed: str, now: datetime, *, is_end: bool) -> datetime:
    if typed in _DAYS_AGO or _DAY.match(typed):
        ago = _DAYS_AGO.get(typed)
        day = now.date() - timedelta(ago) if ago is not None else datetime.fromisoformat(typed)
        day += timedelta(is_end)
        return datetime(day.year, day.month, day.day, tzinfo=now.tzinfo)
    if _CLOCK.match(typed):
        typed = f"{now.date().isoformat()}T{typed.zfill(len('12:30'))}"
    found = datetime.fromisoformat(typed.upper())
    return found if found.tzinfo is not None else found.replace(tzinfo=now.tzinfo)
