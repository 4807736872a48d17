"""What a person can set, each setting declared once.

The file, the environment and the flags are read from this one declaration, in this rising order;
so are the flags' help, ``cognitui config show`` and the table in the README.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from cognitui.errors import ReadOnly, UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from cognitui.config_file import ConfigFile

PREFIX = "COGNITUI_"
FILE = "config.toml"
KEYS = "keys"
OFF = "off"
THEMES = ("dark", "light", "high-contrast", "ansi-dark", "ansi-light")
DEFAULT_THEME = "dark"
MAX_QUOTED = 60

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_YES = frozenset({"true", "yes", "on", "1"})
_NO = frozenset({"false", "no", "off", "0"})
T = TypeVar("T", bound="str | bool")


class ConfigBroken(UsageError):
    """A setting that cannot be used as it stands, in the file, the environment or a flag.

    Attributes:
        line: Where in the file; ``None`` when it is elsewhere, or all of the file is at fault.
    """

    code = "config_broken"

    def __init__(
        self, message: str, *, hint: str = "", field: str | None = None, line: int | None = None
    ) -> None:
        super().__init__(message, hint=hint, field=field)
        self.line = line


class Source(StrEnum):
    """Where a value comes from; a later one wins over those before it."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    FLAG = "flag"


class Setting(NamedTuple):
    """One thing that can be set.

    Attributes:
        name: Its key in the file.
        help: What it says.
        flag_help: For a switch, what the flag does that turns it from its default.
        choices: The only values it can have; empty when any text will do.
    """

    name: str
    default: str | bool
    help: str
    flag_help: str = ""
    choices: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return PREFIX + self.name.upper()

    @property
    def flags(self) -> tuple[str, ...]:
        """Its flag on the command line; a switch has one for on and one for off."""
        word = self.name.replace("_", "-")
        return (f"--{word}", f"--no-{word}") if isinstance(self.default, bool) else (f"--{word}",)

    def checked(self, value: object) -> str | bool:
        """The value as the file gives it.

        Raises:
            ValueError: It cannot be one; the sentence goes on from the setting's name.
        """
        if isinstance(self.default, bool):
            if isinstance(value, bool):
                return value
            raise ValueError(f"must be true or false, not {_quoted(value)}")
        if self.choices:
            if isinstance(value, str) and value in self.choices:
                return value
            advice = did_you_mean(value, self.choices) if isinstance(value, str) else ""
            sentence = f"must be one of {', '.join(self.choices)}, not {_quoted(value)}"
            raise ValueError(f"{sentence}. {advice}" if advice else sentence)
        if isinstance(value, str):
            return value
        raise ValueError(f"must be a text in quotes, not {_quoted(value)}")

    def read(self, text: str) -> str | bool:
        """The value as a variable or a flag spells it.

        Raises:
            ValueError: It cannot be one; the sentence goes on from the setting's name.
        """
        if isinstance(self.default, bool):
            word = text.lower()
            return self.checked(word in _YES if word in _YES | _NO else text)
        return self.checked(text)


class KeyChoice(NamedTuple):
    """The keys that a person gives a command.

    Attributes:
        keys: As they were written; none for a command that is switched off.
        path: How the file spells the command: as one key, or as tables within tables.
    """

    keys: tuple[str, ...]
    path: tuple[str, ...]


def _setting(default: T, help_: str, flag: str = "", *, choices: tuple[str, ...] = ()) -> T:
    """The declaration of a setting; what its parts are for says `Setting`."""
    declaration = {"default": default, "help": help_, "flag_help": flag, "choices": choices}
    declared: T = field(default=default, metadata=declaration)
    return declared


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting's value, and where it comes from.

    Attributes:
        keys: What was chosen for which command, by its id; only in the file.
        sources: Where each setting's value comes from, by its name.
        file: The file that was read, if there is one.
    """

    theme: str = _setting(DEFAULT_THEME, "the colours", choices=THEMES)
    mouse: bool = _setting(
        True,
        "whether the console takes the mouse or leaves it to the terminal",
        "leave the mouse to the terminal",
    )
    read_only: bool = _setting(
        False,
        "whether nothing at the tenant may be changed, and nothing sent to an endpoint",
        "change nothing at the tenant, and send nothing to an endpoint",
    )
    tenant: str = _setting("", "the stored tenant to open")
    restore: bool = _setting(
        True, "whether to begin where the last run ended", "do not begin where the last run ended"
    )
    keys: Mapping[str, KeyChoice] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    file: ConfigFile | None = None

    @classmethod
    def load(
        cls,
        path: Path,
        environ: Mapping[str, str] = os.environ,
        flags: Mapping[str, str | bool] = _NOTHING,
    ) -> Config:
        """The settings of this machine, this shell and this command line.

        Args:
            path: The file, which need not exist.
            environ: The environment; a variable that is set but empty counts as absent.
            flags: What the command line sets, by the settings' names.

        Raises:
            ConfigBroken: Something cannot be used as it stands; says where, and what is meant.
        """
        reader = _Reader(path, environ)
        reader.read(flags)
        if reader.problems:
            raise first_of(reader.problems)
        return reader.config()

    def source(self, name: str) -> Source:
        """Where a setting's value comes from."""
        return self.sources.get(name, Source.DEFAULT)

    def in_file(self, name: str) -> str | bool:
        """A setting's value as the file has it, whatever the environment and the flags say."""
        default = SETTING[name].default
        return (
            SETTING[name].checked(self.file.document.get(name, default)) if self.file else default
        )

    @property
    def read_only_reason(self) -> str:
        """Why nothing may be changed at the tenant or sent; empty when it may."""
        if not self.read_only:
            return ""
        error = ReadOnly(self.place("read_only"))
        return f"{error.message} {error.hint}"

    def place(self, name: str) -> str:
        """Where a setting's value comes from: a line, a variable, a flag, or ``default``."""
        setting, source = SETTING[name], self.source(name)
        if source is Source.FILE and self.file is not None:
            return f"{self.file.path.name}, line {self.file.line(name)}"
        if source is Source.ENVIRONMENT:
            return setting.variable
        if source is Source.FLAG:
            return setting.flags[-1 if getattr(self, name) is False else 0]
        return str(source)


SETTINGS = tuple(Setting(one.name, **one.metadata) for one in fields(Config) if one.metadata)
SETTING = {setting.name: setting for setting in SETTINGS}


def problems(path: Path, environ: Mapping[str, str] = os.environ) -> list[ConfigBroken]:
    """All that is wrong with the file and the settings' variables, in the order of the lines."""
    reader = _Reader(path, environ)
    reader.read(_NOTHING)
    return sorted(reader.problems, key=lambda problem: problem.line or 0)


def first_of(found: Iterable[ConfigBroken]) -> ConfigBroken:
    """The first problem, which also tells how many more there are."""
    first, *more = found
    hint = first.hint or ("Correct it there." if first.line else "Correct it, or leave it out.")
    if more:
        is_are = "is 1 more" if len(more) == 1 else f"are {len(more)} more"
        hint += f" There {is_are}: `cognitui config check` lists them."
    return ConfigBroken(first.message, hint=hint, field=first.field, line=first.line)


class _Reader:
    """Reads the three sources one after the other, and collects what is wrong with them."""

    def __init__(self, path: Path, environ: Mapping[str, str]) -> None:
        self.problems: list[ConfigBroken] = []
        self._path = path
        self._environ = environ
        self._file: ConfigFile | None = None
        self._values: dict[str, Any] = {}
        self._sources: dict[str, Source] = {}

    def read(self, flags: Mapping[str, str | bool]) -> None:
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
            elif name in SETTING:
                try:
                    self._take(name, SETTING[name].checked(value), Source.FILE)
                except ValueError as error:
                    self.problems.append(file.problem(f"{name} {error}", name))
            else:
                advice = did_you_mean(name, [*SETTING, KEYS])
                reason = f"there is no setting {_quoted(name)}"
                self.problems.append(file.problem(f"{reason}. {advice}".rstrip(". "), name))

    def _read_text(self, setting: Setting, text: str, where: str, source: Source) -> None:
        try:
            self._take(setting.name, setting.read(text), source)
        except ValueError as error:
            sentence = f"{where} {error}"
            end = "" if sentence.endswith("?") else "."
            self.problems.append(ConfigBroken(sentence + end, field=setting.name))

    def _take(self, name: str, value: str | bool, source: Source) -> None:  # noqa: FBT001
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
                self.problems.append(file.problem(f"{_quoted(name)} {error}", KEYS, *path))
        return found


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
    raise ValueError(f'must be a key, a list of keys, or "{OFF}", not {_quoted(value)}')


def _quoted(value: object) -> str:
    """A value as the file would spell it, and harmless to a terminal."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    text = repr(value)
    return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}…"
