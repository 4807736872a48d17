"""Find out which webhooks are unhealthy, since when, and why; no callback is sent without --ping.

Exit status: 0 all well, 1 something is unhealthy, 2 wrong usage, 3 a tenant could not be reached or
did not let us in. Not to know is not unhealthy; a certificate that expires within 7 days is.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cognitui.cli.asking import ask_line, has_person
from cognitui.cli.check_round import Output, Round
from cognitui.cli.common import add_tenant, plain_workspace, tenant_workspace, vault_flags
from cognitui.cli.output import add_json, talk
from cognitui.cli.progress import Progress
from cognitui.cli.vault import open_vault
from cognitui.cognigy.origin import Origin
from cognitui.errors import UsageError
from cognitui.webhooks.health.errors import HealthLogError
from cognitui.workspace.scope import Scope

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator, Callable, Iterator

    from cognitui.workspace import Workspace
    from cognitui.workspace.sweep import Sweep

EXAMPLE = "cognitui webhooks check --all --prometheus /var/lib/node_exporter/cognitui.prom"
DEFAULT_WATCH_S = 300
MIN_WATCH_S = 1
MAX_WATCH_S = 86_400
PROGRESS_S = 0.1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("webhook_ids", nargs="*", metavar="WEBHOOK", help="only these; else all")
    add_tenant(parser)
    parser.add_argument("--all", action="store_true",
                        help="all bots; all tenants too where none is named")  # fmt: skip
    parser.add_argument("--ping", action="store_true",
                        help="send each a signed callback that says it is a test")  # fmt: skip
    parser.add_argument("--yes", action="store_true",
                        help="do not ask before a ping leaves this machine")  # fmt: skip
    parser.add_argument("--resume", action="store_true",
                        help="go on with the last check of these that was cut off")  # fmt: skip
    parser.add_argument("--watch", nargs="?", type=int, const=DEFAULT_WATCH_S, metavar="SECONDS",
                        help=f"repeat, and print changes ({DEFAULT_WATCH_S})")  # fmt: skip
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit XML as well")
    parser.add_argument("--prometheus", type=Path, metavar="FILE",
                        help="write metrics for a textfile collector as well")  # fmt: skip
    add_json(parser)


async def run(args: argparse.Namespace) -> int:
    """Check, and return 0 when all are well."""
    _require_sense(args)
    output = Output(
        as_json=args.json,
        junit=args.junit,
        prometheus=args.prometheus,
        lists_all=bool(args.webhook_ids),
    )
    async with _workspace(args) as workspace:
        scope = _scope(args, workspace)
        consents = await _consents(args, workspace, scope) if args.ping else None
        if args.ping and consents is None:
            talk("Nothing was sent.")
            return 1
        if args.watch is None:
            resume = await _unfinished(workspace, scope) if args.resume else ""
            sweep = workspace.health.sweep(scope, resume=resume, consents=consents)
            found = await _swept(workspace, sweep, args.webhook_ids)
            output.whole(found)
            return found.status
        return await _watch(args, workspace, scope, consents, output)


async def _unfinished(workspace: Workspace, scope: Scope) -> str:
    """The sweep to go on with; empty, and said so, when there is none."""
    resume = ""
    with contextlib.suppress(HealthLogError):  # the sweep meets it too, and it is told then
        resume = await workspace.health.unfinished(scope)
    if not resume:
        talk("No check of these was cut off: all are checked.")
    return resume


async def _watch(
    args: argparse.Namespace,
    workspace: Workspace,
    scope: Scope,
    consents: Callable[[str], bool] | None,
    output: Output,
) -> int:
    """Repeat until told to stop; the status is that of the last whole round."""
    stop = asyncio.Event()
    status = 0
    with _stopping(stop):
        while not stop.is_set():
            sweep = workspace.health.sweep(scope, consents=consents)
            watching = asyncio.ensure_future(_stop_with(stop, sweep))
            try:
                found = await _swept(workspace, sweep, args.webhook_ids)
            finally:
                watching.cancel()
            if stop.is_set():
                break
            output.changes(found)
            status = found.status
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), args.watch)
    return status


async def _stop_with(stop: asyncio.Event, sweep: Sweep) -> None:
    await stop.wait()
    sweep.stop()


@contextlib.contextmanager
def _stopping(stop: asyncio.Event) -> Iterator[None]:
    """Let Ctrl-C, SIGTERM and SIGHUP end the watch, which is how it is meant to end."""
    loop = asyncio.get_running_loop()
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP")]
    for number in numbers:
        loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)


async def _swept(workspace: Workspace, sweep: Sweep, webhook_ids: list[str]) -> Round:
    """One round, with its progress on a terminal."""
    progress = Progress("Checked", "webhooks")
    began = workspace.clock.monotonic()
    checks = []

    async def tell() -> None:
        while True:
            await asyncio.sleep(PROGRESS_S)
            now = sweep.progress
            progress.show(now.ended, now.total, now.left_s)

    telling = asyncio.ensure_future(tell())
    try:
        async with aclosing(sweep.run()) as found:
            checks = [check async for check in found]
    finally:
        telling.cancel()
        progress.clear()
    problem = sweep.problem or workspace.health.problem
    since = {}
    with contextlib.suppress(HealthLogError):  # the sweep has met it too
        courses = await workspace.health.courses(sweep.scope)
        since = {one.latest.ref: one.unhealthy_since for one in courses if one.unhealthy_since}
        if sweep.progress.skipped:  # what it had checked before it was cut off belongs to it
            checked = {check.ref for check in checks}
            before = [one.latest for one in courses if one.latest.ref not in checked]
            checks = [check for check in before if check.sweep_id == sweep.id] + checks
    seconds = workspace.clock.monotonic() - began
    missing = sorted(set(webhook_ids) - {check.webhook_id for check in checks})
    return Round(
        tuple(checks), since, workspace.clock.now(), seconds, tuple(sweep.troubles),
        tuple(sweep.left_out), tuple(missing), sweep.id, problem, sweep.unsigned,
        workspace.health.set_aside,
    )  # fmt: skip


@asynccontextmanager
async def _workspace(args: argparse.Namespace) -> AsyncIterator[Workspace]:
    """Connected to the tenant that is named; to none when all of them are meant."""
    if args.all and args.tenant is None:
        async with plain_workspace(vault_flags(args)) as workspace:
            if workspace.tenants.vault.exists and has_person():
                await open_vault(workspace)
            yield workspace
    else:
        async with tenant_workspace(args) as workspace:
            yield workspace


def _scope(args: argparse.Namespace, workspace: Workspace) -> Scope:
    only = frozenset(args.webhook_ids)
    if args.all:
        return Scope(workspace.tenant_name, "", only)
    return Scope(workspace.tenant_name, workspace.bot.id if workspace.bot else "", only)


async def _consents(
    args: argparse.Namespace, workspace: Workspace, scope: Scope
) -> Callable[[str], bool] | None:
    """Who may be pinged; ``None`` when the person said no."""
    workspace.require_writing()
    if args.yes:
        return lambda _url: True
    targets = await workspace.health.sweep(scope).list_targets()
    elsewhere = {target.host for target in targets if not _is_here(target.url)}
    if elsewhere and not _confirmed(len(elsewhere)):
        return None
    return lambda url: _is_here(url) or _host(url) in elsewhere


def _confirmed(hosts: int) -> bool:
    if not has_person():
        raise UsageError(
            "A ping of other machines needs --yes where there is no terminal to ask.",
            hint="It may set something off there.",
            field="ping",
        )
    told = "one other host" if hosts == 1 else f"{hosts} other hosts"
    question = f"Send signed test callbacks to {told}? They may act on them. Type yes to confirm:"
    return ask_line(question) == "yes"


def _is_here(url: str) -> bool:
    try:
        return Origin.of(url).is_loopback
    except ValueError:
        return True  # nothing is sent to what is no URL


def _host(url: str) -> str:
    origin = Origin.of(url)
    return f"{origin.host}:{origin.port}"


def _require_sense(args: argparse.Namespace) -> None:
    if args.all and args.bot is not None:
        raise UsageError("--all and --bot exclude each other.", field="all")
    if args.yes and not args.ping:
        raise UsageError("--yes is for --ping.", field="yes")
    if args.resume and args.watch is not None:
        raise UsageError("--resume and --watch exclude each other.", field="resume")
    if args.watch is not None and not MIN_WATCH_S <= args.watch <= MAX_WATCH_S:
        raise UsageError(
            f"--watch is from {MIN_WATCH_S} to {MAX_WATCH_S:,} seconds.", field="watch"
        )
