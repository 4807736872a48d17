"""What can be done anywhere."""

from __future__ import annotations

from cognitui.tui.commands.command import Command
from cognitui.tui.places import PLACES

UNDO = Command(
    "app.undo", ("u",), "Undo",
    "Undo the last change or deletion of a webhook, after asking",
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
    Command("app.help", ("f1", "question_mark"), "Help", "The keys of where you are"),
    Command("app.palette", ("ctrl+p",), "Palette", "Everything by name", call="command_palette"),
    UNDO,
    Command("app.theme", (), "Theme", "Choose the colours", footer=False, call="change_theme"),
    Command("app.quit", ("q",), "Quit", "Quit, after asking where something would be lost",
            call="ask_quit"),
)  # fmt: skip
