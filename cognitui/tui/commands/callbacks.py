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
    Command("callbacks.probe", ("p",), "Probe",
            "Attack the target's verification, and see the report card", writes=True),
    Command("callbacks.explain", ("x",), "Explain",
            "Why it does not verify: the one chosen or pasted"),
    Command("callbacks.burst", ("b",), "Burst",
            "Send many callbacks, and see how quickly they go", writes=True),
    Command("callbacks.resend", ("r",), "Resend", "Send the very same bytes again", writes=True),
    Command("callbacks.code", ("c",), "Code", "Code that verifies such callbacks, for your stack"),
    Command("callbacks.bytes", ("v",), "Bytes",
            "The exact bytes of the one chosen, or of what is sent"),
    Command("callbacks.export", ("e",), "Export",
            "The one chosen as curl, HTTP file, HAR or pytest", footer=False),
    Command("callbacks.keep", ("k",), "Keep", "Keep what the cursor is on in a file",
            footer=False),
    Command("callbacks.replay", ("o",), "Replay", "Send a kept callback again, byte for byte",
            footer=False, writes=True),
    Command("callbacks.order", ("s",), "Order",
            "List what arrived as it was sent, or as it arrived", footer=False),
    Command("callbacks.forward", ("f",), "Forward",
            "Hand what verifies to your program on this machine", footer=False),
    Command("callbacks.answers", ("w",), "Answers", "Tell the receiver how to answer"),
    Command("callbacks.search", ("slash",), "Search", "Search what arrived"),
    Command("callbacks.clear", ("f9",), "Clear", "Forget what arrived"),
)  # fmt: skip
