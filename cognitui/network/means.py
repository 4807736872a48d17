"""What many checks share: a context for TLS, and the addresses of the names they meet.

To load the machine's authorities costs some 20 ms of processor time, and a hundred webhooks of one
host need its address once. What is kept here is as old as its owner, so that owner is one sweep.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Lookup = Callable[[str, int], Awaitable[list[str]]]

T = TypeVar("T")


class Means:
    """Contexts and addresses, each made once; for the checks of one event loop."""

    def __init__(self) -> None:
        self._contexts: dict[bool, asyncio.Future[ssl.SSLContext]] = {}
        self._addresses: dict[tuple[str, int], asyncio.Future[list[str]]] = {}

    async def tls_context(self, *, verify: bool) -> ssl.SSLContext:
        """A context that insists on a valid certificate, or one that takes any.

        Raises:
            ssl.SSLError: The machine's authorities cannot be read.
        """
        if verify not in self._contexts:
            making = asyncio.to_thread(_tls_context, verify)
            self._contexts[verify] = _kept(asyncio.ensure_future(making))
        return await asyncio.shield(self._contexts[verify])

    async def addresses(self, host: str, port: int, lookup: Lookup) -> list[str]:
        """The addresses of a host; all who ask meanwhile wait for one answer.

        Raises:
            OSError: There is no such host.
        """
        key = (host, port)
        if key not in self._addresses:
            self._addresses[key] = _kept(asyncio.ensure_future(lookup(host, port)))
        return await asyncio.shield(self._addresses[key])

    def close(self) -> None:
        """Wait for nothing that is still under way."""
        for context in self._contexts.values():
            context.cancel()
        for addresses in self._addresses.values():
            addresses.cancel()


async def in_daemon_thread(work: Callable[[], T]) -> T:
    """Do something that blocks in a thread that nobody ever waits for.

    A resolver may hang for a minute: neither other work in threads nor the program's end is to be
    in its way.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if done.done():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type] # it is what `work` gave

    def run() -> None:
        result: T | None = None
        failure: BaseException | None = None
        try:
            result = work()
        except Exception as error:  # noqa: BLE001 - it is raised where the result is awaited
            failure = error
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, daemon=True, name="lookup").start()
    return await done


def _kept(future: asyncio.Future[T]) -> asyncio.Future[T]:
    """A future whose failure may come when nobody waits for it any more."""
    future.add_done_callback(lambda done: done.cancelled() or done.exception())
    return future


def _tls_context(verify: bool) -> ssl.SSLContext:  # noqa: FBT001 - to_thread takes no names
    # Certificates are read with it, and to load it would hold up the event loop.
    import cryptography.x509  # noqa: F401

    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
