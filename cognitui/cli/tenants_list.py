"""List the tenants that are known here, and whether their keys are at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cognitui.cli.common import plain_workspace
from cognitui.cli.output import add_json, emit, say, table, talk

if TYPE_CHECKING:
    import argparse

    from cognitui.workspace.tenants import TenantEntry

EXAMPLE = "cognitui tenants list --json"
NOTHING = "–"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """List, and return 0; nothing is unlocked for it."""
    async with plain_workspace() as workspace:
        tenants = workspace.tenants
        in_vault = tenants.vault.names()
        found = [_described(entry, in_vault) for entry in tenants.entries()]
    if args.json:
        emit({"tenants": found})
        return 0
    if not found:
        talk("No tenant is known yet. `cognitui tenants add` adds one.")
        return 0
    rows = [
        [
            str(one["name"]),
            str(one["base_url"]),
            "production" if one["is_production"] else NOTHING,
            NOTHING if one["colour"] == "none" else str(one["colour"]),
            str(one["key"]),
            str(one["last_used"] or NOTHING)[:10],
        ]
        for one in found
    ]
    say(table(["NAME", "BASE URL", "MARK", "COLOUR", "KEY", "LAST USED"], rows))
    return 0


def _described(entry: TenantEntry, in_vault: list[str]) -> dict[str, Any]:
    profile = entry.profile
    if entry.is_from_environment:
        key = "in the environment"
    else:
        key = "in the vault" if profile.name in in_vault else "none"
    told = profile.model_dump(mode="json")
    # A token may be in its query; who may read it can read the file of profiles.
    del told["monitor_url"]
    return {**told, "key": key, "has_monitor": profile.monitor_url is not None}
