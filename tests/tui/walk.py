"""A walk through the console that looks the same every time, and what its screen showed."""

from __future__ import annotations

import os
import re
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pkgutil import walk_packages
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Checkbox, Input

import cognitui.tui
from cognitui.audit.records import Action, AttemptEvidence, AuditRecord, Outcome
from cognitui.callbacks.receive import Receiver
from cognitui.callbacks.schemes.ready import COGNIGY
from cognitui.callbacks.send import CallbackSender
from cognitui.callbacks.tamper.probe import probe
from cognitui.callbacks.tamper.wire import Limits
from cognitui.callbacks.timings import Timings
from cognitui.cli.demo import TENANT
from cognitui.clock import SYSTEM_CLOCK
from cognitui.sandbox import Sandbox, SandboxConfig
from cognitui.tenants.profiles import Profile, ProfileStore
from cognitui.tui.screens.doctor import Doctor
from cognitui.tui.screens.probe import Probe
from cognitui.tui.widgets.progress import Progress
from cognitui.webhooks.endpoint_report import EndpointVerdict as V
from cognitui.webhooks.words import duration
from tests.support.servers import HANG, reply, serving, tenant
from tests.webhooks.health.support import check, ref, refused, well

from .browsing import choose, filter_by
from .support import SECRET, Console, offering, run_console, settings_in, with_sandbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

    from cognitui.callbacks.tamper.card import CaseResult, ReportCard
    from cognitui.callbacks.tamper.case import Case
    from cognitui.tui.app import CognituiApp
    from cognitui.tui.screens.probe import Start
    from cognitui.webhooks.health.check import Check
    from tests.support.servers import Server

PORT = re.compile(r"(?<=127\.0\.0\.1:)\d{1,5}|(?<![\d.])\d{1,5}(?=/(?:endp|hook))|(?<=:)\d{5}\b")
NOON = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)
SIZES = {"60x16": (60, 16), "80x24": (80, 24), "120x40": (120, 40)}
STATES = (
    "tenants-empty",
    "tenants-dialog",
    "tenants-locked",
    "tenants-connecting",
    "tenants-stopped",
    "tenants-connected",
    "tenants-no-permission",
    "tenants-offline",
    "tenants-failed",
    "tenants-test",
    "tenants-forget",
    "tenants-passphrase",
    "tenants-help",
    "tenants-palette",
    "too-small",
    "browse-empty",
    "browse-loaded",
    "browse-help",
    "browse-no-match",
    "browse-filtered",
    "browse-checked",
    "browse-delete",
    "browse-json",
    "browse-history",
    "browse-marked",
    "browse-switch",
    "browse-delete-many",
    "browse-open-bot",
    "browse-no-webhooks",
    "browse-partial",
    "browse-loading",
    "browse-unlisted",
    "browse-failed",
    "webhook-empty",
    "webhook-invalid",
    "webhook-skills",
    "webhook-ready",
    "webhook-refused",
    "webhook-clear",
    "webhook-edit",
    "webhook-changes",
    "webhook-callback",
    "webhook-bots",
    "webhook-drafts",
    "callbacks-empty",
    "callbacks-jump",
    "callbacks-pick",
    "callbacks-sending",
    "callbacks-received",
    "callbacks-verified",
    "callbacks-failed",
    "callbacks-bytes",
    "callbacks-explain",
    "callbacks-burst",
    "callbacks-probe",
    "callbacks-off",
    "health-closed",
    "health-empty",
    "health-loaded",
    "health-detail",
    "health-well",
    "health-all",
    "audit-empty",
    "audit-loaded",
    "audit-chart",
    "audit-success",
    "audit-detail",
    "audit-typing",
    "audit-mistake",
    "audit-filtered",
    "audit-range",
    "audit-monitor",
)


class Standstill:
    """A clock that shows noon. Implements `cognitui.clock.Clock`."""

    def now(self) -> datetime:
        return NOON

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing here should have to wait")


@contextmanager
def standing_still(shown: Callable[[float], str] = lambda _: "12 ms") -> Iterator[None]:
    """Every duration is 12 ms, or as it is told here, and local time is UTC."""
    # What is imported later would measure for itself.
    for found in walk_packages(cognitui.tui.__path__, "cognitui.tui."):
        import_module(found.name)
    zone = os.environ.get("TZ")
    with pytest.MonkeyPatch.context() as patch:
        for module in list(sys.modules.values()):
            if getattr(module, "duration", None) is duration:
                patch.setattr(module, "duration", shown)
            if hasattr(module, "new_delivery_id"):
                patch.setattr(module, "new_delivery_id", lambda: "msg_0123456789abcdef01234567")
        words = "connect 0.2 · send 0.1 · wait 1.0 · read 0.1 ms"
        patch.setattr(Timings, "words", property(lambda _: words))
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    assert os.environ.get("TZ") == zone
    time.tzset()


def stop_the_clocks(app: CognituiApp) -> None:
    clock = Standstill()
    app.under_way.clock = lambda: 0.0
    app.workspace.clock = clock
    app.workspace.callbacks.receiver = Receiver(clock=clock)
    app.workspace.callbacks._sender = CallbackSender(clock=clock)


class Walk:
    """Goes from state to state, and keeps the screen of each."""

    def __init__(self) -> None:
        self.screens: dict[str, str] = {}

    async def keep(self, name: str, console: Console) -> None:
        """Keep the screen as text, without what differs from run to run."""
        await console.settle()
        await self.keep_now(name, console)

    async def keep_busy(self, name: str, console: Console) -> None:
        """Keep the screen while something is under way, half a second after it began."""
        console.app.under_way.clock = lambda: 0.5
        console.place.query_one(Progress).draw()
        await self.keep_now(name, console)
        console.app.under_way.clock = lambda: 0.0

    async def keep_now(self, name: str, console: Console) -> None:
        """Keep the screen as it is."""
        console.place.query_one("Frame").refresh_status()  # type: ignore[attr-defined]
        console.app.clear_notifications()
        await console.drawn()
        self.take(name, console)

    def take(self, name: str, console: Console) -> None:
        """Keep the screen as it is at this moment."""
        # A port has five digits wherever the machine hands one out, so nothing moves. A dialog, or
        # the edge of a column, may hide a part of it.
        text = PORT.sub(lambda found: "#" * len(found[0]), console.text)
        # How much of the minute is left depends on how quickly the checks follow one another.
        text = re.sub(r"[ \d]\d/100", "##/100", text)
        text = re.sub(r"(?<!\d)\d{13}(?!\d)", "#" * 13, text)
        if console.app.screen is not console.place:
            # The footer behind a dialog is empty at times: it is not laid out anew back there.
            text = "\n".join(text.splitlines()[: console.app.size.height - 1]) + "\n"
        self.screens[name] = text

    async def go(self, size: tuple[int, int], home: Path) -> dict[str, str]:
        """All states of all places in a terminal of this size."""
        with standing_still():
            sandbox = Sandbox(SandboxConfig(page_size=100))
            with sandbox:
                await self._alone(size, home / "alone")
                await self._stored(size, home / "stored")
                await self._locked_out(size, home / "locked-out", sandbox)
                await self._kept_waiting(size, home / "waiting")
                await self._without_permission(size, home / "no-permission", sandbox)
                await self._inside(size, home / "inside", sandbox)
            await self._half(size, home / "half")
            await self._unlisted(size, home / "unlisted")
        # What is recorded here was never measured: it may be shown as it is.
        sandbox = Sandbox(SandboxConfig(page_size=100))
        with standing_still(duration), sandbox:
            await self._audit(size, home / "audit", sandbox)
            await self._health(size, home / "health", sandbox)
        return self.screens

    async def _alone(self, size: tuple[int, int], home: Path) -> None:
        async with run_console(settings_in(home), size=size, adjust=stop_the_clocks) as console:
            await self.keep("tenants-empty", console)
            await console.go("browse")
            await self.keep("browse-empty", console)
            await console.go("webhook")
            await self.keep("webhook-empty", console)
            await console.go("callbacks")
            await self.keep("callbacks-empty", console)
            await console.go("health")
            await self.keep("health-closed", console)
            await console.go("audit")
            await self.keep("audit-empty", console)
            await console.go("tenants")
            await console.answered("a")
            for name, text in (("name", "ACME"), ("base_url", "http://acme.example")):
                console.app.screen.query_one(f"#{name}", Input).value = text
            await console.press("ctrl+s")
            await self.keep("tenants-dialog", console)
            await console.press("escape")
            await console.resize(50, 12)
            await console.until(lambda: len(console.text.splitlines()) == 1)
            await self.keep("too-small", console)

    async def _stored(self, size: tuple[int, int], home: Path) -> None:
        """A tenant whose key is in the vault."""
        settings = settings_in(home)
        store = ProfileStore(settings.paths.config / "profiles.json")
        store.save(Profile(name="acme-prod", base_url="https://acme.cognigy.ai/api/v1"))
        store.save(Profile(name="acme-test", base_url="https://test.cognigy.ai/api/v1"))
        async with run_console(settings, size=size, adjust=stop_the_clocks) as console:
            await self.keep("tenants-locked", console)
            await console.answered("d")
            await self.keep("tenants-forget", console)
            await console.press("escape")
            await console.answered("enter")
            await self.keep("tenants-passphrase", console)
            await console.press("escape")

    async def _kept_waiting(self, size: tuple[int, int], home: Path) -> None:
        """A tenant that takes the connection and says nothing."""
        async with (
            serving(lambda _: HANG) as server,
            run_console(
                settings_in(home),
                offering(f"{server.origin}/api/v1"),
                size=size,
                adjust=stop_the_clocks,
            ) as console,
        ):
            await console.until(lambda: len(server.requests) > 0)
            await self.keep_busy("tenants-connecting", console)
            console.app.workers.cancel_group(console.app, "connect")
            await self.keep("tenants-stopped", console)
            await console.go("audit")
            await console.answered("s")
            await self.keep("audit-monitor", console)
            await console.press("escape")
            await console.go("callbacks")
            await console.type("#target", server.origin)
            await console.type("#secret", SECRET)
            await console.pilot.press("ctrl+s")
            await console.until(lambda: console.app.under_way.has_any("callbacks"))
            await self.keep_busy("callbacks-sending", console)

    async def _without_permission(
        self, size: tuple[int, int], home: Path, sandbox: Sandbox
    ) -> None:
        """A key that may not see the bots."""
        sandbox.inject("403:path=bots")
        prepare = with_sandbox(sandbox)
        async with run_console(
            settings_in(home), prepare, size=size, adjust=stop_the_clocks
        ) as console:
            await console.until(lambda: bool(console.told))
            await self.keep("tenants-no-permission", console)
        sandbox.clear_faults()

    async def _locked_out(self, size: tuple[int, int], home: Path, sandbox: Sandbox) -> None:
        prepare = offering(sandbox.info.base_url, key=sandbox.info.api_key, secret="of another key")
        async with run_console(
            settings_in(home), prepare, size=size, adjust=stop_the_clocks
        ) as console:
            await console.until(lambda: bool(console.told))
            await console.press("r")
            await self.keep("tenants-failed", console)
            await self._test(console)
            await console.go("browse")
            await self.keep("browse-failed", console)

    async def _test(self, console: Console) -> None:
        """Why the tenant does not let us in. What time it is there is the present."""
        console.app.workspace.clock, stands_still = SYSTEM_CLOCK, console.app.workspace.clock
        await console.answered("t")
        doctor = console.app.screen
        assert isinstance(doctor, Doctor)
        await console.until(lambda: doctor.is_over)
        await self.keep("tenants-test", console)
        await console.press("escape")
        console.app.workspace.clock = stands_still

    async def _inside(self, size: tuple[int, int], home: Path, sandbox: Sandbox) -> None:
        prepare = with_sandbox(sandbox, receiver=True)
        async with run_console(
            settings_in(home), prepare, size=size, adjust=stop_the_clocks
        ) as console:
            await console.connected()
            await self.keep("tenants-connected", console)
            await console.answered("f1")
            await self.keep("tenants-help", console)
            await console.press("escape")
            await console.pilot.press("ctrl+p")
            await console.until(lambda: console.app.screen.has_class("-ready"))
            await self.keep("tenants-palette", console)
            await console.press("escape")
            await self._browse(console)
            await self._webhook(console, sandbox)
            await self._callbacks(console)
            await self._offline(console)

    async def _offline(self, console: Console) -> None:
        """The last request was not answered."""
        await console.go("tenants")
        pipeline = console.workspace.client._pipeline
        pipeline.is_answering = False
        console.tenants.connection_changed()
        await self.keep("tenants-offline", console)
        pipeline.is_answering = True

    async def _browse(self, console: Console) -> None:
        await console.go("browse")
        await self.keep("browse-loaded", console)
        await console.answered("f1")
        await self.keep("browse-help", console)
        await console.press("escape")
        await filter_by(console, "zzz")
        await self.keep("browse-no-match", console)
        await filter_by(console, "billing")
        await self.keep("browse-filtered", console)
        await choose(console, "wh_8be9")
        await console.press("h")
        await self.keep("browse-checked", console)
        await console.answered("d")
        await self.keep("browse-delete", console)
        await console.press("escape", "right_square_bracket")
        await self.keep("browse-json", console)
        await console.press("x")
        await console.press("x")
        await console.press("right_square_bracket")
        await self.keep("browse-history", console)
        await console.press("right_square_bracket", "space", "down", "space")
        await self.keep("browse-marked", console)
        await console.answered("x")
        await self.keep("browse-switch", console)
        await console.press("escape")
        await filter_by(console, "")
        await console.press("ctrl+a")
        await console.answered("d")
        await self.keep("browse-delete-many", console)
        await console.press("escape", "escape")
        await console.answered("o")
        await self.keep("browse-open-bot", console)
        await console.press(*"hr", "enter")
        await self.keep("browse-no-webhooks", console)
        await console.answered("o")
        await console.press(*"supp", "enter")
        await choose(console, "wh_8be9")
        await console.press("e")
        await self.keep("webhook-edit", console)
        await console.type("#timeout_ms", "700")
        console.editor.views.choose("changes")
        await self.keep("webhook-changes", console)
        console.editor.views.choose("callback")
        await self.keep("webhook-callback", console)
        console.editor.views.choose("form")
        console.editor.set_focus(None)
        await console.answered("b")
        await self.keep("webhook-bots", console)
        await console.press("escape")
        await console.answered("f8")
        await console.press("y")

    async def _half(self, size: tuple[int, int], home: Path) -> None:
        """A list that breaks off, and one that is slow to come."""
        sandbox = Sandbox(SandboxConfig(page_size=10))
        with sandbox:
            sandbox.inject("403:path=bots/*/webhooks,after=1,times=2")
            async with run_console(
                settings_in(home), with_sandbox(sandbox), size=size, adjust=stop_the_clocks
            ) as console:
                await console.until(lambda: bool(console.told))
                await console.go("browse")
                await choose(console, "r goes on")
                await self.keep("browse-partial", console)
                sandbox.inject("hang:path=bots")
                console.workspace.catalogue.clear()
                console.app.tenant_changed()
                await console.until(lambda: "loading" in console.text)
                await console.drawn()
                self.take("browse-loading", console)

    async def _unlisted(self, size: tuple[int, int], home: Path) -> None:
        """A tenant that does not list its bots."""
        async with serving(tenant(lambda _: reply(404))) as server:
            prepare = offering(f"{server.origin}/api/v1")
            async with run_console(
                settings_in(home), prepare, size=size, adjust=stop_the_clocks
            ) as console:
                await console.until(lambda: console.workspace.catalogue.lists_bots is not None)
                await console.go("browse")
                await self.keep("browse-unlisted", console)

    async def _webhook(self, console: Console, sandbox: Sandbox) -> None:
        await console.press("f8")
        await console.type("#endpoint_url", "htps://hooks.example.com")
        await console.type("#template", '{"a": 1')
        await console.press("ctrl+s")
        await self.keep("webhook-invalid", console)
        await console.answered("f2")
        await self.keep("webhook-skills", console)
        await console.press("enter")
        await console.type("#endpoint_url", sandbox.info.webhook_url)
        await console.type("#secret_key", SECRET)
        await console.type("#template", '{"a": "{{sessionId}}"}')
        console.app.screen.query_one("#on-ON_MESSAGE", Checkbox).value = True
        await console.press("f5")
        await self.keep("webhook-ready", console)
        await console.type("#skill_id", "skill_of_another_bot")
        await console.press("ctrl+s")
        await self.keep("webhook-refused", console)
        await console.press("escape", "n", "escape")
        await console.answered("o")
        await self.keep("webhook-drafts", console)
        await console.press("enter")
        await console.answered("f8")
        await self.keep("webhook-clear", console)
        await console.press("y")

    async def _callbacks(self, console: Console) -> None:
        await console.go("callbacks")
        await console.press("ctrl+o")
        await self.keep("callbacks-jump", console)
        await console.press("escape")
        await console.answered("f2")
        await self.keep("callbacks-pick", console)
        await console.press("escape")
        await console.press("f6")
        await console.type("#secret", SECRET)
        console.workspace.callbacks.remember_secret("known", console.editor.draft.secret_key)
        await console.press("ctrl+s")
        receiver = console.workspace.callbacks.receiver
        await console.until(lambda: len(console.rows("#received")) == 1)
        await self.keep("callbacks-failed", console)
        receiver.set_secrets([SECRET])
        await console.press("f9", "ctrl+s")
        await console.until(lambda: len(console.rows("#received")) == 1)
        await self.keep("callbacks-verified", console)
        console.screen_one("#received").focus()
        await self.keep("callbacks-received", console)
        await self._lab(console)
        await console.press("f9", "f7")
        await self.keep("callbacks-off", console)

    async def _lab(self, console: Console) -> None:
        """What the lab shows of the callback that was received, and of an endpoint."""
        await console.answered("v")
        await self.keep("callbacks-bytes", console)
        await console.press("escape")
        await console.type("#secret", f"{SECRET} ")
        console.screen_one("#received").focus()
        await console.answered("x")
        await console.until(lambda: "✗" in console.shows("#explain-result"))
        await self.keep("callbacks-explain", console)
        await console.press("escape")
        await console.answered("b")
        await self.keep("callbacks-burst", console)
        await console.press("escape")
        async with serving(lambda _: reply(200)) as careless:
            await console.app.push_screen(Probe("Report card of an endpoint", _probing(careless)))
            await console.until(lambda: "Unsound" in console.shows("#probe-state"))
            await self.keep("callbacks-probe", console)
            await console.press("escape")

    async def _audit(self, size: tuple[int, int], home: Path, sandbox: Sandbox) -> None:
        prepare = with_sandbox(sandbox)
        async with run_console(
            settings_in(home), prepare, size=size, adjust=stop_the_clocks
        ) as console:
            await console.connected()
            for record in _day():
                await console.workspace.log.append(record)
            await console.go("audit")
            await self.keep("audit-loaded", console)
            await console.press("c")
            await self.keep("audit-chart", console)
            await console.press("c")
            await self.keep("audit-success", console)
            await console.press("down", "v")
            await self.keep("audit-detail", console)
            await console.press("escape", "slash")
            await console.type("#audit-filter", "action:")
            await self.keep("audit-typing", console)
            await console.type("#audit-filter", "action:regster")
            await self.keep("audit-mistake", console)
            await console.type("#audit-filter", "no such thing")
            await self.keep("audit-filtered", console)
            await console.press("escape", *["left_square_bracket"] * 4)
            await self.keep("audit-range", console)

    async def _health(self, size: tuple[int, int], home: Path, sandbox: Sandbox) -> None:
        prepare = with_sandbox(sandbox)
        async with run_console(
            settings_in(home), prepare, size=size, adjust=stop_the_clocks
        ) as console:
            await console.connected()
            await console.go("health")
            await self.keep("health-empty", console)
            log = await console.workspace.health.log()
            await log.add(*_checks())
            await console.press("r")
            await self.keep("health-loaded", console)
            await console.press("down", "v")
            await self.keep("health-detail", console)
            await console.press("v", "G", "enter", "G")
            await self.keep("health-well", console)
            await console.press("right_square_bracket")
            await self.keep("health-all", console)


def _probing(server: Server) -> Start:
    """A probe of an endpoint that says yes to everything."""

    def start(
        on_result: Callable[[CaseResult], object], on_begin: Callable[[Case], object]
    ) -> Awaitable[ReportCard]:
        return probe(
            server.origin,
            COGNIGY,
            SECRET,
            limits=Limits(answer_s=5.0, slow_s=0.2),
            on_result=on_result,
            on_begin=on_begin,
        )

    return start


def _day() -> list[AuditRecord]:
    """A day's work: some of it slow, some of it in vain, the last of it a change."""
    took = (38, 63, 41, 212, 47, 55, 901, 44, 71, 52, 39, 120, 66, 49, 58, 83, 61, 45, 77, 50)
    records = [
        AuditRecord(
            at=NOON - timedelta(minutes=63 * (len(took) - number)),
            monotonic=float(number),
            operation_id=f"op_{number:04}",
            tenant=TENANT,
            bot_id="bot_12345",
            action=Action.CALLBACK_SEND if number % 3 else Action.WEBHOOK_REGISTER,
            outcome=Outcome.FAILED if ms > 200 else Outcome.OK,
            webhook_id=f"wh_{4096 + 37 * (number % 4):04x}",
            skill_id="skill_67890",
            endpoint=f"https://hooks.acme.example/cognigy/{number % 4}",
            event="ON_MESSAGE" if number % 3 else "",
            latency_ms=float(ms),
            attempts=(AttemptEvidence(1, 503 if ms > 200 else 201, float(ms), None),),
            error_code="unavailable" if ms > 200 else "",
            detail="The bot's engine did not answer in time." if ms > 200 else "",
        )
        for number, ms in enumerate(took)
    ]
    before = {"skill_id": "skill_67890", "timeout_ms": 3000, "retry_count": 3, "enabled": True}
    changed = replace(
        records[-1],
        at=NOON - timedelta(minutes=61),
        action=Action.WEBHOOK_UPDATE,
        event="",
        operation_id="op_changed",
        before=before,
        after=before | {"timeout_ms": 5000},
    )
    return [*records, _failed(), changed, replace(records[-1], at=NOON - timedelta(minutes=60))]


def _failed() -> AuditRecord:
    return AuditRecord(
        at=NOON - timedelta(days=1),
        monotonic=0.0,
        operation_id="op_failed",
        tenant=TENANT,
        bot_id="bot_12345",
        action=Action.WEBHOOK_DELETE,
        outcome=Outcome.FAILED,
        webhook_id="wh_ffff",
        endpoint="https://hooks.example.com/old",
        latency_ms=40.0,
        attempts=(AttemptEvidence(1, 403, 40.0, "forbidden"),),
        error_code="forbidden",
        detail="The key may not do this.",
    )


def _checks() -> list[Check]:
    """A fortnight's checks of seven webhooks, three of which are sick."""
    start = NOON - timedelta(days=2)
    found = []
    for number, pattern in enumerate(("...xx", ".x.x.x", "..!!!", "....", ".....", "....", ".")):
        place = ref(f"wh_{4096 + 37 * number:04x}", "bot_12345", TENANT)
        for step, sign in enumerate(pattern):
            report = {"x": refused(), "!": well(verdict=V.SERVER_ERROR, summary="it fails")}.get(
                sign, well()
            )
            made = check(report, webhook=place, url=f"https://hooks.acme.example/{number}")
            found.append(replace(made, at=start + timedelta(hours=8 * step)))
    return found
