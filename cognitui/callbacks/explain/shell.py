"""Split a command line as a shell would, without running any of it."""

from __future__ import annotations

import re

from cognitui.errors import UsageError

MAX_WORDS = 2000
MAX_COMMANDS = 10
_ENDS = frozenset("\n;|&<>()")
_ANSI_C = {
    "a": b"\a", "b": b"\b", "e": b"\x1b", "E": b"\x1b", "f": b"\f", "n": b"\n", "r": b"\r",
    "t": b"\t", "v": b"\v", "\\": b"\\", "'": b"'", '"': b'"', "?": b"?",
}  # fmt: skip
_ESCAPE = re.compile(
    r"\\(?:x(?P<hex>[0-9a-fA-F]{1,2})|u(?P<u>[0-9a-fA-F]{1,4})|U(?P<U>[0-9a-fA-F]{1,8})"
    r"|(?P<octal>[0-7]{1,3})|(?P<other>.))",
    re.DOTALL,
)
_SINGLE = re.compile(r"'([^']*)'")
_DOLLAR = re.compile(r"\$'((?:[^'\\]|\\.)*)'", re.DOTALL)
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_DOUBLE_ESCAPE = re.compile(r"\\([\\\"$`!\n])")
_PLAIN = re.compile(r"[^\s'\"\\$;|&<>()]+")
_MAX_CODE_POINT = 0x10FFFF


def pipeline(line: bytes) -> list[list[bytes]]:
    r"""The words of each command up to the end of the first pipeline.

    They are told apart with the quotes of bash: ``'…'``, ``"…"``, ``$'…'``, ``\``. Variables stay
    as they are written.

    Raises:
        UsageError: A quote is not closed, or there are too many words.
    """
    text = line.decode("utf-8", "surrogateescape").replace("\\\r\n", "\\\n").strip()
    commands: list[list[bytes]] = []
    at = 0
    while at < len(text) and len(commands) < MAX_COMMANDS:
        found, at = _words(text, at)
        commands.append(found)
        if text[at : at + 1] != "|":
            break
        at += 1
    return commands


def _words(text: str, at: int) -> tuple[list[bytes], int]:
    """The words of one command, and where it ends."""
    found: list[bytes] = []
    current: bytearray | None = None
    while at < len(text):
        character = text[at]
        if text.startswith("\\\n", at):
            at += 2
        elif character.isspace() or character in _ENDS:
            if current is not None:
                found.append(bytes(current))
                current = None
            if character in _ENDS:
                break
            at += 1
        else:
            piece, at = _piece(text, at)
            current = (current if current is not None else bytearray()) + piece
        if len(found) > MAX_WORDS:
            raise UsageError(f"The command has more than {MAX_WORDS} words.", field="request")
    if current is not None:
        found.append(bytes(current))
    return found, at


def _piece(text: str, at: int) -> tuple[bytes, int]:
    """The bytes that the text means from here on, and where they end."""
    if (match := _SINGLE.match(text, at)) is not None:
        return _encoded(match[1]), match.end()
    if (match := _DOLLAR.match(text, at)) is not None:
        return _ansi_c(match[1]), match.end()
    if (match := _DOUBLE.match(text, at)) is not None:
        unescaped = _DOUBLE_ESCAPE.sub(lambda m: "" if m[1] == "\n" else m[1], match[1])
        return _encoded(unescaped), match.end()
    if text[at] in "'\"" or text.startswith("$'", at):
        raise UsageError(
            "A quote of the curl command is not closed.",
            hint="Copy the whole command, with its last line.",
            field="request",
        )
    if text[at] == "\\":
        return _encoded(text[at + 1 : at + 2]), at + 2
    if (match := _PLAIN.match(text, at)) is not None:
        return _encoded(match[0]), match.end()
    return _encoded(text[at]), at + 1


def _ansi_c(text: str) -> bytes:
    parts: list[bytes] = []
    at = 0
    for match in _ESCAPE.finditer(text):
        parts.append(_encoded(text[at : match.start()]))
        at = match.end()
        if match["hex"]:
            parts.append(bytes([int(match["hex"], 16)]))
        elif match["octal"]:
            parts.append(bytes([int(match["octal"], 8) & 0xFF]))
        elif code := match["u"] or match["U"]:
            parts.append(_encoded(chr(min(int(code, 16), _MAX_CODE_POINT))))
        else:
            other = match["other"]
            parts.append(_ANSI_C.get(other) or _encoded(f"\\{other}"))
    return b"".join([*parts, _encoded(text[at:])])


def _encoded(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a surrogate that somebody wrote as an escape
        return text.encode("utf-8", "surrogatepass")
