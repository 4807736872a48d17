"""What `webhooks plan` and `webhooks apply` share: their arguments, the file, and the tenant."""

from __future__ import annotations

import math
import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.cli.common import add_tenant, read_input, tenant_workspace
from cognitui.cli.output import add_json, talk
from cognitui.cognigy.models import Bot
from cognitui.webhooks.plan.reading import MAX_FILE_BYTES, parse_file
from cognitui.webhooks.plan.secrets import Secrets

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator

    from cognitui.webhooks.plan.described import WebhookFile
    from cognitui.webhooks.plan.steps import Plan
    from cognitui.workspace import Workspace

STDIN = "-"


def add_plan(parser: argparse.ArgumentParser) -> None:
    """The arguments that say what is planned, and for which bot."""
    parser.add_argument("file", metavar="FILE", help="the file of webhooks; - reads standard input")
    parser.add_argument(
        "--prune", action="store_true", help="delete the bot's webhooks that the file does not name"
    )
    parser.add_argument(
        "--set-secrets",
        action="store_true",
        help="set a secret also where the audit log does not know the one that is there",
    )
    parser.add_argument(
        "--skip-preflight",
        action="store_true",
        help="do not look at the engine and at new endpoints first",
    )
    add_tenant(parser)
    add_json(parser)


def load(args: argparse.Namespace) -> tuple[WebhookFile, Secrets]:
    """The file, and where its secrets are looked for.

    Raises:
        UsageError: The file cannot be used.
    """
    is_stdin = args.file == STDIN
    where = "standard input" if is_stdin else args.file
    file = parse_file(read_input(args.file, most=MAX_FILE_BYTES), where)
    directory = Path.cwd() if is_stdin else Path(args.file).absolute().parent
    return file, Secrets(os.environ, directory)


@asynccontextmanager
async def planned_workspace(
    args: argparse.Namespace, file: WebhookFile
) -> AsyncIterator[Workspace]:
    """The tenant with the bot that is meant: ``--bot``, else the file's, else the environment's.

    At another tenant than the file was written for its bot means nothing, so it comes last there.
    """
    async with tenant_workspace(args) as workspace:
        same_tenant = file.is_home(workspace.client.base_url, file.bot_id)
        if file.bot_id and not args.bot and (same_tenant or workspace.bot is None):
            workspace.choose_bot(Bot(id=file.bot_id))
        yield workspace


async def make_plan(
    workspace: Workspace, args: argparse.Namespace, file: WebhookFile, secrets: Secrets
) -> Plan:
    """The plan that the arguments ask for."""
    return await workspace.plans.plan(
        file,
        prune=args.prune,
        sets_secrets=args.set_secrets,
        checks=not args.skip_preflight,
        secrets=secrets,
    )


def tell_arriving(workspace: Workspace) -> float:
    """Say that a registration of an earlier run may still arrive; for how many seconds.

    Raises:
        FileTrouble: The notes of it cannot be read.
    """
    left_s = workspace.plans.arriving_s()
    if left_s:
        talk(
            "A registration of an earlier run may still arrive at the tenant, for "
            f"{math.ceil(left_s)} s at most."
        )
    return left_s
