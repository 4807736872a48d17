"""What a command that changes something asks of a production tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.cli.asking import ask_line, has_person

if TYPE_CHECKING:
    import argparse

    from cognitui.tenants.profiles import Profile
    from cognitui.workspace import Workspace


def add_confirmation(parser: argparse.ArgumentParser) -> None:
    """``--confirm-production``, for where nobody can be asked."""
    parser.add_argument(
        "--confirm-production",
        metavar="NAME",
        help="the tenant's name, where it is marked as production; else you are asked",
    )


def confirm_production(workspace: Workspace, profile: Profile, args: argparse.Namespace) -> None:
    """Make sure that a change at this tenant is meant.

    Raises:
        ProductionNotConfirmed: It is a production tenant, and nobody gave its name.
    """
    name: str | None = args.confirm_production
    if name is None and workspace.tenants.needs_confirmation(profile) and has_person():
        name = ask_line(f"{profile.name} is a production tenant. Type its name to go on:")
    workspace.tenants.confirm(name, profile)
