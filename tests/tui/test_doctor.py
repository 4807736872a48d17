"""Testing a tenant in the console: its checks, what to do first, and the corrected base URL."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from cognitui.settings import Environment
from cognitui.tenants.doctor import Cause, CheckName
from cognitui.tui.screens.doctor import Doctor
from cognitui.tui.screens.profile_dialog import ProfileDialog
from tests.support.servers import HANG, serving

from .support import NARROW, offering, run_console, settings_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from cognitui.sandbox import Sandbox
    from cognitui.settings import Settings

    from .support import Console

pytestmark = pytest.mark.asyncio(loop_scope="module")


@asynccontextmanager
async def under_test(
    settings: Settings, base_url: str, sandbox: Sandbox
) -> AsyncIterator[tuple[Console, Doctor]]:
    """A console in which this base URL is under test."""
    info = sandbox.info
    prepare = offering(base_url, key=info.api_key, secret=info.api_secret)
    async with run_console(settings, prepare, size=NARROW) as console:
        # It may still be connecting, which a tenant that hangs never ends.
        await console.until(lambda: bool(console.rows("#tenants-table")))
        await console.answered("t")
        doctor = console.app.screen
        assert isinstance(doctor, Doctor)
        yield console, doctor


async def test_a_corrected_base_url_is_taken_over(settings: Settings, sandbox: Sandbox) -> None:
    wrong = sandbox.info.base_url.replace("/api/v1", "/openapi")
    async with under_test(settings, wrong, sandbox) as (console, doctor):
        await console.until(lambda: doctor.is_over)
        assert doctor.report.cause is Cause.URL
        assert f"u  takes over the base URL {sandbox.info.base_url}" in console.shows(
            "#doctor-state"
        ).replace("\n", "")
        await console.answered("u")
        await console.until(lambda: isinstance(console.app.screen, ProfileDialog))
        assert console.value("#base_url") == sandbox.info.base_url
        await console.press("ctrl+s")
        assert console.rows("#tenants-table")[0][2] == sandbox.info.base_url


async def test_without_a_correction_there_is_nothing_to_take_over(
    settings: Settings, sandbox: Sandbox
) -> None:
    async with under_test(settings, sandbox.info.base_url, sandbox) as (console, doctor):
        await console.until(lambda: doctor.is_over)
        await console.pilot.press("u")
        await console.until(lambda: bool(console.told))
        assert console.last_told == "There is no better base URL to take over."
        assert console.app.screen is doctor


async def test_the_report_is_copied_as_text(settings: Settings, sandbox: Sandbox) -> None:
    async with under_test(settings, sandbox.info.base_url, sandbox) as (console, doctor):
        await console.until(lambda: doctor.is_over)
        await console.pilot.press("y")
        await console.until(lambda: "The report was" in console.last_told)
        copied = console.app.clipboard
        assert copied.startswith(f"acme  {sandbox.info.base_url}\n✓ The tenant lets us in")
        assert len(copied.splitlines()) == 3 + len(CheckName)
        assert sandbox.info.api_key not in copied
        assert sandbox.info.api_secret not in copied


async def test_it_can_be_stopped_and_begun_again(settings: Settings, sandbox: Sandbox) -> None:
    async with serving(lambda _: HANG) as server:
        base_url = f"{server.origin}/api/v1"
        async with under_test(settings, base_url, sandbox) as (console, doctor):
            await console.until(lambda: doctor.running is CheckName.API)
            assert "◌ api" in console.shows("#doctor-state")
            checks = console.shows("#doctor-checks")
            assert "✓ tcp" in checks
            assert "◌ api" in checks
            assert "○ key" in checks
            await console.pilot.press("y")
            await console.until(lambda: console.last_told == "There is no report before the end.")

            await console.pilot.press("escape")
            await console.until(lambda: "stopped" in console.shows("#doctor-state"))
            assert "◌" not in console.shows("#doctor-checks")
            await console.pilot.press("r")
            await console.until(lambda: doctor.running is CheckName.API)
            await console.pilot.press("escape")
            await console.until(lambda: doctor.running is None)
            await console.pilot.press("escape")
            await console.until(lambda: console.app.screen is console.place)


async def test_the_environments_tenant_is_corrected_where_it_is_set(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    info = sandbox.info
    environment = Environment(
        base_url=info.base_url.replace("/api/v1", "/openapi"),
        api_key=SecretStr(info.api_key),
        api_secret=SecretStr(info.api_secret),
    )
    async with run_console(settings_in(tmp_path, environment), size=NARROW) as console:
        await console.settle()
        await console.answered("t")
        doctor = console.app.screen
        assert isinstance(doctor, Doctor)
        await console.until(lambda: doctor.is_over)
        assert "Set COGNITUI_BASE_URL to" in console.shows("#doctor-state")
        await console.pilot.press("u")
        await console.until(lambda: "set COGNITUI_BASE_URL there" in console.last_told)
        assert console.app.screen is doctor
