"""A tenant with seven planted faults: what support finds when something does not arrive."""

from __future__ import annotations

import socket
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from tests.support.certificates import make
from tests.support.servers import reply, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest

    from cognitui.sandbox import Sandbox
    from tests.support.certificates import Issued
    from tests.support.servers import Handler, Request

ADDRESS = ("127.0.0.1",)


class Fault(NamedTuple):
    """A fault that was planted.

    Attributes:
        number: How many webhooks have it.
        cause: What the place should say of it.
        whom: Whom to tell, as the detail should say.
    """

    number: int
    cause: str
    whom: str


FAULTS = {
    "expired": Fault(3, "expired 2 days ago", "renews the certificates"),
    "other": Fault(2, "is for hooks.other", "renews the certificates"),
    "soon": Fault(2, "expires in 5 days", "renews the certificates"),
    "closed": Fault(2, "nothing accepts connections at", "runs the program"),
    "lost": Fault(1, "there is no host called hooks.acme.invalid", "the DNS of the endpoint"),
    "fails": Fault(1, "the program at 127.0.0.1", "runs the program"),
    "off": Fault(1, "switched off at the tenant", "registers webhooks"),
}
WELL = 28


def _takes_post(_request: Request) -> bytes:
    return reply(204, b"", "Allow: OPTIONS, POST")


def _fails(_request: Request) -> bytes:
    return reply(500, b"out of memory")


@asynccontextmanager
async def planted(
    sandbox: Sandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[None]:
    """The seven faults, spread over the webhooks of the sandbox's first two bots."""
    authority = make("Authority of the trial", is_authority=True)
    (folder / "authority.pem").write_bytes(authority.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))
    async with AsyncExitStack() as stack:

        async def serve(handler: Handler, issued: Issued) -> str:
            server = await stack.enter_async_context(serving(handler, issued.server(folder)))
            return server.origin

        def issue(*, days: int) -> Issued:
            ends = timedelta(days=days, hours=1)
            return make("hooks", signed_by=authority, hosts=ADDRESS, ends=ends)

        good = issue(days=90)
        other = make("hooks", signed_by=authority, hosts=("hooks.other.example",))
        with socket.create_server(("127.0.0.1", 0)) as listener:
            closed = f"http://127.0.0.1:{listener.getsockname()[1]}"
        well = await serve(_takes_post, good)
        origins = {
            "expired": await serve(_takes_post, issue(days=-3)),
            "other": await serve(_takes_post, other),
            "soon": await serve(_takes_post, issue(days=5)),
            "closed": closed,
            "lost": "https://hooks.acme.invalid",
            "fails": await serve(_fails, good),
            "off": well,
            "well": well,
        }
        kinds = [name for name, fault in FAULTS.items() for _ in range(fault.number)]
        _point(sandbox, origins, [*kinds, *["well"] * WELL])
        yield


def _point(sandbox: Sandbox, origins: dict[str, str], kinds: list[str]) -> None:
    """Let the webhooks call these; every second one is of the second bot."""
    for at, bot in enumerate(list(sandbox.tenant.bots.values())[:2]):
        its = kinds[at::2]
        held = list(bot.webhooks.values())[: len(its)]
        bot.webhooks.clear()
        for webhook, kind in zip(held, its, strict=True):
            bot.webhooks[webhook.id] = replace(
                webhook, url=f"{origins[kind]}/{kind}", enabled=kind != "off"
            )
    for bot in list(sandbox.tenant.bots.values())[2:]:
        bot.webhooks.clear()
