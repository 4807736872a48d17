"""What a sandbox is started with, and what it tells once it is up."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from cognitui.errors import UsageError

if TYPE_CHECKING:
    from cognitui.sandbox.faults import Fault

LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "::1")
API_PREFIX = "/api/v1"
MAX_BOTS = 20
MAX_PORT = 65_535


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """How a sandbox is set up.

    Attributes:
        host: Where it listens; a loopback address, because its secrets follow from the seed.
        port: 0 takes any free port.
        bots: How many bots the tenant has.
        webhooks: How many webhooks the first bot has.
        faults: What goes wrong from the start.
        token_lifetime_s: How long a bearer token is good.
        requests_per_minute: How many requests a key may make in one window.
        page_size: How many items a page of a list has when the client does not ask.
        seed: Ids, keys and secrets follow from it.
        webhook_limit: How many webhooks one bot may have.
        rate_window_s: The length of the limiter's window.
        retry_delay_s: How long the engine waits between two attempts of a delivery.
        connectivity_timeout_s: How long each request of a connectivity test may take.
    """

    host: str = "127.0.0.1"
    port: int = 0
    bots: int = 3
    webhooks: int = 37
    faults: tuple[Fault, ...] = ()
    token_lifetime_s: float = 3600
    requests_per_minute: int = 100
    page_size: int = 10
    seed: int = 12345
    webhook_limit: int = 50
    rate_window_s: float = 60.0
    retry_delay_s: float = 0.2
    connectivity_timeout_s: float = 2.0

    def __post_init__(self) -> None:
        if self.host not in LOOPBACK_HOSTS:
            allowed = ", ".join(LOOPBACK_HOSTS)
            raise UsageError(
                f"The sandbox only serves this machine: the host must be one of {allowed}.",
                field="host",
            )
        _within("port", self.port, 0, MAX_PORT)
        _within("bots", self.bots, 1, MAX_BOTS)
        _within("webhooks", self.webhooks, 0, self.webhook_limit)
        _within("page_size", self.page_size, 1, 100)
        _within("requests_per_minute", self.requests_per_minute, 1, 1_000_000)
        for name in ("token_lifetime_s", "rate_window_s", "connectivity_timeout_s"):
            if getattr(self, name) <= 0:
                raise UsageError(f"The sandbox's {name} must be above 0.", field=name)


def _within(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        words = name.replace("_", " ")
        raise UsageError(
            f"The sandbox's {words} must be between {low} and {high}, not {value}.", field=name
        )


@dataclass(frozen=True, slots=True)
class SandboxInfo:
    """All that a client needs to follow the tutorial against this sandbox."""

    base_url: str
    api_key: str
    api_secret: str = field(repr=False)
    bot_id: str
    skill_id: str
    webhook_url: str
    webhook_secret: str = field(repr=False)
    monitor_url: str

    def as_dict(self) -> dict[str, str]:
        """The same as one JSON object."""
        return asdict(self)
