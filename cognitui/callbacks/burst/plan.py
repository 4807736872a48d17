"""How many callbacks, how quickly, and to which endpoint."""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass

from cognitui.errors import UsageError

MAX_COUNT = 1_000_000
MAX_IN_FLIGHT = 500
MAX_RATE = 100_000.0
MAX_TIMEOUT_MS = 60_000
DEFAULT_IN_FLIGHT = 10
DEFAULT_TIMEOUT_MS = 3000


@dataclass(frozen=True, slots=True)
class BurstPlan:
    """What a burst is to do.

    Attributes:
        count: How many callbacks.
        rate_per_s: How many are due each second; ``None`` sends each as soon as one has ended.
        in_flight: How many may be under way at once, each on a connection of its own.
        timeout_ms: Allowed for each whole callback, in milliseconds.

    Raises:
        UsageError: One of them cannot be used.
    """

    count: int
    rate_per_s: float | None = None
    in_flight: int = DEFAULT_IN_FLIGHT
    timeout_ms: int = DEFAULT_TIMEOUT_MS

    def __post_init__(self) -> None:
        _check("count", self.count, MAX_COUNT)
        _check("in_flight", self.in_flight, MAX_IN_FLIGHT)
        _check("timeout_ms", self.timeout_ms, MAX_TIMEOUT_MS)
        rate = self.rate_per_s
        if rate is not None and not (math.isfinite(rate) and 0 < rate <= MAX_RATE):
            raise UsageError(
                f"The rate must be above 0 and at most {MAX_RATE:,.0f} a second, not {rate:g}.",
                hint="Leave the rate out to send as fast as the endpoint answers.",
                field="rate_per_s",
            )

    @property
    def connections(self) -> int:
        """How many connections are opened at most."""
        return min(self.in_flight, self.count)

    @property
    def least_s(self) -> float:
        """The least time that it takes, in seconds: none where no rate is kept."""
        return 0.0 if self.rate_per_s is None else (self.count - 1) / self.rate_per_s


@dataclass(frozen=True, slots=True)
class Target:
    """Where a burst goes.

    Attributes:
        host: The host as a person has to type it to confirm.
        dns_host: The host as it is looked up and as its certificate names it.
        path: Path and query, as they go over the wire.
        authority: What the Host header says.
    """

    scheme: str
    host: str
    dns_host: str
    port: int
    path: str
    authority: str

    @classmethod
    def of(cls, url: str) -> Target:
        """The target that a URL names.

        Raises:
            UsageError: The URL cannot be one.
        """
        from cognitui.callbacks.exchange import check_url

        parsed = check_url(url)
        return cls(
            scheme=parsed.scheme,
            host=parsed.host,
            dns_host=parsed.raw_host.decode("ascii"),
            port=parsed.port or (443 if parsed.scheme == "https" else 80),
            path=parsed.raw_path.decode("ascii"),
            authority=parsed.netloc.decode("ascii"),
        )

    @property
    def is_tls(self) -> bool:
        """Whether it is spoken to over TLS."""
        return self.scheme == "https"

    @property
    def is_loopback(self) -> bool:
        """Whether this is the machine itself, as far as its name tells."""
        return self.dns_host == "localhost" or is_loopback_address(self.dns_host)

    def check_confirmed(self, typed: str) -> None:
        """Let a burst go to another machine only when a person has typed its host.

        Raises:
            UsageError: It is another machine, and this is not its host.
        """
        if self.is_loopback or typed == self.host:
            return
        if typed:
            message = f"The burst goes to {self.host}, and {typed!r} was confirmed."
        else:
            message = f"A burst to {self.host} reaches another machine, so it has to be confirmed."
        raise UsageError(
            message,
            hint=f"Load only what you may load. To go ahead, confirm by typing {self.host}.",
            field="confirmed_host",
        )


def is_loopback_address(text: str) -> bool:
    """Whether an address is one of this machine's own; ``False`` for what is no address."""
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False


def _check(name: str, value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise UsageError(f"{name} must be from 1 to {most:,}, not {value:,}.", field=name)
