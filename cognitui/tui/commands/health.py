"""What can be done in Health."""

from __future__ import annotations

from cognitui.tui.commands.command import Command

HEALTH = (
    Command("health.sweep", ("s",), "Check all", "Check every webhook of what is shown",
            elsewhere=True),
    Command("health.check", ("h",), "Check", "Check the webhook again, or all of its group"),
    Command("health.ping", ("p",), "Ping", "Send the webhook a signed callback marked as a test",
            writes=True),
    Command("health.watch", ("w",), "Watch", "Check all again and again; tell what changes",
            elsewhere=True),
    Command("health.narrow", ("left_square_bracket",), "Less", "Show fewer: a bot, a tenant, all"),
    Command("health.widen", ("right_square_bracket",), "More", "Show more: a bot, a tenant, all"),
    Command("health.copy", ("c",), "Copy report", "Copy what was found in plain words"),
    Command("health.webhook", ("o",), "Webhook", "Show the webhook in Browse"),
    Command("health.filter", ("slash",), "Filter", "Filter by any letters of what is known of it",
            footer=False),
    Command("health.resume", ("S",), "Go on", "Go on with a check of all that was stopped",
            footer=False),
    Command("health.copy-id", ("y",), "Copy id", "Copy the webhook's id", footer=False),
    Command("health.detail", ("v",), "Detail", "To the detail and back; it scrolls",
            footer=False),
    Command("health.reload", ("r",), "Reload", "Read earlier checks again", footer=False),
)  # fmt: skip
