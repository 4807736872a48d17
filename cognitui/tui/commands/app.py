"""What can be done anywhere."""

from __future__ import annotations

from cognitui.tui.commands.command import Command
from cognitui.tui.places import PLACES

UNDO = Command(
    "app.undo", ("u",), "Undo",
    "Undo the last change or deletion, after asking",
    footer=False, writes=True, dangerous=True,
)  # fmt: skip

APP = (
    *[
        Command(
            f"app.go-{place.id}",
            (place.key,),
            place.title,
            f"Go to {place.title}: {place.help[:1].lower()}{place.help[1:]}",
            footer=False,
            call=f"go('{place.id}')",
        )
        for place in PLACES
    ],
    Command("app.help", ("f1", "question_mark"), "Help", "What is this, and which keys are there?"),
    Command("app.palette", ("ctrl+p",), "Palette", "Everything by name", call="command_palette"),
    UNDO,
    Command("app.theme", (), "Theme", "Choose the colours", footer=False, call="change_theme"),
    Command("app.quit", ("q",), "Quit", "Quit, after asking where something would be lost",
            call="ask_quit"),
    Command("app.jump", ("ctrl+o",), "Jump", "Go to any part of the screen by a letter"),
    Command("app.back", ("alt+left", "less_than_sign"), "Back", "Go to the place before",
            footer=False, call="go_back"),
    Command("app.forward", ("alt+right", "greater_than_sign"), "Forward",
            "Go forward, after going back", footer=False, call="go_forward"),
    Command("app.reconnect", ("ctrl+r",), "Connect again", "Connect to the open tenant again",
            footer=False),
)  # fmt: skip
