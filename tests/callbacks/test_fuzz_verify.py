"""Deliveries that were changed at random are refused, and none of them is too much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cognitui.callbacks.schemes.scheme import BODY

from .fuzz_verify import CHANGES, SEED, fuzz

if TYPE_CHECKING:
    from cognitui.callbacks.schemes.scheme import SignedHeaders

DELIVERIES = 6_000


def test_nothing_is_raised_and_nothing_changed_is_accepted() -> None:
    tried = fuzz(DELIVERIES, SEED)
    assert set(tried.by_change) == {change.__name__ for change in CHANGES}
    assert tried.accepted > DELIVERIES // 100
    assert tried.refused > DELIVERIES // 2
    assert {signature for signature, _ in tried.verdicts} == {
        "valid", "invalid", "missing", "malformed",
    }  # fmt: skip
    assert {freshness for _, freshness in tried.verdicts} == {
        "fresh", "stale", "future", "missing", "malformed", "untimed",
    }  # fmt: skip


@pytest.mark.parametrize("bug", ["too_short", "any_body"])
def test_a_verifier_with_a_bug_is_found_out(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search is worth something only if it finds what it looks for."""
    if bug == "too_short":

        def compare(expected: bytes, given: bytes) -> bool:
            return expected[:1] == given[:1]

        monkeypatch.setattr("cognitui.callbacks.verify.hmac.compare_digest", compare)
    else:

        def signed(part: SignedHeaders, body: bytes, timestamp: bytes, delivery_id: bytes) -> bytes:
            return body if part.signs == BODY else timestamp

        for module in ("judging", "signing"):
            monkeypatch.setattr(f"cognitui.callbacks.schemes.{module}.signed_content", signed)
    with pytest.raises(AssertionError, match=r"accepted: delivery \d+ of seed"):
        fuzz(DELIVERIES, SEED)
