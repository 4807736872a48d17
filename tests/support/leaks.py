"""Everything that a log, a crash report or a curious person could make of an exception."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = str(Path(__file__).parents[1])


def exposed(error: BaseException) -> str:
    """The error and all it came from, as text: words, fields, and the locals of every frame.

    Frames of the tests themselves are left out: they know the secrets.
    """
    return "\n".join(part for each in _family(error, set()) for part in _parts(each))


def _family(error: BaseException | None, seen: set[int]) -> Iterator[BaseException]:
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    yield error
    yield from _family(error.__cause__, seen)
    yield from _family(error.__context__, seen)
    for value in vars(error).values():
        if isinstance(value, BaseException):
            yield from _family(value, seen)


def _parts(error: BaseException) -> Iterator[str]:
    yield f"{error!s} {error!r} {error.args!r} {vars(error)!r}"
    yield from traceback.format_exception_only(error)
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if not frame.f_code.co_filename.startswith(TESTS):
            for name, value in frame.f_locals.items():
                yield f"{frame.f_code.co_qualname}: {name} = {_shown(value)}"


def _shown(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001 - one that is only half made cannot be shown
        return f"({type(error).__name__})"
