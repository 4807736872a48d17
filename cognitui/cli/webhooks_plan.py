"""Tell what `webhooks apply` would change, and change nothing.

Exit status: 0 no difference, 1 there are differences or something is in the way, 2 the file cannot
be used, 3 the tenant could not be reached or did not let us in.

A webhook of the file is the one with its id, at the bot the file was written for; else the one with
its skill and endpoint. At another tenant skills are found by name:
  cognitui webhooks export --tenant test | cognitui webhooks plan - --tenant prod --bot bot_7
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cognitui.cli.output import emit, say, write
from cognitui.cli.plans import add_plan, load, make_plan, planned_workspace, tell_arriving
from cognitui.webhooks.plan.words import plan_json, plan_lines, plan_markdown

if TYPE_CHECKING:
    import argparse

EXAMPLE = "cognitui webhooks plan webhooks.toml --prune"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    add_plan(parser)
    parser.add_argument("--markdown", action="store_true", help="print it for a pull request")


async def run(args: argparse.Namespace) -> int:
    """Plan, and return 0 when there is nothing to do, else 1."""
    # Before anything is asked: a file that is wrong should not cost a request.
    file, secrets = load(args)
    async with planned_workspace(args, file) as workspace:
        tell_arriving(workspace)
        plan = await make_plan(workspace, args, file, secrets)
    if args.json:
        emit(plan_json(plan))
    elif args.markdown:
        write(f"{plan_markdown(plan)}\n")
    else:
        for line in plan_lines(plan):
            say(line)
    return int(plan.differs)
