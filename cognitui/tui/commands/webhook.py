"""What can be done in the editor."""

from __future__ import annotations

from cognitui.tui.commands.command import Command

WEBHOOK = (
    Command("webhook.register", ("ctrl+s",), "Register",
            "Check everything, then register the webhook", writes=True, priority=True),
    Command("webhook.save", ("ctrl+s",), "Save",
            "Check the form, then change the webhook", writes=True, priority=True),
    Command("webhook.preflight", ("f5",), "Check",
            "Find out whether it would go well, now and at each change"),
    Command("webhook.next-view", ("f7",), "View",
            "The next of request, changes and callback"),
    Command("webhook.pick-skill", ("f2",), "Skill", "Choose a skill of the bot"),
    Command("webhook.generate", ("f3",), "Secret", "Make a new secret"),
    Command("webhook.reveal", ("f4",), "Reveal", "Show the secret until you leave its field"),
    Command("webhook.use-receiver", ("f6",), "Receiver",
            "Make this machine's receiver the endpoint"),
    Command("webhook.clear", ("f8",), "Clear", "Take back what was typed and begin anew",
            footer=False, dangerous=True),
    Command("webhook.problem", ("f9",), "Problem",
            "Put the cursor where something is wrong"),
    Command("webhook.new", ("n",), "New", "Begin a new webhook; what was typed stays a draft"),
    Command("webhook.duplicate", ("D",), "Duplicate",
            "Begin a new webhook like this one"),
    Command("webhook.drafts", ("o",), "Drafts", "Go on with another draft, or discard one"),
    Command("webhook.pick-bot", ("b",), "Bot", "Choose the bot that the webhook is for"),
    Command("webhook.copy-as", ("c",), "Copy as",
            "Copy it as curl, Python, a webhook file or JSON"),
    Command("webhook.test", ("t",), "Test", "Send the registered webhook a test callback"),
    Command("webhook.placeholder", ("ctrl+t",), "Placeholder",
            "Insert a placeholder into the template", footer=False),
    Command("webhook.format", ("ctrl+l",), "Format",
            "Write the template anew, one value a line", footer=False),
)  # fmt: skip
