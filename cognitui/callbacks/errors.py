"""Everything that can go wrong with a callback on this machine.

::

    CognituiError
    └── CallbackError
        ├── TemplateError   a payload template that cannot be read or filled in
        ├── ReceiverError   the receiver could not listen
        └── BurstError      a burst could not begin


        └── CaptureError    a saved callback could not be kept, found or read

A delivery that fails is not an error: `send.CallbackSender.send` answers with a
`delivery.Delivery` that says what happened. A URL or a secret that cannot be used at all is a
`cognitui.errors.UsageError`.
"""

from __future__ import annotations

from typing import ClassVar

from cognitui.errors import CognituiError, ErrorKind


class CallbackError(CognituiError):
    """A callback could not be composed or received."""

    code: ClassVar[str] = "callback"


class TemplateError(CallbackError):
    """A payload template that cannot be used; ``field`` is the JSON path of the part at fault.

    Attributes:
        line: The line of the template's text, from 1; ``None`` when the text itself is well-formed.
        column: The column in that line, from 1; ``None`` likewise.
    """

    code = "template"
    kind = ErrorKind.USAGE

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        field: str | None = None,
        line: int | None = None,
        column: int | None = None,
    ) -> None:
        super().__init__(message, hint=hint, field=field)
        self.line = line
        self.column = column


class ReceiverError(CallbackError):
    """The receiver could not begin to listen; the message names the port."""

    code = "receiver"
    kind = ErrorKind.USAGE


class BurstError(CallbackError):
    """A burst could not begin; nothing was sent."""

    code = "burst"


class CaptureError(CallbackError):
    """A capture could not be kept, found or read."""

    code = "capture"
