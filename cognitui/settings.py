"""Where things lie on this machine, and what the environment says.

Secrets come from here, from the vault or from a prompt; never from an argument.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from cognitui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "COGNITUI_"


@dataclass(frozen=True, slots=True)
class Paths:
    """The directories cognitui writes to; none is created before it is needed.

    Attributes:
        config: Profiles and settings.
        data: The audit log and the vault.
        state: Logs and drafts.
    """

    config: Path
    data: Path
    state: Path

    @classmethod
    def default(cls, environ: Mapping[str, str] = os.environ) -> Paths:
        """The platform's own directories, or all three under ``COGNITUI_HOME`` when that is set."""
        home = environ.get(f"{PREFIX}HOME")
        if home:
            root = Path(home).expanduser()
            return cls(root / "config", root / "data", root / "state")
        import platformdirs

        return cls(
            platformdirs.user_config_path("cognitui", appauthor=False),
            platformdirs.user_data_path("cognitui", appauthor=False),
            platformdirs.user_state_path("cognitui", appauthor=False),
        )

    def under(self, name: str) -> Paths:
        """The same directories one level down, for a world of its own such as the demo."""
        return Paths(self.config / name, self.data / name, self.state / name)


@dataclass(frozen=True, slots=True)
class Environment:
    """What the ``COGNITUI_*`` variables say; absent ones are ``None``."""

    base_url: str | None = None
    api_key: SecretStr | None = None
    api_secret: SecretStr | None = None
    tenant: str | None = None
    bot_id: str | None = None
    webhook_secret: SecretStr | None = None
    monitor_url: str | None = None
    vault_passphrase: SecretStr | None = None

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> Environment:
        """Read the variables; one that is set but empty counts as absent."""

        def text(name: str) -> str | None:
            return environ.get(PREFIX + name, "").strip() or None

        def secret(name: str) -> SecretStr | None:
            value = environ.get(PREFIX + name, "")
            return SecretStr(value) if value else None

        return cls(
            base_url=text("BASE_URL"),
            api_key=secret("API_KEY"),
            api_secret=secret("API_SECRET"),
            tenant=text("TENANT"),
            bot_id=text("BOT_ID"),
            webhook_secret=secret("WEBHOOK_SECRET"),
            monitor_url=text("MONITOR_URL"),
            vault_passphrase=secret("VAULT_PASSPHRASE"),
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a console or a command is started with."""

    paths: Paths
    environment: Environment = field(default_factory=Environment)

    @classmethod
    def load(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """The settings of this machine and this shell."""
        return cls(Paths.default(environ), Environment.read(environ))


def read_secret_file(path: Path) -> SecretStr:
    """A secret from a file, without the newline that editors add.

    Raises:
        UsageError: The file cannot be read, is empty or is not text.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"The secret file {path} cannot be read: {reason}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"The secret file {path} is not UTF-8 text.") from None
    value = text.removesuffix("\n").removesuffix("\r")
    if not value:
        raise UsageError(f"The secret file {path} is empty.")
    return SecretStr(value)
