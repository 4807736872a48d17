"""What can be done in the editor."""

from __future__ import annotations

from cognitui.tui.commands.command import Command

WEBHOOK = (
    Command("webhook.register", ("ctrl+s",), "Register",
            "Check everything, then register the webhook", writes=True, priority=True),
    Command("webhook.save", ("ctrl+s",), "Save",
            "Check the form, then change the webhook", writes=True, priority=True),
    Command("webhook.preflight", ("f5",), "Check",
            "Find out whether registering would go well"),
    Command("webhook.pick-skill", ("f2",), "Skill", "Choose a skill"),
    Command("webhook.generate", ("f3",), "Secret", "Make a new secret"),
    Command("webhook.reveal", ("f4",), "Reveal", "Show or hide the secret"),
    Command("webhook.use-receiver", ("f6",), "Receiver",
            "Make this machine's receiver the endpoint"),
    Command("webhook.toggle-json", ("f7",), "JSON",
            "On a narrow terminal: the JSON instead of the form", footer=False),
    Command("webhook.clear", ("f8",), "Clear", "Clear the form and begin anew",
            footer=False, dangerous=True),
)  # fmt: skip
