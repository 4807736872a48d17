"""What a burst in a process of its own and the one who started it tell each other.

Both ends are this program, over a pipe that nobody else has, so the messages are pickled.
"""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from cognitui.callbacks.burst.snapshot import BurstSnapshot


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands, or how it ended."""

    snapshot: BurstSnapshot


@dataclass(frozen=True, slots=True)
class Failure:
    """A `BurstError`, which does not cross a pipe by itself, or a mistake by its name."""

    message: str
    hint: str = ""
    field: str | None = None
    mistake: str = ""


def write(stream: BinaryIO, message: object) -> None:
    """Send a message.

    Raises:
        OSError: Nobody listens any more.
    """
    stream.write(pickle.dumps(message))
    stream.flush()


def read(stream: BinaryIO) -> Any:
    """The next message.

    Raises:
        EOFError: There is none; the last one may have been cut off.
    """
    try:
        return pickle.load(stream)  # noqa: S301 - written by this program
    except pickle.UnpicklingError:
        raise EOFError from None
