"""Open the console on a sandbox tenant with a local receiver: no account needed.

Without a terminal, or with --headless, the whole pipeline runs once and prints each step. The
demo's drafts are kept apart from yours; its audit log ends with it.
"""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.cli.console import has_terminal
from cognitui.cli.flags import add_flags, given
from cognitui.cli.output import add_json
from cognitui.settings import Environment, Settings

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping

    from cognitui.config import Value
    from cognitui.sandbox import Sandbox
    from cognitui.workspace import Workspace

EXAMPLE = "cognitui demo"
TENANT = "sandbox"
FLAGS = ("theme", "mouse", "read_only")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument(
        "--headless", action="store_true", help="run the pipeline once and print it"
    )
    add_flags(parser, *FLAGS)
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Run the demo. Headless it returns 0 when every step went well, else 1."""
    with _anew(demo_settings(given(args))) as settings:
        if args.headless or args.json or not has_terminal():
            from cognitui.cli.demo_headless import run_headless

            return asyncio.run(run_headless(settings, as_json=args.json))
        return _console(settings)


@contextmanager
def _anew(settings: Settings) -> Iterator[Settings]:
    """The sandbox begins anew each time, so what is told of it does too, and ends with it.

    It lies where no other demo of the same person, such as one in another tab, has anything.
    """
    with tempfile.TemporaryDirectory(prefix="cognitui-demo-", ignore_cleanup_errors=True) as data:
        paths = replace(settings.paths, data=Path(data))
        yield replace(settings, paths=paths, is_passing=True)


def demo_settings(flags: Mapping[str, Value]) -> Settings:
    """Settings for a world of its own: how it looks is the person's, what it opens is not.

    Raises:
        ConfigBroken: A setting cannot be used as it stands.
    """
    mine = Settings.load(flags=flags)
    read_only = flags.get("read_only") is True
    config = replace(mine.config, tenant="", restore=False, read_only=read_only, audit_url="")
    # Nothing of the person's own tenants: a demo must not touch them by accident.
    return Settings(mine.paths.under("demo"), Environment(), config)


def _console(settings: Settings) -> int:
    from cognitui.cli.console import open_console

    sandboxes: list[Sandbox] = []

    async def prepare(workspace: Workspace) -> str:
        sandboxes.append(await asyncio.to_thread(start_sandbox))
        await asyncio.to_thread(_forget_edits, settings)
        offer(workspace, sandboxes[0])
        await workspace.callbacks.start_receiver()
        return TENANT

    try:
        return open_console(settings, prepare)
    finally:
        for sandbox in sandboxes:
            sandbox.stop()


def _forget_edits(settings: Settings) -> None:
    """Edits of webhooks of an earlier demo, whose tenant is gone, would change others by now."""
    from cognitui.webhooks.drafts import DraftStore

    store = DraftStore(settings.paths.state / "drafts")
    for kept in store.list():
        if kept.draft.webhook_id is not None and not kept.is_open_elsewhere:
            store.discard(kept.key)


def start_sandbox() -> Sandbox:
    """A sandbox tenant that is up."""
    from cognitui.sandbox import Sandbox

    sandbox = Sandbox()
    sandbox.start()
    return sandbox


def offer(workspace: Workspace, sandbox: Sandbox) -> None:
    """Make the sandbox one of the workspace's tenants, for this session."""
    from pydantic import SecretStr

    from cognitui.cognigy.credentials import Credentials
    from cognitui.tenants.profiles import Profile

    info = sandbox.info
    credentials = Credentials(SecretStr(info.api_key), SecretStr(info.api_secret))
    profile = Profile(
        name=TENANT,
        base_url=info.base_url,
        bot_id=None,
        monitor_url=info.monitor_url,
        key_fingerprint=credentials.fingerprint,
    )
    workspace.tenants.add_session(profile, credentials)
