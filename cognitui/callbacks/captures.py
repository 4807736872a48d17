"""Callbacks kept as files in a directory, one each, so that they can be looked at and sent again.

Only their owner can read the files: a body may hold what people said to a bot.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from cognitui.callbacks.capture import MAX_FILE_BYTES, Capture, capture_of, read, written
from cognitui.callbacks.errors import CaptureError

if TYPE_CHECKING:
    from pathlib import Path

    from cognitui.callbacks.received import Received

MAX_CAPTURES = 500
MAX_BYTES = 128 * 1024 * 1024
SUFFIX = ".capture.json"
_PRIVATE_DIRECTORY = 0o700
_NAME = re.compile(r"[0-9A-Za-z_-]{1,100}")


class CaptureStore:
    """The captures in one directory; it is made when the first one is kept.

    Bounded: the oldest ones make way for new ones, except for those that are bookmarked. May be
    used from several threads.

    Args:
        directory: Where they are.
        max_captures: How many are kept.
    """

    def __init__(self, directory: Path, *, max_captures: int = MAX_CAPTURES) -> None:
        self.directory = directory
        self._max_captures = max_captures
        self._lock = threading.Lock()
        self._bookmarks: dict[str, bool] = {}

    def save(self, received: Received, *, bookmarked: bool = False) -> Capture:
        """Keep a callback that arrived.

        Raises:
            CaptureError: It cannot be written, or all the room is taken by bookmarked ones.
        """
        capture = capture_of(received, bookmarked=bookmarked)
        event = re.sub(r"[^a-z_]", "", (capture.event or "callback").lower())
        at = f"{capture.received_at:%Y%m%d-%H%M%S-%f}"
        stem = f"{at}-{event}-{received.body_sha256[:8]}"
        with self._lock:
            self._make_room(len(capture.body) * 4 // 3)
            name, number = stem, 1
            while self._path(name).exists():
                number += 1
                name = f"{stem}-{number}"
            self._write(name, capture)
        return replace(capture, name=name)

    def names(self) -> tuple[str, ...]:
        """The names of all captures, the newest first.

        Raises:
            CaptureError: The directory cannot be read.
        """
        try:
            found = [entry.name for entry in os.scandir(self.directory) if entry.is_file()]
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise self._trouble("read", error) from None
        stems = (name.removesuffix(SUFFIX) for name in found if name.endswith(SUFFIX))
        return tuple(sorted((stem for stem in stems if _NAME.fullmatch(stem)), reverse=True))

    def captures(self) -> tuple[Capture, ...]:
        """All captures that can be read, the newest first.

        Raises:
            CaptureError: The directory cannot be read.
        """
        found = []
        for name in self.names():
            # One broken file, or one that was deleted meanwhile, hides no other.
            with suppress(CaptureError):
                found.append(self.load(name))
        return tuple(found)

    def load(self, name: str) -> Capture:
        """The capture of this name.

        Raises:
            CaptureError: There is none, or it cannot be read.
        """
        return load_file(self._path(name), name)

    def delete(self, name: str) -> None:
        """Delete a capture, a bookmarked one too.

        Raises:
            CaptureError: There is none, or it cannot be deleted.
        """
        with self._lock:
            path = self._path(name)
            try:
                path.unlink()
            except FileNotFoundError:
                raise _no_such(name) from None
            except OSError as error:
                raise self._trouble("changed", error) from None
            self._bookmarks.pop(name, None)

    def bookmark(self, name: str, *, on: bool = True) -> Capture:
        """Keep a capture when older ones make way, or no longer.

        Raises:
            CaptureError: There is none, or it cannot be written.
        """
        with self._lock:
            capture = replace(load_file(self._path(name), name), bookmarked=on)
            self._write(name, capture)
        return capture

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise _no_such(name)
        return self.directory / f"{name}{SUFFIX}"

    def _make_room(self, size: int) -> None:
        names = list(self.names())
        sizes = {name: self._size(name) for name in names}
        total = sum(sizes.values()) + size
        count = len(names) + 1
        for name in reversed(names):
            if count <= self._max_captures and total <= MAX_BYTES:
                return
            if self._is_bookmarked(name):
                continue
            with suppress(FileNotFoundError):
                self._path(name).unlink()
            self._bookmarks.pop(name, None)
            count -= 1
            total -= sizes[name]
        if count > self._max_captures or total > MAX_BYTES:
            raise CaptureError(
                "There is no room for another capture: all that is kept is bookmarked.",
                hint=f"Delete some of them in {self.directory}.",
            )

    def _size(self, name: str) -> int:
        try:
            return self._path(name).stat().st_size
        except OSError:
            return 0

    def _is_bookmarked(self, name: str) -> bool:
        if name not in self._bookmarks:
            try:
                self._bookmarks[name] = self.load(name).bookmarked
            except CaptureError:
                self._bookmarks[name] = True  # what cannot be read is not ours to delete
        return self._bookmarks[name]

    def _write(self, name: str, capture: Capture) -> None:
        path = self._path(name)
        try:
            self.directory.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
            # Created for its owner only. Whoever lists the directory meanwhile does not see it.
            handle, temporary = tempfile.mkstemp(prefix=".new-", dir=self.directory)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(written(capture))
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(temporary, path)  # noqa: PTH105
            except OSError:
                with suppress(OSError):
                    os.unlink(temporary)  # noqa: PTH108
                raise
        except OSError as error:
            raise self._trouble("written", error) from None
        self._bookmarks[name] = capture.bookmarked

    def _trouble(self, what: str, error: OSError) -> CaptureError:
        reason = error.strerror or type(error).__name__
        return CaptureError(
            f"The captures in {self.directory} cannot be {what}: {reason}.",
            hint="Check the directory's rights, or name another one.",
        )


def load_file(path: Path, name: str = "") -> Capture:
    """The capture in a file, wherever it is.

    Raises:
        CaptureError: There is none, or it cannot be read.
    """
    told = name or path.name.removesuffix(SUFFIX)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        raise _no_such(str(name or path)) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CaptureError(f"{path} cannot be read: {reason}.") from None
    return read(content, told)


def _no_such(name: str) -> CaptureError:
    return CaptureError(f"There is no capture {name[:200]}.", hint="List those that there are.")
