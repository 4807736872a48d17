"""The file of settings: TOML that remembers in which line each key stands.

The standard library's parser tells lines only for what is not TOML at all, so a key's line is
looked for when somebody has to be told of it, never while all is well.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from cognitui.config import ConfigBroken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_BYTES = 1024 * 1024
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_AT_END = " (at end of document)"


class ConfigFile:
    """A file that is TOML; whether its keys are settings is for the reader to say.

    Attributes:
        path: Where it is.
        document: What it says.
    """

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.document = _parsed(path, text)
        self._text = text

    @classmethod
    def read(cls, path: Path) -> ConfigFile | None:
        """The file's content; ``None`` when there is no file.

        Raises:
            ConfigBroken: It cannot be read, or is not TOML; says in which line.
        """
        try:
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _unreadable(path, error.strerror or type(error).__name__) from None
        if len(content) > MAX_BYTES:
            raise _unreadable(path, "it is larger than 1 MiB")
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise _unreadable(path, "it is not UTF-8 text") from None
        return cls(path, text)

    def line(self, *keys: str) -> int:
        """The line in which a key begins, named with the tables around it.

        The line of the innermost table that is there, when the key itself is not; 1 when none is.
        """
        found = 1, 0
        for line, path in places(self._text):
            depth = _shared(path, keys)
            if depth > found[1]:
                found = line, depth
        return found[0]

    def problem(self, reason: str, *keys: str) -> ConfigBroken:
        """The error that says what is wrong with a key, and where it stands.

        Args:
            reason: One sentence without its full stop, or a full stop and a question.
            keys: The key, named with the tables around it.
        """
        end = "" if reason.endswith("?") else "."
        line = self.line(*keys)
        return ConfigBroken(
            f"{self.path}, line {line}: {reason}{end}", field=".".join(keys), line=line
        )


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason = str(error)
        if (found := _AT_LINE.search(reason)) is not None:
            line, reason = int(found[1]), reason[: found.start()]
        else:
            line, reason = text.rstrip().count("\n") + 1, reason.removesuffix(_AT_END)
        raise ConfigBroken(
            f"{path}, line {line}: it is not TOML: {reason[:1].lower()}{reason[1:]}.", line=line
        ) from None
    except RecursionError:
        raise _unreadable(path, "it is nested too deeply") from None


def _unreadable(path: Path, reason: str) -> ConfigBroken:
    return ConfigBroken(f"{path} cannot be read: {reason}.")


def places(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each key of a text that is TOML, with the tables around it and the line it begins in.

    A statement is the fewest lines that are TOML by themselves: a value may go on over several.
    """
    table: tuple[str, ...] = ()
    begin, statement = 0, ""
    # Not splitlines, which takes for a line's end what TOML does not.
    for number, line in enumerate(text.split("\n"), start=1):
        begin = begin if statement else number
        statement += f"{line}\n"
        try:
            document = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        is_header = statement.lstrip().startswith("[")
        statement = ""
        for path in _leaves(document):
            table = path if is_header else table
            if document:  # else it is blank, or a comment
                yield begin, table if is_header else table + path


def _leaves(value: Any) -> Iterator[tuple[str, ...]]:
    """The paths of keys to whatever is no table, or an empty one."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            for rest in _leaves(inner):
                yield (key, *rest)
    elif isinstance(value, list) and value == [{}]:
        yield ()  # the header of an array of tables
    else:
        yield ()


def _shared(path: tuple[str, ...], keys: tuple[str, ...]) -> int:
    """How many keys two paths have in common from their beginning."""
    count = 0
    for one, other in zip(path, keys, strict=False):
        if one != other:
            break
        count += 1
    return count
