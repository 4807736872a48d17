"""What is wrong with a webhook's fields, in words that a person can act on: pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.cognigy.models import (
    MAX_RETRIES,
    MAX_TIMEOUT_MS,
    MIN_SECRET_LENGTH,
    MIN_TIMEOUT_MS,
    TriggerEvent,
)

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

FIELDS = ("skill_id", "endpoint_url", "triggers", "secret_key", "timeout_ms", "retry_count")


def explain(error: ValidationError) -> dict[str, str]:
    """Each field's first problem as a sentence that says what is wrong and what is allowed."""
    problems: dict[str, str] = {}
    for detail in error.errors(include_url=False, include_input=False):
        name = str(detail["loc"][0]) if detail["loc"] else ""
        problems.setdefault(name, _sentence(name, detail))
    return problems


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
        return f"The timeout is {MIN_TIMEOUT_MS} to {MAX_TIMEOUT_MS} ms."
    if name == "retry_count":
        return f"The retries are 0 to {MAX_RETRIES}."
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
    if "payload_template" in detail["loc"]:
        return "A payload template is a JSON object; a date has to be written as text."
    return f"{detail['msg']}."
