"""Reads a file of webhooks. All that is wrong with the file itself is found here, with its line.

::

    base_url = "https://acme.cognigy.ai/api/v1"     # where the ids below hold; may be left out
    bot = "bot_12345"

    [[webhook]]
    name = "orders"                                  # its name in this file
    skill_id = "skill_67890"                         # or skill_name, or both
    endpoint_url = "https://hooks.acme.example/cognigy"
    secret = { env = "ORDERS_SECRET" }               # or file = "PATH", perhaps generate = true
    timeout_ms = 3000

    [[webhook.triggers]]
    event = "ON_MESSAGE"
    payload_template = { said = "{{message.text}}" } # or JSON as a text
"""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cognitui.callbacks.display import safe_text
from cognitui.callbacks.errors import TemplateError
from cognitui.callbacks.template import parse_template
from cognitui.cognigy.models import MIN_SECRET_LENGTH, Webhook
from cognitui.config_file import places
from cognitui.errors import UsageError, did_you_mean
from cognitui.webhooks.plan.described import Described, SecretSource, WebhookFile
from cognitui.webhooks.problems import explain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_FILE_BYTES = 1_000_000
MAX_WEBHOOKS = 1000
TOP_KEYS = ("base_url", "bot", "webhook")
KEYS = (
    "name", "id", "skill_id", "skill_name", "endpoint_url", "triggers", "secret", "timeout_ms",
    "retry_count", "enabled",
)  # fmt: skip
SECRET_KEYS = ("env", "file", "generate")
_SHARED = ("skill_id", "endpoint_url", "triggers", "timeout_ms", "retry_count")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_NO_CLEAR_SECRET = 'a secret does not belong in this file: write secret = { env = "NAME" }'  # noqa: S105  # none
_STANDS_IN = "0" * MIN_SECRET_LENGTH


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong: in which webhook, from 0, with which key, and why."""

    index: int | None
    key: str
    reason: str


class _Faulty(Exception):
    """A part of the file cannot be used."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(reason)
        self.key, self.reason = key, reason


def parse_file(content: bytes, where: str) -> WebhookFile:
    """The webhooks that a file describes.

    Args:
        content: What is in the file, which is TOML.
        where: What to call the file.

    Raises:
        UsageError: The file cannot be used; says in which line, why, and what was perhaps meant.
    """
    text, document = _document(content, where)
    lines = _Lines(text)
    faults = [*_unknown(None, document, TOP_KEYS)]
    faults += [
        _Fault(None, key, f"{key} is a text")
        for key in ("base_url", "bot")
        if not isinstance(document.get(key, ""), str)
    ]
    entries = document.get("webhook", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        faults.append(_Fault(None, "webhook", "each webhook begins with [[webhook]]"))
        entries = []
    if len(entries) > MAX_WEBHOOKS:
        faults.append(_Fault(None, "webhook", f"it has more than {MAX_WEBHOOKS} webhooks"))
        entries = []
    found: list[Described] = []
    for index, entry in enumerate(entries):
        try:
            found.append(_described(entry))
        except _Faulty as fault:
            faults.append(_Fault(index, fault.key, fault.reason))
        faults += _unknown(index, entry, KEYS)
    if not faults:
        faults += _repeated(found, lines)
    if faults:
        raise _refusal(faults, lines, where)
    return WebhookFile(where, document.get("base_url", ""), document.get("bot", ""), tuple(found))


def _document(content: bytes, where: str) -> tuple[str, dict[str, Any]]:
    if len(content) > MAX_FILE_BYTES:
        raise UsageError(f"{where} is larger than {MAX_FILE_BYTES // 1000} kB.")
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        return text, tomllib.loads(text)
    except UnicodeDecodeError:
        raise UsageError(f"{where} is not UTF-8 text.") from None
    except tomllib.TOMLDecodeError as error:
        reason = str(error)
        at = _AT_LINE.search(reason)
        line = int(at[1]) if at else text.rstrip().count("\n") + 1
        words = reason[: at.start()] if at else reason.removesuffix(" (at end of document)")
        raise UsageError(
            f"{where}, line {line}: it is not TOML: {safe_text(words[:1].lower() + words[1:])}."
        ) from None
    except (ValueError, RecursionError):
        raise UsageError(f"{where} cannot be read: a value in it is too large or deep.") from None


def _described(entry: Mapping[str, Any]) -> Described:
    """One webhook.

    Raises:
        _Faulty: It is none.
    """
    if "secret_key" in entry:
        raise _Faulty("secret_key", _NO_CLEAR_SECRET)
    texts = {key: _text(entry, key) for key in ("name", "id", "skill_name")}
    if not texts["name"]:
        raise _Faulty("name", "give each webhook a name of its own")
    if "skill_id" not in entry and not texts["skill_name"]:
        raise _Faulty("skill_id", "say which skill: skill_id or skill_name")
    if not isinstance(entry.get("enabled", True), bool):
        raise _Faulty("enabled", "enabled is true or false")
    secret = _secret_source(entry["secret"]) if "secret" in entry else None
    webhook = _checked(entry)
    return Described(
        name=texts["name"],
        webhook_id=texts["id"],
        skill_id=webhook.skill_id if "skill_id" in entry else "",
        skill_name=texts["skill_name"],
        endpoint_url=str(webhook.endpoint_url),
        templates={str(each.event): each.payload_template for each in webhook.triggers},
        secret=secret,
        timeout_ms=webhook.timeout_ms,
        retry_count=webhook.retry_count,
        enabled=entry.get("enabled"),
    )


def _checked(entry: Mapping[str, Any]) -> Webhook:
    """What the model that the client sends says of it."""
    fields = {key: entry[key] for key in _SHARED if key in entry}
    fields.setdefault("skill_id", "by-name")
    fields["triggers"] = _with_templates(fields.get("triggers", []))
    try:
        return Webhook.model_validate({**fields, "secret_key": _STANDS_IN})
    except ValidationError as error:
        key, sentence = next(iter(explain(error).items()))
        raise _Faulty(key, f"{key}: {sentence.removesuffix('.')}") from None


def _with_templates(triggers: Any) -> Any:
    """The triggers, with templates that are JSON texts read; anything odd is left to the model."""
    if not isinstance(triggers, list):
        return triggers
    read = []
    for trigger in triggers:
        template = trigger.get("payload_template") if isinstance(trigger, dict) else None
        if template is None:
            read.append(trigger)
            continue
        try:
            # As text, so that the same rules hold in a file and in the editor.
            text = template if isinstance(template, str) else json.dumps(template, default=str)
            parsed = parse_template(text)
        except TemplateError as error:
            event = safe_text(str(trigger.get("event")), 40)
            words = error.message.removesuffix(".")
            raise _Faulty("triggers", f"the template of {event}: {words}") from None
        except RecursionError:
            raise _Faulty("triggers", "a template is nested too deeply") from None
        is_text = isinstance(template, str)
        read.append({**trigger, "payload_template": parsed} if is_text else trigger)
    return read


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str) or (key in entry and not value.strip()):
        raise _Faulty(key, f"{key} is a text that says something")
    return value


def _secret_source(value: Any) -> SecretSource:
    if not isinstance(value, dict):
        raise _Faulty("secret", _NO_CLEAR_SECRET)
    for key in value:
        if key not in SECRET_KEYS:
            # What stands under a wrong key may be the secret: only the key is told.
            near = did_you_mean(key, SECRET_KEYS)
            words = f"secret has no {safe_text(key, 60)!r}; it takes {', '.join(SECRET_KEYS)}"
            raise _Faulty("secret", f"{words}. {near}" if near else words)
    env, file, generate = value.get("env", ""), value.get("file", ""), value.get("generate", False)
    if not isinstance(env, str) or not isinstance(file, str) or bool(env) == bool(file):
        raise _Faulty("secret", 'secret is { env = "NAME" } or { file = "PATH" }')
    if env and not _VARIABLE.fullmatch(env):
        raise _Faulty("secret", "env is the name of a variable, not the secret")
    if "\0" in file:
        raise _Faulty("secret", "no file can be called that")
    if not isinstance(generate, bool) or (generate and not file):
        raise _Faulty("secret", "generate is true or false, and only a file can be generated")
    return SecretSource(env, file, generate)


def _unknown(index: int | None, given: Mapping[str, Any], known: Iterable[str]) -> Iterable[_Fault]:
    known = list(known)
    for key in given:
        if key in known or key == "secret_key":
            continue
        shown = safe_text(key, 60)
        near = did_you_mean(key, known)
        if index is None and key in KEYS:
            near = "Put it below a line [[webhook]]"
        words = f"there is no key {shown!r}"
        yield _Fault(index, key, f"{words}. {near}" if near else words)


def _repeated(found: Iterable[Described], lines: _Lines) -> Iterable[_Fault]:
    """Names and ids must tell one from another."""
    for key in ("name", "webhook_id"):
        seen: dict[str, int] = {}
        for index, one in enumerate(found):
            value = getattr(one, key)
            if value and value in seen:
                word, shown = key.removeprefix("webhook_"), safe_text(value, 60)
                line = lines.of(seen[value], "")
                reason = f"the {word} {shown!r} is that of the webhook in line {line} too"
                yield _Fault(index, word, reason)
            seen.setdefault(value, index)


def _refusal(faults: list[_Fault], lines: _Lines, where: str) -> UsageError:
    placed = sorted(
        ((lines.of(fault.index, fault.key), fault) for fault in faults), key=lambda each: each[0]
    )
    line, first = placed[0]
    end = "" if first.reason.endswith("?") else "."
    more = len(faults) - 1
    others = f" ({more} more after this one)" if more else ""
    return UsageError(f"{where}, line {line}: {first.reason}{end}{others}", field=first.key)


class _Lines:
    """In which line something of a file begins; looked up only when somebody has to be told."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._known: dict[tuple[int | None, str], int] | None = None

    def of(self, index: int | None, key: str) -> int:
        """The line of a key, or of its webhook when the key is not there; 1 when neither is.

        Args:
            index: The webhook's number, from 0; ``None`` for what stands above them.
            key: Empty for the webhook itself.
        """
        known = self._known = self._known or self._read()
        return known.get((index, key)) or known.get((index, "")) or known.get((0, "")) or 1

    def _read(self) -> dict[tuple[int | None, str], int]:
        known: dict[tuple[int | None, str], int] = {(None, ""): 1}
        index: int | None = None
        for line, path in places(self._text):
            if path == ("webhook",):
                index = 0 if index is None else index + 1
                known[(index, "")] = line
            elif path[:1] == ("webhook",):
                known.setdefault((index, path[1]), line)
            elif path:
                known.setdefault((None, path[0]), line)
        return known
