"""What the parts of Browse are called and are for."""

from __future__ import annotations

from cognitui.tui.parts import Part

PARTS = (
    Part(
        "browse-filter",
        "Filter",
        "Shows only what holds your letters in their order: ordst finds Order status.",
        (("enter", "To the list"), ("esc", "Clear it, and to the list")),
    ),
    Part(
        "browse-list",
        "List",
        "The tenant's bots, their skills and webhooks. What is under the cursor is explained "
        "beside it.",
        (
            ("enter", "Open a branch, or a webhook in the editor"),
            ("← →", "Fold and unfold"),
            ("shift+↑ ↓", "Mark while moving"),
        ),
    ),
    Part(
        "browse-scroll",
        "Detail",
        "What is known of the thing under the cursor: an overview, its JSON, what was done to it.",
        (("← →", "The other views"), ("esc", "Back to the list")),
    ),
)
