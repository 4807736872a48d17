"""Where things lie on this machine, what is configured, and what the environment says.

Secrets come from here, from the vault or from a prompt; never from an argument.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from cognitui.config import FILE, PREFIX, SETTINGS, Config, ConfigBroken, Source, Value
from cognitui.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import SecretStr

HOME = f"{PREFIX}HOME"
_OTHERS = 0o077
_MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Paths:
    """The directories cognitui writes to; none is created before it is needed.

    Attributes:
        config: Profiles and settings.
        data: The audit log and the vault.
        state: Logs, drafts, and what is kept from one run to the next.
    """

    config: Path
    data: Path
    state: Path

    @classmethod
    def default(cls, environ: Mapping[str, str] = os.environ) -> Paths:
        """The platform's own directories, or all three under ``COGNITUI_HOME`` when that is set."""
        home = environ.get(HOME)
        if home:
            root = Path(home).expanduser()
            return cls(root / "config", root / "data", root / "state")
        import platformdirs

        return cls(
            platformdirs.user_config_path("cognitui", appauthor=False),
            platformdirs.user_data_path("cognitui", appauthor=False),
            platformdirs.user_state_path("cognitui", appauthor=False),
        )

    @property
    def config_file(self) -> Path:
        """The file of settings, which need not exist."""
        return self.config / FILE

    @property
    def audit_log(self) -> Path:
        """The audit log; its key and its head are in `state`."""
        return self.data / "audit.db"

    def under(self, name: str) -> Paths:
        """The same directories one level down, for a world of its own such as the demo."""
        return Paths(self.config / name, self.data / name, self.state / name)


class PrivateText(str):
    """A text that may hold a secret, such as a URL with a token: used like any, never shown whole.

    It keeps out of the representations that logs, crash reports and debuggers make of values. What
    is made of it is a plain text again.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "PrivateText(…)"


@dataclass(frozen=True, slots=True)
class Environment:
    """What the ``COGNITUI_*`` variables say of a tenant; absent ones are ``None``."""

    base_url: str | None = None
    api_key: SecretStr | None = None
    api_secret: SecretStr | None = None
    bot_id: str | None = None
    webhook_secret: SecretStr | None = None
    monitor_url: str | None = None
    vault_passphrase: SecretStr | None = None
    otlp_headers: SecretStr | None = None
    actor: str | None = None

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Environment:
        """Read the variables; one that is set but empty counts as absent."""

        def text(name: str) -> str | None:
            return environ.get(PREFIX + name, "").strip() or None

        def private(name: str) -> str | None:
            value = text(name)
            return PrivateText(value) if value else None

        def secret(name: str) -> SecretStr | None:
            value = environ.get(PREFIX + name, "")
            return _secret(value) if value else None

        return cls(
            base_url=text("BASE_URL"),
            api_key=secret("API_KEY"),
            api_secret=secret("API_SECRET"),
            bot_id=text("BOT_ID"),
            webhook_secret=secret("WEBHOOK_SECRET"),
            monitor_url=private("MONITOR_URL"),
            vault_passphrase=secret("VAULT_PASSPHRASE"),
            otlp_headers=secret("OTLP_HEADERS"),
            actor=text("ACTOR"),
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a console or a command is started with.

    Attributes:
        is_passing: Whether the data, the audit log among it, goes when the program ends.
    """

    paths: Paths
    environment: Environment = field(default_factory=Environment)
    config: Config = field(default_factory=Config)
    is_passing: bool = False

    @classmethod
    def load(
        cls,
        environ: Mapping[str, str] = os.environ,
        flags: Mapping[str, Value] = MappingProxyType({}),
    ) -> Settings:
        """The settings of this machine, this shell and this command line.

        Args:
            environ: The environment.
            flags: What the command line sets, by the settings' names.

        Raises:
            ConfigBroken: A setting cannot be used as it stands; says where, and what is meant.
        """
        paths = Paths.default(environ)
        config = Config.load(paths.config_file, environ, flags)
        return cls(paths, Environment.read(environ), config)

    @property
    def beside(self) -> Path:
        """The directory of what is true only as long as the data is there.

        Such are the log's seal and what is known of its tenants' webhooks. They go when the data
        goes, or the next log would be taken for one that was damaged.
        """
        return self.paths.data if self.is_passing else self.paths.state

    @property
    def tenant(self) -> str | None:
        """The tenant that is asked for by name.

        ``None`` when none is, or only in the file while the environment brings a tenant itself.
        """
        if self.environment.base_url and self.config.source("tenant") is Source.FILE:
            return None
        return self.config.tenant or None

    def vault_passphrase(self) -> SecretStr | None:
        """What opens the vault where nobody is asked, if anything does; reads a file.

        A flag wins over the variable with the passphrase itself, and that over a file that a
        variable or the settings name.

        Raises:
            UsageError: The file cannot be read, or others may read it.
        """
        given, file = self.environment.vault_passphrase, self.config.vault_passphrase_file
        is_flag = self.config.source("vault_passphrase_file") is Source.FLAG
        if not file or (given is not None and not is_flag):
            return given
        return read_private_file(Path(file).expanduser())


def problems_of(paths: Paths, environ: Mapping[str, str] = os.environ) -> list[ConfigBroken]:
    """All that is wrong with the file and the variables; a variable of ours may be misspelt."""
    from cognitui.config_reader import problems

    known = [HOME, *(one.variable for one in SETTINGS)]
    known += [PREFIX + one.name.upper() for one in fields(Environment)]
    found = problems(paths.config_file, environ)
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            advice = did_you_mean(name, known)
            found.append(ConfigBroken(f"cognitui has no variable {name}. {advice}".rstrip()))
    return found


def read_secret_file(path: Path) -> SecretStr:
    """A secret from a file, without the newline that editors add.

    Raises:
        UsageError: The file cannot be read, is empty or is not text.
    """
    return _secret_in(path, private=False)


def read_private_file(path: Path) -> SecretStr:
    """A secret from a file that nobody else may read; a pipe will do.

    Raises:
        UsageError: The file cannot be read, is empty or is not text, or others may read it.
    """
    return _secret_in(path, private=True)


def _secret_in(path: Path, *, private: bool) -> SecretStr:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if private and stat.S_ISREG(mode) and mode & _OTHERS:
                raise UsageError(
                    f"The secret file {path} can be read by others on this machine.",
                    hint=f"Make it yours alone: chmod 600 {path}",
                )
            text = file.read(_MOST_BYTES).decode()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"The secret file {path} cannot be read: {reason}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"The secret file {path} is not UTF-8 text.") from None
    value = text.removesuffix("\n").removesuffix("\r")
    if not value:
        raise UsageError(f"The secret file {path} is empty.")
    return _secret(value)


def _secret(value: str) -> SecretStr:
    # pydantic takes longer to load than all else a console needs before its first frame.
    from pydantic import SecretStr

    return SecretStr(value)
