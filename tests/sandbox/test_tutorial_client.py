from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Start
    from .support import Api

CLIENT = Path(__file__).with_name("tutorial_client.py")


def run(api: Api) -> tuple[int, dict[str, str]]:
    done = subprocess.run(
        [sys.executable, str(CLIENT)],
        input=json.dumps(api.info.as_dict()) + "\n",
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert not done.stderr
    steps = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    return done.returncode, steps


def test_the_tutorial_runs_from_its_first_step_to_its_last(api: Api) -> None:
    status, steps = run(api)
    assert status == 0, steps
    webhooks = api.sandbox.tenant.webhooks(api.info.bot_id)
    assert steps == {
        "check_limit": "37 webhooks on 4 pages",
        "check_skill": api.info.skill_id,
        "check_reachability": "200",
        "register": webhooks[-1].id,
        "simulate_callback": "200",
        "sync_monitor": '{"status": "ok", "received": 1}',
        "bot_health": "healthy",
    }
    assert len(webhooks) == 38
    assert [one.verified for one in api.sandbox.tenant.endpoint_received] == [True, False]
    (report,) = api.sandbox.tenant.monitor_received
    assert report["audit_trail"][0]["webhook_id"] == webhooks[-1].id
    assert report["metrics"]["total_registrations"] == 1


def test_the_tutorial_meets_the_limit(start: Start) -> None:
    status, steps = run(start(webhooks=50))
    assert status == 1
    assert steps == {"check_limit": "failed: webhook limit exceeded: 50/50"}


def test_the_tutorial_waits_when_it_is_told_to(api: Api) -> None:
    api.sandbox.inject("429:method=POST,path=bots/*,times=1")
    status, steps = run(api)
    assert status == 0, steps


def test_the_client_shares_nothing_with_the_package() -> None:
    tree = ast.parse(CLIENT.read_text(encoding="utf-8"))
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or "."]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert not [name for name in imported if name.startswith((".", "cognitui", "tests"))]
