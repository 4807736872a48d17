"""Find out whether a tenant lets you in, and if not, why: one check after the other.

From the base URL as it was pasted to the requests that are left; nothing is changed at the tenant.
With --base-url and without a name no key is sent. Exit status: 0 all is well, 1 you are let in, but
something is to be put right, 2 wrong usage, 3 the tenant was not reached or did not let you in.
"""

from __future__ import annotations

import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from cognitui.cli.common import add_vault, plain_workspace, unlock_for, vault_flags
from cognitui.cli.output import add_json, say, write
from cognitui.errors import UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncGenerator

    from cognitui.tenants.doctor import Line
    from cognitui.workspace import Workspace

EXAMPLE = "cognitui tenants test acme-prod"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="a stored tenant; else COGNITUI_TENANT, or COGNITUI_BASE_URL with its key",
    )
    parser.add_argument(
        "--base-url", metavar="URL", help="examine this address, and send it no key"
    )
    add_vault(parser)
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Examine the tenant, and return 0 when all is well, else 1 or 3."""
    # Loads the TLS machinery, which the list of commands does not need.
    from cognitui.tenants.doctor.report import Report, conclusion_lines, line_text

    if args.name is not None and args.base_url is not None:
        raise UsageError("NAME and --base-url exclude each other.", field="base_url")
    if args.name is not None and not args.name.strip():
        raise UsageError("NAME is empty.", field="name")
    lines: list[Line] = []
    async with plain_workspace(vault_flags(args)) as workspace:
        name, found = await _examined(workspace, args)
        async with aclosing(found):
            async for line in found:
                lines.append(line)
                if not args.json:
                    say(line_text(line))
    report = Report(lines)
    if args.json:
        result: dict[str, Any] = {"tenant": name, **report.as_dict()}
        write(json.dumps(result) + "\n")
    else:
        say("\n".join(["", *conclusion_lines(report)]))
    return report.status


async def _examined(
    workspace: Workspace, args: argparse.Namespace
) -> tuple[str | None, AsyncGenerator[Line, None]]:
    from cognitui.workspace.tenants import ENVIRONMENT

    if args.base_url is not None:
        return None, workspace.tenants.test_address(args.base_url)
    environment = workspace.settings.environment
    named = args.name or workspace.settings.tenant
    given = (environment.base_url, environment.api_key, environment.api_secret)
    if named in (None, ENVIRONMENT) and all(value is not None for value in given):
        # Not as a profile, which has to be in order: that is what is to be found out here.
        return ENVIRONMENT, workspace.tenants.test_environment()
    profile = workspace.tenants.find(named)
    await unlock_for(workspace, profile)
    credentials = workspace.tenants.credentials(profile.name)
    return profile.name, workspace.tenants.test(profile, credentials)
