"""Webhooks described in files: JSON or TOML with the model's field names."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cognitui.callbacks.errors import TemplateError
from cognitui.callbacks.template import check_template, parse_template
from cognitui.cognigy.models import Webhook
from cognitui.errors import UsageError
from cognitui.webhooks.problems import explain

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import SecretStr

    from cognitui.cognigy.models import Trigger

MAX_FILE_BYTES = 1_000_000


def load_webhook(path: Path, secret: SecretStr | None) -> Webhook:
    """A webhook from a JSON or TOML file with the model's field names.

    Args:
        path: ``.toml`` is read as TOML, anything else as JSON.
        secret: Used when the file has no ``secret_key``.

    Raises:
        UsageError: The file cannot be read, or a field in it is wrong.
    """
    data = _read(path)
    if "secret_key" not in data and secret is not None:
        data["secret_key"] = secret
    try:
        webhook = Webhook.model_validate(data)
    except ValidationError as error:
        name, sentence = next(iter(explain(error).items()))
        more = len(explain(error)) - 1
        others = f" ({more} more after this one)" if more else ""
        raise UsageError(f"{path}: {name}: {sentence}{others}", field=name) from None
    for trigger in webhook.triggers:
        _check_loaded(trigger, path)
    return webhook


def _check_loaded(trigger: Trigger, path: Path) -> None:
    if trigger.payload_template is None:
        return
    try:
        # As text, so that the same rules hold in a file and in the editor.
        check_template(parse_template(json.dumps(trigger.payload_template, default=str)))
    except TemplateError as error:
        raise UsageError(
            f"{path}: the template of {trigger.event}: {error.message}",
            hint=error.hint,
            field="triggers",
        ) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    if len(raw) > MAX_FILE_BYTES:
        raise UsageError(f"{path} is larger than {MAX_FILE_BYTES // 1000} kB.")
    try:
        text = raw.decode("utf-8")
        data = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(
            f"{path} is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
            hint="A TOML file must be called .toml.",
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}.") from None
    except (ValueError, RecursionError):
        raise UsageError(f"{path} is not a JSON or TOML text file.") from None
    if not isinstance(data, dict):
        raise UsageError(f"{path} must hold one object with the webhook's fields.")
    return data
