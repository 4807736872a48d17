"""What can be done in Audit."""

from __future__ import annotations

from cognitui.tui.commands.command import Command

AUDIT = (
    Command("audit.filter", ("slash",), "Filter", "Filter the records", elsewhere=True),
    Command("audit.sync", ("s",), "Sync to monitor", "Send the report to the monitor",
            writes=True, elsewhere=True),
    Command("audit.reload", ("r",), "Reload", "Read the log again"),
)  # fmt: skip
