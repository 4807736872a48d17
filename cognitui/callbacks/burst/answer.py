"""Read answers off a connection, as much as a burst has to know: the status, and where they end.

What arrives is a stranger's. Heads and bodies are bounded, and nothing of them is kept.
"""

from __future__ import annotations

import re

MAX_HEAD_BYTES = 32 * 1024
MAX_BODY_BYTES = 64 * 1024
"""An answer that is longer counts as complete; its connection is not used again."""

_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-9][0-9]{2})(?: [^\r\n]*)?\r\n")
_FIELD = re.compile(
    rb"\r\n(content-length|transfer-encoding|connection):[ \t]*([^\r\n]*?)[ \t]*(?=\r\n)",
    re.IGNORECASE,
)
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")
_MAX_CHUNK_LINE = 1024
_NO_CONTENT, _NOT_MODIFIED, _SWITCHING = 204, 304, 101
_INTERIM = range(100, 200)

_HEAD, _COUNTED, _CHUNKED, _UNTIL_CLOSED, _TRAILERS = range(5)


class NotHttp(Exception):
    """What was answered is not HTTP."""


class AnswerReader:
    """Takes the bytes of one connection and tells when an answer is complete.

    Attributes:
        status: The status of the answer; 0 until its head has been read.
        is_complete: Whether all of it has arrived. `reset` prepares for the next one.
        may_go_on: Whether the connection can be used again; told once the answer is complete.
    """

    def __init__(self) -> None:
        self._buffer = b""
        self._last_head = b""
        self._last: tuple[int, int, int, bool] = (0, 0, 0, False)
        self.reset()

    def reset(self) -> None:
        """Expect another answer."""
        self.status = 0
        self.is_complete = False
        self.may_go_on = False
        self._mode = _HEAD
        self._left = 0
        self._size = 0

    @property
    def has_begun(self) -> bool:
        """Whether anything of the answer has arrived."""
        return bool(self.status or self._buffer)

    def feed(self, data: bytes) -> None:
        """Take what has arrived.

        Raises:
            NotHttp: It is not an answer.
        """
        self._buffer = self._buffer + data if self._buffer else data
        while not self.is_complete:
            mode = self._mode
            if mode == _HEAD:
                more = self._read_head()
            elif mode == _CHUNKED:
                more = self._read_chunk()
            elif mode == _TRAILERS:
                more = self._read_trailers()
            else:
                more = self._read_body()
            if not more:
                return
        if self._buffer:
            # Nobody has asked for more than one answer.
            self._buffer = b""
            self.may_go_on = False

    def end(self) -> bool:
        """The other side has ended the connection: whether the answer is complete with that."""
        if self._mode == _UNTIL_CLOSED:
            self.is_complete = True
        return self.is_complete

    # Each returns whether it is worth going on with what is in the buffer.

    def _read_head(self) -> bool:
        buffer = self._buffer
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(buffer) > MAX_HEAD_BYTES or not buffer.startswith(b"HTTP/1."[: len(buffer)]):
                raise NotHttp
            return False
        head = buffer[: end + 2]
        if head != self._last_head:
            self._last, self._last_head = _read_head(head), head
        status, mode, left, may_go_on = self._last
        self._buffer = buffer[end + 4 :]
        if status in _INTERIM and status != _SWITCHING:
            return bool(self._buffer)
        self.status, self._mode, self._left, self.may_go_on = status, mode, left, may_go_on
        if mode == _COUNTED and left == 0:
            self.is_complete = True
        return True

    def _read_body(self) -> bool:
        self._count(len(self._buffer))
        if self._mode == _COUNTED:
            taken = min(len(self._buffer), self._left)
            self._left -= taken
            self._buffer = self._buffer[taken:]
            if self._left == 0:
                self.is_complete = True
        else:
            self._buffer = b""
        return self.is_complete

    def _read_chunk(self) -> bool:
        if self._left:
            taken = min(len(self._buffer), self._left)
            self._count(taken)
            self._left -= taken
            self._buffer = self._buffer[taken:]
            return bool(self._buffer) and not self._left
        # The line end behind the chunk before.
        line = self._buffer[2:] if self._size and self._buffer[:2] == b"\r\n" else self._buffer
        match = _CHUNK.match(line)
        if match is None:
            if b"\n" in line or len(line) > _MAX_CHUNK_LINE:
                raise NotHttp
            return False
        self._buffer = line[match.end() :]
        self._left = int(match[1], 16)
        if self._left == 0:
            self._mode = _TRAILERS
        return True

    def _read_trailers(self) -> bool:
        end = self._buffer.find(b"\r\n")
        if end < 0:
            if len(self._buffer) > MAX_HEAD_BYTES:
                raise NotHttp
            return False
        self._count(end)
        self._buffer = self._buffer[end + 2 :]
        if end == 0:
            self.is_complete = True
        return True

    def _count(self, size: int) -> None:
        self._size += size
        if self._size > MAX_BODY_BYTES:
            self.is_complete = True
            self.may_go_on = False
            self._buffer = b""
            self._left = 0


def _read_head(head: bytes) -> tuple[int, int, int, bool]:
    """The status, how the body ends, its length, and whether the connection may be used again."""
    match = _STATUS.match(head)
    if match is None:
        raise NotHttp
    status = int(match[2])
    may_go_on = match[1] == b"1"
    length: int | None = None
    chunked = False
    for name, value in _FIELD.findall(head):
        word = name.lower()
        if word == b"content-length":
            if not re.fullmatch(rb"[0-9]{1,18}", value) or length not in {None, int(value)}:
                raise NotHttp
            length = int(value)
        elif word == b"transfer-encoding":
            chunked = value.lower().endswith(b"chunked")
        else:
            words = [each.strip() for each in value.lower().split(b",")]
            may_go_on = (may_go_on or b"keep-alive" in words) and b"close" not in words
    if status in {_NO_CONTENT, _NOT_MODIFIED}:
        return status, _COUNTED, 0, may_go_on
    if status == _SWITCHING:
        return status, _COUNTED, 0, False
    if chunked:
        return status, _CHUNKED, 0, may_go_on
    if length is None:
        return status, _UNTIL_CLOSED, 0, False
    return status, _COUNTED, length, may_go_on
