"""What the parts of Audit are called and are for."""

from __future__ import annotations

from cognitui.tui.parts import Part

PARTS = (
    Part(
        "audit-filter",
        "Filter",
        "Shows and counts only what you ask for: action:register outcome:failed since:2h, and "
        "words that occur in an id, a host or a detail. A minus in front leaves out: -outcome:ok.",
        (
            ("enter", "To the records"),
            ("→", "Take what is suggested"),
            ("↑ ↓", "Move in the records"),
            ("esc", "Clear it, and to the records"),
        ),
    ),
    Part(
        "records",
        "Records",
        "What was done, newest first; older ones are read as you go. On the first line the cursor "
        "follows what comes; anywhere else it stays where it is.",
        (("enter", "Show its webhook in Browse"),),
    ),
    Part(
        "record-box",
        "Detail",
        "The record under the cursor: how it went, each attempt, and what it changed, with - for "
        "a line before and + for one after.",
        (("esc", "Back to the records"),),
    ),
)
