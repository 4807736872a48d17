"""What the parts of Health are called and are for."""

from __future__ import annotations

from cognitui.tui.parts import Part

PARTS = (
    Part(
        "health-list",
        "Webhooks",
        "What is wrong, worst first, and the webhooks that it is wrong with. The last checks stand "
        "from the oldest to the newest: the taller, the slower; ✗ failed. ≈ is one that comes and "
        "goes.",
        (
            ("enter", "Open a group, or show a webhook in Browse"),
            ("← →", "Fold and unfold"),
        ),
    ),
    Part(
        "health-box",
        "Detail",
        "What was found: what it means, what to do, whom to tell, each stage with its time, and "
        "what is different from the last good check.",
        (("esc", "Back to the webhooks"),),
    ),
)
