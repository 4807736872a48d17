"""Where the time of an attempt went: name, connection, TLS, request, wait, answer."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds of each step; ``None`` for one that was not needed or not come to.

    Attributes:
        dns_ms: Until the host's name had an address; ``None`` for an address.
        connect_ms: Until the connection stood.
        tls_ms: Until both sides agreed on TLS.
        send_ms: Until the callback was handed over.
        wait_ms: Until the answer began.
        read_ms: Until the answer's end.
        reused: Whether a connection was used that stood already.
    """

    dns_ms: float | None = None
    connect_ms: float | None = None
    tls_ms: float | None = None
    send_ms: float | None = None
    wait_ms: float | None = None
    read_ms: float | None = None
    reused: bool = False

    @property
    def steps(self) -> tuple[tuple[str, float], ...]:
        """The steps that were taken, in order, by their names on the screen."""
        named = (
            ("dns", self.dns_ms),
            ("connect", self.connect_ms),
            ("tls", self.tls_ms),
            ("send", self.send_ms),
            ("wait", self.wait_ms),
            ("read", self.read_ms),
        )
        return tuple((name, ms) for name, ms in named if ms is not None)

    @property
    def words(self) -> str:
        """One line, such as ``dns 2 · connect 11 · tls 24 · send 0 · wait 41 · read 1 ms``."""
        told = " · ".join(f"{name} {ms:.{0 if ms >= 10 else 1}f}" for name, ms in self.steps)  # noqa: PLR2004
        line = f"{told} ms" if told else "nothing was sent"
        return f"connection reused · {line}" if self.reused else line

    def as_dict(self) -> dict[str, float | bool | None]:
        """For machines, in milliseconds."""
        return {
            name: None if ms is None else round(ms, 3)
            for name, ms in (
                ("dns_ms", self.dns_ms),
                ("connect_ms", self.connect_ms),
                ("tls_ms", self.tls_ms),
                ("send_ms", self.send_ms),
                ("wait_ms", self.wait_ms),
                ("read_ms", self.read_ms),
            )
        } | {"reused": self.reused}


class Stopwatch:
    """Writes down when each step of httpcore's trace came."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}

    def mark(self, step: str) -> None:
        """A step has come; one that comes again counts from then on."""
        self._at[step] = time.perf_counter()

    def timings(self) -> Timings:
        """The account up to now; a step that began and has not ended is counted until now."""
        now = time.perf_counter()
        connected = "connect_tcp.started" in self._at
        sent = "send_request_headers.started" in self._at
        return Timings(
            dns_ms=self._between("dns.started", "dns.complete", now),
            connect_ms=self._between("connect_tcp.started", "connect_tcp.complete", now),
            tls_ms=self._between("start_tls.started", "start_tls.complete", now),
            send_ms=self._between(
                "send_request_headers.started", "send_request_body.complete", now
            ),
            wait_ms=self._between(
                "send_request_body.complete", "receive_response_headers.complete", now
            ),
            read_ms=self._between(
                "receive_response_headers.complete", "receive_response_body.complete", now
            ),
            reused=sent and not connected,
        )

    def _between(self, begin: str, end: str, now: float) -> float | None:
        began = self._at.get(begin)
        if began is None:
            return None
        # An end from before the begin belongs to an earlier round, such as a proxy's.
        ended = self._at.get(end, now)
        return (ended if ended >= began else now) * 1000 - began * 1000
