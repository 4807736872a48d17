"""The signing secrets that are known in this session, and the ones before them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.callbacks.rotation import KnownSecret, SecretRing

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pydantic import SecretStr

MAX_NAMES = 32
Home = tuple[str, str]
"""A tenant and a bot: what tells webhooks with one id apart."""
ANYWHERE: Home = ("", "")
GIVEN = "COGNITUI_WEBHOOK_SECRET"


class KnownSecrets:
    """Secrets by the webhook that they belong to. They live as long as this object.

    One that takes another's place leaves it accepted for a day: senders hear of a new secret at
    different moments.

    Args:
        now: Tells the time.
        given: The one in the environment, which belongs to any webhook.
    """

    def __init__(self, now: Callable[[], datetime], given: SecretStr | None) -> None:
        self._now = now
        self._given = given
        self._rings: dict[tuple[Home, str], SecretRing] = {}

    def of(self, name: str, home: Home | None = None) -> SecretStr | None:
        """The secret of this name; ``None`` when it is not known.

        Args:
            name: The webhook's id.
            home: Whose it is; without it the one that was put here last.
        """
        wanted = None if home is None else (home, ANYWHERE)
        for (its_home, its_name), ring in self._newest_first():
            if its_name == name and (wanted is None or its_home in wanted):
                return ring.current
        return None

    @property
    def newest(self) -> SecretStr | None:
        """The one that was put here last, else the one in the environment."""
        last = next(reversed(self._rings.values()), None)
        return last.current if last is not None else self._given

    def put(self, name: str, secret: SecretStr, home: Home = ANYWHERE) -> None:
        """A webhook has this secret from now on."""
        ring = self._rings.pop((home, name), None)
        if ring is None:
            ring = SecretRing(secret)
        elif ring.current != secret:
            ring = ring.rotate(secret, now=self._now(), drop_previous=True)
        self._rings[home, name] = ring
        while len(self._rings) > MAX_NAMES:
            self._rings.pop(next(iter(self._rings)))

    def accepted(self) -> list[KnownSecret]:
        """What a receiver tries, the newest first."""
        known = [each for (_, name), ring in self._newest_first() for each in ring.secrets(name)]
        if self._given is not None:
            known.append(KnownSecret(self._given, GIVEN))
        return known

    def named(self) -> list[tuple[str, SecretStr]]:
        """All of them, the newest first, and what to call them."""
        named: list[tuple[str, SecretStr]] = []
        for (_, name), ring in self._newest_first():
            named.append((name, ring.current))
            if ring.previous is not None:
                named.append((f"{name} before it was exchanged", ring.previous))
        if self._given is not None:
            named.append((GIVEN, self._given))
        return named

    def _newest_first(self) -> list[tuple[tuple[Home, str], SecretRing]]:
        return list(reversed(self._rings.items()))
