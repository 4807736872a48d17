"""Make a bot's webhooks what a file says: show the plan, ask, and do one step after another.

It stops at the first step that fails, and says where. Running it again is safe: what is done is
found to be done, also when an answer was lost. Only one should run for a bot at a time.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

from cognitui.cli.asking import typed
from cognitui.cli.output import emit, say, talk
from cognitui.cli.plans import STDIN, add_plan, load, make_plan, planned_workspace, tell_arriving
from cognitui.cli.production import add_confirmation, confirm_production
from cognitui.errors import UsageError
from cognitui.webhooks.plan.words import plan_json, plan_lines, step_json, step_title
from cognitui.webhooks.words import counted

if TYPE_CHECKING:
    import argparse

    from cognitui.webhooks.plan.described import WebhookFile
    from cognitui.webhooks.plan.secrets import Secrets
    from cognitui.webhooks.plan.steps import Plan
    from cognitui.workspace import Workspace
    from cognitui.workspace.apply import Apply, StepDone

EXAMPLE = "cognitui webhooks apply webhooks.toml --yes"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_plan(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    add_confirmation(parser)


async def run(args: argparse.Namespace) -> int:
    """Apply, and return 0; 1 when something is in the way or the person said no."""
    if not args.yes and (args.json or args.file == STDIN or not sys.stdin.isatty()):
        raise UsageError("Applying needs --yes where there is no terminal to ask.")
    file, secrets = load(args)
    async with planned_workspace(args, file) as workspace:
        workspace.require_writing()
        if tell_arriving(workspace):
            await workspace.plans.settle()
        plan = await make_plan(workspace, args, file, secrets)
        if not args.json:
            for line in plan_lines(plan):
                say(line)
        if not plan.steps or plan.problems:
            if args.json:
                emit(_as_dict(plan, None))
            return int(plan.differs)
        if workspace.profile is not None:
            confirm_production(workspace, workspace.profile, args)
        if not args.yes:
            if not _confirmed(plan):
                talk("Nothing was changed.")
                return 1
            await _require_same(workspace, args, file, secrets, plan)
        return await _carry_out(workspace, args, plan, secrets)


async def _require_same(
    workspace: Workspace,
    args: argparse.Namespace,
    file: WebhookFile,
    secrets: Secrets,
    plan: Plan,
) -> None:
    """Make sure that what was shown is still what is to be done.

    Raises:
        UsageError: The tenant has changed meanwhile.
    """
    args.skip_preflight = True
    now = await make_plan(workspace, args, file, secrets)
    if (now.steps, now.problems) != (plan.steps, ()):
        raise UsageError(
            "The bot's webhooks have changed since this plan was made; nothing was done.",
            hint="Run it again for a plan of what is there now.",
        )


async def _carry_out(
    workspace: Workspace, args: argparse.Namespace, plan: Plan, secrets: Secrets
) -> int:
    work = workspace.plans.apply(plan, secrets)
    try:
        async for done in work.run():
            number = len(work.done) + (work.failed is not None)
            _tell(done, number, len(plan.steps))
    except asyncio.CancelledError:
        talk(f"Cut off after {_share(work, plan)}. Running it again is safe.")
        raise
    if args.json:
        emit(_as_dict(plan, work))
    if work.failed is not None:
        return _stopped(work, work.failed, plan)
    if not args.json:
        say(f"Applied: {counted(len(work.done), 'step')}.")
    return 0


def _tell(done: StepDone, number: int, total: int) -> None:
    mark = "✓" if done.error is None else "✗"
    new = done.webhook_id if done.step.before is None else ""
    talk(f"{mark} {number}/{total} {step_title(done.step)}{f'  is {new}' if new else ''}")


def _stopped(work: Apply, failed: StepDone, plan: Plan) -> int:
    error = failed.error
    if error is None:
        return 1
    talk(f"Stopped at {failed.step.kind} {failed.step.name!r}: {error.message}")
    if error.hint:
        talk(f"  {error.hint}")
    rest = len(work.remaining)
    talk(f"{_share(work, plan)} done, {rest} not begun. Running it again is safe.")
    return error.kind.value


def _share(work: Apply, plan: Plan) -> str:
    return f"{len(work.done)} of {counted(len(plan.steps), 'step')}"


def _confirmed(plan: Plan) -> bool:
    def ask() -> str:
        where = f"{plan.bot_id} at {plan.tenant} ({plan.base_url})"
        talk(f"Carry out {counted(len(plan.steps), 'step')} at {where}? Type yes:")
        return sys.stdin.readline()

    return typed(ask).strip() == "yes"


def _as_dict(plan: Plan, work: Apply | None) -> dict[str, Any]:
    if work is None:
        outcome = "refused" if plan.problems else "no difference"
        return {"outcome": outcome, "plan": plan_json(plan), "done": [], "failed": None,
                "remaining": []}  # fmt: skip
    failed = None
    if work.failed is not None and work.failed.error is not None:
        failed = {**step_json(work.failed.step), "error": work.failed.error.as_dict()}
    return {
        "outcome": "stopped" if failed else "applied",
        "plan": plan_json(plan),
        "done": [{**step_json(each.step), "id": each.webhook_id} for each in work.done],
        "failed": failed,
        "remaining": [step_json(step) for step in work.remaining],
    }
