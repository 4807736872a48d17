"""What can be done in Browse."""

from __future__ import annotations

from cognitui.tui.commands.command import Command

BROWSE = (
    Command("browse.filter", ("slash",), "Filter", "Filter what is loaded"),
    Command("browse.new", ("n",), "New", "Write a webhook, for the skill under the cursor"),
    Command("browse.edit", ("e",), "Edit", "Open the webhook in the editor"),
    Command("browse.callback", ("t",), "Test", "Send the webhook a test callback"),
    Command("browse.check", ("h",), "Check", "Can the endpoint be reached?"),
    Command("browse.switch", ("x",), "On/off", "Switch the webhook on or off", writes=True),
    Command("browse.delete", ("d",), "Delete", "Delete the webhook, after asking",
            writes=True, dangerous=True),
    Command("browse.copy", ("y",), "Copy", "Copy the id under the cursor"),
    Command("browse.reload", ("r",), "Reload", "Load everything again", footer=False),
)  # fmt: skip
