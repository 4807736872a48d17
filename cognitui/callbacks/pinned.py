"""An httpx transport that connects to the addresses that were checked, not to the name again."""

from __future__ import annotations

from contextlib import suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import httpx

from cognitui.network.connecting import PASSED_OVER_S
from cognitui.network.resolve import resolve

if TYPE_CHECKING:
    import ssl

    from cognitui.network.resolve import Resolved

_checked: ContextVar[tuple[str, list[Resolved]] | None] = ContextVar("_checked", default=None)


def connect_to(host: str, addresses: list[Resolved]) -> None:
    """Let this task's next connection to a host go to these addresses, from `resolve`."""
    _checked.set((host, addresses))


class PinnedTransport(httpx.AsyncHTTPTransport):
    """Connects only to addresses from `resolve`. Certificates are still those of the name.

    Connections are pooled by the name, so that one that was made for another host, which happens
    to be at the same address, is never used.

    Args:
        context: Whom to trust.
        limits: Of its pool.
    """

    def __init__(self, context: ssl.SSLContext, limits: httpx.Limits) -> None:
        super().__init__(verify=context, limits=limits, trust_env=False)
        pool: Any = self._pool
        pool._network_backend = _Backend(pool._network_backend)  # noqa: SLF001 - no public way in


class _Backend:
    """What the pool connects with."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the pool calls it so
        **options: Any,
    ) -> Any:
        """Connect to the first address that answers.

        Raises:
            CognituiError: The host is not for callbacks, or there is none.
        """
        checked, _ = _checked.get(), _checked.set(None)
        known = checked[1] if checked is not None and checked[0] == host else None
        *others, last = known or await resolve(host, port)
        for each in others:
            # Whatever is the matter with it, the next one may be well.
            with suppress(Exception):
                patience = min(PASSED_OVER_S, timeout or PASSED_OVER_S)
                return await self._inner.connect_tcp(each.address, port, patience, **options)
        return await self._inner.connect_tcp(last.address, port, timeout, **options)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._inner.sleep(seconds)
