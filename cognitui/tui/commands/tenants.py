"""What can be done in Tenants."""

from __future__ import annotations

from cognitui.tui.commands.command import Command

TENANTS = (
    Command("tenants.add", ("a",), "Add", "Add a tenant", elsewhere=True),
    Command("tenants.edit", ("e",), "Edit", "Edit the tenant"),
    Command("tenants.test", ("t",), "Test", "Does it let us in?"),
    Command("tenants.lock", ("l",), "Lock", "Lock the vault", elsewhere=True),
    Command("tenants.forget", ("d",), "Forget", "Forget the tenant, after asking", dangerous=True),
    Command("tenants.reload", ("r",), "Reload", "Read the profiles again", footer=False),
)
