"""What a person can set, each setting declared once.

The file, the environment and the flags are read from this one declaration, in this rising order;
so are the flags' help, ``cognitui config show`` and the table in the README.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, fields
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeVar

from cognitui.errors import ReadOnly, UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cognitui.config_file import ConfigFile

PREFIX = "COGNITUI_"
FILE = "config.toml"
KEYS = "keys"
SCHEMES = "schemes"
OFF = "off"
THEMES = ("dark", "light", "high-contrast", "ansi-dark", "ansi-light")
DEFAULT_THEME = "dark"
MAX_QUOTED = 60

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_YES = frozenset({"true", "yes", "on", "1"})
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_NO = frozenset({"false", "no", "off", "0"})
Value: TypeAlias = "str | bool | int"
T = TypeVar("T", bound="Value")


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
        most: The greatest value of a number.
        least: The least value of a number.
        metavar: What stands for its value where its flag is explained.
        is_of_machine: Whether it is about this machine and every command, not about one console:
            then it has no flag.
        is_secret: Whether it may hold a secret, which is never shown.
    """

    name: str
    default: Value
    help: str
    flag_help: str = ""
    choices: tuple[str, ...] = ()
    most: int = 0
    least: int = 0
    metavar: str = "NAME"
    is_of_machine: bool = False
    is_secret: bool = False

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return PREFIX + self.name.upper()

    @property
    def flags(self) -> tuple[str, ...]:
        """Its flag on the command line; a switch has one for on and one for off."""
        if self.is_of_machine:
            return ()
        word = self.name.replace("_", "-")
        return (f"--{word}", f"--no-{word}") if isinstance(self.default, bool) else (f"--{word}",)

    def checked(self, value: object) -> Value:
        """The value as the file gives it.

        Raises:
            ValueError: It cannot be one; the sentence goes on from the setting's name.
        """
        if isinstance(self.default, bool):
            if isinstance(value, bool):
                return value
            raise ValueError(f"must be true or false, not {quoted(value)}")
        if isinstance(self.default, int):
            # What is true or false is an int to Python, but no number to a person.
            if type(value) is int and self.least <= value <= self.most:
                return value
            sentence = f"must be a whole number from {self.least} to {self.most}"
            raise ValueError(f"{sentence}, not {quoted(value)}")
        if self.choices:
            if isinstance(value, str) and value in self.choices:
                return value
            advice = did_you_mean(value, self.choices) if isinstance(value, str) else ""
            sentence = f"must be one of {', '.join(self.choices)}, not {quoted(value)}"
            raise ValueError(f"{sentence}. {advice}" if advice else sentence)
        if isinstance(value, str):
            return value
        raise ValueError(f"must be a text in quotes, not {quoted(value)}")

    def read(self, text: str) -> Value:
        """The value as a variable or a flag spells it.

        Raises:
            ValueError: It cannot be one; the sentence goes on from the setting's name.
        """
        if isinstance(self.default, bool):
            word = text.lower()
            return self.checked(word in _YES if word in _YES | _NO else text)
        if isinstance(self.default, int):
            return self.checked(int(text) if _NUMBER.fullmatch(text) else text)
        return self.checked(text)


class KeyChoice(NamedTuple):
    """The keys that a person gives a command.

    Attributes:
        keys: As they were written; none for a command that is switched off.
        path: How the file spells the command: as one key, or as tables within tables.
    """

    keys: tuple[str, ...]
    path: tuple[str, ...]


def _setting(default: T, help_: str, flag: str = "", **more: Any) -> T:
    """The declaration of a setting; what its parts are for says `Setting`."""
    declaration = {"default": default, "help": help_, "flag_help": flag, **more}
    is_shown = not more.get("is_secret", False)
    declared: T = field(default=default, metadata=declaration, repr=is_shown)
    return declared


@dataclass(frozen=True, slots=True)
class Config:
    """Every setting's value, and where it comes from.

    Attributes:
        keys: What was chosen for which command, by its id; only in the file.
        schemes: A person's own schemes as the file has them, by their names; only in the file.
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
    vault_passphrase_file: str = _setting(
        "",
        "the file that holds the vault's passphrase, where nobody can type; yours alone to read",
        metavar="FILE",
    )
    vault_idle_minutes: int = _setting(
        15,
        "minutes without a key press until the vault is locked; 0 for never",
        most=10_080,
        metavar="MINUTES",
    )
    watch_minutes: int = _setting(
        5,
        "minutes from one check to the next while Health watches",
        least=1,
        most=1440,
        metavar="MINUTES",
    )
    otlp_endpoint: str = _setting(
        "", "the OpenTelemetry collector that gets metrics and logs over OTLP/HTTP"
    )
    audit_url: str = _setting(
        "",
        "the PostgreSQL database of a shared audit log; without it the log is a file here",
        is_of_machine=True,
        is_secret=True,
    )
    audit_key_file: str = _setting(
        "",
        "the file of the shared log's key, for a console that joins the log",
        is_of_machine=True,
    )
    keys: Mapping[str, KeyChoice] = field(default_factory=dict)
    schemes: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    file: ConfigFile | None = None

    @classmethod
    def load(
        cls,
        path: Path,
        environ: Mapping[str, str] = os.environ,
        flags: Mapping[str, Value] = _NOTHING,
    ) -> Config:
        """The settings of this machine, this shell and this command line.

        Args:
            path: The file, which need not exist.
            environ: The environment; a variable that is set but empty counts as absent.
            flags: What the command line sets, by the settings' names.

        Raises:
            ConfigBroken: Something cannot be used as it stands; says where, and what is meant.
        """
        from cognitui.config_reader import Reader, first_of

        reader = Reader(path, environ)
        reader.read(flags)
        if reader.problems:
            raise first_of(reader.problems)
        return reader.config()

    def source(self, name: str) -> Source:
        """Where a setting's value comes from."""
        return self.sources.get(name, Source.DEFAULT)

    def in_file(self, name: str) -> Value:
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


def quoted(value: object) -> str:
    """A value as the file would spell it, and harmless to a terminal."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    text = repr(value)
    return text if len(text) <= MAX_QUOTED else f"{text[:MAX_QUOTED]}…"
