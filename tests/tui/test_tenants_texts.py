"""How we stand with a tenant, in words: why, and what to do next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cognitui.tenants.profiles import Profile
from cognitui.tui.tenants_text import (
    CLOSED,
    CONNECTING,
    FAILED,
    LOCKED,
    NEXT_STEPS,
    OFFLINE,
    STOPPED,
    TROUBLE,
    advice,
    last_used,
    state_of,
    tenant_detail,
)
from cognitui.workspace import TenantStatus
from cognitui.workspace.status import ConnectionState
from cognitui.workspace.tenants import TenantEntry

NOW = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)


def entry(*, has_key: bool = True, source: str = "vault", **changes: object) -> TenantEntry:
    fields = {"name": "acme", "base_url": "https://acme.cognigy.ai/api/v1", **changes}
    return TenantEntry(Profile.model_validate(fields), has_key=has_key, source=source)


def status(state: ConnectionState, problem: str = "", tenant: str = "acme") -> TenantStatus:
    return TenantStatus(tenant=tenant, connection=state, problem=problem)


STATES = ConnectionState
ELSEWHERE = status(STATES.CONNECTED, tenant="beta")


@pytest.mark.parametrize(
    ("shown", "of", "words"),
    [
        (entry(), ELSEWHERE, "ready"),
        (entry(has_key=False), ELSEWHERE, "locked"),
        (entry(), status(STATES.CONNECTING), "○ connecting"),
        (entry(), status(STATES.CONNECTED), "● connected"),
        (entry(), status(STATES.LOST), "○ offline"),
        (entry(), status(STATES.FAILED), "○ not connected"),
    ],
)
def test_the_state_has_a_mark_and_a_word(shown: TenantEntry, of: TenantStatus, words: str) -> None:
    assert state_of(shown, of)[0] == words


@pytest.mark.parametrize(
    ("shown", "of", "hint", "trouble", "expected"),
    [
        (entry(), ELSEWHERE, "", ("", ""), ("", CLOSED)),
        (entry(has_key=False), ELSEWHERE, "", ("", ""), ("", LOCKED)),
        (entry(), status(STATES.CONNECTING), "", ("", ""), ("", CONNECTING)),
        (entry(), status(STATES.CONNECTED), "", ("", ""), ("", NEXT_STEPS)),
        (entry(), status(STATES.CONNECTED), "", ("No.", "Do."), ("No.\nDo.", TROUBLE)),
        (entry(), status(STATES.CONNECTED), "", ("No.", ""), ("No.", TROUBLE)),
        (entry(), status(STATES.LOST), "", ("", ""), ("", OFFLINE)),
        (entry(), status(STATES.FAILED), "", ("", ""), ("", STOPPED)),
        (entry(), status(STATES.FAILED, "No."), "Do.", ("", ""), ("No.\nDo.", FAILED)),
        (entry(), status(STATES.FAILED, "No."), "", ("", ""), ("No.", FAILED)),
    ],
)
def test_what_is_wrong_and_what_to_do(
    shown: TenantEntry,
    of: TenantStatus,
    hint: str,
    trouble: tuple[str, str],
    expected: tuple[str, str],
) -> None:
    assert advice(shown, of, hint, trouble) == expected


@pytest.mark.parametrize(
    ("ago", "words"),
    [(None, "–"), (timedelta(minutes=5), "today"), (timedelta(days=3), "2026-05-14")],
)
def test_when_it_was_used_last(ago: timedelta | None, words: str) -> None:
    used = None if ago is None else NOW - ago
    assert last_used(entry(last_used=used).profile, NOW).startswith(words)


def test_what_to_do_stands_above_the_facts_and_no_key_is_shown() -> None:
    shown = entry(key_fingerprint="sha256:0123abcd", bot_id="bot_7", source="environment")
    text = tenant_detail(shown, status(STATES.FAILED, "No."), "No.\nDo.", "press", NOW).plain
    parts = ["acme  ○ not connected", "✗ No.\nDo.", "press", "base URL   https://acme", "bot_7"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "sha256:0123abcd, in the environment" in text


def test_a_problem_of_several_lines_is_made_harmless() -> None:
    text = tenant_detail(entry(), ELSEWHERE, "a\x1b[31m\nb", "", NOW).plain
    assert "\x1b" not in text
    assert "✗ a\\x1b[31m\nb" in text
