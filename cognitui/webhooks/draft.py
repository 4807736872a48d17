"""A webhook while it is being written: whatever was typed, and what is wrong with it, in words.

The same models that the client sends decide what is valid; this module only says it in plain words.
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr, ValidationError

from cognitui.callbacks.errors import TemplateError
from cognitui.callbacks.template import check_template, parse_template
from cognitui.cognigy.bots_v1 import WebhookChange
from cognitui.cognigy.credentials import fingerprint
from cognitui.cognigy.models import (
    DEFAULT_RETRIES,
    DEFAULT_TIMEOUT_MS,
    MAX_RETRIES,
    MAX_TIMEOUT_MS,
    MIN_SECRET_LENGTH,
    MIN_TIMEOUT_MS,
    RegisteredWebhook,
    Trigger,
    TriggerEvent,
    Webhook,
)
from cognitui.errors import UsageError
from cognitui.webhooks.preflight import Question

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pydantic_core import ErrorDetails

NO_SECRET = SecretStr("")
HIDDEN_SECRET = "•" * 8
MAX_FILE_BYTES = 1_000_000
MAX_DIGITS = 20
FIELDS = ("skill_id", "endpoint_url", "triggers", "secret_key", "timeout_ms", "retry_count")


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the editor.

    Attributes:
        triggers: The chosen events.
        templates: Per event, the template's JSON text; blank means none.
        secret_key: Empty while editing means that the tenant keeps the one it has.
        webhook_id: The registered webhook that this draft changes; ``None`` for a new one.
    """

    skill_id: str = ""
    endpoint_url: str = ""
    triggers: tuple[str, ...] = ()
    templates: Mapping[str, str] = field(default_factory=dict)
    secret_key: SecretStr = NO_SECRET
    timeout_ms: str = str(DEFAULT_TIMEOUT_MS)
    retry_count: str = str(DEFAULT_RETRIES)
    webhook_id: str | None = None

    @classmethod
    def of(cls, webhook: RegisteredWebhook) -> Draft:
        """The draft that changes nothing of a registered webhook yet."""
        return cls(
            skill_id=webhook.skill_id,
            endpoint_url=webhook.url,
            triggers=tuple(trigger.event for trigger in webhook.triggers),
            templates={
                trigger.event: json.dumps(trigger.payload_template, indent=2, ensure_ascii=False)
                for trigger in webhook.triggers
                if trigger.payload_template is not None
            },
            timeout_ms=str(webhook.delivery.timeout),
            retry_count=str(webhook.delivery.retries),
            webhook_id=webhook.id,
        )

    def with_(self, **changes: Any) -> Draft:
        """The same draft with some parts exchanged."""
        return replace(self, **changes)


@dataclass(frozen=True, slots=True)
class Checked:
    """A draft after the models have looked at it.

    Attributes:
        webhook: What would be registered; ``None`` while something is wrong, or when the draft
            changes a webhook whose secret stays.
        change: What would be sent for a draft of a registered webhook.
        problems: Field to sentence; per-event templates under ``templates.<EVENT>``.
    """

    webhook: Webhook | None
    change: WebhookChange | None
    problems: Mapping[str, str]

    @property
    def is_valid(self) -> bool:
        """Whether it can be sent as it stands."""
        return not self.problems


def check(draft: Draft) -> Checked:
    """Validate a draft with the models that are sent."""
    problems: dict[str, str] = {}
    triggers = _triggers(draft, problems)
    data: dict[str, Any] = {
        "skill_id": draft.skill_id.strip(),
        "endpoint_url": draft.endpoint_url.strip(),
        "triggers": triggers,
        "timeout_ms": draft.timeout_ms.strip(),
        "retry_count": draft.retry_count.strip(),
        "secret_key": draft.secret_key,
    }
    keeps_secret = draft.webhook_id is not None and not draft.secret_key.get_secret_value()
    if keeps_secret:
        # Stands in for the one that the tenant keeps, so that the other fields can be checked.
        data["secret_key"] = SecretStr("0" * MIN_SECRET_LENGTH)
    webhook: Webhook | None = None
    try:
        webhook = Webhook.model_validate(data)
    except ValidationError as error:
        problems = {**explain(error), **problems}
    if problems or webhook is None:
        return Checked(None, None, problems)
    if draft.webhook_id is None:
        return Checked(webhook, None, {})
    given = webhook.model_dump(exclude={"secret_key"} if keeps_secret else set())
    return Checked(None if keeps_secret else webhook, WebhookChange.model_validate(given), {})


def question_of(draft: Draft, bot_id: str) -> Question:
    """What the preflight has to find out about a draft."""
    return Question(
        bot_id=bot_id,
        skill_id=draft.skill_id.strip(),
        endpoint_url=draft.endpoint_url.strip(),
        events=draft.triggers,
        is_new=draft.webhook_id is None,
    )


def explain(error: ValidationError) -> dict[str, str]:
    """Each field's first problem as a sentence that says what is wrong and what is allowed."""
    problems: dict[str, str] = {}
    for detail in error.errors(include_url=False, include_input=False):
        name = str(detail["loc"][0]) if detail["loc"] else ""
        problems.setdefault(name, _sentence(name, detail))
    return problems


def preview(draft: Draft) -> str:
    """The body that would be sent, as indented JSON with the secret hidden.

    Written from the draft itself, so that it keeps up while something is still wrong.
    """
    triggers = []
    for event in draft.triggers:
        text = draft.templates.get(event, "").strip()
        try:
            template = parse_template(text) if text else None
        except TemplateError:
            template = None
        triggers.append({"event": event, "payload_template": template})
    wire: dict[str, Any] = {
        "skillId": draft.skill_id.strip(),
        "url": _normal_url(draft.endpoint_url.strip()),
        "triggers": triggers,
        "auth": {"type": "hmac_sha256", "secret": _hidden(draft)},
        "delivery": {
            "timeout": _number(draft.timeout_ms),
            "retries": _number(draft.retry_count),
        },
    }
    body: dict[str, Any] = {"webhook": wire}
    if draft.webhook_id is None:
        body |= {"testConnectivity": True, "validateFormat": True}
    elif not draft.secret_key.get_secret_value():
        del wire["auth"]
    return json.dumps(body, indent=2, ensure_ascii=False)


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
        raw = path.read_bytes()
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


def _triggers(draft: Draft, problems: dict[str, str]) -> list[dict[str, Any]]:
    triggers: list[dict[str, Any]] = []
    for event in draft.triggers:
        text = draft.templates.get(event, "").strip()
        template = None
        if text:
            try:
                template = parse_template(text)
                check_template(template)
            except TemplateError as error:
                problems[f"templates.{event}"] = error.message
        triggers.append({"event": event, "payload_template": template})
    return triggers


def _sentence(name: str, detail: ErrorDetails) -> str:  # noqa: PLR0911
    kind = detail["type"]
    if name == "triggers":
        return _trigger_sentence(detail)
    if kind == "missing":
        return "This field is missing."
    if kind == "extra_forbidden":
        return f"There is no such field; the fields are {', '.join(FIELDS)}."
    if name == "skill_id":
        return "Choose a skill, or type its id (1 to 200 characters, no spaces or slashes)."
    if name == "endpoint_url":
        return _url_sentence(detail)
    if name == "secret_key":
        return f"The secret needs {MIN_SECRET_LENGTH} characters or more (at most 1024)."
    if name == "timeout_ms":
        return f"The timeout is a whole number of ms from {MIN_TIMEOUT_MS} to {MAX_TIMEOUT_MS}."
    if name == "retry_count":
        return f"The retries are a whole number from 0 to {MAX_RETRIES}."
    return f"{detail['msg']}."


def _url_sentence(detail: ErrorDetails) -> str:
    if detail["type"] == "url_scheme":
        return "The scheme must be http or https."
    if detail["type"] == "url_too_long":
        return "The URL is too long."
    if detail["type"] == "value_error":
        return "Leave the user name and password out: they would be shown in every list."
    return "Write a whole URL, such as https://hooks.example.com/cognigy."


def _trigger_sentence(detail: ErrorDetails) -> str:
    if detail["loc"] == ("triggers",) and detail["type"] in {"missing", "too_short"}:
        return "Choose at least one trigger."
    if detail["type"] in {"missing", "extra_forbidden"}:
        return "A trigger has an event and, if wanted, a payload_template; nothing else."
    if detail["type"] == "enum":
        return f"The events are {', '.join(TriggerEvent)}."
    if detail["type"] == "value_error":
        return "Each event may be listed once."
    if detail["loc"][-1] == "payload_template":
        return "A payload template is a JSON object."
    return f"{detail['msg']}."


def _hidden(draft: Draft) -> str:
    if not draft.secret_key.get_secret_value():
        return ""
    return f"{HIDDEN_SECRET} {fingerprint(draft.secret_key)}"


def _normal_url(text: str) -> str:
    """The URL as the model would send it, or as typed while it is not one yet."""
    change = None
    try:
        change = WebhookChange.model_validate({"endpoint_url": text})
    except ValidationError:
        return text
    return str(change.endpoint_url)


def _number(text: str) -> int | str:
    digits = text.strip()
    return int(digits) if len(digits) < MAX_DIGITS and re.fullmatch("[0-9]+", digits) else text
