"""What is wrong with a profile, in words that a person can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.errors import did_you_mean

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

NEW_VAULT = (
    "Choose a passphrase of 8 characters or more. It encrypts your tenants' keys on this machine. "
    "If you forget it, nobody can open the vault: the keys have to be entered again."
)
"""What a person should know before there is a vault."""

_RULES = {
    "name": "A name is 1 to 40 of a-z, 0-9, dot, dash and underscore, "
    "and begins with a letter or digit.",
    "base_url": "The base URL is a text such as https://acme.cognigy.ai/api/v1.",
    "webhook_limit": "The webhook limit is a whole number from 1 to 10000.",
    "requests_per_minute": "The requests per minute are a whole number from 1 to 100000.",
    "bot_id": "A bot id has no spaces, slashes, ? or #, and at most 200 characters.",
    "monitor_url": "The monitor's URL is a text such as https://monitor.example.com/sync.",
    "key_fingerprint": "A key fingerprint is sha256: and eight hex digits.",
    "colour": "The colour is one of none, red, orange, yellow, green, blue and violet.",
    "is_production": "The production mark is true or false.",
    "last_used": "The last use is a time with a zone, such as 2026-01-31T12:00:00Z.",
}
_NEEDED = {
    "name": "A name is needed, such as acme-prod.",
    "base_url": "The base URL is needed, such as https://acme.cognigy.ai/api/v1.",
}


def explain_profile_error(error: ValidationError) -> dict[str, str]:
    """One sentence for each field that is wrong, by the field's name."""
    sentences: dict[str, str] = {}
    for detail in error.errors(include_url=False):
        field = str(detail["loc"][0]) if detail["loc"] else ""
        sentences.setdefault(field, _sentence(field, detail))
    return sentences


def _sentence(field: str, detail: ErrorDetails) -> str:
    kind = detail["type"]
    if kind == "extra_forbidden":
        return f"A profile has no field {field!r}. {did_you_mean(field, _RULES)}".rstrip()
    if kind in {"missing", "string_too_short"} and field in _NEEDED:
        return _NEEDED[field]
    if kind == "enum" and isinstance(detail["input"], str):
        near = did_you_mean(detail["input"].lower(), detail["ctx"]["expected"].split("'")[1::2])
        return f"{_RULES[field]} {near}".rstrip()
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    return _RULES.get(field, f"{detail['msg']}.")
