"""What can be done in Audit."""

from __future__ import annotations

from cognitui.tui.commands.command import Command

AUDIT = (
    Command("audit.filter", ("slash",), "Filter", "Filter the records", elsewhere=True),
    Command("audit.webhook", ("o",), "Webhook", "Show the record's webhook in Browse"),
    Command("audit.narrow", ("left_square_bracket",), "Shorter", "Look less far back"),
    Command("audit.widen", ("right_square_bracket",), "Longer", "Look further back"),
    Command("audit.chart", ("c",), "Chart", "The next of latency, distribution and success rate"),
    Command("audit.group", ("b",), "By", "Success rate by webhook, event, action, bot or tenant",
            footer=False),
    Command("audit.detail", ("v",), "Detail", "To the record's detail and back; it scrolls",
            footer=False),
    Command("audit.copy", ("y",), "Copy", "Copy the operation's id", footer=False),
    Command("audit.copy-json", ("Y",), "Copy JSON", "Copy the record as JSON", footer=False),
    Command("audit.sync", ("s",), "Sync to monitor", "Send the report to the monitor",
            writes=True, elsewhere=True),
    Command("audit.verify", ("V",), "Verify", "Find out whether the log is complete",
            elsewhere=True),
    Command("audit.reload", ("r",), "Reload", "Read the log again", footer=False),
)  # fmt: skip
