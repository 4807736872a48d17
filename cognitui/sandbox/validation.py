"""What a webhook must look like; every field that is wrong is named, not only the first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cognitui.sandbox import templates
from cognitui.sandbox.answers import Detail
from cognitui.sandbox.state import EVENTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cognitui.sandbox.state import Bot

MIN_SECRET, MAX_SECRET = 32, 1024
MIN_TIMEOUT, MAX_TIMEOUT, DEFAULT_TIMEOUT = 500, 10_000, 3000
MAX_RETRIES, DEFAULT_RETRIES = 5, 3
MAX_URL = 2048
SHOWN_NAME = 100

_FIELDS = ("skillId", "url", "triggers", "auth", "delivery", "enabled")
_REQUIRED = ("skillId", "url", "triggers", "auth")


def check_shape(data: Any) -> list[Detail]:
    """What would stop the tenant from storing it at all: checked even without validateFormat."""
    if not isinstance(data, dict):
        return [Detail("webhook", "must be an object")]
    found = [Detail(f"webhook.{name}", "is required") for name in _REQUIRED if name not in data]
    kinds: dict[str, tuple[type, str]] = {
        "skillId": (str, "a string"),
        "url": (str, "a string"),
        "triggers": (list, "a list"),
        "auth": (dict, "an object"),
        "delivery": (dict, "an object"),
        "enabled": (bool, "true or false"),
    }
    found += [
        Detail(f"webhook.{name}", f"must be {words}")
        for name, (kind, words) in kinds.items()
        if name in data and not isinstance(data[name], kind)
    ]
    bad = {detail.field for detail in found}
    sound = {name: data[name] for name in data if f"webhook.{name}" not in bad}
    return [*found, *_check_members(sound)]


def check_format(data: dict[str, Any], bot: Bot) -> list[Detail]:
    """Everything else, for those fields whose shape is right."""
    found = [
        Detail(f"webhook.{name[:SHOWN_NAME]}", "is not known")
        for name in data
        if name not in _FIELDS
    ]
    if "url" in data:
        found += _check_url(data["url"])
    if "triggers" in data:
        found += _check_triggers(data["triggers"], bot)
    if "auth" in data:
        found += _check_auth(data["auth"])
    if "delivery" in data:
        found += _check_delivery(data["delivery"])
    return found


def without(data: dict[str, Any], misshapen: list[Detail]) -> dict[str, Any]:
    """The fields whose shape is right, so that they can be checked further."""
    bad = {re.split(r"[.\[]", detail.field)[1] for detail in misshapen}
    return {name: value for name, value in data.items() if name not in bad}


def check_skill(data: dict[str, Any], bot: Bot) -> list[Detail]:
    """Whether the skill is one of the bot's."""
    skill_id = data.get("skillId")
    if skill_id is None or skill_id in bot.skills:
        return []
    return [Detail("webhook.skillId", f"there is no skill {skill_id[:SHOWN_NAME]} in bot {bot.id}")]


def _check_members(data: dict[str, Any]) -> Iterator[Detail]:
    for index, trigger in enumerate(data.get("triggers", [])):
        path = f"webhook.triggers[{index}]"
        if not isinstance(trigger, dict):
            yield Detail(path, "must be an object")
        elif not isinstance(trigger.get("event"), str):
            yield Detail(f"{path}.event", "must be a string")
        elif not isinstance(trigger.get("payload_template"), dict | None):
            yield Detail(f"{path}.payload_template", "must be an object or null")
    if "auth" in data and not isinstance(data["auth"].get("secret"), str):
        yield Detail("webhook.auth.secret", "must be a string")
    delivery = data.get("delivery", {})
    for name in ("timeout", "retries"):
        value = delivery.get(name, 0)
        if not isinstance(value, int) or isinstance(value, bool):
            yield Detail(f"webhook.delivery.{name}", "must be a whole number")


def _check_url(url: str) -> Iterator[Detail]:
    path = "webhook.url"
    if len(url) > MAX_URL:
        yield Detail(path, f"is longer than {MAX_URL} characters")
        return
    if not url.isascii():
        yield Detail(path, "must be ASCII: write other letters percent-encoded or as punycode")
        return
    if any(letter.isspace() or not letter.isprintable() for letter in url):
        yield Detail(path, "contains white space or control characters")
        return
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        yield Detail(path, "has a host or port that cannot be read")
        return
    if parts.scheme not in {"http", "https"}:
        yield Detail(path, "scheme must be http or https")
    elif not host or port == 0:
        yield Detail(path, "has no host" if not host else "has no usable port")
    if parts.username is not None or parts.password is not None:
        yield Detail(path, "must not contain a user name or password")
    if parts.fragment:
        yield Detail(path, "must not contain a fragment")


def _check_triggers(triggers: list[dict[str, Any]], bot: Bot) -> Iterator[Detail]:
    if not triggers:
        yield Detail("webhook.triggers", "must name at least one event")
    seen: set[str] = set()
    for index, trigger in enumerate(triggers):
        path = f"webhook.triggers[{index}]"
        event = trigger["event"]
        if event not in EVENTS:
            yield Detail(f"{path}.event", f"must be one of {', '.join(EVENTS)}")
        elif event not in bot.triggers:
            version = bot.engine_version
            yield Detail(f"{path}.event", f"engine {version} of bot {bot.id} does not run {event}")
        if event in seen:
            yield Detail(f"{path}.event", "is listed twice")
        seen.add(event)
        for name in trigger:
            if name not in {"event", "payload_template"}:
                yield Detail(f"{path}.{name}", "is not known")
        yield from templates.check(trigger.get("payload_template"), f"{path}.payload_template")


def _check_auth(auth: dict[str, Any]) -> Iterator[Detail]:
    if auth.get("type", "hmac_sha256") != "hmac_sha256":
        yield Detail("webhook.auth.type", "must be hmac_sha256")
    if not MIN_SECRET <= len(auth["secret"]) <= MAX_SECRET:
        yield Detail("webhook.auth.secret", f"must have {MIN_SECRET} to {MAX_SECRET} characters")
    for name in auth:
        if name not in {"type", "secret"}:
            yield Detail(f"webhook.auth.{name}", "is not known")


def _check_delivery(delivery: dict[str, Any]) -> Iterator[Detail]:
    if not MIN_TIMEOUT <= delivery.get("timeout", DEFAULT_TIMEOUT) <= MAX_TIMEOUT:
        yield Detail(
            "webhook.delivery.timeout", f"must be {MIN_TIMEOUT} to {MAX_TIMEOUT} milliseconds"
        )
    if not 0 <= delivery.get("retries", DEFAULT_RETRIES) <= MAX_RETRIES:
        yield Detail("webhook.delivery.retries", f"must be 0 to {MAX_RETRIES}")
    for name in delivery:
        if name not in {"timeout", "retries"}:
            yield Detail(f"webhook.delivery.{name}", "is not known")
