"""A webhook as something to paste elsewhere: a shell script, a Python script, a webhook file.

No secret is in any of them, and none reaches an argument list when they run: the webhook's own, the
tenant's key and the token come from the environment, over standard input or a pipe.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pprint import pformat
from textwrap import indent
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cognitui.callbacks.display import safe_json, safe_text
from cognitui.webhooks.toml import toml_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cognitui.cognigy.models import RegisteredWebhook

KEY_VARIABLES = ("COGNITUI_API_KEY", "COGNITUI_API_SECRET")
SECRET_VARIABLE = "COGNITUI_WEBHOOK_SECRET"  # noqa: S105  # the name of one
CODE_WIDTH = 88

_CURL = """\
# For bash or zsh. Set {variables} first.
escaped() {{ local text=${{1//\\\\/\\\\\\\\}}; printf '%s' "${{text//\\"/\\\\\\"}}"; }}
base={base}
token=$(curl -sS --fail-with-body "$base/auth/token" \\
  -K <(printf 'user = "%s:%s"\\n' \\
    "$(escaped "$COGNITUI_API_KEY")" "$(escaped "$COGNITUI_API_SECRET")") \\
  -H 'Content-Type: application/json' -d '{{"grant_type":"client_credentials"}}' \\
  | sed -n 's/.*"access_token" *: *"\\([^"]*\\)".*/\\1/p')
curl -sS --fail-with-body -X {method} "$base"{path} \\
  -H @<(printf 'Authorization: Bearer %s\\n' "$token") \\
  -H 'Content-Type: application/json' --data-binary @- <<JSON
{body}
JSON
"""

_PYTHON = '''\
"""{what} a webhook. Set {variables} first."""

import asyncio
import os

from pydantic import SecretStr

from cognitui import CognigyClient, Credentials, {model}

FIELDS = {fields}


async def main() -> None:
    key, secret = os.environ["COGNITUI_API_KEY"], os.environ["COGNITUI_API_SECRET"]
    credentials = Credentials(SecretStr(key), SecretStr(secret))
    webhook = {model}.model_validate(FIELDS)
    async with CognigyClient({base}, credentials) as client:
        result = await {call}
    print(result.id)


asyncio.run(main())
'''


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook is, or would be.

    Attributes:
        base_url: The tenant's API, up to its version.
        webhook_id: The registered webhook that is to be changed; ``None`` registers a new one.
    """

    base_url: str
    bot_id: str
    webhook_id: str | None = None


def as_curl(target: Target, wire: Mapping[str, Any]) -> str:
    """A script for a shell that asks the tenant for what the console would ask it for.

    Args:
        target: Where.
        wire: The webhook as it goes over the wire, such as `webhooks.draft.wire_of` gives it. A
            secret in it is taken from the environment, whatever stands there.
    """
    body: dict[str, Any] = {"webhook": dict(wire)}
    if target.webhook_id is None:
        body |= {"testConnectivity": True, "validateFormat": True}
    path = f"/bots/{quote(target.bot_id, safe='')}/webhooks"
    if target.webhook_id is not None:
        path += f"/{quote(target.webhook_id, safe='')}"
    return _CURL.format(
        variables=_variables(wire),
        base=shlex.quote(target.base_url),
        method="POST" if target.webhook_id is None else "PATCH",
        path=shlex.quote(path),
        body=_here_document(body),
    )


def as_python(target: Target, wire: Mapping[str, Any]) -> str:
    """A script for Python that does the same with this package.

    Args:
        target: Where.
        wire: As for `as_curl`.
    """
    is_new = target.webhook_id is None
    where = ", ".join(repr(part) for part in (target.bot_id, target.webhook_id) if part is not None)
    call = "client.create_webhook" if is_new else "client.update_webhook"
    return _PYTHON.format(
        what="Register" if is_new else "Change",
        variables=_variables(wire),
        model="Webhook" if is_new else "WebhookChange",
        fields=_literal(fields_of(wire)),
        base=repr(target.base_url),
        call=f"{call}({where}, webhook)",
    )


def as_file(target: Target, wire: Mapping[str, Any]) -> tuple[str, str]:
    """A file for ``cognitui webhooks register``: the name to save it under, and its text.

    It is TOML, or JSON where a template holds what TOML cannot say. Registering it makes a new
    webhook, whatever the target.

    Args:
        target: Where.
        wire: As for `as_curl`.
    """
    fields = fields_of(wire)
    fields.pop("secret_key", None)
    try:
        return "webhook.toml", _toml(target, fields)
    except ValueError:
        return "webhook.json", f"{safe_json(fields)}\n"


def fields_of(wire: Mapping[str, Any]) -> dict[str, Any]:
    """The model's field names for the wire's; what the wire leaves out is left out."""
    delivery = wire.get("delivery", {})
    given = {
        "skill_id": wire.get("skillId"),
        "endpoint_url": wire.get("url"),
        "triggers": wire.get("triggers"),
        "secret_key": wire["auth"]["secret"] if "auth" in wire else None,
        "timeout_ms": delivery.get("timeout"),
        "retry_count": delivery.get("retries"),
        "enabled": wire.get("enabled"),
    }
    return {name: value for name, value in given.items() if value is not None}


def _variables(wire: Mapping[str, Any]) -> str:
    names = [*KEY_VARIABLES, *([SECRET_VARIABLE] if "auth" in wire else [])]
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _here_document(body: Mapping[str, Any]) -> str:
    """JSON between ``<<JSON`` and ``JSON``, where a shell expands what stands for the secret."""
    text, mark = _marked(body)
    for special in ("\\", "$", "`"):
        text = text.replace(special, f"\\{special}")
    return text.replace(f'"{mark}"', f'"$(escaped "${SECRET_VARIABLE}")"')


def _marked(body: Mapping[str, Any]) -> tuple[str, str]:
    """The body as JSON with a word in place of the secret that is nowhere else in it."""
    mark = "SECRET"
    while mark in safe_json(body):
        mark += "_"
    webhook = dict(body["webhook"])
    if "auth" in webhook:
        webhook["auth"] = {**webhook["auth"], "secret": mark}
    return safe_json({**body, "webhook": webhook}), mark


def _literal(fields: Mapping[str, Any]) -> str:
    """The fields as a Python literal, but for the secret."""
    lines = []
    for name, value in fields.items():
        if name == "secret_key":
            shown = f'os.environ["{SECRET_VARIABLE}"]'
        else:
            shown = pformat(value, width=CODE_WIDTH - 4 - len(name), sort_dicts=False)
        lines.append(f'    "{name}": {indent(shown, " " * (len(name) + 8)).lstrip()},')
    return "\n".join(["{", *lines, "}"])


def _toml(target: Target, fields: Mapping[str, Any]) -> str:
    bot = safe_text(shlex.quote(target.bot_id))
    lines = [
        f"# Save this as webhook.toml and set {SECRET_VARIABLE}, then:",
        f"#   cognitui webhooks register webhook.toml --bot {bot}",
    ]
    lines += [
        f"{name} = {toml_value(value)}"
        for name, value in fields.items()
        if name not in {"triggers", "enabled"}
    ]
    for trigger in fields.get("triggers", ()):
        lines += ["", "[[triggers]]", f"event = {toml_value(trigger['event'])}"]
        if trigger["payload_template"] is not None:
            lines.append(f"payload_template = {toml_value(trigger['payload_template'])}")
    return "\n".join(lines) + "\n"


def wire_of_registered(webhook: RegisteredWebhook) -> dict[str, Any]:
    """A registered webhook as it would be registered again, for `as_curl` and the others."""
    return {
        "skillId": webhook.skill_id,
        "url": webhook.url,
        "triggers": [
            {"event": trigger.event, "payload_template": trigger.payload_template}
            for trigger in webhook.triggers
        ],
        # The secret is taken from the environment, whatever stands here.
        "auth": {"type": webhook.auth.type, "secret": ""},
        "delivery": {"timeout": webhook.delivery.timeout, "retries": webhook.delivery.retries},
    }
