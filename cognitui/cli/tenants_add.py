"""Add a tenant: its profile goes into a file, its key into the vault.

The key and its secret come from files, from COGNITUI_API_KEY and COGNITUI_API_SECRET, or are typed.
The vault is made if there is none. With --replace a tenant that is known gets another key, and
keeps what is not given here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from cognitui.cli.asking import ask_secret
from cognitui.cli.common import add_vault, plain_workspace, vault_flags
from cognitui.cli.output import add_json, emit, say
from cognitui.cli.vault import open_vault
from cognitui.cognigy.credentials import Credentials
from cognitui.errors import UsageError
from cognitui.settings import read_secret_file
from cognitui.tenants.profiles import Profile, explain_profile_error
from cognitui.workspace.tenants import ENVIRONMENT

if TYPE_CHECKING:
    import argparse

    from pydantic import SecretStr

    from cognitui.workspace import Workspace

EXAMPLE = "cognitui tenants add acme-prod --base-url https://acme.cognigy.ai/api/v1 --production"
FIELDS = {
    "base_url": "base_url",
    "bot": "bot_id",
    "monitor_url": "monitor_url",
    "colour": "colour",
    "production": "is_production",
    "webhook_limit": "webhook_limit",
    "requests_per_minute": "requests_per_minute",
}
"""The profile's field for each argument."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    import argparse

    parser.add_argument("name", metavar="NAME", help="what to call it, such as acme-prod")
    parser.add_argument("--base-url", metavar="URL", help="https://acme.cognigy.ai/api/v1")
    parser.add_argument("--bot", metavar="ID", help="the bot to begin with")
    parser.add_argument("--monitor-url", metavar="URL", help="where the report is sent")
    parser.add_argument("--colour", metavar="NAME",
                        help="none, red, orange, yellow, green, blue or violet")  # fmt: skip
    parser.add_argument("--production", action=argparse.BooleanOptionalAction, default=None,
                        help="ask for its name before each change there")  # fmt: skip
    parser.add_argument("--webhook-limit", metavar="N", type=int, help="webhooks a bot may have")
    parser.add_argument("--requests-per-minute", metavar="N", type=int, help="what its key may do")
    parser.add_argument("--key-file", metavar="FILE", type=Path,
                        help="the key; else COGNITUI_API_KEY, else a prompt")  # fmt: skip
    parser.add_argument("--secret-file", metavar="FILE", type=Path,
                        help="its secret; else COGNITUI_API_SECRET, else a prompt")  # fmt: skip
    parser.add_argument("--replace", action="store_true", help="change a tenant that is known")
    add_vault(parser)
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Add, and return 0.

    Raises:
        CognituiError: A field is wrong, the tenant is known already, or it could not be stored.
    """
    if args.name == ENVIRONMENT:
        raise UsageError(
            f"{ENVIRONMENT} is what the tenant of the COGNITUI_* variables is called.",
            hint="Choose another name.",
            field="name",
        )
    async with plain_workspace(vault_flags(args)) as workspace:
        known = workspace.tenants.store.load().get(args.name)
        if known is not None and not args.replace:
            raise UsageError(
                f"There is a tenant called {args.name} already.",
                hint="Give --replace to change it, or choose another name.",
                field="name",
            )
        profile = _profile(args, known)
        credentials = _credentials(args, workspace)
        await open_vault(workspace)
        await workspace.tenants.remember(profile, credentials)
    if args.json:
        told = {"name": profile.name, "key_fingerprint": credentials.fingerprint}
        emit({**told, "replaced": known is not None})
    else:
        done = "changed" if known is not None else "added"
        say(f"{profile.name} is {done}; its key {credentials.fingerprint} is in the vault.")
    return 0


def _profile(args: argparse.Namespace, known: Profile | None) -> Profile:
    given = {field: getattr(args, name) for name, field in FIELDS.items()}
    before: dict[str, Any] = known.model_dump() if known is not None else {"name": args.name}
    fields = before | {field: value for field, value in given.items() if value is not None}
    try:
        return Profile.model_validate(fields)
    except ValidationError as error:
        field, sentence = next(iter(explain_profile_error(error).items()))
    hint = "Give it with --base-url." if field == "base_url" and not args.base_url else ""
    raise UsageError(sentence, hint=hint, field=field)


def _credentials(args: argparse.Namespace, workspace: Workspace) -> Credentials:
    environment = workspace.settings.environment

    def found(file: Path | None, given: SecretStr | None, what: str, flag: str) -> SecretStr:
        if file is not None:
            return read_secret_file(file)
        variable = "COGNITUI_API_" + what.upper().rpartition(" ")[2]
        return given or ask_secret(f"{what}: ", f"Set {variable}, or give {flag}.")

    return Credentials(
        found(args.key_file, environment.api_key, "API key", "--key-file"),
        found(args.secret_file, environment.api_secret, "API secret", "--secret-file"),
    )
