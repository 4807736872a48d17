"""The secrets that are accepted, and how one takes the place of another without a gap."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pydantic import SecretStr

from cognitui.callbacks.sign import secret_bytes
from cognitui.clock import unix_ms
from cognitui.cognigy.credentials import fingerprint
from cognitui.errors import UsageError

if TYPE_CHECKING:
    from cognitui.callbacks.sign import Secret

DEFAULT_OVERLAP = timedelta(hours=24)
MAX_OVERLAP = timedelta(days=30)
CURRENT, PREVIOUS = "current", "previous"


@dataclass(frozen=True, slots=True)
class KnownSecret:
    """A secret that is accepted.

    Attributes:
        secret: The secret itself.
        label: What it is called, such as ``previous`` or a webhook's id; empty for no name.
        until_ms: When it stops being accepted, in ms since 1970; ``None`` for never.
    """

    secret: Secret = field(repr=False)
    label: str = ""
    until_ms: int | None = None

    def is_accepted_at(self, now_ms: int) -> bool:
        """Whether its time has not run out."""
        return self.until_ms is None or now_ms < self.until_ms


@dataclass(frozen=True, slots=True)
class SecretMatch:
    """Which secret a signature was made with, without the secret.

    Attributes:
        fingerprint: ``sha256:`` and eight hex digits.
        label: What it is called; empty for no name.
        until_ms: When it stops being accepted, in ms since 1970; ``None`` for never.
    """

    fingerprint: str
    label: str = ""
    until_ms: int | None = None

    @property
    def words(self) -> str:
        """For people: ``sha256:9c1e04aa (previous, until 2026-05-18 12:00 UTC)``."""
        parts = [self.label] if self.label else []
        if self.until_ms is not None:
            until = datetime.fromtimestamp(self.until_ms / 1000, UTC)
            parts.append(f"until {until:%Y-%m-%d %H:%M} UTC")
        return f"{self.fingerprint} ({', '.join(parts)})" if parts else self.fingerprint


def known(secret: Secret | KnownSecret) -> KnownSecret:
    """The secret with room for a name."""
    return secret if isinstance(secret, KnownSecret) else KnownSecret(secret)


def match_of(secret: KnownSecret) -> SecretMatch:
    """What may be shown of a secret."""
    text = secret_bytes(secret.secret).decode("utf-8", "replace")
    return SecretMatch(fingerprint(SecretStr(text)), secret.label, secret.until_ms)


@dataclass(frozen=True, slots=True)
class SecretRing:
    """The secret of now, and for a while also the one before it.

    Attributes:
        current: What senders sign with from now on.
        previous: What those sign with that have not heard yet; ``None`` outside of a rotation.
        until_ms: When the previous one stops being accepted, in ms since 1970.
    """

    current: SecretStr = field(repr=False)
    previous: SecretStr | None = field(default=None, repr=False)
    until_ms: int = 0

    def is_rotating(self, now: datetime) -> bool:
        """Whether two secrets are accepted."""
        return self.previous is not None and unix_ms(now) < self.until_ms

    def rotate(
        self,
        new: SecretStr,
        *,
        now: datetime,
        overlap: timedelta = DEFAULT_OVERLAP,
        drop_previous: bool = False,
    ) -> SecretRing:
        """The ring after the change.

        Args:
            new: The secret that takes over.
            now: When it does.
            overlap: For how long the one before is still accepted. Nothing at all is right for a
                secret that has leaked; see `revoke`.
            drop_previous: Whether the previous one of a rotation under way may be dropped for this.

        Raises:
            UsageError: The new secret is empty or the current one, the overlap is out of range, or
                a rotation is under way: the message says what would be dropped.
        """
        if not new.get_secret_value():
            raise UsageError("The new secret is empty.", field="secret")
        if new == self.current:
            raise UsageError(
                "The new secret is the current one.", hint="Generate another.", field="secret"
            )
        if not timedelta(0) <= overlap <= MAX_OVERLAP:
            raise UsageError(
                f"The overlap is from 0 to {MAX_OVERLAP.days} days, not {overlap}.", field="overlap"
            )
        if self.is_rotating(now) and not drop_previous:
            raise self._under_way(overlap)
        if not overlap:
            return SecretRing(new)
        return SecretRing(new, self.current, unix_ms(now + overlap))

    def revoke(self, new: SecretStr, *, now: datetime) -> SecretRing:
        """Accept nothing but the new secret from this moment on, because the old one has leaked.

        Raises:
            UsageError: The new secret is empty or the current one.
        """
        return self.rotate(new, now=now, overlap=timedelta(0), drop_previous=True)

    def secrets(self, label: str = "") -> tuple[KnownSecret, ...]:
        """What a receiver tries, the current one first; the previous one with its end.

        Args:
            label: Whose secrets they are, where there are several.
        """
        before = f"{label}: " if label else ""
        current = KnownSecret(self.current, f"{before}{CURRENT}")
        if self.previous is None:
            return (current,)
        return (current, KnownSecret(self.previous, f"{before}{PREVIOUS}", self.until_ms))

    def _under_way(self, overlap: timedelta) -> UsageError:
        assert self.previous is not None
        dropped = fingerprint(self.previous)
        becomes = fingerprint(self.current)
        until = datetime.fromtimestamp(self.until_ms / 1000, UTC)
        fate = f"{becomes} would be the previous one" if overlap else f"and so would {becomes}"
        return UsageError(
            f"A rotation is under way until {until:%Y-%m-%d %H:%M} UTC; "
            f"{dropped}, which is accepted until then, would be dropped.",
            hint=f"Wait until then, or say that it may be dropped: {fate}.",
            field="secret",
        )
