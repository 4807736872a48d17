"""A callback as a command for a POSIX shell, byte for byte."""

from __future__ import annotations

import base64
import shlex
from typing import TYPE_CHECKING

from cognitui.callbacks.export.text import plain_text

if TYPE_CHECKING:
    from cognitui.callbacks.export.subject import Subject

_COLUMNS = 76


def curl(subject: Subject) -> str:
    """The command: printable text whatever the callback holds.

    The body is written out where it is plain text, and as base64 where a terminal or a shell could
    change it.
    """
    parts = ["curl -sS -i -X POST", _header_arguments(subject), "  --data-binary @-"]
    command = " \\\n".join(
        [parts[0], *parts[1].splitlines(), parts[2], f"  {_quoted(subject.url)}"]
    )
    return f"{_body(subject.body)} | {command}\n"


def _body(body: bytes) -> str:
    text = plain_text(body)
    if text is not None:
        # The format takes the text as it is: no escape in it is looked at.
        return f"printf '%s' {_quoted(text)}"
    coded = base64.b64encode(body).decode("ascii")
    lines = [coded[at : at + _COLUMNS] for at in range(0, len(coded), _COLUMNS)]
    return "printf '%s' '" + "\n".join(lines) + "' | base64 -d"


def _header_arguments(subject: Subject) -> str:
    lines = [f"  -H {_header(name, value)}" for name, value in subject.headers]
    names = {name.lower() for name, _ in subject.headers}
    # curl would add its own, and ask before it sends a long body.
    lines += [
        f"  -H '{name}:'"
        for name in ("Accept", "Content-Type", "Expect", "User-Agent")
        if name.lower() not in names
    ]
    return "\n".join(lines)


def _header(name: str, value: str) -> str:
    if not value:
        return _quoted(f"{name};")  # curl's way to spell a header without a value
    line = f"{name}: {value}"
    if line.isascii() and line.isprintable():
        return _quoted(line)
    octal = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and chr(byte) not in "\\%'" else f"\\{byte:03o}"  # noqa: PLR2004
        for byte in line.encode("utf-8", "surrogateescape")
    )
    return f"\"$(printf '{octal}')\""


def _quoted(text: str) -> str:
    return shlex.quote(text)
