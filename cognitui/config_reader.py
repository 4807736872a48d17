"""Reads the settings from their three sources, and says what is wrong with each of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from cognitui.config import (
    KEYS,
    OFF,
    SCHEMES,
    SETTING,
    SETTINGS,
    Config,
    ConfigBroken,
    KeyChoice,
    Setting,
    Source,
    Value,
    quoted,
)
from cognitui.errors import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from cognitui.config_file import ConfigFile


def problems(path: Path, environ: Mapping[str, str] = os.environ) -> list[ConfigBroken]:
    """All that is wrong with the file and the settings' variables, in the order of the lines."""
    reader = Reader(path, environ)
    reader.read({})
    return sorted(reader.problems, key=lambda problem: problem.line or 0)


def first_of(found: Iterable[ConfigBroken]) -> ConfigBroken:
    """The first problem, which also tells how many more there are."""
    first, *more = found
    hint = first.hint or ("Correct it there." if first.line else "Correct it, or leave it out.")
    if more:
        is_are = "is 1 more" if len(more) == 1 else f"are {len(more)} more"
        hint += f" There {is_are}: `cognitui config check` lists them."
    return ConfigBroken(first.message, hint=hint, field=first.field, line=first.line)


class Reader:
    """Reads the three sources one after the other, and collects what is wrong with them."""

    def __init__(self, path: Path, environ: Mapping[str, str]) -> None:
        self.problems: list[ConfigBroken] = []
        self._path = path
        self._environ = environ
        self._file: ConfigFile | None = None
        self._values: dict[str, Any] = {}
        self._sources: dict[str, Source] = {}

    def read(self, flags: Mapping[str, Value]) -> None:
        """Read the file, then the environment, then the flags."""
        if _may_exist(self._path):
            self._read_file()
        for setting in SETTINGS:
            if text := self._environ.get(setting.variable, "").strip():
                self._read_text(setting, text, setting.variable, Source.ENVIRONMENT)
            given = flags.get(setting.name)
            if isinstance(given, str):
                self._read_text(setting, given, setting.flags[0], Source.FLAG)
            elif given is not None:
                self._take(setting.name, given, Source.FLAG)

    def config(self) -> Config:
        """What was read."""
        return Config(**self._values, sources=self._sources, file=self._file)

    def _read_file(self) -> None:
        # Loads what reads TOML, which who has no file should not pay for.
        from cognitui.config_file import ConfigFile

        try:
            self._file = ConfigFile.read(self._path)
        except ConfigBroken as error:
            self.problems.append(error)
        if self._file is not None:
            self._read_settings(self._file)

    def _read_settings(self, file: ConfigFile) -> None:
        for name, value in file.document.items():
            if name == KEYS:
                self._values[KEYS] = self._keys(file, value)
            elif name == SCHEMES:
                self._values[SCHEMES] = self._schemes(file, value)
            elif name in SETTING:
                try:
                    self._take(name, SETTING[name].checked(value), Source.FILE)
                except ValueError as error:
                    self.problems.append(file.problem(f"{name} {error}", name))
            else:
                advice = did_you_mean(name, [*SETTING, KEYS, SCHEMES])
                reason = f"there is no setting {quoted(name)}"
                self.problems.append(file.problem(f"{reason}. {advice}".rstrip(". "), name))

    def _read_text(self, setting: Setting, text: str, where: str, source: Source) -> None:
        try:
            self._take(setting.name, setting.read(text), source)
        except ValueError as error:
            sentence = f"{where} {error}"
            end = "" if sentence.endswith("?") else "."
            self.problems.append(ConfigBroken(sentence + end, field=setting.name))

    def _take(self, name: str, value: Value, source: Source) -> None:
        self._values[name], self._sources[name] = value, source

    def _keys(self, file: ConfigFile, table: object) -> dict[str, KeyChoice]:
        """The table of keys; ``browse.delete`` may be written as one key or as two."""
        found: dict[str, KeyChoice] = {}
        if not isinstance(table, dict):
            self.problems.append(file.problem(f"{KEYS} must be a table: write [{KEYS}]", KEYS))
            return found
        for path, value in _flat(table):
            name = ".".join(path)
            try:
                if name in found:
                    raise ValueError("is there twice")  # noqa: TRY301
                found[name] = KeyChoice(_chosen(value), path)
            except ValueError as error:
                self.problems.append(file.problem(f"{quoted(name)} {error}", KEYS, *path))
        return found

    def _schemes(self, file: ConfigFile, table: object) -> dict[str, Any]:
        """The tables of schemes; what is in them is read by `callbacks.schemes.custom`."""
        if isinstance(table, dict):
            return table
        reason = f"{SCHEMES} must be a table: write [{SCHEMES}.NAME]"
        self.problems.append(file.problem(reason, SCHEMES))
        return {}


def _may_exist(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True  # reading it tells why not
    return True


def _flat(table: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            for path, inner in _flat(value):
                yield (key, *path), inner
        else:
            yield (key,), value


def _chosen(value: object) -> tuple[str, ...]:
    """The keys that a person gives a command; none for ``"off"``."""
    if value == OFF:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(key, str) for key in value):
        if OFF in value:
            raise ValueError(f'must be "{OFF}" alone, or a list of keys')
        return tuple(value)
    raise ValueError(f'must be a key, a list of keys, or "{OFF}", not {quoted(value)}')
