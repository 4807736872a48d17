"""The bearer token of a tenant: fetched once, shared by all, renewed before it expires."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cognitui.clock import SYSTEM_CLOCK, Clock
from cognitui.cognigy.errors import ApiError, Unauthorized

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from pydantic import SecretStr

    from cognitui.cognigy.models import Token

EARLY_S, LATEST_S = 120.0, 30.0
RETRY_EARLY_S = 5.0


@dataclass(frozen=True, slots=True)
class _Held:
    value: SecretStr = field(repr=False)
    renew_early_at: float
    renew_latest_at: float


class TokenSource:
    """Hands out a token that is good for at least a little while.

    Renewal has two tiers. From `EARLY_S` before the end (or a quarter of a short life) one renewal
    runs in the background while callers go on with the token at hand, and its failure disturbs
    nobody. From `LATEST_S` before the end callers wait for it. There is never more than one renewal
    in flight, and it belongs to no caller: whoever is cancelled while waiting takes nothing away
    from the others.
    """

    def __init__(
        self, exchange: Callable[[], Awaitable[Token]], clock: Clock = SYSTEM_CLOCK
    ) -> None:
        self._exchange = exchange
        self._clock = clock
        self._held: _Held | None = None
        self._renewal: asyncio.Task[SecretStr] | None = None
        self._early_again_at = float("-inf")
        self._refused: tuple[Unauthorized, float] | None = None

    async def get(self) -> SecretStr:
        """A token to send.

        Raises:
            ApiError: There is none at hand and the tenant gave none.
        """
        held, now = self._held, self._clock.monotonic()
        if self._refused is not None and now < self._refused[1]:
            # The key does not get better by being asked about again; it may get locked.
            raise self._refused[0]
        if held is None or now >= held.renew_latest_at:
            return await asyncio.shield(self._renew())
        if now >= max(held.renew_early_at, self._early_again_at):
            self._renew()
        return held.value

    def invalidate(self, token: SecretStr) -> None:
        """The tenant did not accept this token. One that was renewed meanwhile stays."""
        if self._held is not None and self._held.value == token:
            self._held = None

    async def aclose(self) -> None:
        """Stop a renewal that is under way."""
        if self._renewal is not None and not self._renewal.done():
            self._renewal.cancel()
            await asyncio.gather(self._renewal, return_exceptions=True)

    def _renew(self) -> asyncio.Task[SecretStr]:
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.ensure_future(self._fetch())
            self._renewal.add_done_callback(self._note_failure)
        return self._renewal

    async def _fetch(self) -> SecretStr:
        asked_at = self._clock.monotonic()
        token = await self._exchange()
        life = max(0.0, token.expires_in)
        self._held = _Held(
            token.access_token,
            renew_early_at=asked_at + life - min(EARLY_S, life / 4),
            renew_latest_at=asked_at + life - min(LATEST_S, life / 10),
        )
        return token.access_token

    def _note_failure(self, renewal: asyncio.Task[SecretStr]) -> None:
        # Also marks the exception as seen when nobody waited for this renewal.
        error = None if renewal.cancelled() else renewal.exception()
        again_at = self._clock.monotonic() + RETRY_EARLY_S
        if isinstance(error, ApiError):
            self._early_again_at = again_at
        self._refused = (error, again_at) if isinstance(error, Unauthorized) else None
