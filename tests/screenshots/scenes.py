"""What the pictures show: a name, and the way there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from textual.widgets import Checkbox

from cognitui.audit.records import Action, AttemptEvidence, AuditRecord, Outcome
from cognitui.cli.demo import TENANT
from cognitui.webhooks.endpoint_report import EndpointVerdict
from tests.tui.support import SECRET
from tests.tui.walk import NOON
from tests.webhooks.health.support import check, ref, refused, well

from .stage import stage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from cognitui.webhooks.health.check import Check

    from .stage import Stage

    Scene = Callable[[Stage], Awaitable[str]]


async def tenants(on: Stage) -> str:
    return await on.picture("Tenants: the sandbox is connected")


async def tenants_add(on: Stage) -> str:
    await on.console.answered("a")
    await on.console.type("#name", "acme-prod")
    await on.console.type("#base_url", "http://acme.cognigy.ai/api/v1")
    await on.console.press("ctrl+s")
    return await on.picture("Tenants: a new one, whose address is not encrypted")


async def browse(on: Stage) -> str:
    await on.go("browse", "#browse-list")
    await on.console.press("down", "down", "h")
    await on.console.press(*["down"] * 12)
    return await on.picture("Browse: webhooks, and whether their endpoints can be reached")


async def browse_filter(on: Stage) -> str:
    await on.go("browse", "#browse-list")
    await on.console.press("slash", *"ordst")
    return await on.picture("Browse: filtered by any letters as you type")


async def browse_delete(on: Stage) -> str:
    await on.go("browse", "#browse-list")
    await on.console.press(*["down"] * 5, "space", "down", "space", "down", "down", "space")
    await on.console.answered("d")
    return await on.picture("Browse: the question before webhooks are deleted")


async def webhook(on: Stage) -> str:
    await _written(on)
    await on.console.press("ctrl+s")
    return await on.picture("Webhook: the form, what was sent, and the preflight")


async def webhook_invalid(on: Stage) -> str:
    await _written(on)
    await on.console.type("#endpoint_url", "htps://hooks.acme.example/cognigy")
    await on.console.type("#template", '{"session": "{{sessionId}}", "text": }')
    await on.console.press("ctrl+s")
    return await on.picture("Webhook: what is wrong is said under its field, while you type")


async def callbacks(on: Stage) -> str:
    await on.console.go("callbacks")
    await on.console.press("f6")
    await on.console.type("#secret", SECRET)
    receiver = on.console.workspace.callbacks.receiver
    receiver.set_secrets([SECRET])
    for text in ("Hello!", "Where is my order?", "Thank you."):
        before = len(receiver.received)
        await on.console.type("#text", text)
        await on.console.press("ctrl+s")
        # Arrived, and drawn: what arrives is shown a few times a second.
        await on.console.until(lambda before=before: len(receiver.received) > before)  # type: ignore[misc]
        await on.console.until(lambda before=before: len(on.console.rows("#received")) > before)  # type: ignore[misc]
    return await on.picture("Callbacks: one sent and signed, three received and verified")


async def audit(on: Stage) -> str:
    await on.console.go("audit")
    return await on.picture("Audit: what was done, how long it took, and how it went")


async def health(on: Stage) -> str:
    log = await on.console.workspace.health.log()
    await log.add(*_checks())
    await on.console.go("health")
    await on.console.press("down", "down")
    return await on.picture("Health: what is wrong, since when, whose matter it is, what to do")


async def palette(on: Stage) -> str:
    await on.go("browse", "#browse-list")
    await on.console.answered("ctrl+p")
    await on.console.press(*"web")
    await on.shows("Go to Webhook")
    return await on.picture("The palette: commands and places by a few letters")


async def help_sheet(on: Stage) -> str:
    await on.go("browse", "#browse-list")
    await on.console.answered("f1")
    return await on.picture("Help: the keys of where you are")


SCENES: dict[str, Scene] = {
    "tenants": tenants,
    "tenants-add": tenants_add,
    "browse": browse,
    "browse-filter": browse_filter,
    "browse-delete": browse_delete,
    "webhook": webhook,
    "webhook-invalid": webhook_invalid,
    "callbacks": callbacks,
    "health": health,
    "audit": audit,
    "palette": palette,
    "help": help_sheet,
}
"""Every picture, by the name of its files."""


async def play(name: str) -> str:
    """The SVG of one picture, made anew.

    Raises:
        KeyError: There is no such picture.
    """
    scene = SCENES[name]
    async with stage(_history()) as on:
        return await scene(on)


async def _written(on: Stage) -> None:
    """A whole webhook in the editor."""
    await on.go("browse", "#browse-list")
    await on.console.press("down", "right", "down", "n")
    await on.console.type("#endpoint_url", on.sandbox.info.webhook_url)
    await on.console.type("#secret_key", SECRET)
    for event in ("ON_SKILL_START", "ON_MESSAGE"):
        on.console.app.screen.query_one(f"#on-{event}", Checkbox).value = True
    await on.console.settle()


def _history() -> list[AuditRecord]:
    """A day's work, with the one failure that every day has."""
    took = (38, 63, 38, 212, 47, 55, 901, 44, 71, 52, 39, 120, 66, 49, 58, 83)
    return [
        AuditRecord(
            at=NOON - timedelta(minutes=9 * (len(took) - number)),
            monotonic=float(number),
            operation_id=f"op_{number:04}",
            tenant=TENANT,
            bot_id="bot_12345",
            action=Action.WEBHOOK_REGISTER,
            outcome=Outcome.FAILED if number == 6 else Outcome.OK,
            webhook_id=f"wh_{4096 + 37 * number:04x}",
            skill_id="skill_67890",
            endpoint=f"https://hooks.acme.example/cognigy/{number}",
            latency_ms=float(ms),
            attempts=(AttemptEvidence(1, 503 if number == 6 else 201, float(ms), None),),
            error_code="unavailable" if number == 6 else "",
            detail="The bot's engine did not answer in time." if number == 6 else "",
        )
        for number, ms in enumerate(took)
    ]


def _checks() -> list[Check]:
    """Two days of checks: a certificate that ends, a host that is gone, a program that fails."""
    dying = well(tls_days_left=6)
    failing = well(
        verdict=EndpointVerdict.SERVER_ERROR,
        summary="it fails (OPTIONS 502, HEAD 502)",
        hint="Look at the logs of the program behind it.",
    )
    found: list[Check] = []
    for number, (host, pattern) in enumerate(
        (
            ("hooks.acme.example", "......rr"),
            ("hooks.acme.example", "......rr"),
            ("shop.acme.example", "....dddd"),
            ("shop.acme.example", "....dddd"),
            ("shop.acme.example", "....dddd"),
            ("crm.acme.example", ".f..f.ff"),
            *(("hooks.acme.example", "........"),) * 9,
        )
    ):
        place = ref(f"wh_{4096 + 37 * number:04x}", "bot_12345", TENANT)
        for step, sign in enumerate(pattern):
            report = {"r": refused(), "d": dying, "f": failing}.get(sign, well())
            made = check(report, webhook=place, url=f"https://{host}/cognigy/{number}")
            moment = NOON - timedelta(hours=6 * (len(pattern) - step) - 5)
            found.append(replace(made, at=moment))
    return found
