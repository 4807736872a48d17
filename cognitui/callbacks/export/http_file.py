"""A callback as a ``.http`` file, which editors send at a key press."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cognitui.callbacks.display import safe_text
from cognitui.callbacks.export.text import plain_text

if TYPE_CHECKING:
    from cognitui.callbacks.export.subject import Subject

_BODY_FILE = "callback.body"
# What these lines mean to the editors: another request, a file, a variable, a script.
_MEANT = re.compile(r"^(###|<|>|@)|\{\{", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class HttpFile:
    """The file, and what it needs beside it.

    Attributes:
        text: The file.
        body_file: The name of the file that has the body; empty when the body is in the text.
        body: What that file has to hold.
    """

    text: str
    body_file: str = ""
    body: bytes = field(default=b"", repr=False)


def http_file(subject: Subject, body_file: str = _BODY_FILE) -> HttpFile:
    """The file; a body that an editor could change is named there, to be written beside it.

    Args:
        subject: What to export.
        body_file: How the file of the body is called, where there has to be one.
    """
    lines = [f"### callback of {subject.at:%Y-%m-%d %H:%M:%S} UTC", f"POST {subject.url}"]
    lines += [f"{name}: {safe_text(value, len(value) * 10)}" for name, value in subject.headers]
    text = plain_text(subject.body)
    if text is None or text != text.strip() or _MEANT.search(text):
        lines += ["", f"< ./{body_file}"]
        return HttpFile("\n".join(lines) + "\n", body_file, subject.body)
    return HttpFile("\n".join([*lines, "", text]))
