"""What can be done in Callbacks."""

from __future__ import annotations

from cognitui.tui.commands.command import Command

CALLBACKS = (
    Command("callbacks.send", ("ctrl+s",), "Send", "Send the callback",
            writes=True, priority=True),
    Command("callbacks.pick-target", ("f2",), "Webhook", "Choose a webhook as the target",
            elsewhere=True),
    Command("callbacks.use-receiver", ("f6",), "Receiver",
            "Make this machine's receiver the target"),
    Command("callbacks.toggle-receiver", ("f7",), "Listen/stop", "Start or stop the receiver",
            elsewhere=True),
    Command("callbacks.reset-body", ("f8",), "Reset", "Compose the body anew"),
    Command("callbacks.search", ("slash",), "Search", "Search what arrived"),
    Command("callbacks.clear", ("f9",), "Clear", "Forget what arrived"),
)  # fmt: skip
