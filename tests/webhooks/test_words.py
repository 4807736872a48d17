from __future__ import annotations

import pytest

from cognitui.webhooks.draft import Draft
from cognitui.webhooks.words import ago, draft_detail, draft_title


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (0, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (3599, "59 min ago"),
        (3600, "1 h ago"),
        (86_400, "1 day ago"),
        (3 * 86_400, "3 days ago"),
    ],
)
def test_how_long_ago(seconds: float, words: str) -> None:
    assert ago(seconds) == words


@pytest.mark.parametrize(
    ("draft", "title", "detail"),
    [
        (Draft(), "New webhook", "no endpoint yet"),
        (Draft(skill_id=" s "), "New webhook", "s"),
        (
            Draft(skill_id="s", endpoint_url="https://a.example", webhook_id="wh_1"),
            "Edit wh_1",
            "https://a.example",
        ),
    ],
)
def test_a_draft_in_a_few_words(draft: Draft, title: str, detail: str) -> None:
    assert (draft_title(draft), draft_detail(draft)) == (title, detail)
