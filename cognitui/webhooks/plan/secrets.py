"""Gets the secrets that a file of webhooks points to."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import SecretStr

from cognitui.callbacks.sign import generate_secret
from cognitui.cognigy.models import MIN_SECRET_LENGTH
from cognitui.errors import UsageError
from cognitui.settings import read_secret_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from cognitui.webhooks.plan.described import Described, SecretSource

MAX_SECRET_LENGTH = 1024
_PRIVATE = 0o600


@dataclass(frozen=True, slots=True)
class Secrets:
    """Where secrets are looked for.

    Attributes:
        environ: The variables.
        directory: What paths are relative to.
    """

    environ: Mapping[str, str]
    directory: Path

    def of(self, webhook: Described) -> SecretStr | None:
        """A webhook's secret; ``None`` when the file of webhooks names none, or it is not there.

        Raises:
            UsageError: What is there cannot be a secret.
        """
        source = webhook.secret
        if source is None:
            return None
        secret = self._read(source)
        if secret is None:
            return None
        if not MIN_SECRET_LENGTH <= len(secret.get_secret_value()) <= MAX_SECRET_LENGTH:
            raise UsageError(
                f"The secret of {webhook.name!r} in {source.words} has not {MIN_SECRET_LENGTH} to "
                f"{MAX_SECRET_LENGTH} characters.",
                field="secret",
            )
        return secret

    def make(self, source: SecretSource) -> SecretStr:
        """The secret in the source's file, which is made, with a new one, when it is not there.

        It is on the disk before anybody can have used it.

        Raises:
            UsageError: The file cannot be written, or read.
        """
        path = self.directory / source.file
        secret = generate_secret()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Under another name first: whoever is killed meanwhile leaves no half of a secret.
            draft = path.with_name(f".{path.name}.{os.getpid()}")
            with os.fdopen(
                os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _PRIVATE), "w"
            ) as f:
                f.write(f"{secret.get_secret_value()}\n")
                f.flush()
                os.fsync(f.fileno())
            try:
                os.link(draft, path)
            except FileExistsError:
                secret = read_secret_file(path)
            finally:
                draft.unlink()
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise UsageError(f"The secret file {path} cannot be made: {reason}.") from None
        return secret

    def _read(self, source: SecretSource) -> SecretStr | None:
        if source.env:
            value = self.environ.get(source.env, "")
            return SecretStr(value) if value else None
        path = self.directory / source.file
        try:
            path.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise UsageError(f"The secret file {path} cannot be read: {reason}.") from None
        return read_secret_file(path)
