"""The way to a URL's host: its parts, its name, its address, a connection, and TLS.

Each stage is timed and has an outcome of its own. The address is judged before it is connected to,
and is the one that is connected to: a name that is asked for twice may lead elsewhere.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from cognitui.cognigy.origin import Origin
from cognitui.network.addresses import Reach
from cognitui.network.certificate import (
    Certificate,
    faults_of,
    hint_of,
    sentence,
    utc_now,
)
from cognitui.network.exchange import Connection, ExchangeError, Reply, Request, open_connection
from cognitui.network.means import Means
from cognitui.network.outcome import Outcome
from cognitui.network.resolve import lookup, reach_at
from cognitui.network.stage import Cause, Stage, WayBlockedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from cognitui.network.certificate import CertificateFault

T = TypeVar("T")

SOON_DAYS = 30
MAX_ADDRESSES = 8
HELLO_S = 1.0
_NO_ROUTE = {errno.EHOSTUNREACH, errno.EADDRNOTAVAIL}
_NO_NETWORK = {errno.ENETUNREACH, errno.ENETDOWN}


class Way:
    """Walks to a host, once or several times, and keeps what each stage found.

    Args:
        url: Where to; http or https.
        timeout_s: Allowed for each stage.
        means: What it shares with others.

    Attributes:
        stages: What was done, in order.
        addresses: Those of the host, as soon as they are known.
        certificate: The one that was sent, as soon as it was; ``None`` without TLS.
        faults: What is wrong with it; empty when it was accepted.
        protocol: The version of TLS, such as ``TLSv1.3``; empty without.
    """

    def __init__(self, url: str, timeout_s: float, means: Means | None = None) -> None:
        self.url, self.timeout_s = url, timeout_s
        self._means = means or Means()
        self.stages: list[Stage] = []
        self.addresses: tuple[str, ...] = ()
        self.certificate: Certificate | None = None
        self.faults: tuple[CertificateFault, ...] = ()
        self.protocol = ""

    def parse(self) -> Origin:
        """Scheme, host and port.

        Raises:
            WayBlockedError: It is no URL that can be used.
        """
        try:
            origin = Origin.of(self.url)
        except ValueError as error:
            self.add("url", Outcome.FAIL, str(error), 0)
            raise WayBlockedError(
                Cause.URL, f"The URL cannot be used: {error}.", "Correct the URL."
            ) from None
        self.add("url", Outcome.OK, str(origin), 0)
        return origin

    async def resolve(self, origin: Origin) -> list[str]:
        """The addresses of the host, each of which may be connected to.

        Raises:
            WayBlockedError: There is no such host, or one of its addresses is refused.
        """
        try:
            found = await self.timed(
                "dns", lambda: self._means.addresses(origin.host, origin.port, lookup)
            )
        except (OSError, TimeoutError, UnicodeError) as error:
            if isinstance(error, TimeoutError):
                raise WayBlockedError(
                    Cause.TIMEOUT,
                    f"The DNS gave no answer for {origin.host} within {self.timeout_s:g} s.",
                    "Check the network and the DNS of the machine that this runs on.",
                ) from None
            if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
                raise WayBlockedError(
                    Cause.TIMEOUT,
                    f"The DNS gave no answer for {origin.host}.",
                    "Check the network and the DNS of the machine that this runs on.",
                ) from None
            raise WayBlockedError(
                Cause.NO_HOST,
                f"There is no host called {origin.host}.",
                "Check the spelling, or the DNS of the machine that this runs on.",
            ) from None
        self.addresses = tuple(found[:MAX_ADDRESSES])
        reaches = {address: reach_at(address) for address in found}
        if refused := [a for a, reach in reaches.items() if reach is Reach.REFUSED]:
            self.add("policy", Outcome.FAIL, f"{refused[0]} is not for endpoints", 0)
            is_itself = refused[0] == origin.host
            leads = f"This is {refused[0]}" if is_itself else f"{origin.host} leads to {refused[0]}"
            raise WayBlockedError(
                Cause.ADDRESS,
                f"{leads}, which no endpoint may use.",
                "Link-local and metadata addresses are never connected to.",
            )
        private = [a for a, reach in reaches.items() if reach is Reach.PRIVATE]
        if private:
            self.add("policy", Outcome.WARN, f"{private[0]} is in a private network", 0)
        else:
            self.add("policy", Outcome.OK, str(reaches[found[0]]), 0)
        return found[:MAX_ADDRESSES]

    async def connect(self, origin: Origin, addresses: Sequence[str]) -> Connection:
        """A connection, secured where the URL says https; close it.

        Raises:
            WayBlockedError: Nothing listens, or it is not who it should be.
        """
        connection = await self.open(origin, addresses)
        if origin.scheme == "https":
            await self.secure(connection, origin, addresses)
        return connection

    async def open(self, origin: Origin, addresses: Sequence[str]) -> Connection:
        """A connection that is not secured yet; close it.

        Raises:
            WayBlockedError: Nothing listens.
        """
        try:
            return await self.timed("tcp", lambda: open_connection(addresses, origin.port))
        except (OSError, TimeoutError) as error:
            cause = _cause_of(error)
            hint = "Is the program running, and does a firewall stand in between?"
            if cause is Cause.NO_NETWORK:
                hint = "Check the network of the machine that this runs on."
            raise WayBlockedError(
                cause,
                f"Nothing accepts connections at {_with_port(origin)}: {self.words(error)}.",
                hint,
            ) from None

    async def secure(
        self, connection: Connection, origin: Origin, addresses: Sequence[str]
    ) -> None:
        """Secure a connection; where that fails it is closed.

        Raises:
            WayBlockedError: It is not who it should be, or speaks no TLS.
        """
        where = _with_port(origin)
        try:
            context = await self._means.tls_context(verify=True)
            await self.timed("tls", lambda: connection.start_tls(origin.host, context))
        except ssl.SSLCertVerificationError as error:
            await connection.aclose()
            raise await self._refused(origin, addresses, error) from None
        except (OSError, TimeoutError) as error:
            await connection.aclose()
            raise WayBlockedError(
                Cause.TIMEOUT if isinstance(error, TimeoutError) else Cause.TLS,
                f"No secure connection to {where} came about: {self.words(error)}.",
                "Is it the right port, and does it speak https there?",
            ) from None
        except BaseException:
            await connection.aclose()
            raise
        self._note_certificate(connection)

    async def speaks_tls(self, origin: Origin, addresses: Sequence[str]) -> bool:
        """Whether it secures a connection, whoever it is; nothing is sent over it."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with suppress(OSError, TimeoutError):
            # Who speaks it says so at once; others wait for more.
            async with asyncio.timeout(min(self.timeout_s, HELLO_S)):
                opened = await asyncio.open_connection(addresses[0], origin.port, ssl=context)
            await Connection(*opened).aclose()
            return True
        return False

    async def exchange(
        self,
        connection: Connection,
        origin: Origin,
        request: Request,
    ) -> Reply:
        """Ask over a connection, and close it; the stage is called ``http METHOD``.

        Raises:
            WayBlockedError: No answer came, or none that is HTTP.
        """
        try:
            return await self.timed(
                f"http {request.method}", lambda: connection.exchange(origin, request)
            )
        except (OSError, TimeoutError, ExchangeError) as error:
            raise WayBlockedError(
                Cause.TIMEOUT if isinstance(error, TimeoutError) else Cause.HTTP,
                f"{origin.place} took the connection, but gave no answer to {request.method}: "
                f"{self.words(error)}.",
                "The program behind it may hang, or it does not speak HTTP.",
            ) from None
        finally:
            await connection.aclose()

    def days_left(self) -> int | None:
        """Days until the certificate expires; ``None`` without one."""
        return self.certificate.days_left(utc_now()) if self.certificate else None

    @property
    def expires_soon(self) -> bool:
        """Whether the certificate expires within a month."""
        left = self.days_left()
        return left is not None and left < SOON_DAYS

    def add(self, name: str, outcome: Outcome, summary: str, ms: float) -> None:
        """Note a stage."""
        self.stages.append(Stage(name, outcome, summary, ms))

    async def timed(self, name: str, work: Callable[[], Awaitable[T]]) -> T:
        """Do a stage's work within its time, and note how it went."""
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self.timeout_s):
                result = await work()
        except Exception as error:
            ms = (time.perf_counter() - started) * 1000
            self.add(name, Outcome.FAIL, self.words(error), ms)
            raise
        ms = (time.perf_counter() - started) * 1000
        self.add(name, Outcome.OK, str(result) if isinstance(result, Reply) else "", ms)
        return result

    def words(self, error: BaseException) -> str:
        """An exception as the end of a sentence."""
        if isinstance(error, TimeoutError):
            return f"no answer within {self.timeout_s:g} s"
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message.rstrip(".")
        if isinstance(error, ssl.SSLError):
            return "it does not speak TLS as it should"
        if isinstance(error, ConnectionRefusedError):
            return "connection refused"
        if isinstance(error, OSError):
            return (error.strerror or type(error).__name__).lower()
        return str(error) or type(error).__name__

    async def _refused(
        self, origin: Origin, addresses: Sequence[str], error: ssl.SSLCertVerificationError
    ) -> WayBlockedError:
        """What is wrong with the certificate, read over a connection that sends nothing."""
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(self.timeout_s):
                context = await self._means.tls_context(verify=False)
                self.certificate = await _read(origin, addresses, context)
        now = utc_now()
        self.faults = faults_of(self.certificate, origin.host, error.verify_code, now)
        what = sentence(self.faults, self.certificate, now)
        failed = self.stages[-1]
        self.stages[-1] = Stage(failed.name, Outcome.FAIL, f"the certificate {what}", failed.ms)
        return WayBlockedError(
            Cause.CERTIFICATE,
            f"The certificate of {origin.place} {what}.",
            hint_of(self.faults, self.certificate),
        )

    def _note_certificate(self, connection: Connection) -> None:
        self.protocol = connection.tls_version()
        self.certificate = connection.certificate()
        left, done = self.days_left(), self.stages[-1]
        if left is None:
            return
        if self.expires_soon:
            days = "today" if left < 1 else f"in {left} day{'s' if left != 1 else ''}"
            outcome, summary = Outcome.WARN, f"the certificate expires {days}"
        else:
            outcome, summary = Outcome.OK, f"{self.protocol}, expires in {left:,} days"
        self.stages[-1] = Stage(done.name, outcome, summary, done.ms)


def _with_port(origin: Origin) -> str:
    """Host and port, also where the port is the usual one."""
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    return f"{host}:{origin.port}"


async def _read(
    origin: Origin, addresses: Sequence[str], context: ssl.SSLContext
) -> Certificate | None:
    connection = await open_connection(addresses, origin.port)
    try:
        await connection.start_tls(origin.host, context)
        return connection.certificate()
    finally:
        await connection.aclose()


def _cause_of(error: BaseException) -> Cause:
    if isinstance(error, TimeoutError):
        return Cause.TIMEOUT
    if isinstance(error, OSError) and error.errno in _NO_NETWORK:
        return Cause.NO_NETWORK
    if isinstance(error, OSError) and error.errno in _NO_ROUTE:
        return Cause.NO_ROUTE
    return Cause.REFUSED
