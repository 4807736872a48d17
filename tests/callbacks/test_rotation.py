from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from cognitui.callbacks.rotation import SecretRing, known, match_of
from cognitui.clock import unix_ms
from cognitui.cognigy.credentials import fingerprint
from cognitui.errors import UsageError

NOW = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)
OLD, NEW, NEWER = (SecretStr(f"{name} secret of thirty-two letters") for name in "abc")


def accepted(ring: SecretRing, at: datetime) -> list[object]:
    return [each.secret for each in ring.secrets() if each.is_accepted_at(unix_ms(at))]


def test_both_are_accepted_for_a_day() -> None:
    ring = SecretRing(OLD).rotate(NEW, now=NOW)
    assert ring.is_rotating(NOW)
    assert accepted(ring, NOW) == [NEW, OLD]
    day = timedelta(hours=24)
    assert accepted(ring, NOW + day - timedelta(milliseconds=1)) == [NEW, OLD]
    assert accepted(ring, NOW + day) == [NEW]
    assert not ring.is_rotating(NOW + day)
    assert [each.label for each in ring.secrets()] == ["current", "previous"]


def test_a_second_rotation_inside_the_first_is_refused() -> None:
    ring = SecretRing(OLD).rotate(NEW, now=NOW)
    with pytest.raises(UsageError) as caught:
        ring.rotate(NEWER, now=NOW + timedelta(hours=23))
    assert fingerprint(OLD) in caught.value.message
    assert "until 2026-05-18 12:00 UTC" in caught.value.message
    assert OLD.get_secret_value() not in f"{caught.value!r}{caught.value.hint}"
    told = ring.rotate(NEWER, now=NOW + timedelta(hours=23), drop_previous=True)
    assert accepted(told, NOW + timedelta(hours=24)) == [NEWER, NEW]
    later = ring.rotate(NEWER, now=NOW + timedelta(hours=24))
    assert accepted(later, NOW + timedelta(hours=24)) == [NEWER, NEW]


def test_a_leak_ends_the_old_one_at_once() -> None:
    ring = SecretRing(OLD).rotate(NEW, now=NOW).revoke(NEWER, now=NOW)
    assert accepted(ring, NOW) == [NEWER]
    assert not ring.is_rotating(NOW)


@pytest.mark.parametrize(
    ("secret", "overlap"),
    [
        (SecretStr(""), timedelta(hours=1)),
        (OLD, timedelta(hours=1)),
        (NEW, timedelta(days=31)),
        (NEW, timedelta(seconds=-1)),
    ],
)
def test_what_cannot_be_rotated(secret: SecretStr, overlap: timedelta) -> None:
    with pytest.raises(UsageError):
        SecretRing(OLD).rotate(secret, now=NOW, overlap=overlap)


def test_no_secret_is_shown() -> None:
    ring = SecretRing(OLD).rotate(NEW, now=NOW)
    text = f"{ring!r}{ring.secrets()!r}{known('bare')!r}{match_of(known(b'raw' * 20))!r}"
    for each in (OLD.get_secret_value(), NEW.get_secret_value(), "bare", "rawraw"):
        assert each not in text
